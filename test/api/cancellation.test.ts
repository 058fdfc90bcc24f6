import { request as httpRequest } from 'node:http';
import type postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { clientFor } from '../support/postgres.js';
import { startGateway, type TestGateway } from '../support/gateway.js';

/** Long enough for a statement to be seen before its time is up, on a busy machine too. */
const TIMEOUT_MS = 700;

let gateway: TestGateway;
/** A client of the same database, on a connection of its own: it holds locks, and looks at what waits for them. */
let holder: postgres.Sql;
let watcher: postgres.Sql;

beforeAll(async () => {
  gateway = await startGateway({ settings: { WEIR_QUERY_TIMEOUT: `${TIMEOUT_MS}ms`, WEIR_MUTATION_TIMEOUT: `${TIMEOUT_MS}ms` } });
  await gateway.data('mutation { createRepo(input: { name: "slow", files: [{ path: "a", text: "a" }] }) { __typename } }');
  holder = clientFor(gateway.database.connection);
  watcher = clientFor(gateway.database.connection);
});
afterAll(async () => {
  await Promise.all([holder.end(), watcher.end()]);
  await gateway.close();
});

/** The statements of the gateway that wait for a lock. */
async function waiting(): Promise<string[]> {
  const rows = await watcher<{ query: string }[]>`select query from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and state = 'active'`;
  return rows.map(({ query }) => query);
}

/** Runs `work` while nobody else can write the table of branches, or not even read it; a statement of it waits there until it is cancelled. */
async function whileLocked<T>(mode: 'share' | 'access exclusive', work: () => Promise<T>): Promise<T> {
  const held = await holder.reserve();
  await held.unsafe(`begin; lock table branch in ${mode} mode`);
  try {
    return await work();
  } finally {
    await held.unsafe('rollback');
    held.release();
  }
}

async function isWaiting(count: number): Promise<void> {
  await vi.waitFor(async () => expect(await waiting()).toHaveLength(count), { timeout: 5_000, interval: 20 });
}

const BRANCHES = '{ repo(name: "slow") { branches(first: 5) { nodes { name } } } }';

describe('a statement whose request has ended', () => {
  it('is gone from the database when the time of its query is up', async () => {
    await whileLocked('access exclusive', async () => {
      const answer = gateway.gql(BRANCHES);
      await isWaiting(1);
      expect((await answer).errors?.[0]?.extensions.code).toBe('TIMEOUT');
      // The lock is still held: nothing but a cancellation ends the wait.
      await isWaiting(0);
    });
    expect((await gateway.data(BRANCHES)).repo.branches.nodes).toEqual([{ name: 'main' }]);
  });

  it('is gone when the time of its mutation is up, which then has no effect', async () => {
    const create = 'mutation { createBranch(input: { repo: "slow", name: "session/late" }) { __typename } }';
    await whileLocked('share', async () => {
      const answer = gateway.gql(create);
      await isWaiting(1);
      expect((await answer).errors?.[0]?.extensions.code).toBe('TIMEOUT');
      await isWaiting(0);
    });
    expect((await gateway.data(BRANCHES)).repo.branches.nodes).toEqual([{ name: 'main' }]);
    // The connection that was given up is replaced by the next transaction.
    expect((await gateway.data(create)).createBranch.__typename).toBe('CreateBranchSuccess');
  });

  it('is gone as soon as the client has left', async () => {
    const { url } = await gateway.listen();
    await whileLocked('access exclusive', async () => {
      // No time limit of its own would end this one.
      const asking = httpRequest(`${url}/archive/slow/-/main.zip`, { headers: { authorization: `Bearer ${gateway.adminKey}` } });
      asking.on('error', () => undefined);
      asking.end();
      await isWaiting(1);
      asking.destroy();
      await isWaiting(0);
      expect(await waiting()).toEqual([]);
    });
  });

  it('leaves the statements of others alone', async () => {
    const codes = await whileLocked('access exclusive', async () => {
      const state = { over: false };
      const late = Promise.all(Array.from({ length: 8 }, () => gateway.gql(BRANCHES))).finally(() => { state.over = true; });
      const others: (string | undefined)[] = [];
      while (!state.over) {
        const answers = await Promise.all(Array.from({ length: 10 }, () => gateway.gql('{ repos(first: 5) { nodes { name } } }')));
        others.push(...answers.map(({ errors }) => errors?.[0]?.extensions.code));
      }
      expect((await late).map(({ errors }) => errors?.[0]?.extensions.code)).toEqual(Array.from({ length: 8 }, () => 'TIMEOUT'));
      return others;
    });
    expect(codes.filter((code) => code !== undefined)).toEqual([]);
    expect(codes.length).toBeGreaterThan(10);
  });
});
