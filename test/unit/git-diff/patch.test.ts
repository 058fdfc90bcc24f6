import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatHunk, treePatch } from '../../../src/git/diff/patch.js';
import { groupHunks } from '../../../src/git/diff/hunks.js';
import { finish } from '../../../src/git/diff/steps.js';
import { diffTrees } from '../../../src/git/diff/tree-diff.js';
import { textDiffSteps } from '../../../src/git/diff/text-diff.js';
import type { Whitespace } from '../../../src/git/diff/whitespace.js';
import { compareDiffs, compareStats } from '../../conformance/compare-diff.js';
import { fc } from '../../support/fast-check.js';
import { changesOfPatch, Dice, filePairs, nativePatches, type FilePair } from '../../support/file-pairs.js';
import { generatedTrees, oddBodies, tyingBodies, writeTrees, type GeneratedTree } from '../../support/generated-trees.js';
import { git, makeRepository, removeRepository } from '../../support/git-binary.js';
import { GitCatFileSource } from '../../support/git-cat-file-source.js';

/** The hunks of a pair as this engine prints them, one character a byte. */
function hunksOf([before, after]: FilePair, context: number, whitespace: Whitespace = 'SHOW'): string {
  const diff = finish(textDiffSteps(Buffer.from(before, 'latin1'), Buffer.from(after, 'latin1'), whitespace));
  return Buffer.concat(groupHunks(diff, context).map((hunk) => formatHunk(diff, hunk))).toString('latin1');
}

/** The latin1 reading of a text in UTF-8. */
function bytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** Pairs whose hunks are not git's. */
function wrong(pairs: readonly FilePair[], context: number, whitespace: Whitespace, args: readonly string[]): unknown[] {
  const patches = nativePatches(pairs, [`-U${context}`, ...args]);
  return pairs.flatMap((pair, index) => {
    const patch = patches[index] ?? '';
    const start = patch.search(/^@@ /mu);
    const native = start < 0 ? '' : patch.slice(start);
    const own = hunksOf(pair, context, whitespace);
    return own === native ? [] : [{ pair, native, own }];
  });
}

describe('the hunks of a file', () => {
  const dice = new Dice(21);
  const line = (): string => dice.pick(['', ' body', '\tbody', '}', 'function a() {', '_name: ', '$x = 1;\r', 'é no head', '1 no head', `u${dice.below(50)}`]);

  it.each([1, 2, 3, 5, 12])('are printed as git does with %i lines of context', (context) => {
    expect(wrong(filePairs(250, dice, 120, line), context, 'SHOW', [])).toEqual([]);
  });

  it.each([
    ['IGNORE_CHANGE', '-b'],
    ['IGNORE_ALL', '-w'],
  ] as const)('show the new file between the changes with %s, as git does', (whitespace, flag) => {
    const spaced = (): string => dice.pick(['', ' ', '\t']) + line() + dice.pick(['', ' ', '\r']);
    expect(wrong(filePairs(250, dice, 80, spaced), 3, whitespace, [flag])).toEqual([]);
  });

  it('change the same lines without context, where git gives none', () => {
    const pairs = filePairs(100, dice, 60, () => `unique ${dice.below(1e6)}`);
    expect(wrong(pairs, 0, 'SHOW', [])).toEqual([]);
  });

  it('are headed by at most 80 bytes, cut before what is no UTF-8', () => {
    const tail = Array.from({ length: 20 }, (_, i) => ` x${i}`).join('\n');
    const heads = [
      'f'.repeat(200),
      `${'f'.repeat(79)}${bytes('é')}`,
      `${'f'.repeat(78)}${bytes('é')}zzz`,
      `${'f'.repeat(79)}${bytes('😀')}`,
      `${'f'.repeat(76)} ${bytes('€')}`,
      `${'f'.repeat(77)}${bytes('é')}   `,
      `f \t \xe9 more`,
      `f  \xe9\xe9 abc`,
      `ff\xed\xa0\x80ff`,
      `ff\xc0\x80ff`,
      `ff\xef\xbf\xbeff`,
      `ff\xef\xbf\xbdff\xff`,
      `ff\xf4\x90\x80\x80ff`,
      'f \x0b',
      '_a \x00b',
      '$dollar',
      '-minus',
    ];
    const pairs = heads.map((head) => [`${head}\n${tail}\n`, `${head}\n${tail.replace('x15', 'y')}\n`] as const);
    expect(wrong(pairs, 3, 'SHOW', [])).toEqual([]);
  });

  it('can be read back into the changes that they show', () => {
    const pairs = filePairs(50, dice, 60, line);
    for (const pair of pairs) {
      const diff = finish(textDiffSteps(Buffer.from(pair[0], 'latin1'), Buffer.from(pair[1], 'latin1'), 'SHOW'));
      expect(changesOfPatch(hunksOf(pair, 3))).toEqual(diff.changes);
    }
  });
});

describe('the patch of a tree', () => {
  let repository = '';
  let source: GitCatFileSource;
  const trees: GeneratedTree[] = [];

  beforeAll(() => {
    repository = makeRepository();
    trees.push(...fc.sample(generatedTrees(oddBodies, 12), 60), ...fc.sample(generatedTrees(tyingBodies, 12), 60));
    writeTrees(repository, trees);
    source = new GitCatFileSource(repository);
  });

  afterAll(async () => {
    await source.close();
    removeRepository(repository);
  });

  it('equals git diff byte for byte: renames, modes, links, submodules, changed types, binary, odd names, missing newlines', async () => {
    const outcome = await compareDiffs(repository, source);
    expect(outcome.differences).toEqual([]);
    expect(outcome.equal).toBeGreaterThan(500);
  });

  it('counts lines as git diff --numstat', async () => {
    const outcome = await compareStats(repository, source);
    expect(outcome.differences).toEqual([]);
    expect(outcome.equal).toBeGreaterThan(500);
  });

  it.each([
    ['IGNORE_CHANGE', '-b'],
    ['IGNORE_ALL', '-w'],
  ] as const)('leaves out what only white space changed with %s, as git does', async (whitespace, flag) => {
    const outcome = await compareDiffs(repository, source, { diff: { whitespace }, gitArguments: [flag] });
    expect(outcome.differences).toEqual([]);
    expect(outcome.equal).toBeGreaterThan(500);
  });

  it('is taken by git apply, binary content included, and gives the new tree', async () => {
    const commits = git(repository, ['rev-list', '--reverse', 'main']).split('\n');
    for (let at = 1; at < commits.length; at += 5) {
      const [from = '', to = ''] = [`${commits[at - 1]}^{tree}`, `${commits[at]}^{tree}`].map((name) => git(repository, ['rev-parse', name]));
      const pieces: Buffer[] = [];
      for await (const piece of treePatch(source, await diffTrees(source, from, to))) pieces.push(piece);
      const native = (args: string[], input?: Buffer): string => git(repository, ['-c', 'core.bare=false', ...args], input);
      native(['read-tree', from]);
      if (pieces.length > 0) native(['apply', '--cached', '--whitespace=nowarn'], Buffer.concat(pieces));
      expect(native(['write-tree'])).toBe(to);
    }
  });
});
