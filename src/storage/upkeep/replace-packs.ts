import type { StoredPack } from '../../domain/ports/repo-objects.js';
import { StorageUnavailable } from '../../domain/ports/errors.js';
import type { Database } from '../database.js';
import type { PackDirectory } from '../packs/pack-directory.js';
import type { Queries } from '../sending.js';

/** What upkeep of one repository works on. */
export interface Workplace {
  readonly repoId: number;
  readonly database: Database;
  readonly store: PackDirectory;
  readonly signal: AbortSignal;
}

/**
 * Runs the transaction that makes `added` live in the place of others. When it is rolled back the new files are removed: nobody has
 * ever seen their name. When its outcome is unknown they stay, and are removed as strays should they turn out not to be live.
 */
export async function replacing<T>({ database, store }: Workplace, added: StoredPack | null, work: (queries: Queries) => Promise<T>): Promise<T> {
  try {
    const answer = await database.transaction(work);
    await store.refresh();
    return answer;
  } catch (error) {
    if (added !== null && !(error instanceof StorageUnavailable)) await store.removeFiles(added.name);
    throw error;
  }
}
