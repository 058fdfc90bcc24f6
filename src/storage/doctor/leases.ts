import { gt, lt, sql } from 'drizzle-orm';
import { packLease } from '../../../drizzle/index.js';
import type { Database } from '../database.js';

/** A holder that lives moves its lease on to one minute from now, so one that ends later was given by a clock that went wrong. */
const TOO_LATE = gt(packLease.expiresAt, sql`now() + interval '5 minutes'`);
/** What ended so long ago is left over: nobody has looked at those packs since. */
const LEFT_OVER = lt(packLease.expiresAt, sql`now() - interval '1 day'`);

/**
 * Checks the leases on files: none ends so late that it keeps files from being removed for no one, none is left of those that died long
 * ago. With `repair`, the former end in a minute unless their holder lives, and the latter go.
 */
export async function examineLeases(database: Database, repair: boolean): Promise<string[]> {
  const found: string[] = [];
  const done = repair ? '; it is set right' : '';
  const late = await database.run((queries) => queries.select({ repoId: packLease.repoId, expiresAt: packLease.expiresAt }).from(packLease).where(TOO_LATE));
  for (const { repoId, expiresAt } of late) found.push(`a lease on the packs of ${repoId === null ? 'all repositories' : `repository ${repoId}`} ends only at ${expiresAt.toISOString()}${done}`);
  const old = await database.run((queries) => queries.select({ id: packLease.id }).from(packLease).where(LEFT_OVER));
  if (old.length > 0) found.push(`${old.length} leases ended more than a day ago and were left behind${done}`);
  if (repair) {
    await database.run((queries) => queries.update(packLease).set({ expiresAt: sql`now() + interval '1 minute'` }).where(TOO_LATE));
    await database.run((queries) => queries.delete(packLease).where(LEFT_OVER));
  }
  return found;
}
