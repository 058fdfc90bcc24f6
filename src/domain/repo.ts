import type { Label } from './label.js';
import type { RepoSettings } from './repo-settings.js';

/** A repository as stored; git data is in its pack directory, everything that changes is in rows. */
export interface RepoRecord {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly labels: readonly Label[];
  readonly defaultBranch: string;
  readonly settings: RepoSettings;
  /** Counts changes of the repository itself: its name, description, labels, default branch, settings, and whether it is archived. */
  readonly version: number;
  /** Counts garbage collections; a writer that began in an earlier epoch must not rely on reused objects. */
  readonly gcEpoch: number;
  /** Counts the times that something was removed from its history for good, by which commits got other ids. */
  readonly rewrites: number;
  /** Bytes on disk of its packs. */
  readonly packBytes: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly archivedAt: Date | null;
}

/** A repository that was deleted, and can be restored. */
export interface DeletedRepoRecord extends RepoRecord {
  readonly deletedAt: Date;
}

/** A tag as imported: `oid` is the tag object or the commit itself, `commitOid` what it peels to (null when not a commit). */
export interface TagRecord {
  readonly repoId: number;
  readonly name: string;
  readonly oid: string;
  readonly commitOid: string | null;
  readonly message: string | null;
}
