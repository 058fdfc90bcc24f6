import { spawn } from 'node:child_process';
import type { CommitGraph } from '../../src/git/history/commit-graph.js';
import type { ConflictStage } from '../../src/git/merge/conflict.js';
import { mergeCommits } from '../../src/git/merge/merge-commits.js';
import { BudgetExceeded } from '../../src/git/objects/errors.js';
import type { ObjectSource } from '../../src/git/objects/object-source.js';
import { StagedObjects } from '../../src/git/objects/staged-objects.js';
import { git } from '../support/git-binary.js';
import { parseMergeTree, type NativeMerge } from '../support/merge-fixture.js';

/** A historical merge to do again: the two parents, in order. */
export interface MergePair {
  readonly ours: string;
  readonly theirs: string;
}

/** What a comparison came to; `differences` holds one readable text for each merge that differs. */
export interface MergeComparison {
  readonly equal: number;
  readonly different: number;
  readonly skipped: number;
  /** How many of the equal ones conflicted: their marker text is equal too, since it is in the tree. */
  readonly conflicted: number;
  readonly differences: readonly string[];
  /** Milliseconds for all merges together, of this engine and of the spawned git. */
  readonly millis: { readonly weir: number; readonly git: number };
}

/** Every two-parent merge that a repository's refs reach, newest first. */
export function mergePairs(gitDir: string, max?: number): MergePair[] {
  const limit = max === undefined ? [] : ['-n', String(max)];
  const listed = git(gitDir, ['log', '--all', '--min-parents=2', '--max-parents=2', ...limit, '--format=%P']);
  return listed.split('\n').flatMap((line) => {
    const [ours, theirs] = line.split(' ');
    return ours === undefined || theirs === undefined ? [] : [{ ours, theirs }];
  });
}

/**
 * Merges each pair here and with `git merge-tree --write-tree`, and compares tree ids (with conflicts, of the tree that
 * holds the markers) and the index entries of every conflicted path.
 */
export async function compareMerges(gitDir: string, source: ObjectSource, graph: CommitGraph, pairs: readonly MergePair[]): Promise<MergeComparison> {
  const result = { equal: 0, different: 0, skipped: 0, conflicted: 0, differences: [] as string[], millis: { weir: 0, git: 0 } };
  for (const { ours, theirs } of pairs) {
    const started = performance.now();
    const native = await mergeTree(gitDir, ours, theirs);
    const between = performance.now();
    try {
      const merged = await mergeCommits(new StagedObjects(source), graph, ours, theirs, { labels: { ours, theirs } });
      result.millis.git += between - started;
      result.millis.weir += performance.now() - between;
      const differences = [...differencesOf(native, merged.tree, merged.stages)];
      if (differences.length === 0) {
        result.equal++;
        if (!native.clean) result.conflicted++;
        continue;
      }
      result.different++;
      result.differences.push([`${ours} ${theirs}`, ...differences].join('\n'));
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error;
      result.skipped++;
    }
  }
  return result;
}

/** An index entry as `git merge-tree -z` lists it. */
export function stageLine({ mode, oid, stage, path }: ConflictStage): string {
  return `${mode.toString(8).padStart(6, '0')} ${oid} ${stage}\t${path}`;
}

/** What differs between a native merge and the tree and index entries of another, one readable line each. */
export function* differencesOf(native: NativeMerge, tree: string, stages: readonly ConflictStage[]): Generator<string> {
  const lines = stages.map(stageLine);
  for (const line of native.stages) if (!lines.includes(line)) yield `  git:  ${line}`;
  for (const line of lines) if (!native.stages.includes(line)) yield `  weir: ${line}`;
  if (native.tree !== tree) yield `  tree: git ${native.tree}, weir ${tree}`;
}

async function mergeTree(gitDir: string, ours: string, theirs: string): Promise<NativeMerge> {
  const args = ['--git-dir', gitDir, 'merge-tree', '--write-tree', '--messages', '-z', '--allow-unrelated-histories', ours, theirs];
  const child = spawn('git', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk));
  const status = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  });
  return parseMergeTree({ status, stdout: Buffer.concat(chunks).toString('latin1'), stderr: Buffer.concat(complaints).toString('latin1') });
}
