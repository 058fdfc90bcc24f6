import postgres from 'postgres';
import { errorCode } from '../../shared/start-refused.js';
import { ADVISORY_LOCKS } from './locks.js';
import { SOCKET_PORT } from './place.js';
import { SERVER_ROLE } from './server.js';

/** The database of an embedded server that holds Weir's tables; leases are taken in the maintenance database beside it. */
export const SERVER_DATABASE = 'weir';
const MAINTENANCE_DATABASE = 'postgres';

/** A share in a running server, held by an open connection: it ends with the process that holds it, however that ends. */
export interface Lease {
  /** Gives up the share and answers whether nobody else holds one. From then on new shares have to wait until {@link close}. */
  surrender(): Promise<boolean>;
  /** Closes the connection. Never fails. */
  close(): Promise<void>;
}

/**
 * Takes a share in the server behind `sockets` and creates Weir's database where missing. `onLost` is called at most once, when the
 * connection ends before {@link Lease.close}: the server was stopped or killed.
 * @throws a database error when the server cannot be reached, stops meanwhile or does not answer for 10 s.
 */
export async function takeLease(sockets: string, onLost: () => void): Promise<Lease> {
  const [classId, number] = ADVISORY_LOCKS.serverLease;
  let state: 'taking' | 'held' | 'over' = 'taking';
  const sql = postgres({
    host: sockets, port: SOCKET_PORT, database: MAINTENANCE_DATABASE, user: SERVER_ROLE, pass: '', ssl: false,
    // The driver closes connections after 30 to 60 minutes unless told otherwise, and the share with them.
    max: 1, max_lifetime: null, idle_timeout: 0, connect_timeout: 10, fetch_types: false, keep_alive: null,
    connection: { application_name: 'weir lease' },
    onnotice: () => undefined,
    onclose: () => {
      if (state !== 'held') return;
      state = 'over';
      onLost();
    },
  });
  const close = async (): Promise<void> => {
    state = 'over';
    await sql.end({ timeout: 0 }).catch(() => undefined);
  };
  try {
    await sql`select pg_advisory_lock_shared(${classId}, ${number})`;
    await createDatabase(sql);
    state = 'held';
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    async surrender() {
      state = 'over';
      await sql`select pg_advisory_unlock_shared(${classId}, ${number})`;
      const [row] = await sql<{ last: boolean }[]>`select pg_try_advisory_lock(${classId}, ${number}) as last`;
      return row?.last === true;
    },
  };
}

async function createDatabase(sql: postgres.Sql): Promise<void> {
  const found = await sql`select from pg_database where datname = ${SERVER_DATABASE}`;
  if (found.length > 0) return;
  try {
    await sql`create database ${sql(SERVER_DATABASE)}`;
  } catch (error) {
    // Another holder was first: duplicate_database, or unique_violation where both were at it together.
    const code = errorCode(error);
    if (code !== '42P04' && code !== '23505') throw error;
  }
}
