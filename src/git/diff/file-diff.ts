import { MODE_SUBMODULE } from '../objects/tree.js';
import { BudgetExceeded } from '../objects/errors.js';
import type { ObjectSource, Oid } from '../objects/object-source.js';
import type { FileChange } from './file-change.js';
import { groupHunks, type Hunk } from './hunks.js';
import { finishInSlices } from './steps.js';
import { isBinaryContent, textDiffBytes, textDiffSteps, wholeDiff, type TextDiff } from './text-diff.js';
import type { Whitespace } from './whitespace.js';

/** Why a file's hunks are left out. */
export type DiffOmission = 'BINARY' | 'TOO_LARGE' | 'SUBMODULE';

/** What one file may cost. Beyond it the file is TOO_LARGE, which is an answer, not a fault. */
export interface DiffBudget {
  /** Bytes of either side that are compared by lines. */
  readonly maxBytes: number;
  /** Bytes of either side that are read at all, if only to tell text from binary and to count the lines of a whole file. */
  readonly maxReadBytes: number;
  /** Lines of either side. */
  readonly maxLines: number;
  /** Processor time in milliseconds for one file. */
  readonly maxMillis: number;
  /** Milliseconds after which the event loop turns. */
  readonly sliceMillis: number;
}

/** The budget unless told: 20 MB, 1M lines, 5 s, in slices of 8 ms. */
export const DEFAULT_DIFF_BUDGET: DiffBudget = {
  maxBytes: 20_000_000,
  maxReadBytes: 64_000_000,
  maxLines: 1_000_000,
  maxMillis: 5_000,
  sliceMillis: 8,
};

/** Counts of one file, without its hunks. */
export interface FileStats {
  readonly isBinary: boolean;
  /** Null when binary, or too large to be counted. */
  readonly additions: number | null;
  readonly deletions: number | null;
  readonly omitted: DiffOmission | null;
}

/** One file's differences. `text` is null exactly when the hunks are omitted as BINARY or TOO_LARGE. */
export interface FileDiff extends FileStats {
  readonly change: FileChange;
  readonly text: TextDiff | null;
  /** Empty when omitted, and when only the path or the mode changed. */
  readonly hunks: readonly Hunk[];
}

/** What is kept between requests, keyed by object ids and options and therefore true for ever; `ByteLru` fits. */
export interface DiffCache {
  get(key: string): Compared | undefined;
  set(key: string, value: Compared, bytes: number): void;
}

/** The outcome for two contents, whatever their paths and the context asked for. */
export type Compared = { readonly kind: 'TEXT'; readonly diff: TextDiff } | { readonly kind: 'COUNTED'; readonly stats: FileStats };

/** How files are compared. */
export interface FileDiffOptions {
  readonly whitespace?: Whitespace;
  /** Unchanged lines around a change; 3 unless told. */
  readonly context?: number;
  readonly budget?: Partial<DiffBudget>;
  readonly cache?: DiffCache;
}

const DEFAULT_CONTEXT = 3;
const BINARY: FileStats = { isBinary: true, additions: null, deletions: null, omitted: 'BINARY' };
const TOO_LARGE: FileStats = { isBinary: false, additions: null, deletions: null, omitted: 'TOO_LARGE' };
const STATS_BYTES = 256;
const EMPTY = Buffer.alloc(0);

/**
 * The differences of one changed file, equal to those of `git diff` with the same options; a change of type shows the old
 * content deleted and the new one added. Never holds the event loop for much longer than a slice. Rejects when an object
 * is missing or corrupt, never because of size.
 */
export async function diffFile(source: ObjectSource, change: FileChange, options: FileDiffOptions = {}): Promise<FileDiff> {
  return diffOf(change, await compare(source, change, options), options);
}

/** What {@link diffFile} answers, where the cache of the options has it; null where contents would have to be compared. */
export function keptFileDiff(change: FileChange, options: FileDiffOptions): FileDiff | null {
  const kept = options.cache?.get(keyOf(change, options));
  return kept === undefined ? null : diffOf(change, kept, options);
}

/** The counts alone. A file that was added or deleted is counted without being compared, up to `maxReadBytes`. */
export async function fileStats(source: ObjectSource, change: FileChange, options: FileDiffOptions = {}): Promise<FileStats> {
  return statsOf(change, await compare(source, change, options));
}

/** What {@link fileStats} answers, where the cache of the options has it; null where contents would have to be compared. */
export function keptFileStats(change: FileChange, options: FileDiffOptions): FileStats | null {
  const kept = options.cache?.get(keyOf(change, options));
  return kept === undefined ? null : statsOf(change, kept);
}

/** The hunks of a diff with another context, without comparing again. */
export function regroup(diff: FileDiff, context: number): readonly Hunk[] {
  return diff.text === null || diff.omitted !== null ? [] : groupHunks(diff.text, context);
}

function diffOf(change: FileChange, compared: Compared, options: FileDiffOptions): FileDiff {
  const stats = statsOf(change, compared);
  if (compared.kind === 'COUNTED') return { change, ...stats, text: null, hunks: [] };
  return { change, ...stats, text: compared.diff, hunks: stats.omitted === null ? groupHunks(compared.diff, options.context ?? DEFAULT_CONTEXT) : [] };
}

