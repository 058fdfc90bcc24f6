import type { Oid } from '../objects/object-source.js';

/** How one file differs between two trees; the letters of `git diff --raw` in words (A, M, D, R, C, T). */
export type ChangeStatus = 'ADDED' | 'MODIFIED' | 'DELETED' | 'RENAMED' | 'COPIED' | 'TYPE_CHANGED';

/**
 * One changed file between two trees: everything that is known of it without opening its content.
 *
 * Paths are the latin1 reading of their bytes, one character a byte, as in `TreeEntry.name`, with `/` between the parts;
 * `decodeName` makes them readable. Modes are canonical (`canonicalMode`) and never those of a directory. A submodule's
 * oid names a commit of another repository: never read it here.
 */
export interface FileChange {
  /** MODIFIED covers a change of content, of the executable bit, or of both; TYPE_CHANGED one between file, symlink and submodule. */
  readonly status: ChangeStatus;
  /** Where the file is now; where it was when it is DELETED. */
  readonly path: string;
  /** Where it came from when RENAMED or COPIED, otherwise null. */
  readonly oldPath: string | null;
  /** Percent of content kept, 0–100 and rounded down as git prints it, when RENAMED or COPIED; otherwise null. */
  readonly similarity: number | null;
  /** Null when ADDED. */
  readonly oldMode: number | null;
  /** Null when DELETED. */
  readonly newMode: number | null;
  /** Null when ADDED. */
  readonly oldOid: Oid | null;
  /** Null when DELETED. */
  readonly newOid: Oid | null;
}
