import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Sql } from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sql } from 'drizzle-orm';
import { Connection } from '../../src/storage/connection-pool.js';
import { connectDatabase, type Database } from '../../src/storage/postgres/connect.js';
import { isDatabaseUnavailable } from '../../src/storage/postgres/database-errors.js';
import { queriesOver, sendOver } from '../../src/storage/sending.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

/** ReadyForQuery, idle: how a server ends its greeting (PostgreSQL documentation, 53.7). */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

let test: TestDatabase;
let database: Database;
const sockets = new Set<Socket>();
/** Whether the server goes away as soon as it has greeted. */
let dying = false;
/** What clients have sent. */
let sent = '';

const between = createServer((client) => {
  const { host, port } = test.connection;
  const server = connect(join(host, `.s.PGSQL.${port}`));
  for (const [one, other] of [[client, server], [server, client]] as const) {
    sockets.add(one);
    one.on('error', () => undefined).on('close', () => other.destroy());
  }
  client.on('data', (chunk: Buffer) => {
    sent += chunk.toString('latin1');
    server.write(chunk);
  });
  server.on('data', (chunk: Buffer) => {
    client.write(chunk);
    if (dying && chunk.subarray(-READY.length).equals(READY)) client.destroy();
  });
});

beforeAll(async () => {
  test = await createTestDatabase({ empty: true });
  between.listen(0, '127.0.0.1');
  await once(between, 'listening');
  const address = between.address();
  if (address === null || typeof address === 'string') throw new TypeError('it does not listen');
  const { user, database: name } = test.connection;
  database = await connectDatabase({ databaseUrl: `postgres://${user}@127.0.0.1:${address.port}/${name}?sslmode=disable`, dataDir: 'unused', systemDir: 'unused', databasePool: 1, databaseWaitMs: 0 });
});
beforeEach(() => {
  sent = '';
  dying = false;
});
afterAll(async () => {
  await database.close();
  for (const socket of sockets) socket.destroy();
  between.close();
  await test.drop();
});

/** Clients that have asked something and were ended, for whoever still holds them. */
async function endedClients(count: number): Promise<WeakRef<Sql>[]> {
  return Promise.all(Array.from({ length: count }, async () => {
    const client = database.dedicated('test');
    await client.unsafe('select 1');
    await client.end({ timeout: 0 });
    return new WeakRef(client);
  }));
}

describe('a new connection', () => {
  it('is asked nothing but what it was opened for', async () => {
    const client = database.dedicated('test');
    await client.unsafe('select 1 as asked');
    await client.end();
    expect(sent).toContain('select 1 as asked');
    expect(sent).not.toContain('pg_type');
  });

  // What nobody handles ends the process.
  it('that the server greets and then loses costs its statement alone, and nothing rejects that nobody handles', async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    try {
      dying = true;
      for (let round = 0; round < 20; round++) {
        const client = database.dedicated('test');
        const failure: unknown = await client.unsafe('select 1').then(() => null, (error: unknown) => error);
        expect(isDatabaseUnavailable(failure)).toBe(true);
        await client.end({ timeout: 0 });
        await nextTurn();
      }
    } finally {
      process.off('unhandledRejection', note);
    }
    expect(unhandled).toEqual([]);
  });
});

describe('a statement', () => {
  it('is planned once, whichever connection it is sent on', async () => {
    const reads = database.dedicated('reads');
    for (const client of [database.sql, reads]) {
      await client.begin(async (tx) => {
        for (let n = 0; n < 8; n++) await tx`select count(*) from pg_class where relname = ${'pg_class'}`;
        expect(await tx`select statement from pg_prepared_statements where custom_plans > 0`).toEqual([]);
      });
    }
    await reads.end();
  });
});

describe('a client that was ended', () => {
  it('is not kept', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const ended = await endedClients(20);
    const kept = (): number => ended.filter((client) => client.deref() !== undefined).length;
    for (let turns = 0; turns < 100 && kept() > 0; turns++) {
      await nextTurn();
      collect();
    }
    // Timers of the driver hold the last ones a while longer.
    expect(kept()).toBeLessThan(10);
  });
});

describe('a statement that fails behind some of its rows', () => {
  const FAILING = 'select 1 / (5 - n) as quotient from generate_series(1, 10) as n';

  it('leaves none of them to the next one', async () => {
    const connection = new Connection((onLost) => database.dedicated('test', onLost));
    await expect(connection.send(FAILING, [], true, null)).rejects.toThrow('division by zero');
    expect(await connection.send('select n from generate_series(1, 3) as n', [], true, null)).toEqual([[1], [2], [3]]);
    await expect(connection.send(FAILING, [], false, null)).rejects.toThrow('division by zero');
    expect(await connection.send('select 7 as n', [], false, null)).toEqual([{ n: 7 }]);
    await connection.end(0);
  });

  it('ends a connection that was lent', async () => {
    const connection = new Connection((onLost) => database.dedicated('test', onLost));
    await expect(connection.lend((client) => client.unsafe(FAILING))).rejects.toThrow('division by zero');
    expect(connection.isLost).toBe(true);
    await connection.end(0);
  });
});

describe('an array', () => {
  it.each([
    ['text', ['a', '', 'a "b", \\c {d}', 'NULL', 'ä\n']],
    ['bigint', [1, -2, Number.MAX_SAFE_INTEGER]],
    ['boolean', [true, false]],
    ['text', [null, 'null']],
    ['text', []],
  ])('of %s arrives as it is: %j', async (type, values) => {
    const client = database.dedicated('test');
    const queries = queriesOver(sendOver(client));
    const rows = await queries.execute(sql`select to_jsonb(${sql.param(values)}::${sql.raw(type)}[]) as members`);
    await client.end();
    expect(JSON.parse(String(rows[0]?.['members']))).toEqual(values);
  });
});
