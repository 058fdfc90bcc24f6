import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PostgresAddress } from '../../src/storage/postgres/database-target.js';

/** A way to a database on which no notification ever arrives: all else passes as it is, LISTEN and NOTIFY succeed. */
export interface DeafPostgres {
  /** For `DATABASE_URL`. */
  readonly url: string;
  /** Notifications that were kept back so far. */
  readonly dropped: number;
  close(): Promise<void>;
}

/** NotificationResponse, and the size of a message's type and length (PostgreSQL documentation, 53.7). */
const NOTIFICATION = 'A'.charCodeAt(0);
const HEAD_BYTES = 5;
/** SSLRequest and GSSENCRequest, which are answered by a single byte. */
const ASKS_FOR_ENCRYPTION: ReadonlySet<number> = new Set([80_877_103, 80_877_104]);

/** Opens one before a database behind a unix socket. */
export async function openDeafPostgres({ host, port, database, user }: PostgresAddress): Promise<DeafPostgres> {
  let dropped = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(join(host, `.s.PGSQL.${port}`));
    for (const [socket, other] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.pipe(upstream);
    let answersOfOneByte = 0;
    client.on('data', (chunk: Buffer) => {
      if (chunk.length === 8 && ASKS_FOR_ENCRYPTION.has(chunk.readInt32BE(4))) answersOfOneByte += 1;
    });
    const withoutNotifications = messageFilter((type) => {
      if (type !== NOTIFICATION) return true;
      dropped += 1;
      return false;
    });
    upstream.on('data', (chunk: Buffer) => {
      if (chunk.length === 1 && answersOfOneByte > 0) {
        answersOfOneByte -= 1;
        client.write(chunk);
      } else client.write(withoutNotifications(chunk));
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('the proxy has no port');
  return {
    url: `postgres://${user}@127.0.0.1:${address.port}/${database}?sslmode=disable`,
    get dropped() {
      return dropped;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => { server.close(resolve); });
      await nextTurn();
    },
  };
}

/** Splits what a server sends into messages, whatever the pieces in which they come, and leaves out those that `passes` does not want. */
function messageFilter(passes: (type: number) => boolean): (chunk: Buffer) => Buffer {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const passed: Buffer[] = [];
    while (rest.length >= HEAD_BYTES) {
      // The length counts itself and not the type before it.
      const size = 1 + rest.readUInt32BE(1);
      if (rest.length < size) break;
      const message = rest.subarray(0, size);
      rest = rest.subarray(size);
      if (passes(message[0] ?? 0)) passed.push(message);
    }
    return Buffer.concat(passed);
  };
}
