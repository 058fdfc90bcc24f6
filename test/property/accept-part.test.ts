import { afterAll, describe, expect, it } from 'vitest';
import type { AcceptInput } from '../../src/domain/accept-input.js';
import { acceptPart } from '../../src/domain/accept-part.js';
import { encodeHunkId } from '../../src/domain/hunk-id.js';
import { DEFAULT_LIMITS } from '../../src/domain/limits.js';
import { Refused } from '../../src/domain/tree-draft.js';
import { diffFile } from '../../src/git/diff/file-diff.js';
import { diffTrees } from '../../src/git/diff/tree-diff.js';
import type { Oid } from '../../src/git/objects/object-source.js';
import { StagedObjects } from '../../src/git/objects/staged-objects.js';
import { decodeName } from '../../src/git/objects/tree.js';
import { cloneCorpus, git, removeRepository } from '../support/git-binary.js';
import { fc } from '../support/fast-check.js';
import { GitCatFileSource } from '../support/git-cat-file-source.js';

const CASES = Number(process.env['WEIR_TEST_CASES'] ?? 16);
/** The commits back from the newest among which the pairs are drawn. */
const REACH = 400;

/** Two trees some commits apart, and what decides about each file and each hunk of the change between them. */
interface Case {
  readonly from: number;
  readonly apart: number;
  readonly context: number;
  readonly choices: readonly number[];
}

const cases = fc.record({
  from: fc.integer({ min: 12, max: REACH }),
  apart: fc.integer({ min: 1, max: 12 }),
  context: fc.constantFrom(3, 3, 1, 8),
  choices: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 40, maxLength: 40 }),
});

describe.each(['express', 'flask'] as const)('random parts of what commits of %s changed', (name) => {
  const gitDir = cloneCorpus(name);
  const source = new GitCatFileSource(gitDir);
  const commits = git(gitDir, ['log', '--first-parent', '--format=%H %T', 'HEAD']).split('\n').map((line) => line.split(' '));

  afterAll(async () => {
    await source.close();
    removeRepository(gitDir);
  });

  /** Of each file: nothing, all of it, or the hunks that the choices name. */
  async function chosen(base: Oid, head: Oid, { context, choices }: Case): Promise<AcceptInput[]> {
    const only: AcceptInput[] = [];
    let at = 0;
    const next = (): number => choices[at++ % choices.length] ?? 0;
    for (const change of await diffTrees(source, base, head)) {
      const turn = next();
      const path = decodeName(change.path);
      if (turn === 0) continue;
      const { hunks } = await diffFile(source, change, { context });
      const some = hunks.filter(() => next() % 2 === 0);
      if (turn === 1 || some.length === 0) only.push({ path });
      else only.push({ path, hunks: some.map((hunk) => encodeHunkId({ ...hunk, oldOid: change.oldOid, newOid: change.newOid, oldPath: change.oldPath, path: change.path, whitespace: 'SHOW', context })) });
    }
    return only;
  }

  /** Stores what was staged with git itself, and a commit with this tree on the base. */
  function committed(staged: StagedObjects, tree: Oid, base: string): string {
    for (const [oid, { type, content }] of staged.entries()) expect(git(gitDir, ['hash-object', '-w', '-t', type, '--stdin'], content)).toBe(oid);
    return git(gitDir, ['commit-tree', tree, '-p', base, '-m', 'part']);
  }

  /** The trees that a part and then the remaining one give, and what they make together; `refused` where the part alone fits no tree. */
  async function parted(each: Case): Promise<{ readonly head: Oid; readonly together: readonly Oid[]; readonly byHunks: boolean } | 'nothing' | 'refused'> {
    const [commit = '', base = ''] = commits[each.from] ?? [];
    const [, head = ''] = commits[each.from - each.apart] ?? [];
    const only = await chosen(base, head, each);
    if (only.length === 0) return 'nothing';
    const staged = new StagedObjects(source);
    const ground = { staged, base, head, limits: DEFAULT_LIMITS };
    try {
      const part = await acceptPart(ground, only);
      if (part.rest.length === 0) return { head, together: [part.tree], byHunks: false };
      const rest = await acceptPart(ground, part.rest);
      const [accepted, remaining] = [committed(staged, part.tree, commit), committed(staged, rest.tree, commit)];
      const merged = git(gitDir, ['-c', 'merge.directoryRenames=false', 'merge-tree', '--write-tree', accepted, remaining]);
      const still = (await diffTrees(staged, part.tree, head)).map(({ path }) => ({ path: decodeName(path) }));
      const shown = await acceptPart({ ...ground, base: part.tree }, still);
      return { head, together: [merged, shown.tree], byHunks: part.rest.some(({ hunks }) => hunks !== null) };
    } catch (error) {
      if (error instanceof Refused && 'rule' in error.problem && error.problem.rule === 'part/path-clash') return 'refused';
      throw error;
    }
  }

  it('are with the remaining part the whole: git merges the two to the very tree, and the rest is what a diff still shows', async () => {
    const seen = { parts: 0, byHunks: 0, refused: 0 };
    for (const each of fc.sample(cases, { numRuns: CASES })) {
      const outcome = await parted(each);
      if (outcome === 'refused') seen.refused++;
      if (typeof outcome === 'string') continue;
      expect(outcome.together).toEqual(outcome.together.map(() => outcome.head));
      seen.parts++;
      if (outcome.byHunks) seen.byHunks++;
    }
    expect(seen.parts).toBeGreaterThan(CASES / 2);
    expect(seen.byHunks).toBeGreaterThan(CASES / 5);
    expect(seen.refused).toBeLessThan(CASES / 5);
  });
});
