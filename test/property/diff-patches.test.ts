import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filePatch, type PatchOptions } from '../../src/git/diff/patch.js';
import { diffTrees } from '../../src/git/diff/tree-diff.js';
import { splitPatch } from '../conformance/compare-diff.js';
import { fc } from '../support/fast-check.js';
import { codeFiles, largeFiles, oddFiles, repeatedLines, spacedFiles, type TextPair } from '../support/generated-texts.js';
import { git, makeRepository, removeRepository } from '../support/git-binary.js';
import { GitCatFileSource } from '../support/git-cat-file-source.js';

const SCALE = Number(process.env['WEIR_TEST_SCALE'] ?? 1);

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

/** Writes all pairs as the files `00000`, `00001`, … of two trees; answers the trees. One process for any number of files. */
function writePairs(pairs: readonly TextPair[]): [string, string] {
  const commit = (ref: string, side: 'before' | 'after'): Buffer[] => [
    Buffer.from(`commit refs/heads/${ref}\ncommitter Ada <ada@example.org> 1600000000 +0000\ndata 0\ndeleteall\n`),
    ...pairs.flatMap((pair, i) => {
      const content = Buffer.from(pair[side], 'latin1');
      return [Buffer.from(`M 100644 inline ${String(i).padStart(5, '0')}\ndata ${content.length}\n`), content, Buffer.from('\n')];
    }),
  ];
  git(repository, ['fast-import', '--quiet', '--force', '--date-format=raw'], Buffer.concat([Buffer.from('reset refs/heads/old\n\nreset refs/heads/new\n\n'), ...commit('old', 'before'), ...commit('new', 'after')]));
  return [git(repository, ['rev-parse', 'old^{tree}']), git(repository, ['rev-parse', 'new^{tree}'])];
}

interface Question {
  readonly patch: PatchOptions;
  readonly gitArguments: readonly string[];
  /** Only pairs of shorter files are asked about. */
  readonly below?: number;
}

/**
 * Asked for no context at all, git leaves the equal last kilobytes of two files out before it compares them, and so may
 * put a group elsewhere than it does with context; shorter files have no such end.
 */
const SHORT = 1024;

const plain: Question = { patch: {}, gitArguments: ['-U3'] };
const contexts: readonly Question[] = [plain, { patch: { context: 0 }, gitArguments: ['-U0'], below: SHORT }, { patch: { context: 1 }, gitArguments: ['-U1'] }, { patch: { context: 25 }, gitArguments: ['-U25'] }];
const spaces: readonly Question[] = [plain, { patch: { whitespace: 'IGNORE_CHANGE' }, gitArguments: ['-b'] }, { patch: { whitespace: 'IGNORE_ALL' }, gitArguments: ['-w'] }, { patch: { whitespace: 'IGNORE_ALL', context: 0 }, gitArguments: ['-w', '-U0'], below: SHORT }];

/** Asks both sides for the patch of every pair; tells the smallest pairs on which they differ, empty when on none. */
async function differencesOver(pairs: readonly TextPair[], questions: readonly Question[]): Promise<string> {
  const [from, to] = writePairs(pairs);
  const changes = await diffTrees(source, from, to, { renames: false });
  const told: string[] = [];
  for (const { patch, gitArguments, below } of questions) {
    const run = spawnSync('git', ['--git-dir', repository, 'diff-tree', '-r', '-p', '--full-index', '--no-renames', ...gitArguments, from, to], { maxBuffer: 1 << 30 });
    if (run.status !== 0) throw new TypeError(run.stderr.toString());
    const theirs = new Map(splitPatch(run.stdout).map((file) => [file.toString('latin1', 13, 18), file.toString('latin1')]));
    const failures: { size: number; text: string }[] = [];
    for (const change of changes) {
      const pair = pairs[Number(change.path)];
      if (pair === undefined || (below !== undefined && Math.min(pair.before.length, pair.after.length) >= below)) continue;
      const ours = (await filePatch(source, change, { ...patch, binary: 'SUMMARY' })).toString('latin1');
      const native = theirs.get(change.path) ?? '';
      if (ours === native) continue;
      const size = pair.before.length + pair.after.length;
      failures.push({ size, text: `${firstDifference(native, ours)}\n${size < 2000 ? JSON.stringify(pair) : `in a pair of ${size} bytes, file ${change.path}`}` });
    }
    failures.sort((a, b) => a.size - b.size);
    if (failures.length > 0) told.push(`git diff ${gitArguments.join(' ')}: ${failures.length} of ${changes.length} differ`, ...failures.slice(0, 2).map(({ text }) => text));
  }
  return told.join('\n');
}

/** The first lines that differ, with the two before them. */
function firstDifference(theirs: string, ours: string): string {
  const [left, right] = [theirs.split('\n'), ours.split('\n')];
  const at = left.findIndex((line, i) => line !== right[i]);
  const from = Math.max(0, (at < 0 ? left.length : at) - 2);
  return [...left.slice(from, from + 6).map((line) => `git:  ${line}`), ...right.slice(from, from + 6).map((line) => `weir: ${line}`)].join('\n');
}

function drawn(pairs: fc.Arbitrary<TextPair>, count: number): TextPair[] {
  return fc.sample(pairs, { numRuns: count * SCALE });
}

describe('patches equal those of git diff, byte for byte', () => {
  it('of few distinct lines, where nearly everything is a tie', async () => {
    expect(await differencesOver(drawn(repeatedLines, 400), contexts)).toBe('');
  });

  it('of indented code, where groups slide and headings are found', async () => {
    expect(await differencesOver(drawn(codeFiles, 400), contexts)).toBe('');
  });

  it('of lines that differ in white space, also when it is ignored', async () => {
    expect(await differencesOver(drawn(spacedFiles, 400), spaces)).toBe('');
  });

  it('of lines that look like parts of a patch, or are no text', async () => {
    expect(await differencesOver(drawn(oddFiles, 400), spaces)).toBe('');
  });

  it('of files of thousands of lines, where git settles for less than the shortest', async () => {
    expect(await differencesOver(drawn(largeFiles(4000), 30), [plain])).toBe('');
  });
});
