import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPatch, type AppliedFile, type PatchTarget } from '../../../src/git/diff/apply-patch.js';
import { PatchRefused } from '../../../src/git/diff/patch-refused.js';
import { treePatch } from '../../../src/git/diff/patch.js';
import { diffTrees } from '../../../src/git/diff/tree-diff.js';
import { hashObject } from '../../../src/git/objects/hash.js';
import { MODE_DIRECTORY, MODE_EXECUTABLE, MODE_FILE, MODE_SUBMODULE, readTree } from '../../../src/git/objects/tree.js';
import { fc } from '../../support/fast-check.js';
import { Dice, nativePatches } from '../../support/file-pairs.js';
import { generatedTrees, oddBodies, tyingBodies, writeTrees } from '../../support/generated-trees.js';
import { git, makeRepository, removeRepository, runGit } from '../../support/git-binary.js';
import { GitCatFileSource } from '../../support/git-cat-file-source.js';

type Tree = Map<string, PatchTarget>;

function tree(files: Record<string, string>): Tree {
  return new Map(Object.entries(files).map(([path, content]) => [path, { mode: MODE_FILE, content: Buffer.from(content, 'latin1') }]));
}

function apply(files: Tree, patch: string | Buffer): Promise<AppliedFile[]> {
  return applyPatch(typeof patch === 'string' ? Buffer.from(patch, 'latin1') : patch, (path) => Promise.resolve(files.get(path) ?? null));
}

/** The tree after the patch, as text by path. */
async function patched(files: Record<string, string>, patch: string): Promise<Record<string, string>> {
  const after = new Map(tree(files));
  for (const { path, file } of await apply(tree(files), patch)) {
    if (file === null) after.delete(path);
    else after.set(path, file);
  }
  return Object.fromEntries([...after].map(([path, file]) => [path, file.content.toString('latin1')]));
}

async function refusal(files: Record<string, string>, patch: string): Promise<PatchRefused> {
  const outcome: unknown = await patched(files, patch).catch((error: unknown) => error);
  if (!(outcome instanceof PatchRefused)) throw new TypeError(`the patch was taken: ${JSON.stringify(outcome)}`);
  return outcome;
}

/** All of a tree, sorted, to be compared and read. */
function readable(all: Tree): unknown {
  return [...all].map(([path, file]) => [path, file.mode, file.content.toString('latin1')]).sort();
}

const TEN = Array.from({ length: 10 }, (_, i) => `l${i + 1}\n`).join('');

describe('applying a patch', () => {
  let repository = '';
  let source: GitCatFileSource;

  beforeAll(() => {
    repository = makeRepository();
    writeTrees(repository, [
      ...fc.sample(generatedTrees(oddBodies, 12), 60),
      ...fc.sample(generatedTrees(tyingBodies, 12), 60),
    ]);
    source = new GitCatFileSource(repository);
  });

  afterAll(async () => {
    await source.close();
    removeRepository(repository);
  });

  async function files(oid: string, prefix = '', into: Tree = new Map()): Promise<Tree> {
    for (const entry of await readTree(source, oid)) {
      const path = prefix + entry.name;
      if (entry.mode === MODE_DIRECTORY) await files(entry.oid, `${path}/`, into);
      else if (entry.mode === MODE_SUBMODULE) into.set(path, { mode: entry.mode, content: Buffer.from(`Subproject commit ${entry.oid}\n`) });
      else into.set(path, { mode: entry.mode, content: (await source.read(entry.oid)).content });
    }
    return into;
  }

  /** The files of the tree that a patch makes of `from`, and those of `to`, readable and sorted. */
  async function madeAndWanted(from: string, to: string, patch: Buffer): Promise<[unknown, unknown]> {
    const before = await files(from);
    const after = new Map(before);
    for (const { path, file } of patch.length === 0 ? [] : await apply(before, patch)) {
      if (file === null) after.delete(path);
      else after.set(path, file);
    }
    const wanted = await files(to);
    return [readable(after), readable(wanted)];
  }

  it('that git diff --binary printed gives the tree that it was made for', async () => {
    const trees = git(repository, ['log', '--reverse', '--format=%T', 'main']).split('\n');
    for (let at = 1; at < trees.length; at++) {
      const [from = '', to = ''] = [trees[at - 1], trees[at]];
      const printed = git(repository, ['diff', '--binary', '-M', from, to]);
      const [made, wanted] = await madeAndWanted(from, to, Buffer.from(printed === '' ? '' : `${printed}\n`, 'latin1'));
      expect(made).toEqual(wanted);
    }
  });

  it('that this engine printed gives the tree that it was made for', async () => {
    const trees = git(repository, ['log', '--reverse', '--format=%T', 'main']).split('\n');
    for (let at = 1; at < trees.length; at++) {
      const [from = '', to = ''] = [trees[at - 1], trees[at]];
      const pieces: Buffer[] = [];
      for await (const piece of treePatch(source, await diffTrees(source, from, to, { copies: true }))) pieces.push(piece);
      const [made, wanted] = await madeAndWanted(from, to, Buffer.concat(pieces));
      expect(made).toEqual(wanted);
    }
  });

  it('takes and refuses what git apply takes and refuses when the file has moved on', async () => {
    const dice = new Dice(31);
    const cases = movedFiles(400, dice);
    const patches = nativePatches(cases.map(({ before, after }) => [before, after] as const), ['-U2']);
    const native = applyEach(patches, cases.map(({ moved }) => moved));
    const counts = { taken: 0, refused: 0 };
    for (const [index, { moved }] of cases.entries()) {
      const patch = patches[index] ?? '';
      if (patch === '') continue;
      const name = `f${index}`;
      const own = await patched({ [name]: moved }, patch).then(
        (result) => result[name] ?? null,
        (error: unknown) => (error instanceof PatchRefused ? null : String(error)),
      );
      expect({ patch, moved, result: own }).toEqual({ patch, moved, result: native[index] });
      counts[own === null ? 'refused' : 'taken']++;
    }
    expect(counts.taken).toBeGreaterThan(100);
    expect(counts.refused).toBeGreaterThan(100);
  });
});

