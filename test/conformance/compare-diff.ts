import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileStats, type FileDiffOptions } from '../../src/git/diff/file-diff.js';
import type { FileChange } from '../../src/git/diff/file-change.js';
import { filePatch } from '../../src/git/diff/patch.js';
import { quotePath } from '../../src/git/diff/quote-path.js';
import { diffTrees } from '../../src/git/diff/tree-diff.js';
import { BudgetExceeded } from '../../src/git/objects/errors.js';
import type { ObjectSource } from '../../src/git/objects/object-source.js';

/** What a comparison of patches or counts came to, in files; `differences` holds one readable text for each that differs. */
export interface DiffComparison {
  readonly equal: number;
  readonly different: number;
  readonly skipped: number;
  readonly differences: readonly string[];
}

/** Which commits, and with which options on both sides. */
export interface DiffComparisonOptions {
  /** Newest first-parent commits to compare; all unless given. */
  readonly max?: number;
  readonly revision?: string;
  readonly diff?: FileDiffOptions;
  /** Options of `git log` that mean the same as `diff`. */
  readonly gitArguments?: readonly string[];
}

/** One commit of the stream: its tree, its first parent's, and what git printed for it. */
interface PrintedCommit {
  readonly commit: string;
  readonly tree: string;
  readonly parentTree: string | null;
  readonly printed: Buffer;
}

/**
 * Compares the patch of every file of every first-parent commit with `git log -p -M --full-index`, byte for byte: headers,
 * hunks, section headings, changed lines, marks for missing newlines. One stream of git, not one process a commit.
 */
export async function compareDiffs(gitDir: string, source: ObjectSource, options: DiffComparisonOptions = {}): Promise<DiffComparison> {
  const result = { equal: 0, different: 0, skipped: 0, differences: [] as string[] };
  const patchOptions = { binary: 'SUMMARY' as const, ...options.diff };
  for await (const { commit, tree, parentTree, printed } of printedCommits(gitDir, ['-p', '--full-index'], options)) {
    const ours = new Map<string, Buffer>();
    for (const change of await diffTrees(source, parentTree, tree)) {
      const patch = await skipping(result, () => filePatch(source, change, patchOptions));
      for (const file of splitPatch(patch ?? Buffer.alloc(0))) ours.set(headOf(file, ours), file);
    }
    const theirs = new Map<string, Buffer>();
    for (const file of splitPatch(printed)) theirs.set(headOf(file, theirs), file);
    for (const [head, file] of theirs) {
      const own = ours.get(head);
      if (own?.equals(file) === true) result.equal++;
      else fail(result, `${commit} ${head}\n${firstDifference(file, own)}`);
    }
    for (const head of ours.keys()) if (!theirs.has(head)) fail(result, `${commit} ${head}\n  weir prints it, git does not`);
  }
  return result;
}

/** Compares the counts of every changed file with `git log --numstat -M`. Files that changed their type are left out, see below. */
export async function compareStats(gitDir: string, source: ObjectSource, options: DiffComparisonOptions = {}): Promise<DiffComparison> {
  const result = { equal: 0, different: 0, skipped: 0, differences: [] as string[] };
  for await (const { commit, tree, parentTree, printed } of printedCommits(gitDir, ['--numstat', '-z'], options)) {
    const theirs = numstatLines(printed);
    for (const change of await diffTrees(source, parentTree, tree)) {
      const native = theirs.get(change.path);
      theirs.delete(change.path);
      // `--numstat` counts a changed type as an edit of lines, where the patch that git prints deletes the one and adds the other.
      if (change.status === 'TYPE_CHANGED') {
        result.skipped++;
        continue;
      }
      const stats = await skipping(result, () => fileStats(source, change, options.diff));
      if (stats === null) continue;
      const own = stats.isBinary ? '-\t-' : `${stats.additions ?? '?'}\t${stats.deletions ?? '?'}`;
      if (own === native || (native === undefined && isSilent(change, own))) result.equal++;
      else fail(result, `${commit} ${quotePath(change.path)}\n  git:  ${native ?? 'nothing'}\n  weir: ${own}`);
    }
    for (const [path, native] of theirs) fail(result, `${commit} ${quotePath(path)}\n  git:  ${native}\n  weir: nothing`);
  }
  return result;
}

/** Where only ignored white space changed git's list may leave the file out. */
function isSilent(change: FileChange, counts: string): boolean {
  return counts === '0\t0' && change.status === 'MODIFIED';
}

function fail(result: { different: number; differences: string[] }, text: string): void {
  result.different++;
  result.differences.push(text);
}

async function skipping<T>(result: { skipped: number }, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    result.skipped++;
    return null;
  }
}

