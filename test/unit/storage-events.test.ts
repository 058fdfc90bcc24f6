import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventPayload } from '../../src/domain/operation.js';
import type { EventCursor, LoggedEvent } from '../../src/domain/ports/event-log.js';
import type { PostgresStorage } from '../../src/storage/index.js';
import { expectRow, gate, makeRepo, newOperation, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let fixture: StorageFixture;
beforeAll(async () => {
  fixture = await openStorageFixture();
});
afterAll(() => fixture.close());

function updated(repoName: string, reason = ''): EventPayload {
  return { kind: 'REPO_UPDATED', repoName, reason };
}

/** Where the stream of events ends now, everything committed being placed. */
async function end(storage: PostgresStorage): Promise<EventCursor> {
  await storage.events.place();
  return { position: await storage.events.latest(), index: Number.MAX_SAFE_INTEGER };
}

async function allAfter(storage: PostgresStorage, cursor: EventCursor, limit: number): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  let at = cursor;
  for (;;) {
    const next = await storage.events.after(at, limit);
    const last = next.at(-1);
    if (last === undefined) return events;
    events.push(...next);
    at = last.cursor;
  }
}

describe('the order of events', () => {
  it('has no event before it is placed, and then every one with its index', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'events/indexes');
    const start = await end(storage);
    await storage.transaction((tx) => tx.append(newOperation(repo.id, { actor: 'bob', runId: 'run-1', events: [updated('a'), updated('b'), updated('c')] })));
    expect(await storage.events.after(start, 10)).toEqual([]);
    expect(await storage.events.place()).toBe(1);
    const events = await storage.events.after(start, 10);
    expect(events.map(({ cursor, payload }) => [cursor.position, cursor.index, payload.repoName])).toEqual([0, 1, 2].map((index) => [start.position + 1, index, 'abc'[index]]));
    expect(events[0]).toMatchObject({ stream: repo.id, seq: 2, actor: 'bob', keyId: 'key000000001', runId: 'run-1' });
    expect((await storage.events.after({ position: start.position + 1, index: 0 }, 10)).map(({ payload }) => payload.repoName)).toEqual(['b', 'c']);
    expect(await storage.events.after({ position: start.position + 1, index: 2 }, 10)).toEqual([]);
  });

  it('gives no position to operations without events', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'events/silent');
    const start = await end(storage);
    for (const events of [[], [updated('x')], []]) await storage.transaction((tx) => tx.append(newOperation(repo.id, { events })));
    expect(await storage.events.place()).toBe(1);
    expect(await storage.events.latest()).toBe(start.position + 1);
    expect(await storage.events.place()).toBe(0);
  });

  it('loses nothing when a transaction that began first commits last', async () => {
    const { storage } = fixture;
    const slow = await makeRepo(storage, 'events/slow');
    const quick = await makeRepo(storage, 'events/quick');
    const start = await end(storage);
    const appended = gate();
    const release = gate();
    const held = storage.transaction(async (tx) => {
      await tx.append(newOperation(slow.id, { events: [updated('slow')] }));
      appended.open();
      await release.opened;
    });
    await appended.opened;
    await storage.transaction((tx) => tx.append(newOperation(quick.id, { events: [updated('quick')] })));
    // The open transaction holds its log head's row: the sequencer must not wait for it.
    expect(await storage.events.place()).toBe(1);
    const seen = await storage.events.after(start, 10);
    expect(seen.map(({ payload }) => payload.repoName)).toEqual(['quick']);
    release.open();
    await held;
    expect(await storage.events.place()).toBe(1);
    expect((await storage.events.after(seen[0]?.cursor ?? start, 10)).map(({ payload }) => payload.repoName)).toEqual(['slow']);
  });

  it('is complete and in order per repository while 12 writers commit and three gateways place and read', async () => {
    const { storage } = fixture;
    const gateways = [storage, fixture.another(), fixture.another()];
    const repos = await Promise.all(['a', 'b', 'c'].map((name) => makeRepo(storage, `events/busy-${name}`)));
    const start = await end(storage);
    const state = { writing: true };
    const writers = Array.from({ length: 12 }, async (_, writer) => {
      const gateway = gateways[writer % 3] ?? storage;
      const repo = expectRow(repos[(writer + 1) % 3]);
      for (let turn = 0; turn < 10; turn++) await gateway.transaction((tx) => tx.append(newOperation(repo.id, { events: [updated(repo.name, `${writer}.${turn}`)] })));
    });
    const placers = gateways.map(async (gateway) => {
      while (state.writing) await gateway.events.place();
    });
    const read: LoggedEvent[] = [];
    const reader = (async () => {
      let cursor = start;
      while (state.writing || read.length < 120) {
        for (const event of await storage.events.after(cursor, 7)) {
          read.push(event);
          cursor = event.cursor;
        }
        if (!state.writing) await storage.events.place();
      }
    })();
    await Promise.all(writers);
    state.writing = false;
    await Promise.all([...placers, reader]);
    expect(new Set(read.map(({ payload }) => payload.reason)).size).toBe(120);
    expect(read).toHaveLength(120);
    for (const repo of repos) expect(read.filter((event) => event.stream === repo.id).map((event) => event.seq)).toEqual(Array.from({ length: 40 }, (_, index) => index + 2));
    expect(await allAfter(storage, start, 1)).toEqual(read);
  });

  it('places a backlog longer than one batch of the sequencer in one call', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'events/backlog');
    await end(storage);
    await sql`insert into unplaced (stream, seq) select ${repo.id}, generate_series(2, 1101)`;
    expect(await storage.events.place()).toBe(1100);
    expect(await sql`select 1 from unplaced`).toHaveLength(0);
    const seqs = await sql<{ seq: number }[]>`select seq::int as seq from event_position where stream = ${repo.id} order by position`;
    expect(seqs.map((row) => row.seq)).toEqual(Array.from({ length: 1101 }, (_, index) => index + 1));
  });

  it('gives way to a gateway that holds the sequencer for good, without an error', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'events/stuck');
    await end(storage);
    await storage.transaction((tx) => tx.append(newOperation(repo.id, { events: [updated('stuck')] })));
    await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${0x77656975}::int, 0)`;
      expect(await storage.events.place()).toBe(0);
    });
    expect(await storage.events.place()).toBe(1);
  });
});

describe('the bell', () => {
  it('wakes every gateway that listens, once what it rings for can be read', async () => {
    const { storage } = fixture;
    const other = fixture.another();
    const repo = await makeRepo(storage, 'events/bell');
    const start = await end(storage);
    const heard: string[] = [];
    const stops = await Promise.all([storage, other].map((gateway, index) =>
      gateway.events.listen(() => {
        void gateway.events.after(start, 10).then((events) => heard.push(`${index}: ${events.map(({ payload }) => payload.repoName).join()}`));
      }),
    ));
    await storage.transaction((tx) => tx.append(newOperation(repo.id, { events: [updated('ding')] })));
    storage.events.ring();
    await expect.poll(() => new Set(heard.filter((line) => line.endsWith('ding'))).size, { timeout: 5000 }).toBe(2);
    await Promise.all(stops.map((stop) => stop()));
  });

  it('is coalesced: 200 rings in a row sound once', async () => {
    const { storage } = fixture;
    let heard = 0;
    const stop = await storage.events.listen(() => heard++);
    const before = heard;
    fixture.statements();
    for (let ring = 0; ring < 200; ring++) storage.events.ring();
    await expect.poll(() => heard, { timeout: 5000 }).toBeGreaterThan(before);
    expect(fixture.statements().filter((statement) => statement.includes('pg_notify'))).toHaveLength(1);
    await stop();
  });

  it('is heard again after the listening connection was cut', async () => {
    const { storage, sql } = fixture;
    let heard = 0;
    const stop = await storage.events.listen(() => heard++);
    await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'listen%' and pid <> pg_backend_pid()`;
    const ringing = setInterval(() => storage.events.ring(), 100);
    const before = heard;
    await expect.poll(() => heard, { timeout: 10_000 }).toBeGreaterThan(before + 2);
    clearInterval(ringing);
    await stop();
  });

  it('that has been stopped wakes nobody', async () => {
    const { storage } = fixture;
    let heard = 0;
    let control = 0;
    const stop = await storage.events.listen(() => heard++);
    const stopControl = await storage.events.listen(() => control++);
    await stop();
    const before = heard;
    const controlBefore = control;
    storage.events.ring();
    await expect.poll(() => control, { timeout: 5000 }).toBeGreaterThan(controlBefore);
    expect(heard).toBe(before);
    await stopControl();
  });
});