interface MovedFile {
  readonly before: string;
  readonly after: string;
  readonly moved: string;
}

/** Files of few different lines, an edit of each, and what someone else made of it meanwhile. */
function movedFiles(count: number, dice: Dice): MovedFile[] {
  const line = (): string => `l${dice.below(9)}\n`;
  return Array.from({ length: count }, () => {
    const before = Array.from({ length: 5 + dice.below(25) }, line);
    const after = [...before];
    for (let edits = 1 + dice.below(3); edits > 0; edits--) after.splice(dice.below(after.length), dice.below(2), `new ${dice.below(99)}\n`);
    const moved = [...before];
    for (let edits = dice.below(4); edits > 0; edits--) moved.splice(dice.below(moved.length), dice.below(2), ...Array.from({ length: dice.below(4) }, line));
    return { before: before.join(''), after: after.join(''), moved: moved.join('') };
  });
}

/** What one `git apply --reject` makes of the files `f0`, `f1` …; null where it rejects a hunk. */
function applyEach(patches: readonly string[], contents: readonly string[]): (string | null)[] {
  const directory = mkdtempSync(join(tmpdir(), 'weir-apply-'));
  try {
    contents.forEach((content, index) => writeFileSync(join(directory, `f${index}`), content));
    runGit(directory, ['apply', '--reject', '--whitespace=nowarn'], patches.join(''));
    return contents.map((_, index) => (existsSync(join(directory, `f${index}.rej`)) ? null : readFileSync(join(directory, `f${index}`), 'latin1')));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Replaces `l6`, and says that it stands at line `at + 1`. */
function hunk(at: number): string {
  return `--- a/f\n+++ b/f\n@@ -${at},3 +${at},3 @@ head\n l5\n-l6\n+new\n l7\n`;
}

describe('a hunk', () => {
  it('is found away from where it says', async () => {
    for (const at of [2, 5, 9, 200]) expect((await patched({ f: TEN }, hunk(at)))['f']).toBe(TEN.replace('l6', 'new'));
  });

  it('that says line 1 must stand at the start', async () => {
    expect(await refusal({ f: TEN }, hunk(1))).toMatchObject({ reason: 'HUNK_MISMATCH', path: 'f', hunk: 1 });
  });

  it('without trailing context must stand at the end', async () => {
    const patch = '--- a/f\n+++ b/f\n@@ -5,2 +5,2 @@\n l5\n-l6\n+new\n';
    expect(await refusal({ f: TEN }, patch)).toMatchObject({ reason: 'HUNK_MISMATCH', hunk: 1 });
    expect(await patched({ f: 'l4\nl5\nl6\n' }, patch)).toEqual({ f: 'l4\nl5\nnew\n' });
  });

  it('of two equal places at the same distance takes the later', async () => {
    const before = 'x\nA\nB\nC\nx\nx\nA\nB\nC\nx\nx\n';
    const patch = '--- a/f\n+++ b/f\n@@ -4,3 +4,3 @@\n A\n-B\n+new\n C\n';
    expect((await patched({ f: before.replace('x\nx\nA', 'x\nA') }, patch))['f']).toBe('x\nA\nB\nC\nx\nA\nnew\nC\nx\nx\n');
  });

  it('is not matched by a line that another hunk made or touched, and the second is the one that is blamed', async () => {
    const patch = `${hunk(5)}@@ -7,3 +7,3 @@\n l7\n-l8\n+other\n l9\n`;
    expect(await refusal({ f: TEN }, patch)).toMatchObject({ reason: 'HUNK_MISMATCH', hunk: 2, path: 'f' });
  });

  it('may come before another that stands earlier in the file', async () => {
    const patch = '--- a/f\n+++ b/f\n@@ -6,3 +6,3 @@\n l6\n-l7\n+seven\n l8\n@@ -2,3 +2,3 @@\n l2\n-l3\n+three\n l4\n';
    expect((await patched({ f: TEN }, patch))['f']).toBe(TEN.replace('l7', 'seven').replace('l3', 'three'));
  });

  it('minds the newline at the end of the file', async () => {
    const patch = '--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n';
    expect(await patched({ f: 'a\nb' }, patch)).toEqual({ f: 'a\nc' });
    expect(await refusal({ f: 'a\nb\n' }, patch)).toMatchObject({ reason: 'HUNK_MISMATCH' });
  });

  it('keeps carriage returns, and an empty context line that lost its blank', async () => {
    expect(await patched({ f: 'a\r\n\nb\r\n' }, '--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n-a\r\n+A\r\n\n b\r\n')).toEqual({ f: 'A\r\n\nb\r\n' });
  });
});

describe('a patched file', () => {
  it('may be created, deleted, moved, copied and made executable', async () => {
    const patch = [
      'diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-bye\n',
      'diff --git a/new b/new\nnew file mode 100755\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+hi\n',
      'diff --git a/old name b/new name\nsimilarity index 100%\nrename from old name\nrename to new name\n',
      'diff --git a/kept b/twin\nsimilarity index 50%\ncopy from kept\ncopy to twin\n--- a/kept\n+++ b/twin\n@@ -1 +1 @@\n-k\n+t\n',
      'diff --git a/run b/run\nold mode 100644\nnew mode 100755\n',
      'diff --git a/empty b/empty\nnew file mode 100644\nindex 0000000..e69de29\n',
    ].join('');
    const before = { gone: 'bye\n', 'old name': 'n\n', kept: 'k\n', run: 'r\n' };
    expect(await patched(before, patch)).toEqual({ 'new name': 'n\n', kept: 'k\n', twin: 't\n', new: 'hi\n', run: 'r\n', empty: '' });
    const modes = new Map((await apply(tree(before), patch)).map(({ path, file, from }) => [path, [file?.mode ?? null, from]]));
    expect(modes.get('new')).toEqual([MODE_EXECUTABLE, null]);
    expect(modes.get('run')).toEqual([MODE_EXECUTABLE, null]);
    expect(modes.get('new name')).toEqual([MODE_FILE, 'old name']);
    expect(modes.get('old name')).toEqual([null, null]);
  });

  it('may swap its name with another', async () => {
    const patch = 'diff --git a/b b/a\nsimilarity index 100%\nrename from b\nrename to a\ndiff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\n';
    expect(await patched({ a: 'A\n', b: 'B\n' }, patch)).toEqual({ a: 'B\n', b: 'A\n' });
  });

  it('may be deleted and created again in another kind', async () => {
    const patch = 'diff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\ndiff --git a/f b/f\nnew file mode 120000\n--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+to\n\\ No newline at end of file\n';
    const result = await apply(tree({ f: 'x\n' }), patch);
    expect(result).toEqual([{ path: 'f', file: { mode: 0o120000, content: Buffer.from('to') }, from: null }]);
  });

  it('may be patched twice, the second time as the first left it', async () => {
    const one = '--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n';
    expect(await patched({ f: 'a\n' }, one + one.replace('-a\n+b', '-b\n+c'))).toEqual({ f: 'c\n' });
  });

  it('is found in a mail, its signature passed over', async () => {
    const patch = 'From: Ada\nSubject: [PATCH] x\n\nWords\n---\n f | 2 +-\n\ndiff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n-- \n2.39.5\n\n';
    expect(await patched({ f: 'a\n' }, patch)).toEqual({ f: 'b\n' });
  });

  it.each([
    ['nothing at all', '', 'MALFORMED'],
    ['a hunk of no file', '@@ -1 +1 @@\n-a\n+b\n', 'MALFORMED'],
    ['a hunk cut short', '--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n', 'MALFORMED'],
    ['a hunk with more lines than it says', '--- a/f\n+++ b/f\n@@ -1,1 +1,2 @@\n-a\n-a\n', 'MALFORMED'],
    ['a mode that is none', 'diff --git a/f b/f\nold mode 9\nnew mode 100755\n', 'MALFORMED'],
    ['a file that is not there', '--- a/none\n+++ b/none\n@@ -1 +1 @@\n-a\n+b\n', 'MISSING_FILE'],
    ['a move of a file that is not there', 'diff --git a/x b/y\nrename from x\nrename to y\n', 'MISSING_FILE'],
    ['a new file where one is', '--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+x\n', 'FILE_EXISTS'],
    ['a move onto a file', 'diff --git a/f b/g\nrename from f\nrename to g\n', 'FILE_EXISTS'],
    ['a deletion that leaves lines', '--- a/two\n+++ /dev/null\n@@ -1,2 +1 @@\n-a\n b\n', 'LEFTOVER'],
    ['binary content that is not shown', 'diff --git a/f b/f\nindex 1111111..2222222\nBinary files a/f and b/f differ\n', 'NO_CONTENT'],
    ['a path that leaves the tree', '--- a/../f\n+++ b/../f\n@@ -1 +1 @@\n-a\n+b\n', 'UNSAFE_PATH'],
    ['a path into the git directory', '--- /dev/null\n+++ b/x/.GIT/hooks\n@@ -0,0 +1 @@\n+x\n', 'UNSAFE_PATH'],
  ] as const)('is refused by name for %s', async (_, patch, reason) => {
    expect((await refusal({ f: 'a\n', g: 'g\n', two: 'a\nb\n' }, patch)).reason).toBe(reason);
  });

  it('is refused when binary content was made from something else, is garbled, or lies about itself', async () => {
    const before = Buffer.from('\0a\n');
    const after = Buffer.from('\0b\n');
    const head = `diff --git a/f b/f\nindex ${hashObject('blob', before)}..${hashObject('blob', after)} 100644\nGIT binary patch\n`;
    const body = 'literal 3\nKcmZQb;sO8w(Ex1#\n\nliteral 3\nKcmZQb<N^Qy&j4%y\n\n';
    expect(await patched({ f: before.toString('latin1') }, head + body)).toEqual({ f: after.toString('latin1') });
    expect((await refusal({ f: 'other' }, head + body)).reason).toBe('CONTENT_MISMATCH');
    expect((await refusal({ f: '\0a\n' }, head + body.replace('KcmZQb;', 'KcmZ"b;'))).reason).toBe('MALFORMED');
    expect((await refusal({ f: '\0a\n' }, head + body.replace('literal 3', 'literal 4'))).reason).toBe('MALFORMED');
    expect((await refusal({ f: '\0a\n' }, head.replace(hashObject('blob', after), '1'.repeat(40)) + body)).reason).toBe('MALFORMED');
  });

  it('never makes the reader throw anything but a refusal, whatever the bytes', async () => {
    const seed = 'diff --git a/f b/f\nold mode 100644\nnew mode 100755\nindex 1111111..2222222\n--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n\\ No newline at end of file\n';
    const damage = fc.array(fc.tuple(fc.nat(seed.length), fc.nat(20), fc.constantFrom('', '\n', '\\', '@@ -1 +1 @@\n', '--- a/', '"', '-', '+', ' ')), { maxLength: 4 });
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(damage, async (cuts) => {
        let patch = seed;
        for (const [at, length, text] of cuts) patch = patch.slice(0, at) + text + patch.slice(at + length);
        const outcome: unknown = await patched({ f: 'a\nb\n' }, patch).catch((error: unknown) => error);
        outcomes.add(outcome instanceof PatchRefused ? 'refused' : outcome instanceof Error ? outcome.message : 'taken');
      }),
      { numRuns: 400 },
    );
    expect([...outcomes].sort()).toEqual(['refused', 'taken']);
  });
});
