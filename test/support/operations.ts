import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp, type App } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import type { Problem } from '../../src/domain/problem.js';
import type { FaultPoints, Log } from '../../src/operations/gateway.js';
import type { Outcome } from '../../src/operations/outcome.js';
import type { Request } from '../../src/operations/request.js';
import { createTestDatabase, type TestDatabase } from './postgres.js';

/** A log that keeps nothing. */
export const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A gateway without an edge, on a database and a directory of its own. */
export interface OperationsFixture {
  readonly app: App;
  /** For a client that looks at rows, or changes them. */
  readonly database: TestDatabase;
  /** A request by a key with everything allowed, changed as told. */
  as(actor: string, key?: Partial<ApiKeyRecord>): Request;
  /** Opens another gateway over the same data before the old one ends: nothing that the old one has only in mind is handed over. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a gateway for the tests of one file. */
export async function openOperations({ settings = {}, ...options }: { readonly faults?: FaultPoints; readonly settings?: Readonly<Record<string, string>> } = {}): Promise<OperationsFixture> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'weir-operations-'));
  const config = loadConfig({ DATABASE_URL: database.url, WEIR_DATA: dataDir, WEIR_LOG_LEVEL: 'silent', ...settings });
  let app = await openApp(config, { log: SILENT, ...options });
  return {
    database,
    get app() {
      return app;
    },
    as: (actor, key = {}) => requestBy(app, actor, key),
    async restart() {
      const old = app;
      app = await openApp(config, { log: SILENT, ...options });
      await old.close();
    },
    async close() {
      await app.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A request to an open gateway by a key with everything allowed, changed as told. */
export function requestBy(app: App, actor: string, key: Partial<ApiKeyRecord> = {}): Request {
  return {
    gateway: app.gateway,
    reader: app.storage.reader(),
    requestId: `test-${actor}`,
    signal: new AbortController().signal,
    viewer: {
      actor,
      onBehalfOf: null,
      key: {
        id: `key${actor}`.padEnd(12, '0').slice(0, 12),
        name: actor,
        hash: '',
        scopes: ['READ', 'CREATE_REPO', 'WRITE', 'PROPOSE', 'REVIEW', 'MERGE'],
        repos: ['**'],
        branches: ['**'],
        readBranches: ['**'],
        paths: ['**'],
        actor,
        actAs: [],
        labels: [],
        createdAt: new Date(0),
        createdBy: 'test',
        expiresAt: null,
        revokedAt: null,
        lastUsedAt: null, previousHash: null, previousUntil: null, lineage: [],
        ...key,
      },
    },
  };
}

/** The receipt of an outcome that must not be a refusal. */
export function receiptOf<R>(outcome: Outcome<R>): R {
  if (!outcome.ok) throw new TypeError(`refused: ${JSON.stringify(outcome.problem)}`);
  return outcome.receipt;
}

/** The refusal of an outcome that must be one. */
export function problemOf(outcome: Outcome<unknown>): Problem {
  if (outcome.ok) throw new TypeError(`not refused: ${JSON.stringify(outcome.receipt)}`);
  return outcome.problem;
}
