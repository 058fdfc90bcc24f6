import { asc } from 'drizzle-orm';
import { declinedChange } from '../../drizzle/index.js';
import type { LeftOver } from '../domain/accept-part.js';
import type { DeclinedRecord } from '../domain/proposal.js';
import { oneOfNumbers } from './filters.js';
import type { Queries } from './sending.js';

/** Rows that one statement inserts; a statement takes 65,535 parameters at most. */
const CHUNK = 5000;

/** Records what was declined of a proposal, in the order given. */
export async function insertDeclined(queries: Queries, proposalId: number, declined: readonly LeftOver[], reason: string | null): Promise<void> {
  const rows = declined.map(({ path, hunks }, position) => ({ proposalId, position, path, hunks, reason }));
  for (let start = 0; start < rows.length; start += CHUNK) await queries.insert(declinedChange).values(rows.slice(start, start + CHUNK));
}

/** What was declined of each proposal of which anything was. */
export async function declinedOf(queries: Queries, proposalIds: readonly number[]): Promise<{ readonly proposalId: number; readonly rows: readonly DeclinedRecord[] }[]> {
  const { proposalId, path, hunks, reason } = declinedChange;
  const rows = await queries
    .select({ proposalId, path, hunks, reason })
    .from(declinedChange)
    .where(oneOfNumbers(proposalId, proposalIds))
    .orderBy(asc(proposalId), asc(declinedChange.position));
  const found = new Map<number, DeclinedRecord[]>();
  for (const row of rows) {
    const alike = found.get(row.proposalId);
    if (alike === undefined) found.set(row.proposalId, [row]);
    else alike.push(row);
  }
  return [...found].map(([id, declined]) => ({ proposalId: id, rows: declined }));
}
