import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ChangeStatus, FileChange } from '../../src/git/diff/file-change.js';
import { diffTrees, type TreeDiffOptions } from '../../src/git/diff/tree-diff.js';
import { BudgetExceeded } from '../../src/git/objects/errors.js';
import type { ObjectSource } from '../../src/git/objects/object-source.js';

/** What a comparison over a history came to; `differences` holds one readable text for each commit that differs. */
export interface RawComparison {
  readonly equal: number;
  readonly different: number;
  readonly skipped: number;
  /** Renames and copies that both sides agree on, the score included. */
  readonly renames: number;
  readonly differences: readonly string[];
}

/** What is compared: `max` first-parent commits from the newest (all unless given), and the options of both sides. */
export interface RawComparisonOptions {
  readonly max?: number;
  readonly revision?: string;
  readonly diff?: TreeDiffOptions;
  /** The options of `git log` that mean the same as `diff`. */
  readonly gitArguments?: readonly string[];
}

/** One commit as `git log --raw` tells it. */
export interface RawCommit {
  readonly tree: string;
  readonly parentTree: string | null;
  readonly commit: string;
  readonly lines: readonly string[];
}

const LETTERS: Record<ChangeStatus, string> = { ADDED: 'A', MODIFIED: 'M', DELETED: 'D', RENAMED: 'R', COPIED: 'C', TYPE_CHANGED: 'T' };
const NO_OID = '0'.repeat(40);

/**
 * Compares {@link diffTrees} with `git log --raw` on the first-parent commits of a repository: status, score, modes,
 * oids, paths and order. `source` reads the same repository.
 */
export async function compareRaw(gitDir: string, source: ObjectSource, options: RawComparisonOptions = {}): Promise<RawComparison> {
  const result = { equal: 0, different: 0, skipped: 0, renames: 0, differences: [] as string[] };
  for await (const { commit, tree, parentTree, lines } of rawHistory(gitDir, options)) {
    try {
      const ours = (await diffTrees(source, parentTree, tree, options.diff)).map(rawLine);
      if (ours.join('\n') === lines.join('\n')) {
        result.equal++;
        result.renames += lines.filter((line) => / [RC]\d+\t/u.test(line)).length;
      } else {
        result.different++;
        result.differences.push(describe(commit, lines, ours));
      }
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      result.skipped++;
    }
  }
  return result;
}

/** A change as `git diff --raw -z --full-index` prints it, but with tabs between the fields. */
export function rawLine(change: FileChange): string {
  const score = change.similarity === null ? '' : String(change.similarity).padStart(3, '0');
  const names = change.oldPath === null ? change.path : `${change.oldPath}\t${change.path}`;
  return `:${octal(change.oldMode)} ${octal(change.newMode)} ${change.oldOid ?? NO_OID} ${change.newOid ?? NO_OID} ${LETTERS[change.status]}${score}\t${names}`;
}

function octal(mode: number | null): string {
  return (mode ?? 0).toString(8).padStart(6, '0');
}

function describe(commit: string, theirs: readonly string[], ours: readonly string[]): string {
  const missing = theirs.filter((line) => !ours.includes(line)).map((line) => `  git:  ${line}`);
  const surplus = ours.filter((line) => !theirs.includes(line)).map((line) => `  weir: ${line}`);
  const order = missing.length + surplus.length === 0 ? ['  the same files in another order'] : [];
  return [`${commit}`, ...missing, ...surplus, ...order].join('\n');
}

/** The first-parent commits of a history, newest first, from one `git log` stream. Names are quoted as git quotes them only when they must be. */
async function* rawHistory(gitDir: string, options: RawComparisonOptions): AsyncGenerator<RawCommit> {
  const trees = await treesByCommit(gitDir, options);
  let commit = '';
  let lines: string[] = [];
  for await (const line of gitLines(gitDir, [...logArguments(options), '--format=>%H', '--raw', '--no-abbrev', ...(options.gitArguments ?? ['-M'])])) {
    if (line.startsWith(':')) lines.push(unquoteLine(line));
    if (!line.startsWith('>')) continue;
    if (commit !== '') yield { commit, lines, ...treesOf(trees, commit) };
    commit = line.slice(1);
    lines = [];
  }
  if (commit !== '') yield { commit, lines, ...treesOf(trees, commit) };
}

function logArguments({ max, revision }: RawComparisonOptions): string[] {
  return ['log', '-m', '--first-parent', '--root', ...(max === undefined ? [] : ['-n', String(max)]), revision ?? 'HEAD'];
}

interface KnownTrees {
  readonly tree: string;
  readonly parent: string | null;
}

function treesOf(trees: ReadonlyMap<string, KnownTrees>, commit: string): { tree: string; parentTree: string | null } {
  const known = trees.get(commit);
  if (known === undefined) throw new TypeError(`git log told nothing of ${commit}`);
  const parentTree = known.parent === null ? null : (trees.get(known.parent)?.tree ?? null);
  return { tree: known.tree, parentTree };
}

/** Tree and first parent of the commits compared, and of one more: the parent of the last. */
async function treesByCommit(gitDir: string, { max, revision }: RawComparisonOptions): Promise<Map<string, KnownTrees>> {
  const trees = new Map<string, KnownTrees>();
  for await (const line of gitLines(gitDir, ['log', '--first-parent', ...(max === undefined ? [] : ['-n', String(max + 1)]), '--format=%H %T %P', revision ?? 'HEAD'])) {
    const [commit = '', tree = '', parent = ''] = line.split(' ');
    trees.set(commit, { tree, parent: parent === '' ? null : parent });
  }
  return trees;
}

async function* gitLines(gitDir: string, args: readonly string[]): AsyncGenerator<string> {
  const child = spawn('git', ['--git-dir', gitDir, '-c', 'core.quotePath=true', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  child.stdout.setEncoding('latin1');
  for await (const line of createInterface({ input: child.stdout })) yield line;
  const [status] = await ended;
  if (status !== 0) throw new TypeError(`git ${args.join(' ')} ended with ${String(status)}: ${complaint}`);
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
]);

/** A raw line with its names as they are: git puts odd ones in quotes with C escapes. */
function unquoteLine(line: string): string {
  const [head = '', ...names] = line.split('\t');
  return [head, ...names.map(unquote)].join('\t');
}

function unquote(name: string): string {
  if (!name.startsWith('"')) return name;
  return name.slice(1, -1).replace(/\\([0-7]{3}|.)/gu, (_, code: string) => (code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : (ESCAPES.get(code) ?? code)));
}
