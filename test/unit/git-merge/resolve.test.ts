import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mergeTrees } from '../../../src/git/merge/merge-trees.js';
import { resolveConflicts, type Resolution } from '../../../src/git/merge/resolve.js';
import type { TreeMerge } from '../../../src/git/merge/conflict.js';
import { StagedObjects } from '../../../src/git/objects/staged-objects.js';
import { listTree } from '../../../src/git/objects/walk-tree.js';
import { git, makeRepository, removeRepository } from '../../support/git-binary.js';
import { GitCatFileSource } from '../../support/git-cat-file-source.js';
import { writeCommits, type FixtureTree } from '../../support/merge-fixture.js';

let repository: string;
let source: GitCatFileSource;
beforeAll(() => {
  repository = makeRepository();
  source = new GitCatFileSource(repository);
});
afterAll(async () => {
  await source.close();
  removeRepository(repository);
});

const BASE = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n';

interface Conflicted {
  readonly staged: StagedObjects;
  readonly merge: TreeMerge;
}

/** Merges three made trees. */
async function conflicted(base: FixtureTree, ours: FixtureTree, theirs: FixtureTree): Promise<Conflicted> {
  const oids = writeCommits(repository, [
    { tree: base, parents: [] },
    { tree: ours, parents: [0] },
    { tree: theirs, parents: [0] },
  ]);
  const [b = '', o = '', t = ''] = git(repository, ['rev-parse', ...oids.map((oid) => `${oid}^{tree}`)]).split('\n');
  const staged = new StagedObjects(source);
  return { staged, merge: await mergeTrees(staged, { base: b, ours: o, theirs: t }, { labels: { ours: 'main', theirs: 'feature' } }) };
}

/** Paths and contents of a tree's files. */
async function filesOf(staged: StagedObjects, tree: string): Promise<Record<string, string>> {
  const { leaves } = await listTree(staged, tree, 1000);
  const files = leaves.map(async ({ path, entry }) => [path, (await staged.read(entry.oid)).content.toString()] as const);
  return Object.fromEntries(await Promise.all(files));
}

/** The files after resolutions, or why they were refused. */
async function resolved({ staged, merge }: Conflicted, resolutions: readonly Resolution[]): Promise<unknown> {
  const result = await resolveConflicts(staged, merge, resolutions);
  if (result.outcome === 'REFUSED') return result.refusal;
  return { files: await filesOf(staged, result.merge.tree), open: result.merge.conflicts.map(({ path }) => path) };
}

const edited = (first: string, last: string): string => BASE.replace('one', first).replace('nine', last);

/** A file that conflicts in its first and in its last line. */
const twoHunks = (): Promise<Conflicted> => conflicted({ f: BASE }, { f: edited('ONE', 'NINE') }, { f: edited('uno', 'nueve') });