function statsOf(change: FileChange, compared: Compared): FileStats {
  if (compared.kind === 'COUNTED') return compared.stats;
  const { additions, deletions } = compared.diff;
  const submodule = change.oldMode === MODE_SUBMODULE || change.newMode === MODE_SUBMODULE;
  return { isBinary: false, additions, deletions, omitted: submodule ? 'SUBMODULE' : null };
}

/** Where two contents are kept: by their ids, how white space counts, and whether a side is the line of a submodule. */
function keyOf(change: FileChange, options: FileDiffOptions): string {
  const whole = change.status === 'TYPE_CHANGED' ? 'whole' : 'lines';
  const modules = `${change.oldMode === MODE_SUBMODULE ? 's' : 'b'}${change.newMode === MODE_SUBMODULE ? 's' : 'b'}`;
  return `${change.oldOid ?? ''}:${change.newOid ?? ''}:${options.whitespace ?? 'SHOW'}:${whole}:${modules}`;
}

async function compare(source: ObjectSource, change: FileChange, options: FileDiffOptions): Promise<Compared> {
  const key = keyOf(change, options);
  const kept = options.cache?.get(key);
  if (kept !== undefined) return kept;
  const budget = { ...DEFAULT_DIFF_BUDGET, ...options.budget };
  const compared = await compareContents(source, change, options.whitespace ?? 'SHOW', budget);
  // What ran out of time may fit next time, and budgets differ between callers: too large is not a lasting fact.
  const lasting = compared.kind === 'TEXT' || compared.stats.omitted === 'BINARY';
  if (lasting) options.cache?.set(key, compared, compared.kind === 'TEXT' ? textDiffBytes(compared.diff) : STATS_BYTES);
  return compared;
}

async function compareContents(source: ObjectSource, change: FileChange, whitespace: Whitespace, budget: DiffBudget): Promise<Compared> {
  if (change.oldOid === change.newOid && change.status !== 'TYPE_CHANGED') return compareWithItself(source, change, budget);
  const sides = await Promise.all([sizeOf(source, change.oldOid, change.oldMode), sizeOf(source, change.newOid, change.newMode)]);
  const size = Math.max(...sides);
  if (size > budget.maxReadBytes) return { kind: 'COUNTED', stats: TOO_LARGE };
  const [before, after] = await Promise.all([
    contentOf(source, change.oldOid, change.oldMode),
    contentOf(source, change.newOid, change.newMode),
  ]);
  if (isBinaryContent(before) || isBinaryContent(after)) return { kind: 'COUNTED', stats: BINARY };
  if (change.oldOid === null || change.newOid === null || change.status === 'TYPE_CHANGED') {
    const diff = wholeDiff(before, after);
    const fits = size <= budget.maxBytes && Math.max(diff.old.count, diff.new.count) <= budget.maxLines;
    if (fits) return { kind: 'TEXT', diff };
    return { kind: 'COUNTED', stats: { ...TOO_LARGE, additions: diff.additions, deletions: diff.deletions } };
  }
  if (size > budget.maxBytes) return { kind: 'COUNTED', stats: TOO_LARGE };
  if (countsMoreLines(before, budget.maxLines) || countsMoreLines(after, budget.maxLines)) return { kind: 'COUNTED', stats: TOO_LARGE };
  try {
    return { kind: 'TEXT', diff: await finishInSlices(textDiffSteps(before, after, whitespace), budget) };
  } catch (error) {
    if (error instanceof BudgetExceeded) return { kind: 'COUNTED', stats: TOO_LARGE };
    throw error;
  }
}

/** A file of which only the path or the mode changed: nothing to compare, but whether it is binary is still asked, and told by git. */
async function compareWithItself(source: ObjectSource, change: FileChange, budget: DiffBudget): Promise<Compared> {
  const size = await sizeOf(source, change.newOid, change.newMode);
  const content = size > budget.maxReadBytes ? EMPTY : await contentOf(source, change.newOid, change.newMode);
  return isBinaryContent(content) ? { kind: 'COUNTED', stats: BINARY } : { kind: 'TEXT', diff: wholeDiff(EMPTY, EMPTY) };
}

async function sizeOf(source: ObjectSource, oid: Oid | null, mode: number | null): Promise<number> {
  return oid === null || mode === MODE_SUBMODULE ? 0 : (await source.header(oid)).size;
}

/** The bytes that are compared: of a submodule, the line that git prints for its commit. */
export async function contentOf(source: ObjectSource, oid: Oid | null, mode: number | null): Promise<Buffer> {
  if (oid === null) return EMPTY;
  if (mode === MODE_SUBMODULE) return Buffer.from(`Subproject commit ${oid}\n`);
  return (await source.read(oid)).content;
}

function countsMoreLines(content: Buffer, most: number): boolean {
  if (content.length <= most) return false;
  let lines = 0;
  for (let at = content.indexOf(0x0a); at >= 0; at = content.indexOf(0x0a, at + 1)) if (++lines > most) return true;
  return false;
}
