import { errorCode } from '../../shared/start-refused.js';
import type { DatabaseTarget } from './database-target.js';

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

/**
 * Says in one sentence why the database of `DATABASE_URL` cannot be opened; `undefined` for an error that is not about opening it.
 * Names host, port, database and user, never the password.
 */
export function connectionSentence(error: unknown, { options, shown }: DatabaseTarget): string | undefined {
  const code = errorCode(error) ?? '';
  const at = `at ${shown} (DATABASE_URL)`;
  const said = error instanceof Error ? error.message : code;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host ${options.host} of DATABASE_URL cannot be found. Correct its name.`;
    case 'ECONNREFUSED':
    case 'ENOENT':
      return `Nothing answers at ${shown} (DATABASE_URL). Start the database there, or correct the host or port.`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'CONNECT_TIMEOUT':
      return `The database ${at} cannot be reached (${code}). Check the host, the port and the firewall between.`;
    case '28P01':
    case '28000':
    case 'SASL_SIGNATURE_MISMATCH':
      return `The database ${at} does not let the user ${options.user} in: ${said}. Correct the user or the password.`;
    case '3D000':
      return `The server of DATABASE_URL has no database ${options.database}. Create it, owned by ${options.user}, or correct the name.`;
    case '42501':
      return `The user ${options.user} may not use the database ${at}: ${said}. Make it the owner of the database.`;
    case '53300':
      return `The database ${at} has no connection to spare: ${said}. Raise its max_connections or lower WEIR_DATABASE_POOL.`;
    case '57P03':
      return `The database ${at} is not ready: ${said}. Start again when it is, or wait longer with WEIR_DATABASE_WAIT.`;
    case 'CONNECTION_CLOSED':
    case 'CONNECTION_DESTROYED':
    case 'ECONNRESET':
    case 'EPIPE':
      return `What listens ${at} closes the connection: it may be no Postgres, or refuse encryption (sslmode). Correct the address.`;
    default:
      return tlsSentence(code, at);
  }
}

/** The codes of Node's TLS and of OpenSSL's certificate checks. */
function tlsSentence(code: string, at: string): string | undefined {
  const tls = /^ERR_(?:TLS|SSL)|CERT|SELF_SIGNED|UNABLE_TO_VERIFY|EPROTO/.test(code);
  return tls ? `The connection to the database ${at} cannot be encrypted (${code}). Correct the certificate, or sslmode in the address.` : undefined;
}
