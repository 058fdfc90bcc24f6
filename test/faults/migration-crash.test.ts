import { execFileSync, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fillDatabase } from '../../src/storage/backup/load-database.js';
import { ADVISORY_LOCKS } from '../../src/storage/postgres/locks.js';
import { drawsOfTheRun } from '../support/draws.js';
import { openProcessRoom, type GatewayProcess, type ProcessRoom } from '../support/gateway-process.js';
import { clientFor, createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { layRecording, readRecording } from '../upgrade/recording.js';
import { factsOf, REPO } from '../upgrade/story.js';

/** The oldest schema, so that every migration is still to come. */
const OLDEST = readRecording('0001');
/** Tables that an early migration changes, and a late one. */
const CHANGED = ['proposal', 'api_key'];
const ALL = readdirSync(new URL('../../drizzle/migrations/', import.meta.url)).filter((name) => name.endsWith('.sql')).length;
const KILLS = 4;
/** All migrations of the little that was recorded take about as long. */
const MIGRATING_MS = 400;

const random = drawsOfTheRun();
let database: TestDatabase;
let room: ProcessRoom;
/** The connection that locks, and the one that looks: within a transaction the activity of others stands still. */
let locking: postgres.Sql;
let looking: postgres.Sql;
let last: GatewayProcess | undefined;

beforeEach(async () => {
  database = await createTestDatabase({ empty: true });
  room = openProcessRoom({ execArgv: ['--no-opt'], settings: { DATABASE_URL: database.url } });
  locking = clientFor(database.connection, 1);
  looking = clientFor(database.connection, 1);
  await layRecording(OLDEST, { shown: 'the recording', dedicated: () => clientFor(database.connection, 1) }, room.sandbox.data, fillDatabase);
});
afterEach(async () => {
  await last?.kill();
  last = undefined;
  for (const sql of [locking, looking]) await sql.end({ timeout: 1 });
  await room.close();
  await database.drop();
});

/** A gateway that is to be killed while it starts. */
async function launch(): Promise<{ readonly child: ChildProcess; readonly started: Promise<GatewayProcess> }> {
  return new Promise((resolve, reject) => {
    const started = room.start({}, (child) => resolve({ child, started }));
    started.catch(reject);
  });
}

/** How many sessions that migrate wait for a lock. */
async function waiting(): Promise<number> {
  const rows = await looking`select 1 from pg_stat_activity where datname = current_database() and application_name = 'weir migration' and wait_event_type = 'Lock'`;
  return rows.length;
}

async function migrating(): Promise<number> {
  const rows = await looking`select 1 from pg_stat_activity where datname = current_database() and application_name = 'weir migration'`;
  return rows.length;
}

async function migrations(): Promise<number> {
  const rows = await looking`select 1 from drizzle.__drizzle_migrations`;
  return rows.length;
}

async function killed({ child, started }: Awaited<ReturnType<typeof launch>>): Promise<void> {
  child.kill('SIGKILL');
  await expect(started).rejects.toThrow('the gateway ended with null');
}

/** The next start brings the schema up to date, and has everything as it was told, sound. */
async function expectHealed(): Promise<void> {
  last = await room.start();
  const gateway = last;
  expect(await factsOf((query, variables) => gateway.ask(query, variables))).toEqual(OLDEST.facts);
  expect(await room.run('doctor')).toMatchObject({ code: 0 });
  const bare = join(room.sandbox.directory, 'healed.git');
  expect(await room.run('export', REPO, bare)).toMatchObject({ code: 0 });
  expect(execFileSync('git', ['-C', bare, 'fsck', '--full', '--strict', '--no-dangling', '--no-progress'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })).toBe('');
}

describe('a gateway that is killed within its migrations', () => {
  it('leaves the schema as it was, wherever it has come to, and the next one goes on', async () => {
    const before = await migrations();
    for (const table of CHANGED) {
      await locking.unsafe(`begin; lock table ${table} in access share mode`);
      const dying = await launch();
      await expect.poll(waiting, { timeout: 20_000, interval: 5 }).toBe(1);
      await killed(dying);
      await locking.unsafe('rollback');
      // The server notices that its client is gone when it next speaks to it.
      await expect.poll(waiting, { timeout: 20_000, interval: 5 }).toBe(0);
      expect(await migrations()).toBe(before);
    }
    await expectHealed();
  }, 120_000);

  it('while it waits for another, is not missed', async () => {
    const [classId, number] = ADVISORY_LOCKS.migration;
    await locking`select pg_advisory_lock(${classId}, ${number})`;
    const dying = await launch();
    await expect.poll(waiting, { timeout: 20_000, interval: 5 }).toBe(1);
    await killed(dying);
    await locking`select pg_advisory_unlock(${classId}, ${number})`;
    await expectHealed();
  }, 60_000);

  it('leaves its place to the one that waits behind it', async () => {
    await locking.unsafe('begin; lock table api_key in access share mode');
    const dying = await launch();
    await expect.poll(waiting, { timeout: 20_000, interval: 5 }).toBe(1);
    const behind = await launch();
    await expect.poll(waiting, { timeout: 20_000, interval: 5 }).toBe(2);
    await killed(dying);
    await locking.unsafe('rollback');
    const heir = await behind.started;
    await heir.kill();
    await expectHealed();
  }, 60_000);

  it(`at any time, leaves all of it or nothing: ${KILLS} times`, async () => {
    const before = await migrations();
    for (let kills = 0; kills < KILLS; kills++) {
      const dying = await launch();
      dying.started.catch(() => undefined);
      await expect.poll(migrating, { timeout: 20_000, interval: 5 }).toBeGreaterThan(0);
      await sleep(random(MIGRATING_MS));
      dying.child.kill('SIGKILL');
      await dying.started.catch(() => undefined);
      const now = await migrations();
      expect([before, ALL]).toContain(now);
      // There is nothing left to interrupt.
      if (now === ALL) break;
    }
    await expectHealed();
  }, 120_000);
});
