import type { MergeSide } from '../git/merge/resolve.js';
import type { WriteFile } from './write-file.js';

type Maybe<T> = T | null | undefined;

/** What to put in the place of one conflicting hunk; exactly one member. Ids as the preview answers them. */
export interface ResolveHunkInput {
  readonly take?: Maybe<{ readonly id: string; readonly sides: readonly MergeSide[] }>;
  readonly replace?: Maybe<{ readonly id: string; readonly text: string }>;
}

/** How one conflicting path is settled, as clients send it; exactly one member. Paths are readable, as conflicts answer them. */
export interface ConflictResolutionInput {
  readonly take?: Maybe<{ readonly path: string; readonly side: MergeSide }>;
  readonly content?: Maybe<WriteFile>;
  readonly hunks?: Maybe<{ readonly path: string; readonly hunks: readonly ResolveHunkInput[] }>;
  readonly delete?: Maybe<{ readonly path: string }>;
}

/** How hunk ids begin where clients see them. */
export const HUNK_ID_PREFIX = 'ConflictHunk:';

/** The path that a resolution names; empty for one that names none, which is refused when it is read. */
export function resolvedPath({ take, content, hunks, delete: removed }: ConflictResolutionInput): string {
  return take?.path ?? content?.path ?? hunks?.path ?? removed?.path ?? '';
}
