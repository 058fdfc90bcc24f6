import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyPatch, type PatchTarget } from '../../src/git/diff/apply-patch.js';
import { treePatch } from '../../src/git/diff/patch.js';
import { diffTrees } from '../../src/git/diff/tree-diff.js';
import { MODE_SUBMODULE } from '../../src/git/objects/tree.js';
import { fc } from '../support/fast-check.js';
import { generatedTrees, oddBodies, tyingBodies, writeTrees } from '../support/generated-trees.js';
import { git, makeRepository, removeRepository } from '../support/git-binary.js';
import { GitCatFileSource } from '../support/git-cat-file-source.js';

const CASES = Number(process.env['WEIR_TEST_CASES'] ?? 60);
const TREES = 40;

let repository: string;
let source: GitCatFileSource;
let trees: string[];

beforeAll(() => {
  repository = makeRepository();
  source = new GitCatFileSource(repository);
  const drawn = fc.sample(generatedTrees(fc.oneof(oddBodies, tyingBodies), 14), { numRuns: TREES });
  writeTrees(repository, drawn);
  trees = git(repository, ['log', '--format=%T', 'main']).split('\n');
});

afterAll(async () => {
  await source.close();
  removeRepository(repository);
});

function pairs(): [string, string][] {
  const pair = fc.tuple(fc.integer({ min: 0, max: TREES - 1 }), fc.integer({ min: 0, max: TREES - 1 }));
  const drawn = fc.sample(pair, { numRuns: CASES }).map(([from, to]): [string, string] => [trees[from] ?? '', trees[to] ?? '']);
  // Neither git nor we take an empty patch.
  return drawn.filter(([from, to]) => from !== to);
}

async function patchOf(from: string, to: string): Promise<Buffer> {
  const changes = await diffTrees(source, from, to, { copies: true });
  const parts: Buffer[] = [];
  for await (const part of treePatch(source, changes)) parts.push(part);
  return Buffer.concat(parts);
}

function nativePatch(from: string, to: string, renames: '-M' | '-C'): Buffer {
  return spawnSync('git', ['--git-dir', repository, 'diff-tree', '-r', '-p', renames, '--full-index', '--binary', from, to]).stdout;
}

/** Runs git on an index of its own and answers what went wrong, or the output. */
function inIndex(args: readonly string[], input?: Buffer): { ok: boolean; text: string } {
  const env = { ...process.env, GIT_INDEX_FILE: join(repository, 'patched-index'), LC_ALL: 'C' };
  const run = spawnSync('git', ['--git-dir', repository, ...args], { env, input: input ?? '' });
  return { ok: run.status === 0, text: (run.status === 0 ? run.stdout : run.stderr).toString().trim() };
}

/** The tree that `git apply` makes of `from`, or its complaint. */
function appliedByGit(from: string, patch: Buffer, ...options: string[]): string {
  inIndex(['read-tree', from]);
  const applied = inIndex(['apply', '--cached', '--whitespace=nowarn', ...options], patch);
  return applied.ok ? inIndex(['write-tree']).text : applied.text;
}

/** The files of a tree with modes, by path, and their contents. */
async function filesOf(tree: string): Promise<Map<string, PatchTarget>> {
  const files = new Map<string, PatchTarget>();
  for (const { path, newMode, newOid } of await diffTrees(source, null, tree)) {
    if (newMode === null || newOid === null) continue;
    const content = newMode === MODE_SUBMODULE ? Buffer.from(`Subproject commit ${newOid}\n`) : (await source.read(newOid)).content;
    files.set(path, { mode: newMode, content });
  }
  return files;
}

/** Paths and contents in a form in which two trees can be laid side by side. */
function listed(files: ReadonlyMap<string, PatchTarget>): string[] {
  return [...files].map(([path, { mode, content }]) => `${path} ${mode.toString(8)} ${content.toString('base64')}`).sort();
}

async function appliedHere(from: string, patch: Buffer): Promise<string[]> {
  const files = await filesOf(from);
  const applied = await applyPatch(patch, (path) => Promise.resolve(files.get(path) ?? null));
  const result = new Map(files);
  for (const { path, file } of applied) {
    if (file === null) result.delete(path);
    else result.set(path, file);
  }
  return listed(result);
}

describe('a patch turns the old tree into the new one', () => {
  it('when we print it and git applies it, forwards and backwards', async () => {
    const wrong: string[] = [];
    for (const [from, to] of pairs()) {
      const patch = await patchOf(from, to);
      const forwards = appliedByGit(from, patch);
      if (forwards !== to) wrong.push(`${from}..${to}: ${forwards}`);
      const backwards = appliedByGit(to, patch, '-R');
      // git cannot take every patch of its own back: those with changes of type or copies may fail, and then both do.
      if (backwards !== from && backwards !== appliedByGit(to, nativePatch(from, to, '-C'), '-R')) wrong.push(`${from}..${to} backwards: ${backwards}`);
    }
    expect(wrong.slice(0, 3), `${wrong.length} of ${CASES} differ`).toEqual([]);
  });

  it('when git prints it and we apply it', async () => {
    const wrong: string[] = [];
    for (const [from, to] of pairs()) {
      const outcome = await appliedHere(from, nativePatch(from, to, '-M')).catch((error: unknown) => [String(error)]);
      const wanted = listed(await filesOf(to));
      if (outcome.join('\n') !== wanted.join('\n')) wrong.push(`${from}..${to}: ${outcome.filter((line) => !wanted.includes(line)).join('\n')}`);
    }
    expect(wrong.slice(0, 3), `${wrong.length} of ${CASES} differ`).toEqual([]);
  });

  it('when we print it and we apply it', async () => {
    const wrong: string[] = [];
    for (const [from, to] of pairs()) {
      const outcome = await appliedHere(from, await patchOf(from, to)).catch((error: unknown) => [String(error)]);
      const wanted = listed(await filesOf(to));
      if (outcome.join('\n') !== wanted.join('\n')) wrong.push(`${from}..${to}: ${outcome.filter((line) => !wanted.includes(line)).join('\n')}`);
    }
    expect(wrong.slice(0, 3), `${wrong.length} of ${CASES} differ`).toEqual([]);
  });
});