describe('a conflict is settled', () => {
  test('by taking a side, at the path where that side has the file', async () => {
    const merge = await conflicted({ a: BASE, k: 'k' }, { b: edited('ONE', 'nine'), k: 'k' }, { a: edited('uno', 'nine'), k: 'k' });
    expect(await resolved(merge, [{ kind: 'TAKE', path: 'b', side: 'OURS' }])).toEqual({ files: { b: edited('ONE', 'nine'), k: 'k' }, open: [] });
    expect(await resolved(merge, [{ kind: 'TAKE', path: 'b', side: 'THEIRS' }])).toEqual({ files: { a: edited('uno', 'nine'), k: 'k' }, open: [] });
    expect(await resolved(merge, [{ kind: 'TAKE', path: 'b', side: 'BASE' }])).toEqual({ files: { a: BASE, k: 'k' }, open: [] });
  });

  test('by taking the side that deleted the file', async () => {
    const merge = await conflicted({ a: BASE, k: 'k' }, { k: 'k' }, { a: edited('uno', 'nine'), k: 'k' });
    expect(await resolved(merge, [{ kind: 'TAKE', path: 'a', side: 'OURS' }])).toEqual({ files: { k: 'k' }, open: [] });
  });

  test('by giving the content, or by deleting the path', async () => {
    const merge = await twoHunks();
    const oid = merge.staged.put('blob', Buffer.from('mine\n'));
    expect(await resolved(merge, [{ kind: 'CONTENT', path: 'f', version: { mode: 0o100644, oid } }])).toEqual({ files: { f: 'mine\n' }, open: [] });
    expect(await resolved(merge, [{ kind: 'DELETE', path: 'f' }])).toEqual({ files: {}, open: [] });
  });

  test('hunk by hunk: a side, both in either order, the base, or other text', async () => {
    const merge = await twoHunks();
    const [first, last] = merge.merge.conflicts[0]?.hunks ?? [];
    const ids = [first?.id ?? '', last?.id ?? ''] as const;
    expect(ids[0]).not.toBe(ids[1]);
    const hunks = [{ id: ids[0], sides: ['THEIRS', 'OURS'] }, { id: ids[1], replacement: Buffer.from('9\n') }] as const;
    expect(await resolved(merge, [{ kind: 'HUNKS', path: 'f', hunks }])).toEqual({ files: { f: edited('uno\nONE', '9') }, open: [] });
    const bases = ids.map((id) => ({ id, sides: ['BASE'] as const }));
    expect(await resolved(merge, [{ kind: 'HUNKS', path: 'f', hunks: bases }])).toEqual({ files: { f: BASE }, open: [] });
  });

  test('beside a directory that stands in the file’s way', async () => {
    const merge = await conflicted({ a: BASE }, { a: edited('ONE', 'nine') }, { 'a/x': 'new' });
    expect(await resolved(merge, [{ kind: 'TAKE', path: 'a~main', side: 'OURS' }])).toEqual({ files: { 'a~main': edited('ONE', 'nine'), 'a/x': 'new' }, open: [] });
  });

  test('and what is not settled stays in conflict, markers and all', async () => {
    const merge = await conflicted({ f: BASE, g: BASE }, { f: edited('ONE', 'nine'), g: edited('1', 'nine') }, { f: edited('uno', 'nine'), g: edited('eins', 'nine') });
    const result = await resolved(merge, [{ kind: 'TAKE', path: 'f', side: 'OURS' }]);
    expect(result).toEqual({ files: { f: edited('ONE', 'nine'), g: edited('<<<<<<< main\n1\n=======\neins\n>>>>>>> feature', 'nine') }, open: ['g'] });
  });
});

const take = (...ids: string[]): Resolution => ({ kind: 'HUNKS', path: 'f', hunks: ids.map((id) => ({ id, sides: ['OURS'] })) });

describe('a resolution is refused', () => {
  test('for a path without a conflict, or given twice', async () => {
    const merge = await twoHunks();
    expect(await resolved(merge, [{ kind: 'DELETE', path: 'other' }])).toEqual({ path: 'other', reason: 'NO_SUCH_CONFLICT', hunk: null });
    const twice = [{ kind: 'DELETE', path: 'f' }, { kind: 'DELETE', path: 'f' }] as const;
    expect(await resolved(merge, twice)).toEqual({ path: 'f', reason: 'RESOLVED_TWICE', hunk: null });
  });

  test('when a hunk is left over, unknown, chosen twice or without a base', async () => {
    const merge = await twoHunks();
    const [first, last] = merge.merge.conflicts[0]?.hunks ?? [];
    const [one, two] = [first?.id ?? '', last?.id ?? ''];
    expect(await resolved(merge, [take(one)])).toEqual({ path: 'f', reason: 'HUNK_LEFT_OVER', hunk: two });
    expect(await resolved(merge, [take(one, two, 'x')])).toEqual({ path: 'f', reason: 'NO_SUCH_HUNK', hunk: 'x' });
    expect(await resolved(merge, [take(one, one)])).toEqual({ path: 'f', reason: 'RESOLVED_TWICE', hunk: one });
    const split = await conflicted({ f: 'a\nb\nc\nd\ne\nf\n' }, { f: '1\n2\n3\n4\n5\n6\n' }, { f: 'x\n2\n3\n4\n5\ny\n' });
    const [part, other] = split.merge.conflicts[0]?.hunks ?? [];
    const hunks = [part, other].map((hunk) => ({ id: hunk?.id ?? '', sides: ['BASE'] as const }));
    expect(await resolved(split, [{ kind: 'HUNKS', path: 'f', hunks }])).toEqual({ path: 'f', reason: 'HUNK_WITHOUT_BASE', hunk: part?.id });
  });

  test('when hunks are chosen for a file that has none', async () => {
    const merge = await conflicted({ a: 'x\0' }, { a: 'y\0' }, { a: 'z\0' });
    expect(merge.merge.conflicts[0]?.kind).toBe('BINARY');
    expect(await resolved(merge, [{ kind: 'HUNKS', path: 'a', hunks: [] }])).toEqual({ path: 'a', reason: 'NO_HUNKS', hunk: null });
  });
});
