import { and, eq, sql } from 'drizzle-orm';
import { logHead, mirror, operation, repo } from '../../drizzle/index.js';
import type { MirrorRecord } from '../domain/mirror.js';
import type { MirrorLease, MirrorStore, NewMirror, TakenMirror } from '../domain/ports/mirrors.js';
import type { Database } from './database.js';
import { oneOfNumbers } from './filters.js';
import type { Queries } from './sending.js';

/** Sets the mirror of a repository, in the place of the one that it had: a push that is under way loses it. */
export async function setMirror(queries: Queries, { repoId, url, credentials, createdBy }: NewMirror): Promise<void> {
  const anew = { url, credentials, createdBy, wanted: sql`${mirror.wanted} + 1`, seq: 0, refsHash: null, suspended: false, attempts: 0, error: null, lastAttemptAt: null, lastPushedAt: null, nextAttemptAt: null, owner: null, ownedUntil: null, createdAt: sql`now()` };
  await queries.insert(mirror).values({ repoId, url, credentials, createdBy }).onConflictDoUpdate({ target: mirror.repoId, set: anew });
}

/** Removes the mirror of a repository with its credentials. false: it has none. */
export async function removeMirror(queries: Queries, repoId: number): Promise<boolean> {
  const rows = await queries.delete(mirror).where(eq(mirror.repoId, repoId)).returning({ repoId: mirror.repoId });
  return rows.length > 0;
}

/** Has everything pushed again, and now, even where it was suspended; a push that is under way is followed by another. false: there is no mirror. */
export async function pushMirror(queries: Queries, repoId: number): Promise<boolean> {
  const rows = await queries.update(mirror).set({ ...EVERYTHING, suspended: false }).where(eq(mirror.repoId, repoId)).returning({ repoId: mirror.repoId });
  return rows.length > 0;
}

/** The mirrors of repositories, of those that have one, in any order. */
export async function mirrorsOf(queries: Queries, repoIds: readonly number[]): Promise<MirrorRecord[]> {
  const rows = await queries
    .select({
      repoId: mirror.repoId, url: mirror.url, suspended: mirror.suspended, lastAttemptAt: mirror.lastAttemptAt, lastPushedAt: mirror.lastPushedAt, nextAttemptAt: mirror.nextAttemptAt, attempts: mirror.attempts, error: mirror.error,
      held: sql<boolean>`coalesce(${mirror.ownedUntil} >= now(), false)`,
      behind: sql<boolean>`${logHead.seq} > ${mirror.seq}`,
      pendingSince: operation.at,
    })
    .from(mirror)
    .innerJoin(logHead, eq(logHead.stream, mirror.repoId))
    .leftJoin(operation, and(eq(operation.stream, mirror.repoId), eq(operation.seq, sql`${mirror.seq} + 1`)))
    .where(oneOfNumbers(mirror.repoId, repoIds));
  return rows.map(({ held, behind, suspended, ...shown }) => ({ ...shown, state: suspended ? 'SUSPENDED' : held ? 'PUSHING' : shown.error !== null ? 'FAILED' : behind ? 'PENDING' : 'UP_TO_DATE' }));
}

/** What gateways that push mirrors do with their rows, each call a statement of its own. */
export class PostgresMirrors implements MirrorStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async take(leaseMs: number, count: number, except: readonly number[]): Promise<readonly TakenMirror[]> {
    // What was pushed last stays unknown where nobody lives to say how this push ended.
    // The head of the log is read with the row and before any reference: what comes later goes further than `reached`, and is pushed next.
    const due = sql`select m.repo_id, h.seq, encode(m.refs_hash, 'hex') as refs_hash from ${mirror} m join ${repo} r on r.id = m.repo_id and r.deleted_at is null join ${logHead} h on h.stream = m.repo_id
      where h.seq > m.seq and not m.suspended and (m.owner is null or m.owned_until < now()) and (m.next_attempt_at is null or m.next_attempt_at <= now()) and m.repo_id <> all(${sql.param(except)}::bigint[])
      order by m.last_attempt_at nulls first limit ${count} for no key update of m skip locked`;
    const rows = await this.#database.run((queries) =>
      queries.execute<{ repo_id: string; lease: string; url: string; credentials: Buffer | null; reached: string; wanted: string; refs_hash: string | null; attempts: number }>(sql`
        with due as (${due})
        update ${mirror} m set owner = gen_random_uuid()::text, owned_until = ${until(leaseMs)}, last_attempt_at = now(), refs_hash = null from due where m.repo_id = due.repo_id
        returning m.repo_id, m.owner as lease, m.url, m.credentials, due.seq as reached, m.wanted, due.refs_hash, m.attempts`),
    );
    return rows.map(({ repo_id: repoId, lease, url, credentials, reached, wanted, refs_hash: refsHash, attempts }) => ({ repoId: Number(repoId), lease, url, credentials, reached: Number(reached), wanted: Number(wanted), refsHash, attempts }));
  }

  keep(taken: MirrorLease, leaseMs: number): Promise<boolean> {
    return this.#change(taken, { ownedUntil: until(leaseMs) });
  }

  settle(taken: TakenMirror, { refsHash, pushed }: { readonly refsHash: string; readonly pushed: boolean }): Promise<boolean> {
    const isAll = isLastWish(taken);
    return this.#change(taken, {
      ...FREE,
      seq: sql`case when ${isAll} then ${taken.reached}::bigint else 0 end`,
      refsHash: sql`case when ${isAll} then decode(${refsHash}, 'hex') end`,
      attempts: 0, error: null, nextAttemptAt: null,
      ...(pushed ? { lastPushedAt: sql`now()` } : {}),
    });
  }

  fail(taken: TakenMirror, { error, retryMs }: { readonly error: string; readonly retryMs: number }): Promise<boolean> {
    return this.#change(taken, { ...FREE, error, attempts: sql`${mirror.attempts} + 1`, nextAttemptAt: sql`case when ${isLastWish(taken)} then ${until(retryMs)} end` });
  }

  release(taken: TakenMirror, retryMs: number): Promise<boolean> {
    return this.#change(taken, { ...FREE, nextAttemptAt: sql`case when ${isLastWish(taken)} then ${until(retryMs)} end` });
  }

  async again(repoId: number): Promise<void> {
    await this.#database.run((queries) => queries.update(mirror).set(EVERYTHING).where(eq(mirror.repoId, repoId)));
  }

  async #change({ repoId, lease }: MirrorLease, change: Parameters<ReturnType<Queries['update']>['set']>[0]): Promise<boolean> {
    const rows = await this.#database.run((queries) => queries.update(mirror).set(change).where(and(eq(mirror.repoId, repoId), eq(mirror.owner, lease))).returning({ repoId: mirror.repoId }));
    return rows.length > 0;
  }
}

/** Whether nobody has wished since it was taken that all be pushed at once. */
function isLastWish({ wanted }: TakenMirror) {
  return sql`${mirror.wanted} = ${wanted}`;
}

const FREE = { owner: null, ownedUntil: null };
/** What was pushed before does not count, and no pause either. */
const EVERYTHING = { wanted: sql`${mirror.wanted} + 1`, refsHash: null, seq: 0, nextAttemptAt: null };

function until(ms: number) {
  return sql`now() + ${ms} * interval '1 millisecond'`;
}
