import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import type { DiffSpec } from '../../src/operations/reading/comparing/diff-spec.js';
import { directDiff, readChanges, readDiffFiles, readDiffStats, type DiffFileView } from '../../src/operations/reading/comparing/read-diff.js';
import { readFileStats, readHunks } from '../../src/operations/reading/comparing/read-hunks.js';
import { previewDiff, previewMerge } from '../../src/operations/reading/comparing/read-merge-preview.js';
import { receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

const PAGE = { count: 50, after: null, backward: false };
const LINES = Array.from({ length: 40 }, (_, at) => `line ${at}\n`).join('');

let world: VerbWorld;
let repoId: number;
let before: string;
let after: string;
let theirs: string;

beforeAll(async () => {
  world = await openWorld();
  const files = [{ path: 'a.txt', text: LINES }, { path: 'gone.txt', text: 'gone\n' }, { path: 'bin', base64: Buffer.from('a\0b').toString('base64') }];
  ({ repoId } = receiptOf(await createRepo(world.as('owner'), { name: 'kept', files })));
  before = await world.head(repoId, 'main');
  receiptOf(await createBranch(world.as('agent'), { repo: 'kept', name: 'session/1' }));
  await world.write('owner', 'kept', 'main', { write: { path: 'a.txt', text: LINES.replace('line 3\n', 'third\n').replace('line 33\n', '') } }, { delete: { path: 'gone.txt' } }, { write: { path: 'bin', base64: Buffer.from('a\0c').toString('base64') } });
  await world.put('agent', 'kept', 'session/1', 'new.txt', 'new\n');
  after = await world.head(repoId, 'main');
  theirs = await world.head(repoId, 'session/1');
});
afterAll(() => world.close());

/** Everything of a diff as a query of the whole of it reads it. */
async function whole(spec: DiffSpec): Promise<unknown> {
  const request = world.as('owner');
  const { edges } = await readDiffFiles(request, spec, PAGE);
  const files = [];
  for (const { node } of edges) files.push({ change: node.change, stats: await readFileStats(request, node), hunks: (await readHunks(request, node, PAGE)).edges.map((edge) => edge.node.hunk) });
  return { stats: await readDiffStats(request, spec), files };
}

/** The parts of a diff that are answered without a promise. */
async function atOnce(spec: DiffSpec): Promise<readonly string[]> {
  const request = world.as('owner');
  const [file] = (await readDiffFiles(request, spec, PAGE)).edges;
  const parts = (node: DiffFileView): Readonly<Record<string, unknown>> => ({
    stats: readDiffStats(request, spec),
    changes: readChanges(request, spec),
    files: readDiffFiles(request, spec, PAGE),
    counts: readFileStats(request, node),
    hunks: readHunks(request, node, PAGE),
  });
  if (file === undefined) return [];
  const given = Object.entries(parts(file.node));
  await Promise.all(given.map(([, part]) => part));
  return given.filter(([, part]) => !(part instanceof Promise)).map(([name]) => name);
}

/** What changed, as it is answered once it is kept. */
async function keptPaths(base: string | null, to: string, options: Parameters<typeof directDiff>[3]): Promise<string[]> {
  const spec = directDiff(repoId, base, to, options);
  await readChanges(world.as('owner'), spec);
  return [...(await readChanges(world.as('owner'), spec))].map(({ status, path }) => `${status} ${path}`);
}

describe('what is kept of a diff', () => {
  it('is answered at once, to every request, and is what was worked out before', async () => {
    const spec = directDiff(repoId, before, after, null);
    expect(readChanges(world.as('owner'), spec)).toBeInstanceOf(Promise);
    const first = await whole(spec);
    expect(first).toMatchObject({ stats: { files: 3, additions: 1, deletions: 3 }, files: [{ change: { path: 'a.txt' }, stats: { additions: 1, deletions: 2 } }, { stats: { isBinary: true, omitted: 'BINARY' }, hunks: [] }, { change: { status: 'DELETED' } }] });
    expect(await atOnce(spec)).toEqual(['stats', 'changes', 'files', 'counts', 'hunks']);
    expect(await whole(spec)).toEqual(first);
  });

  it('is kept apart by commits, direction, paths and renames', async () => {
    expect(await keptPaths(before, after, null)).toEqual(['MODIFIED a.txt', 'MODIFIED bin', 'DELETED gone.txt']);
    expect(await keptPaths(after, before, null)).toEqual(['MODIFIED a.txt', 'MODIFIED bin', 'ADDED gone.txt']);
    expect(await keptPaths(before, after, { paths: ['bin'] })).toEqual(['MODIFIED bin']);
    expect(await keptPaths(before, theirs, null)).toEqual(['ADDED new.txt']);
    expect(await keptPaths(null, before, null)).toEqual(['ADDED a.txt', 'ADDED bin', 'ADDED gone.txt']);
    expect(await keptPaths(after, theirs, { renames: false })).toEqual(['MODIFIED a.txt', 'MODIFIED bin', 'ADDED gone.txt', 'ADDED new.txt']);
  });

  it('of a merge is never answered before it is asked what the key may name', async () => {
    const request = world.as('owner');
    const spec = previewDiff(await previewMerge(request, { repoId, ours: after, theirs, resolutions: [] }, 'MERGE'), null);
    if (spec === null) throw new TypeError('a merge without conflicts has a diff');
    expect(await whole(spec)).toMatchObject({ files: [{ change: { status: 'ADDED', path: 'new.txt' } }] });
    expect(await atOnce(spec)).toEqual(['stats']);
  });
});
