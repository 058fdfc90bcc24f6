import { and, eq, isNull, lte, or, sql, type SQL } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { packLease } from '../../../drizzle/index.js';
import type { Database } from '../database.js';
import type { Queries } from '../sending.js';

/** What a lease is for; see the table. */
export type LeasePurpose = 'READ' | 'UPKEEP';

/** A claim on the files of a repository, or of all. */
export interface PackLease {
  /** Ends it. Never rejects: what cannot be ended now ends by itself. */
  release(): Promise<void>;
}

/** A lease whose holder dies ends after this; one that lives moves it on three times as often. */
const LEASE_SECONDS = 60;

/** True of leases that hold the files of a repository, be they for it alone or for all repositories. */
export function holdsFilesOf(repoId: PgColumn | number): SQL | undefined {
  return and(or(isNull(packLease.repoId), eq(packLease.repoId, repoId)), eq(packLease.purpose, 'READ'), sql`${packLease.expiresAt} > now()`);
}

/**
 * Takes a lease on a repository, or on all (null), and keeps it until it is released. null: another holder has the only `UPKEEP` lease of
 * this repository. A `READ` lease protects every pack that is live at any moment from when this answers: take it first, then ask for
 * the list. Rejects as the database does.
 */
export async function takePackLease(database: Database, repoId: number | null, purpose: LeasePurpose): Promise<PackLease | null> {
  const expiresAt = sql`now() + make_interval(secs => ${LEASE_SECONDS})`;
  const id = await database.run(async (queries) => {
    await queries.delete(packLease).where(and(repoId === null ? isNull(packLease.repoId) : eq(packLease.repoId, repoId), lte(packLease.expiresAt, sql`now()`)));
    const [row] = await queries.insert(packLease).values({ repoId, purpose, expiresAt }).onConflictDoNothing().returning({ id: packLease.id });
    return row?.id;
  });
  if (id === undefined) return null;
  const renew = async (): Promise<void> => {
    try {
      await database.run((queries) => queries.update(packLease).set({ expiresAt }).where(eq(packLease.id, id)));
    } catch {
      // The next beat tries again; two are left.
    }
  };
  const beat = setInterval(() => void renew(), (LEASE_SECONDS * 1000) / 3).unref();
  return {
    async release() {
      clearInterval(beat);
      try {
        await database.run((queries) => queries.delete(packLease).where(eq(packLease.id, id)));
      } catch {
        // It ends by itself.
      }
    },
  };
}

/** True while somebody reads the packs of a repository by a lease. */
export async function hasReaders(queries: Queries, repoId: number): Promise<boolean> {
  const [row] = await queries.select({ id: packLease.id }).from(packLease).where(holdsFilesOf(repoId)).limit(1);
  return row !== undefined;
}
