import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StorageUnavailable } from '../../src/domain/ports/errors.js';
import { ConnectionPool } from '../../src/storage/connection-pool.js';
import { openStorage, type PostgresStorage } from '../../src/storage/index.js';
import { collectGarbage } from '../support/collect-garbage.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let between: Server;
const through = new Set<Socket>();
let opened = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  const { host, port } = database.connection;
  between = createServer((client) => {
    const server = connect(`${host}/.s.PGSQL.${port}`);
    for (const [one, other] of [[client, server], [server, client]] as const) one.on('error', () => undefined).on('close', () => other.destroy()).pipe(other);
    through.add(client.on('close', () => through.delete(client)));
  }).listen(0, '127.0.0.1');
  await once(between, 'listening');
});
afterAll(async () => {
  cut();
  between.close();
  await database.drop();
});

function open(onclose: () => void): postgres.Sql {
  const address = between.address();
  if (address === null || typeof address === 'string') throw new TypeError('it does not listen');
  opened++;
  const { user, database: name } = database.connection;
  return postgres({ host: '127.0.0.1', port: address.port, user, database: name, pass: '', ssl: false, max: 1, fetch_types: false, onnotice: () => undefined, onclose });
}

/** Ends every connection. This process reads of it in the next turn of its event loop. */
function cut(): void {
  for (const socket of through) socket.destroy();
}

async function openIdle(): Promise<PostgresStorage> {
  const storage = openStorage({ database: { dedicated: (_purpose, onLost) => open(onLost) }, maxReads: 1, objectsDirectory: 'unused' });
  await storage.ping();
  return storage;
}

describe('a connection that ends', () => {
  // The driver keeps such a statement for the next connection, never greets the server there, and each statement waits 10 s in vain.
  it('while a statement is about to be written costs that statement one more try, and the next ones nothing', async () => {
    const storage = await openIdle();
    const before = opened;
    await nextTurn();
    cut();
    await nextTurn();
    await storage.ping();
    await storage.ping();
    await storage.graph(1);
    expect(opened - before).toBe(1);
    await storage.close();
  }, 8_000);

  it('while nobody uses it is not given out again', async () => {
    const storage = await openIdle();
    const before = opened;
    cut();
    await expect.poll(() => through.size).toBe(0);
    await nextTurn();
    await storage.ping();
    expect(opened - before).toBe(1);
    await storage.close();
  });
});

describe('connections', () => {
  it('are given out in the order of asking, and who waits no longer is passed over', async () => {
    const pool = new ConnectionPool(open, 1);
    const first = await pool.acquire(null);
    const gone = new AbortController();
    const told: string[] = [];
    const impatient = pool.acquire(gone.signal);
    // Handled from the start: it rejects before it is awaited.
    impatient.catch(() => undefined);
    const passOn = async (name: string): Promise<void> => {
      const connection = await pool.acquire(null);
      told.push(name);
      pool.release(connection);
    };
    const others = [passOn('second'), passOn('third')];
    gone.abort(new TypeError('gone'));
    await expect(impatient).rejects.toThrow('gone');
    expect(told).toEqual([]);
    pool.release(first);
    await Promise.all(others);
    expect(told).toEqual(['second', 'third']);
    await pool.close();
  });

  it('keep nothing of what they have answered', async () => {
    const pool = new ConnectionPool(open, 1);
    const connection = await pool.acquire(null);
    const answered = async (): Promise<WeakRef<unknown[]>> => new WeakRef(await connection.send('select 1 as one', [], false, null));
    const answers = await Promise.all([answered(), answered()]);
    await collectGarbage();
    expect(answers.map((answer) => answer.deref())).toEqual([undefined, undefined]);
    expect(connection.isLost).toBe(false);
    pool.release(connection);
    await pool.close();
  });

  it('are given to nobody once they are closed', async () => {
    const pool = new ConnectionPool(open, 1);
    await pool.close();
    await expect(pool.acquire(null)).rejects.toThrow(StorageUnavailable);
  });
});
