import { errorCode } from '../../shared/start-refused.js';

/** SQLSTATEs and driver codes that speak of the connection, not of the statement. */
const TRANSIENT: ReadonlySet<string> = new Set([
  // admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections
  '57P01', '57P02', '57P03', '53300',
  'CONNECTION_CLOSED', 'CONNECTION_ENDED', 'CONNECTION_DESTROYED', 'CONNECT_TIMEOUT',
  // ENOENT: the socket of an embedded server that is being started again.
  'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'EAGAIN', 'ETIMEDOUT',
]);

/**
 * Whether the database could not be reached or ended the connection, so that the same work may succeed in a moment: it stops, starts,
 * recovers from a crash, or has no connection to spare. Whether a statement that was under way took effect is unknown.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  const code = errorCode(error);
  // Class 08 of SQLSTATE: connection exceptions.
  return code !== undefined && (TRANSIENT.has(code) || /^08[0-9A-Z]{3}$/.test(code));
}
