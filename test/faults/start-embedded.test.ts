import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PostgresAddress } from '../../src/storage/postgres/database-target.js';
import { type EmbeddedPostgresOptions, openEmbeddedPostgres } from '../../src/storage/postgres/embedded.js';
import { readServerRecord, serverProcesses } from '../../src/storage/postgres/processes.js';
import { compileSources } from '../support/compiled.js';
import { startHolder } from '../support/holder.js';
import { clientFor } from '../support/postgres.js';
import { type Sandbox, makeSandbox } from '../support/sandbox.js';

// Each case makes or starts clusters of its own: seconds of disk and CPU where others share the machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let prepared: Sandbox;
let src: string;
let box: Sandbox;

beforeAll(async () => {
  prepared = makeSandbox();
  src = compileSources(join(prepared.directory, 'compiled'));
  await (await openEmbeddedPostgres({ dataDir: prepared.data, systemDir: prepared.system })).release();
});
afterAll(() => prepared.remove());
beforeEach(() => {
  box = makeSandbox();
  // A copy of a cluster is there in a tenth of the time that making one takes; owners have to stay.
  execFileSync('cp', ['-a', prepared.data, box.data]);
});
afterEach(() => box.remove());

function options(): EmbeddedPostgresOptions {
  return { dataDir: box.data, systemDir: box.system };
}

function cluster(): string {
  return join(box.data, 'postgres', 'cluster');
}

function serverPid(): number {
  return readServerRecord(cluster())?.pid ?? 0;
}

