import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import type { BranchRecord } from '../../src/domain/branch.js';
import type { CheckpointRecord } from '../../src/domain/checkpoint.js';
import type { PageRequest } from '../../src/domain/ports/pages.js';
import type { NewBranch, NewCheckpoint, NewOperation, Transaction } from '../../src/domain/ports/transaction.js';
import type { RepoRecord } from '../../src/domain/repo.js';
import { openStorage, type PostgresStorage } from '../../src/storage/index.js';
import { clientFor, createTestDatabase, type TestDatabase } from './postgres.js';

/** A store over a database of its own, and a second client for looking at and breaking rows. */
export interface StorageFixture {
  readonly storage: PostgresStorage;
  readonly database: TestDatabase;
  /** Another client of the same database. */
  readonly sql: postgres.Sql;
  /** The statements that the store has sent since this was last called; what its client asks of the catalogue whenever a connection opens is not among them. */
  statements(): string[];
  /** Another gateway on the same database and objects. */
  another(): PostgresStorage;
  close(): Promise<void>;
}

/** The client asks for the array types of the database on each connection it opens, and how many those are is a matter of load. */
const OF_A_NEW_CONNECTION = /\bpg_catalog\.pg_type\b/u;

/** Opens one; call it in `beforeAll` and `close` in `afterAll`. */
export async function openStorageFixture(): Promise<StorageFixture> {
  const database = await createTestDatabase();
  const objectsDirectory = mkdtempSync(join(tmpdir(), 'weir-storage-'));
  let sent: string[] = [];
  const clients: postgres.Sql[] = [];
  const stores: PostgresStorage[] = [];
  const open = (debug: (query: string) => void): PostgresStorage => {
    const { host, port, database: name, user } = database.connection;
    const client = (onLost: () => void): postgres.Sql => {
      const opened = postgres({ host, port, database: name, user, pass: '', ssl: false, max: 1, fetch_types: false, onnotice: () => undefined, onclose: onLost, debug: (_connection, query) => debug(query) });
      clients.push(opened);
      return opened;
    };
    const store = openStorage({ database: { dedicated: (_purpose, onLost) => client(onLost) }, maxReads: 8, objectsDirectory });
    stores.push(store);
    return store;
  };
  const storage = open((query) => {
    if (!OF_A_NEW_CONNECTION.test(query)) sent.push(query);
  });
  const sql = clientFor(database.connection);
  return {
    storage,
    database,
    sql,
    statements() {
      const before = sent;
      sent = [];
      return before;
    },
    another: () => open(() => undefined),
    async close() {
      for (const store of stores) await store.close();
      await Promise.all([...clients, sql].map((client) => client.end({ timeout: 1 })));
      await database.drop();
      rmSync(objectsDirectory, { recursive: true, force: true });
    },
  };
}

/** An object id made of a number: readable in a failing test, and none that git would make. */
export function oidOf(number: number): string {
  return number.toString(16).padStart(40, '0');
}

/** The first page of so many rows. */
export function firstPage(count: number): PageRequest {
  return { count, after: null, backward: false };
}

let made = 0;

/** A row of the log with these events and nothing remarkable. */
export function newOperation(stream: number, more: Partial<NewOperation> = {}): NewOperation {
  return {
    stream,
    kind: 'CREATE_CHECKPOINT',
    actor: 'ada',
    keyId: 'key000000001',
    keyName: 'tests',
    requestId: `request-${++made}`,
    runId: null,
    refs: [],
    subject: null,
    events: [],
    gcEpoch: null,
    repoVersion: null,
    ...more,
  };
}

/** A checkpoint's description. */
export function newCheckpoint(more: Partial<NewCheckpoint> = {}): NewCheckpoint {
  return { origin: 'API', message: 'work', prompt: null, runId: null, sessionId: null, metadata: [], createdBy: 'ada', keyId: 'key000000001', ...more };
}

/** A branch's description. */
export function newBranch(repoId: number, name: string, more: Partial<NewBranch> = {}): NewBranch {
  return { repoId, name, head: oidOf(1), baseName: null, forkOid: null, createdBy: 'ada', expiresAt: null, runId: null, sessionId: null, metadata: [], ...more };
}

function present<T>(value: T | null): T {
  if (value === null) throw new TypeError('the fixture expected a row');
  return value;
}

/** Makes a repository, with its row of the log. */
export async function makeRepo(storage: PostgresStorage, name: string): Promise<RepoRecord> {
  const id = await storage.reserveRepoId();
  return storage.transaction(async (tx) => {
    const repo = present(await tx.insertRepo({ id, name, description: null, labels: [], defaultBranch: 'main', settings: {}, keyId: 'key000000001' }));
    await tx.append(newOperation(repo.id, { kind: 'CREATE_REPO', events: [{ kind: 'REPO_CREATED', repoName: name }] }));
    return repo;
  });
}

/** Makes a branch without a row of the log. */
export async function makeBranch(storage: PostgresStorage, repoId: number, name: string, more: Partial<NewBranch> = {}): Promise<BranchRecord> {
  return present(await storage.transaction((tx) => tx.insertBranch(newBranch(repoId, name, more))));
}

/** Moves a branch forward from what it is believed to be, with a row of the log; null when it has moved. */
export async function advance(storage: PostgresStorage, branch: BranchRecord, head: string, checkpoint: Partial<NewCheckpoint> = {}): Promise<{ readonly branch: BranchRecord; readonly checkpoint: CheckpointRecord } | null> {
  return storage.transaction(async (tx) => {
    const moved = await advanceIn(tx, branch, head, checkpoint);
    if (moved === null) return null;
    await tx.append(newOperation(branch.repoId, { refs: [{ branchName: branch.name, before: branch.head, after: head }] }));
    return moved;
  });
}

/** The same inside a transaction, without a row of the log. */
export function advanceIn(tx: Transaction, branch: BranchRecord, head: string, checkpoint: Partial<NewCheckpoint> = {}): ReturnType<Transaction['advanceBranch']> {
  return tx.advanceBranch({ branchId: branch.id, expectedVersion: branch.version, head, checkpoint: newCheckpoint(checkpoint) });
}

/** The row, or a failed test. */
export function expectRow<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new TypeError('expected a row');
  return value;
}

const closed = (): void => undefined;

/** Something that one side opens and the other waits for. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = closed;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
