import { setMaxListeners } from 'node:events';
import { parse, subscribe, type ExecutionResult } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema, type Context } from '../../schema/index.js';
import type { BranchRecord } from '../../src/domain/branch.js';
import { eventFeed } from '../../src/events/event-feed.js';
import { LogTail } from '../../src/events/log-tail.js';
import type { EventFeed } from '../../src/events/topics.js';
import { openOperations, type OperationsFixture } from '../support/operations.js';
import { makeBranch, makeRepo, newOperation, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

const SUBSCRIBERS = 10_000;
const EVENTS = 2;

let store: StorageFixture;
let operations: OperationsFixture;
let tail: LogTail;
let feed: EventFeed;
let branch: BranchRecord;
const gone = new AbortController();

beforeAll(async () => {
  [store, operations] = await Promise.all([openStorageFixture(), openOperations()]);
  const repo = await makeRepo(store.storage, 'heard');
  branch = await makeBranch(store.storage, repo.id, 'session/a', { baseName: 'main' });
  tail = new LogTail(store.storage.events, (error) => expect.fail(String(error)));
  await tail.start();
  feed = eventFeed(tail, () => store.storage.reader());
  setMaxListeners(0, gone.signal);
  const { key } = operations.as('ada').viewer;
  const { id, hash, name, scopes, repos, branches, readBranches, paths, actor, actAs, labels, createdBy } = key;
  await store.storage.transaction((tx) => tx.insertFirstApiKey({ id, hash, name, scopes, repos, branches, readBranches, paths, actor, actAs, labels, createdBy, expiresAt: null }));
});

afterAll(async () => {
  gone.abort();
  await tail.close();
  await store.close();
  await operations.close();
});

function contextOf(): Context {
  const request = operations.as('ada');
  return { request: { ...request, signal: gone.signal, reader: store.storage.reader(), gateway: { ...request.gateway, storage: store.storage, events: feed } } };
}

test('ten thousand subscribers, who ask for what an event leads to, are a handful of statements an event', async () => {
  const document = parse('subscription { branchMoved(repo: "heard") { cursor repo { name } branch { name version repo { name } } } }');
  const streams = await Promise.all(Array.from({ length: SUBSCRIBERS }, async () => {
    const stream = await subscribe({ schema, document, contextValue: contextOf() });
    if (Symbol.asyncIterator in stream) return stream;
    throw new TypeError(JSON.stringify(stream));
  }));
  // Connections ask for the types of the database when they open: the first event opens them.
  const counts: number[] = [];
  for (let event = 0; event < EVENTS; event++) {
    const told = Promise.all(streams.map((stream) => stream.next()));
    store.statements();
    await store.storage.transaction((tx) => tx.append(newOperation(branch.repoId, { events: [{ kind: 'BRANCH_MOVED', repoName: 'heard', branchId: branch.id, branchName: branch.name, version: event + 2 }] })));
    store.storage.events.ring();
    const results = await told;
    counts.push(store.statements().filter((statement) => /\bfrom\b/u.test(statement)).length);
    const cursors = new Set(results.map(({ value }: IteratorResult<ExecutionResult, void>) => JSON.stringify(value)));
    expect([cursors.size, [...cursors][0]]).toEqual([1, expect.stringContaining('"branch":{"name":"session/a"')]);
  }
  // Placing, reading the tail, the key, and each row that is asked for, a few times over where telling ten thousand takes seconds.
  expect(counts.at(-1)).toBeLessThan(200);
}, 60_000);
