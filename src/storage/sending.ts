import { drizzle, type PgRemoteDatabase } from 'drizzle-orm/pg-proxy';
import type { ParameterOrJSON, Sql } from 'postgres';

/** What statements are run on: the pool, or one transaction. */
export type Queries = PgRemoteDatabase;

/**
 * Sends one statement and answers its rows, as arrays or as objects. With a signal: rejects with its reason when it is aborted, before
 * anything is sent or, once the server was asked to cancel the statement, when that has ended.
 */
export type Send = (statement: string, parameters: readonly unknown[], asArrays: boolean, signal?: AbortSignal | null) => Promise<unknown[]>;

/** Types whose values Drizzle writes and reads itself: json, jsonb, timestamptz. */
const DRIZZLES_OWN = [114, 3802, 1184];

/**
 * Prepared, and alone on its connection: `onexecute` answers whether another may be sent behind it at once, which the driver's types do
 * not know. One that waits behind another cannot be cancelled, the driver would take its answer for that of the next; and it waits for a slow one
 * while other connections come free.
 */
const ALONE = { prepare: true, onexecute: (): boolean => false };

/**
 * Statements of a client as {@link Send}. They are prepared, which saves one of two round trips each time but the first; their
 * texts do not depend on values, so there are about a hundred of them. Replaces the client's treatment of JSON, times and arrays; those in answers stay text.
 */
export function sendOver(sql: Sql): Send {
  for (const type of DRIZZLES_OWN) {
    sql.options.serializers[type] = (value: unknown) => value;
    sql.options.parsers[type] = (value: unknown) => value;
  }
  return async (statement, parameters, asArrays, signal = null) => {
    signal?.throwIfAborted();
    const query = sql.unsafe(statement, parameters.map(toParameter), ALONE);
    const rows: unknown[] = [];
    // Rows that the driver gathers itself it counts on from those of a statement that failed behind some, as one that was cancelled does: holes for rows.
    const sent = (asArrays ? query.values() : query).forEach((row) => void rows.push(row));
    await (signal === null ? sent : until(signal, query, sent));
    return rows;
  };
}

/**
 * The server is asked on a connection of its own (PostgreSQL, Frontend/Backend Protocol, Canceling Requests in Progress), which names the
 * connection and not the statement: one that ends at that moment leaves the request to whatever comes next on its connection.
 */
async function until(signal: AbortSignal, query: { cancel(): void }, sent: PromiseLike<unknown>): Promise<void> {
  const cancel = (): void => {
    // The driver answers a promise that its types do not know. Where the server cannot be asked, the statement ends by itself.
    const asked: unknown = query.cancel();
    if (asked instanceof Promise) asked.catch(() => undefined);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    await sent;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Drizzle has turned every value into one that the driver takes; anything else is a mistake in a statement of ours. */
function toParameter(value: unknown): ParameterOrJSON<never> {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Buffer.isBuffer(value)) return value;
  if (Array.isArray(value)) return arrayLiteral(value);
  throw new TypeError(`a statement was given a ${typeof value} as a parameter`);
}

/** As the server reads it (PostgreSQL, Array Input and Output Syntax), since the driver is not told of array types. */
function arrayLiteral(values: readonly unknown[]): string {
  return `{${values.map(toMember).join(',')}}`;
}

function toMember(value: unknown): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `"${value.replaceAll(/["\\]/gu, String.raw`\$&`)}"`;
  throw new TypeError(`a statement was given an array with a ${typeof value} as a parameter`);
}

/** Typed queries over `send`. */
export function queriesOver(send: Send): Queries {
  return drizzle(async (statement, parameters, method) => ({ rows: await send(statement, parameters, method === 'all') }));
}
