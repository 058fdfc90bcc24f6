import { and, eq, sql } from 'drizzle-orm';
import { idempotency } from '../../drizzle/index.js';
import type { IdempotencyClaim, IdempotentCall } from '../domain/ports/storage.js';
import type { Queries } from './sending.js';

/** How long a first outcome is remembered. */
const REMEMBERED = sql`interval '7 days'`;

const FORGOTTEN = sql`${idempotency.createdAt} <= now() - ${REMEMBERED}`;

function sameCall(call: IdempotentCall) {
  return and(eq(idempotency.keyId, call.keyId), eq(idempotency.idempotencyKey, call.idempotencyKey));
}

interface StoredClaim {
  readonly digest: string;
  readonly receipt: { readonly value: unknown } | null;
  readonly forgotten: boolean;
}

const COLUMNS = { digest: idempotency.digest, receipt: idempotency.receipt, forgotten: sql`${FORGOTTEN}`.mapWith(Boolean) };

/** A row without a receipt was left by a call that was refused after all; refusals are not kept. */
function verdict(call: IdempotentCall, row: StoredClaim | undefined): IdempotencyClaim {
  if (row === undefined || row.forgotten || row.receipt === null) return { status: 'NEW' };
  return row.digest === call.digest ? { status: 'REPLAY', receipt: row.receipt.value } : { status: 'MISMATCH' };
}

/** What is known of the call, without waiting for one in flight. */
export async function replay(queries: Queries, call: IdempotentCall): Promise<IdempotencyClaim> {
  const [row] = await queries.select(COLUMNS).from(idempotency).where(sameCall(call));
  return verdict(call, row);
}

/**
 * Claims the call for this transaction. A duplicate in flight holds the primary key, so the insert waits for its end: if it
 * committed, its outcome is read; if it rolled back, the call is ours. A row that counts no more is taken over.
 */
export async function claim(queries: Queries, call: IdempotentCall): Promise<IdempotencyClaim> {
  const inserted = await queries.insert(idempotency).values(call).onConflictDoNothing().returning({ keyId: idempotency.keyId });
  if (inserted.length > 0) return { status: 'NEW' };
  const [row] = await queries.select(COLUMNS).from(idempotency).where(sameCall(call)).for('update');
  const known = verdict(call, row);
  if (known.status === 'NEW') await queries.update(idempotency).set({ digest: call.digest, receipt: null, createdAt: sql`now()` }).where(sameCall(call));
  return known;
}

/** Stores the outcome beside the claim, in the same transaction; writes the row anew if it was swept away meanwhile. */
export async function settle(queries: Queries, call: IdempotentCall, receipt: unknown): Promise<void> {
  const outcome = { value: receipt };
  await queries
    .insert(idempotency)
    .values({ ...call, receipt: outcome })
    .onConflictDoUpdate({ target: [idempotency.keyId, idempotency.idempotencyKey], set: { digest: call.digest, receipt: outcome } });
}

/** Removes rows that count no more, `limit` at most. SKIP LOCKED: a row that a claim takes over is no reason to wait. */
export async function removeForgotten(queries: Queries, limit: number): Promise<void> {
  const old = sql`select ${idempotency.keyId}, ${idempotency.idempotencyKey} from ${idempotency} where ${FORGOTTEN} order by ${idempotency.createdAt} limit ${limit} for update skip locked`;
  await queries.delete(idempotency).where(sql`(${idempotency.keyId}, ${idempotency.idempotencyKey}) in (${old})`);
}
