import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyFileChanges, type FileChangeInput } from '../../src/domain/file-changes.js';
import { DEFAULT_LIMITS } from '../../src/domain/limits.js';
import type { ChangedTree } from '../../src/domain/tree-draft.js';
import { MemoryObjects } from '../../src/git/memory/memory-objects.js';
import { hashObject } from '../../src/git/objects/hash.js';
import { StagedObjects } from '../../src/git/objects/staged-objects.js';
import { EMPTY_TREE, encodeTree, MODE_DIRECTORY, treeEntry } from '../../src/git/objects/tree.js';
import { packObjects } from '../../src/git/pack/pack-encoder.js';
import { fc } from '../support/fast-check.js';
import { FileModel } from '../support/file-model.js';
import { git, makeRepository, removeRepository, runGit } from '../support/git-binary.js';

const CASES = Number(process.env['WEIR_TEST_CASES'] ?? 400);

/** Few names, some of which differ by case or by the form of an accent only, so that paths meet all the time. */
const name = fc.constantFrom('a', 'b', 'c', 'A', 'é', 'e\u0301', 'a.b', 'a-b');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
const text = fc.constantFrom('', 'one\n', 'one\ntwo\n', 'aaa', 'two', 'ü\n');
const mode = fc.constantFrom('FILE' as const, 'EXECUTABLE' as const);
const find = fc.constantFrom('one', 'two', 'aa', 'a', '\n', '', 'ü');

const change: fc.Arbitrary<FileChangeInput> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ path, text, mode }).map((write) => ({ write })) },
  { weight: 2, arbitrary: path.map((each) => ({ delete: { path: each } })) },
  { weight: 3, arbitrary: fc.record({ from: path, to: path }).map((move) => ({ move })) },
  { weight: 2, arbitrary: fc.record({ path, replace: fc.array(fc.record({ find, with: text }), { minLength: 1, maxLength: 2 }) }).map((edit) => ({ edit })) },
);
const changes = fc.array(change, { minLength: 1, maxLength: 14 });

/** The changes that the model takes one after the other, which it has made, and where the first refusal stood. */
function sift(model: FileModel, wanted: readonly FileChangeInput[]): { readonly taken: FileChangeInput[]; readonly firstRefused: number } {
  let firstRefused = -1;
  const taken: FileChangeInput[] = [];
  for (const [index, each] of wanted.entries()) {
    if (model.apply(each)) taken.push(each);
    else if (firstRefused < 0) firstRefused = index;
  }
  return { taken, firstRefused };
}

let staged: StagedObjects;

function apply(tree: string, list: readonly FileChangeInput[]): ReturnType<typeof applyFileChanges> {
  return applyFileChanges({ staged, tree, limits: DEFAULT_LIMITS, mayUseBlob: async () => false }, list, 'changes');
}

async function applied(tree: string, list: readonly FileChangeInput[]): Promise<ChangedTree> {
  const outcome = await apply(tree, list);
  if ('code' in outcome) throw new TypeError(`refused: ${JSON.stringify(outcome)}`);
  return outcome;
}

describe('changes to a tree', () => {
  let repository: string;
  /** What each sequence of changes came to, by the model. */
  const results: { readonly tree: string; readonly listing: string[] }[] = [];

  beforeAll(() => {
    repository = makeRepository();
    staged = new StagedObjects(new MemoryObjects());
    staged.put('tree', Buffer.alloc(0));
  });
  afterAll(() => removeRepository(repository));

  it('come to what a map of paths comes to, and the first that does not fit is named', async () => {
    await fc.assert(
      fc.asyncProperty(changes, changes, async (first, second) => {
        const model = new FileModel();
        const ground = await applied(EMPTY_TREE, sift(model, first).taken);
        const before = model.entries();
        const { taken, firstRefused } = sift(model, second);
        const whole = await apply(ground.tree, second);
        const refusedAt = 'code' in whole ? `${whole.code} ${'field' in whole ? whole.field.replace(/\].*$/u, ']') : ''}` : 'nowhere';
        expect(refusedAt).toBe(firstRefused < 0 ? 'nowhere' : `INVALID_INPUT changes[${firstRefused}]`);
        const result = firstRefused < 0 && 'tree' in whole ? whole : await applied(ground.tree, taken);
        results.push({ tree: result.tree, listing: model.listing() });
        // The paths are what a key's globs are held against: none that changed may be left out.
        const after = model.entries();
        const changed = [...new Set([...before.keys(), ...after.keys()])].filter((each) => before.get(each) !== after.get(each));
        expect(result.paths).toEqual(expect.arrayContaining(changed));
      }),
      { numRuns: CASES },
    );
  });

  it('are the same tree to git, entry by entry, and one that fsck --strict finds clean', async () => {
    const different = new Map(results.filter(({ tree }) => tree !== EMPTY_TREE).map((result) => [result.tree, result]));
    expect(different.size).toBeGreaterThan(CASES / 4);
    const entries = [...different.keys()].map((tree, index) => treeEntry(`t${String(index).padStart(6, '0')}`, MODE_DIRECTORY, tree));
    const all = encodeTree(entries);
    const objects = [...staged.entries()].map(([oid, { type, content }]) => ({ oid, type, content }));
    const { chunks } = await packObjects([...objects, { oid: hashObject('tree', all), type: 'tree', content: all }]);
    git(repository, ['index-pack', '--stdin', '--strict'], Buffer.concat(chunks));
    const expected = [...different.values()].flatMap(({ listing }, index) => listing.map((line) => line.replace('\t', `\tt${String(index).padStart(6, '0')}/`)));
    const listed = Buffer.from(git(repository, ['ls-tree', '-r', '-z', hashObject('tree', all)]), 'latin1').toString('utf8');
    expect(listed.split('\0').filter(Boolean)).toEqual(expected);
    expect(runGit(repository, ['fsck', '--strict', '--full', '--no-dangling', '--no-progress'])).toMatchObject({ status: 0, stdout: '' });
  });
});
