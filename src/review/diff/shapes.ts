import type { ComponentChildren } from 'preact';
import type { FilePageQuery, HunkPageOfQuery, ShownLineFragment } from '../documents.js';

/** A file of a diff, without its lines. */
export type DiffFile = NonNullable<NonNullable<FilePageQuery['node']>['files']>['nodes'][number];

/** A hunk of a file with the first of its lines; `before` is the cursor of the hunk before it, null for the first. */
export type DiffHunk = NonNullable<NonNullable<HunkPageOfQuery['node']>['hunks']>['edges'][number]['node'] & { readonly before: string | null };

/** A line of a hunk. */
export type DiffLine = ShownLineFragment;

/** What a view around the diff adds to it. */
export interface Around {
  /** Beneath a line: the threads that stand on it. */
  readonly below?: (path: string, side: 'OLD' | 'NEW', line: number) => ComponentChildren;
  /** Somebody wants to say something about a line. */
  readonly onLine?: (path: string, side: 'OLD' | 'NEW', line: number) => void;
  /** What is chosen so far, and a change of that: a whole file, or one of its hunks. */
  readonly choice?: Choice;
}

/** Files and hunks that the reader has chosen. */
export interface Choice {
  isChosen(path: string, hunk?: string): boolean;
  toggle(path: string, hunk?: string): void;
}

/** The element of a file on the page. */
export function anchorOf(path: string): string {
  return `file-${encodeURIComponent(path)}`;
}

/** How high a row of one line is, in pixels; `--row` in the style says the same. */
export const ROW_HEIGHT = 21;
