import type { DiffIdentity, DiffIdOptions } from '../../../domain/global-id.js';
import type { Whitespace } from '../../../git/diff/whitespace.js';
import { QueryError } from '../query-error.js';

/** What `to` is compared with: the merge base with `from` (three dots), or `from` itself (two dots). */
export type Comparison = 'MERGE_BASE' | 'DIRECT';

/** Options as a client gives them; absent members have the defaults of {@link diffSettings}. */
export interface DiffOptionsInput {
  readonly comparison?: Comparison | null | undefined;
  readonly paths?: readonly string[] | null | undefined;
  readonly context?: number | null | undefined;
  readonly whitespace?: Whitespace | null | undefined;
  readonly renames?: boolean | null | undefined;
  readonly renameThreshold?: number | null | undefined;
}

/**
 * A diff by what it is made of, so that its id, its cursors and its cached results hold for ever: what was asked for (`from`),
 * what `to` is compared with (`base`), and the options, complete and valid.
 */
export type DiffSpec = DiffIdentity;

/** Totals over all files of a diff; lines of binary and too large files count as none. */
export interface DiffStatsView {
  readonly files: number;
  readonly additions: number;
  readonly deletions: number;
}

/** Totals of a diff of which the files are known, and the lines are counted when they are asked for: that compares each file. */
export interface DiffTotals {
  readonly files: number;
  /** Counts once, however often it is called. */
  counted(): DiffStatsView | Promise<DiffStatsView>;
}

const MAX_CONTEXT = 100_000;
const MAX_PATHS = 1_000;
const MAX_PATH_LENGTH = 4_096;

/** Completes the options of a client. Throws INVALID_ARGUMENT for numbers out of range and for too many or too long paths. */
export function diffSettings(input: DiffOptionsInput | null | undefined): DiffIdOptions {
  const paths = input?.paths ?? [];
  const context = input?.context ?? 3;
  const renameThreshold = input?.renameThreshold ?? 50;
  if (context < 0 || context > MAX_CONTEXT) throw new QueryError('INVALID_ARGUMENT', `"context" is a number of lines from 0 to ${MAX_CONTEXT}.`);
  if (renameThreshold < 1 || renameThreshold > 100) throw new QueryError('INVALID_ARGUMENT', '"renameThreshold" is a percentage from 1 to 100.');
  if (paths.length > MAX_PATHS) throw new QueryError('INVALID_ARGUMENT', `A diff is limited to at most ${MAX_PATHS} paths; leave "paths" out for everything.`);
  if (paths.some((path) => path.length === 0 || path.length > MAX_PATH_LENGTH)) throw new QueryError('INVALID_ARGUMENT', `A path has 1 to ${MAX_PATH_LENGTH} characters.`);
  return {
    paths: paths.length === 0 ? null : [...new Set(paths)].sort(),
    context,
    whitespace: input?.whitespace ?? 'SHOW',
    renames: input?.renames ?? true,
    renameThreshold,
  };
}