const FILE_START = Buffer.from('diff --git ');

/** Cuts a patch where a line starts with `diff --git `, which no line of a hunk does. */
export function splitPatch(patch: Buffer): Buffer[] {
  const files: Buffer[] = [];
  let from = -1;
  for (let at = patch.indexOf(FILE_START); at >= 0; at = patch.indexOf(FILE_START, at + 1)) {
    if (at > 0 && patch[at - 1] !== 0x0a) continue;
    if (from >= 0) files.push(patch.subarray(from, at));
    from = at;
  }
  if (from >= 0) files.push(patch.subarray(from));
  return files;
}

/** The first line of a file's patch; the second of two with the same line (a changed type) gets a mark. */
function headOf(file: Buffer, taken: ReadonlyMap<string, Buffer>): string {
  const head = file.toString('latin1', 0, Math.max(0, file.indexOf(0x0a)));
  return taken.has(head) ? `${head} (second)` : head;
}

function firstDifference(theirs: Buffer, ours: Buffer | undefined): string {
  if (ours === undefined) return '  git prints it, weir does not';
  const left = theirs.toString('utf8').split('\n');
  const right = ours.toString('utf8').split('\n');
  const at = left.findIndex((line, i) => line !== right[i]);
  const line = at < 0 ? left.length : at;
  return `  line ${line + 1}\n  git:  ${left[line] ?? '(end)'}\n  weir: ${right[line] ?? '(end)'}`;
}

/** `additions<tab>deletions` by new path, from `--numstat -z`: a rename has an empty name and then both. */
function numstatLines(printed: Buffer): Map<string, string> {
  const counts = new Map<string, string>();
  const fields = printed.toString('latin1').split('\0');
  for (let i = 0; i < fields.length; i++) {
    const match = /^\n?([-\d]+\t[-\d]+)\t(.*)$/su.exec(fields[i] ?? '');
    if (match === null) continue;
    const [, count = '', path = ''] = match;
    if (path === '') i += 2;
    counts.set(path === '' ? (fields[i] ?? '') : path, count);
  }
  return counts;
}

async function* printedCommits(gitDir: string, what: readonly string[], options: DiffComparisonOptions): AsyncGenerator<PrintedCommit> {
  const marker = Buffer.from(`${randomBytes(16).toString('hex')} `);
  const revision = options.revision ?? 'HEAD';
  const trees = new Map<string, string>();
  for (const line of (await gitOutput(gitDir, ['log', '--first-parent', '--format=%H %T', revision])).toString().split('\n')) {
    if (line !== '') trees.set(line.slice(0, 40), line.slice(41));
  }
  const most = options.max === undefined ? [] : ['-n', String(options.max)];
  const args = ['log', '-m', '--first-parent', '--root', '-M', ...most, ...what, ...(options.gitArguments ?? []), `--format=${marker.toString()}%H %P`, revision];
  for await (const record of records(gitDir, args, marker)) {
    const end = record.indexOf(0x0a) < 0 ? record.length : record.indexOf(0x0a);
    const [commit = '', parent = ''] = record.toString('latin1', 0, end).replaceAll('\0', '').split(' ');
    const tree = trees.get(commit);
    if (tree === undefined) throw new TypeError(`git log told nothing of ${commit}`);
    yield { commit, tree, parentTree: trees.get(parent) ?? null, printed: record.subarray(end) };
  }
}

/** The stretches between markers, as they arrive. */
async function* records(gitDir: string, args: readonly string[], marker: Buffer): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of gitStream(gitDir, args)) {
    held = Buffer.concat([held, chunk]);
    for (let next = held.indexOf(marker, 1); next >= 0; next = held.indexOf(marker, 1)) {
      yield held.subarray(marker.length, next);
      held = held.subarray(next);
    }
  }
  if (held.length > 0) yield held.subarray(marker.length);
}

async function gitOutput(gitDir: string, args: readonly string[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of gitStream(gitDir, args)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Runs git within the git directory, where no attributes of a work tree apply, and with nobody's configuration. */
async function* gitStream(gitDir: string, args: readonly string[]): AsyncGenerator<Buffer> {
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: '/nonexistent', LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1', GIT_ATTR_NOSYSTEM: '1' };
  const child = spawn('git', ['--git-dir', gitDir, '-c', 'core.bare=true', '-c', 'diff.renameLimit=1000', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  for await (const chunk of child.stdout) if (Buffer.isBuffer(chunk)) yield chunk;
  const status = await ended;
  if (status !== 0) throw new TypeError(`git ${args.join(' ')} ended with ${status}: ${complaint}`);
}
