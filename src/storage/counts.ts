import { eq, sql } from 'drizzle-orm';
import { logHead } from '../../drizzle/index.js';
import type { RepoCounts } from '../domain/quotas.js';
import type { Database } from './database.js';
import { COUNTS, lockHead } from './log.js';
import type { Queries } from './sending.js';

/** A count of a repository's log head that is not what its rows come to. */
export interface Miscount {
  readonly name: keyof RepoCounts;
  readonly told: number;
  readonly counted: number;
}

const STREAM = sql`${logHead.stream}`;

/** What each count stands for, as its rows say. */
const COUNTED: { readonly [Name in keyof RepoCounts]: ReturnType<typeof sql> } = {
  branches: sql`(select count(*) from branch where branch.repo_id = ${STREAM} and branch.deleted_at is null)`,
  checkpoints: sql`(select count(*) from checkpoint where checkpoint.repo_id = ${STREAM})`,
  openProposals: sql`(select count(*) from proposal where proposal.repo_id = ${STREAM} and proposal.state in ('OPEN', 'CHANGES_REQUESTED', 'APPROVED'))`,
  packBytes: sql`(select coalesce(sum(pack.bytes), 0) from pack where pack.repo_id = ${STREAM})`,
};

/** Compares the counts of a log head, on which quotas rest, with the rows that they are of: one statement, so of one instant. */
export async function miscounts(queries: Queries, repoId: number): Promise<Miscount[]> {
  const [row] = await queries
    .select({ told: COUNTS, counted: { branches: COUNTED.branches.mapWith(Number), checkpoints: COUNTED.checkpoints.mapWith(Number), openProposals: COUNTED.openProposals.mapWith(Number), packBytes: COUNTED.packBytes.mapWith(Number) } })
    .from(logHead)
    .where(eq(logHead.stream, repoId));
  if (row === undefined) return [];
  const { told, counted } = row;
  const names = ['branches', 'checkpoints', 'openProposals', 'packBytes'] as const;
  return names.filter((name) => told[name] !== counted[name]).map((name) => ({ name, told: told[name], counted: counted[name] }));
}

/** Counts anew, under the lock of the head: whoever writes meanwhile adds to that. Answers what was wrong. */
export async function recount(database: Database, repoId: number): Promise<readonly Miscount[]> {
  return database.transaction(async (queries) => {
    await lockHead(queries, repoId, null);
    const wrong = await miscounts(queries, repoId);
    if (wrong.length > 0) await queries.update(logHead).set(Object.fromEntries(wrong.map(({ name, counted }) => [name, counted]))).where(eq(logHead.stream, repoId));
    return wrong;
  });
}
