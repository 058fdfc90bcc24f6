import type { StoredPack } from '../../domain/ports/repo-objects.js';
import { StorageUnavailable } from '../../domain/ports/errors.js';
import type { Database } from '../database.js';
import type { PackDirectory } from '../packs/pack-directory.js';
import type { FaultPoints } from '../packs/write-pack.js';
import type { Queries } from '../sending.js';

/** What upkeep of one repository works on. */
export interface Workplace {
  readonly repoId: number;
  readonly database: Database;
  readonly store: PackDirectory;
  readonly signal: AbortSignal;
  /** Points at which crash tests stop the process. */
  readonly faults?: FaultPoints;
}

/**
 * Runs the transaction that makes the packs of `added` (asked for at its end) live in the place of others. When it is rolled back the new files are removed: nobody has
 * ever seen their name. When its outcome is unknown they stay, and are removed as strays should they turn out not to be live.
 */
export async function replacing<T>({ database, store }: Workplace, added: () => readonly StoredPack[], work: (queries: Queries) => Promise<T>): Promise<T> {
  try {
    const answer = await database.transaction(work);
    await store.refresh();
    return answer;
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) for (const { name } of added()) await store.removeFiles(name);
    throw error;
  }
}
