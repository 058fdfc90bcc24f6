import { connect } from 'node:net';
import { join } from 'node:path';
import type { DatabaseTarget } from './database-target.js';

/** What listens did not answer as Postgres does; the codes are those of the driver for the same failures. */
export class NotAnswering extends Error {
  override readonly name = 'NotAnswering';
  constructor(readonly code: 'CONNECTION_CLOSED' | 'CONNECT_TIMEOUT') {
    super(code);
  }
}

/** SSLRequest of the frontend/backend protocol (“Message Formats”): its length, 8, and its number, 80877103. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * Answers once the target speaks Postgres' protocol: asked for TLS, a server says yes or no in one byte, before any authentication.
 * The driver must not be let loose on anything else: where a peer closes the connection before its first message it connects again
 * at once, for ever, and cannot be stopped.
 * @throws NotAnswering, or a system error of the connection (`ECONNREFUSED`, `ENOTFOUND`, …).
 */
export function speaksPostgres({ options: { host, port } }: DatabaseTarget, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = host.startsWith('/') ? connect(join(host, `.s.PGSQL.${port}`)) : connect(port, host);
    const timer = setTimeout(() => finish(new NotAnswering('CONNECT_TIMEOUT')), timeoutMs);
    const finish = (failure?: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      if (failure === undefined) resolve();
      else reject(failure);
    };
    socket.once('connect', () => socket.write(SSL_REQUEST));
    // S: yes, N: no, E: an error such as too many connections, which the driver will meet and report.
    socket.once('data', (answer) => finish('SNE'.includes(answer.toString('latin1', 0, 1)) ? undefined : new NotAnswering('CONNECTION_CLOSED')));
    socket.once('error', finish);
    socket.once('close', () => finish(new NotAnswering('CONNECTION_CLOSED')));
  });
}