/** Runs statements on a connection of their own and answers the last one's first row. */
async function query(address: PostgresAddress, ...statements: string[]): Promise<Record<string, unknown>> {
  const sql = clientFor(address, 1);
  try {
    let row: Record<string, unknown> = {};
    for (const statement of statements) row = (await sql.unsafe(statement))[0] ?? {};
    return row;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

/** Until the server works again, as every caller in the gateway would: by trying. */
async function queryEventually(address: PostgresAddress, statement: string): Promise<Record<string, unknown>> {
  for (const deadline = Date.now() + 20_000; ;) {
    try {
      return await query(address, statement);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

describe('the private Postgres', () => {
  test('keeps what was written over an orderly stop and a new start', async () => {
    rmSync(box.data, { recursive: true });
    const first = await openEmbeddedPostgres(options());
    await query(first.connection, 'create table kept (n int)', 'insert into kept values (42)');
    await first.release();
    expect(serverProcesses(cluster())).toEqual([]);
    expect(existsSync(join(box.data, 'postgres.host'))).toBe(false);
    const second = await openEmbeddedPostgres(options());
    expect(await query(second.connection, 'select n from kept')).toEqual({ n: 42 });
    await second.release();
  });

  test('syncs every commit, speaks UTF-8, sorts by code point, listens on no network and lets nobody else in', async () => {
    const server = await openEmbeddedPostgres(options());
    const row = await query(server.connection, `select current_setting('fsync') fsync, current_setting('synchronous_commit') commit, current_setting('full_page_writes') pages,
      current_setting('listen_addresses') listen, current_setting('server_encoding') encoding, current_setting('data_checksums') checksums,
      (select datcollate from pg_database where datname = current_database()) as collation, 'a' < 'B' as folded`);
    expect(row).toEqual({ fsync: 'on', commit: 'on', pages: 'on', listen: '', encoding: 'UTF8', checksums: 'on', collation: 'C', folded: false });
    for (const directory of [server.connection.host, cluster(), join(box.data, 'postgres')]) expect(statSync(directory).mode & 0o777).toBe(0o700);
    await server.release();
  });

  test('has a session of its own, so that Ctrl-C in a terminal reaches the gateway only', async () => {
    const server = await openEmbeddedPostgres(options());
    const stat = readFileSync(`/proc/${serverPid()}/stat`, 'utf8');
    // After the name: state, parent, process group, session.
    expect(stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(2, 4).map(Number)).toEqual([serverPid(), serverPid()]);
    await server.release();
  });

  test('is shared by a second opener and stopped by the last one out, in whatever order they leave', async () => {
    const first = await openEmbeddedPostgres(options());
    const pid = serverPid();
    const other = await startHolder(src, options());
    expect(serverPid()).toBe(pid);
    await first.release();
    expect(await query(other.connection, 'select 1 as up')).toEqual({ up: 1 });
    const third = await openEmbeddedPostgres(options());
    await other.release();
    expect(await query(third.connection, 'select 1 as up')).toEqual({ up: 1 });
    expect(serverPid()).toBe(pid);
    await Promise.all([third.release(), third.release()]);
    expect(serverProcesses(cluster())).toEqual([]);
  });

  test('is started once by many that come at the same moment to an empty directory', async () => {
    rmSync(box.data, { recursive: true });
    const servers = await Promise.all([
      ...Array.from({ length: 6 }, () => openEmbeddedPostgres(options())),
      ...Array.from({ length: 2 }, () => startHolder(src, options())),
    ]);
    const starts = await Promise.all(servers.map((server) => query(server.connection, 'select pg_postmaster_start_time()::text as at')));
    expect(new Set(starts.map(({ at }) => at)).size).toBe(1);
    await Promise.all(servers.map((server) => server.release()));
    expect(serverProcesses(cluster())).toEqual([]);
    expect(readFileSync(join(box.data, 'postgres.log'), 'utf8')).not.toContain('FATAL:  lock file');
  });

  test('survives openers and leavers that overlap at random', async () => {
    const anchor = await openEmbeddedPostgres(options());
    await query(anchor.connection, 'create table visits (n int)');
    await anchor.release();
    const visit = async (n: number): Promise<void> => {
      const server = await openEmbeddedPostgres(options());
      await query(server.connection, `insert into visits values (${n})`);
      await server.release();
    };
    await Promise.all(Array.from({ length: 4 }, async (_, worker) => {
      for (let round = 0; round < 4; round += 1) await visit(worker * 4 + round);
    }));
    expect(serverProcesses(cluster())).toEqual([]);
    const last = await openEmbeddedPostgres(options());
    expect(await query(last.connection, 'select count(distinct n)::int as n from visits')).toEqual({ n: 16 });
    await last.release();
  });

  test('is adopted when the gateway that started it was killed', async () => {
    const killed = await startHolder(src, options());
    const pid = serverPid();
    await killed.kill();
    expect(serverProcesses(cluster())).toContain(pid);
    const next = await openEmbeddedPostgres(options());
    expect(serverPid()).toBe(pid);
    await next.release();
    expect(serverProcesses(cluster())).toEqual([]);
  });

  test('comes back by itself, with every committed row, when it is killed under a living gateway', async () => {
    const server = await openEmbeddedPostgres(options());
    await query(server.connection, 'create table kept (n int)');
    for (let round = 1; round <= 3; round += 1) {
      await query(server.connection, `insert into kept values (${round})`);
      const pid = serverPid();
      process.kill(pid, 'SIGKILL');
      expect(await queryEventually(server.connection, 'select count(*)::int as n from kept')).toEqual({ n: round });
      expect(serverPid()).not.toBe(pid);
    }
    await server.release();
    expect(serverProcesses(cluster())).toEqual([]);
  });

  test('starts again after gateway and server were killed together', async () => {
    const killed = await startHolder(src, options());
    await query(killed.connection, 'create table kept (n int)', 'insert into kept values (7)');
    const pid = serverPid();
    await killed.kill();
    process.kill(pid, 'SIGKILL');
    const next = await openEmbeddedPostgres(options());
    expect(await query(next.connection, 'select n from kept')).toEqual({ n: 7 });
    await next.release();
  });

  test('can be released after it was killed', async () => {
    const server = await openEmbeddedPostgres(options());
    process.kill(serverPid(), 'SIGKILL');
    await server.release();
    // Its workers notice the death of their parent and end by themselves, a moment later.
    await expect.poll(() => serverProcesses(cluster()), { timeout: 20_000 }).toEqual([]);
  });

  test('is not replaced by an empty one when its directory is deleted under a living gateway', async () => {
    const reports: string[] = [];
    let resolve: () => void;
    const refused = new Promise<void>((settle) => { resolve = settle; });
    const server = await openEmbeddedPostgres({
      ...options(),
      report: (sentence) => {
        reports.push(sentence);
        if (sentence.includes('was removed while it was in use')) resolve();
      },
    });
    const pid = serverPid();
    rmSync(cluster(), { recursive: true, force: true });
    process.kill(pid, 'SIGKILL');
    await refused;
    await server.release();
    expect(existsSync(cluster())).toBe(false);
    expect(reports.filter((sentence) => sentence.endsWith('was started.'))).toHaveLength(1);
  });

  test('is not kept from starting by a process that was given the id of a killed server', async () => {
    const killed = await startHolder(src, options());
    const pid = serverPid();
    await killed.kill();
    process.kill(pid, 'SIGKILL');
    // Any living process of the same account stands for the one that got the id; the server refuses such a file on its own.
    const stranger = await startHolder(src, { ...options(), dataDir: join(box.directory, 'other') });
    const strangerPid = readServerRecord(join(box.directory, 'other', 'postgres', 'cluster'))?.pid ?? 0;
    const record = join(cluster(), 'postmaster.pid');
    writeFileSync(record, readFileSync(record, 'utf8').replace(/^\d+/, String(strangerPid)));
    const next = await openEmbeddedPostgres(options());
    expect(await query(next.connection, 'select 1 as up')).toEqual({ up: 1 });
    await next.release();
    expect(serverProcesses(join(box.directory, 'other', 'postgres', 'cluster'))).toContain(strangerPid);
    await stranger.release();
  });

  test('is refused while a machine elsewhere holds it, and taken over where this machine only booted again', async () => {
    const record = join(box.data, 'postgres.host');
    writeFileSync(record, JSON.stringify({ host: 'elsewhere', boot: 'another boot', processes: 'pid:[1]' }));
    await expect(openEmbeddedPostgres(options())).rejects.toThrow(`The database is in use on the machine elsewhere (says ${record}). Stop Weir there first; if that machine is gone for good, delete that file and start again.`);
    writeFileSync(record, JSON.stringify({ host: hostname(), boot: 'before the power cut', processes: 'pid:[1]' }));
    await (await openEmbeddedPostgres(options())).release();
    expect(existsSync(record)).toBe(false);
  });

  test('is refused when another major version of Postgres made the cluster', async () => {
    writeFileSync(join(cluster(), 'PG_VERSION'), '17\n');
    await expect(openEmbeddedPostgres(options())).rejects.toThrow(/was made by Postgres 17 and this release of Weir carries Postgres 18\./);
  });

  test('says what the server complained about when it does not start', async () => {
    const bad = { ...options(), settings: { shared_buffers: 'plenty' } };
    await expect(openEmbeddedPostgres(bad)).rejects.toThrow(/does not start: invalid value for parameter "shared_buffers": "plenty"\. The whole story is in .*postgres\.log\./);
    await (await openEmbeddedPostgres(options())).release();
  });
});
