import { drizzle, type PgRemoteDatabase } from 'drizzle-orm/pg-proxy';
import type { ParameterOrJSON, Sql } from 'postgres';

/** What statements are run on: the pool, or one transaction. */
export type Queries = PgRemoteDatabase;

/** Sends one statement and answers its rows, as arrays or as objects. */
export type Send = (statement: string, parameters: readonly unknown[], asArrays: boolean) => Promise<unknown[]>;

/** Types whose values Drizzle writes and reads itself: json, jsonb, timestamptz. */
const DRIZZLES_OWN = [114, 3802, 1184];

/**
 * Statements of a client as {@link Send}. They are prepared, which saves one of two round trips each time but the first; their
 * texts do not depend on values, so there are about a hundred of them. Replaces the client's treatment of JSON and times.
 */
export function sendOver(sql: Sql): Send {
  for (const type of DRIZZLES_OWN) {
    sql.options.serializers[type] = (value: unknown) => value;
    sql.options.parsers[type] = (value: unknown) => value;
  }
  return async (statement, parameters, asArrays) => {
    const query = sql.unsafe(statement, parameters.map(toParameter), { prepare: true });
    return asArrays ? query.values() : query;
  };
}

/** Drizzle has turned every value into one that the driver takes; anything else is a mistake in a statement of ours. */
function toParameter(value: unknown): ParameterOrJSON<never> {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Buffer.isBuffer(value) || Array.isArray(value)) return value;
  throw new TypeError(`a statement was given a ${typeof value} as a parameter`);
}

/** Typed queries over `send`. */
export function queriesOver(send: Send): Queries {
  return drizzle(async (statement, parameters, method) => ({ rows: await send(statement, parameters, method === 'all') }));
}
