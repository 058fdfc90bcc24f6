import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type postgres from 'postgres';
import { openApp, type App } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import type { Oid } from '../../src/git/objects/object-source.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import type { Request } from '../../src/operations/request.js';
import type { PackDirectory } from '../../src/storage/packs/pack-directory.js';
import { receiptOf, SILENT } from './operations.js';
import { clientFor, createTestDatabase } from './postgres.js';

/** Two gateways on one database and one directory, with caches so small that reads reach the disk. */
export interface TwoGateways {
  readonly directory: string;
  readonly sql: postgres.Sql;
  /** One gateway or the other, by turns. */
  gateway(turn: number): App;
  /** A third one, which knows nothing yet; the caller closes it. */
  fresh(): Promise<App>;
  /** A request of someone who may do everything, by turns through one gateway or the other. */
  by(actor: string, turn: number): Request;
  /** Makes a repository with one file. */
  makeRepo(name: string): Promise<number>;
  store(turn: number, repoId: number): PackDirectory;
  /** Stores a text, live and such that nothing leads to it; answers its id. */
  litter(repoId: number, text: string, turn: number): Promise<Oid>;
  livePacks(repoId: number): Promise<readonly string[]>;
  /** The names of the files in the repository's directory. */
  files(repoId: number): readonly string[];
  close(): Promise<void>;
}

/** Opens them for the tests of one file. */
export async function openTwoGateways(): Promise<TwoGateways> {
  const database = await createTestDatabase();
  const directory = mkdtempSync(join(tmpdir(), 'weir-two-'));
  const config = loadConfig({ DATABASE_URL: database.url, WEIR_DATA: join(directory, 'data'), WEIR_LOG_LEVEL: 'silent', WEIR_CACHE: '64KiB' });
  const apps = [await openApp(config, { log: SILENT }), await openApp(config, { log: SILENT })];
  const sql = clientFor(database.connection, 4);
  const gateway = (turn: number): App => {
    const app = apps[turn % apps.length];
    if (app === undefined) throw new TypeError('there is no gateway');
    return app;
  };
  const two: TwoGateways = {
    directory,
    sql,
    gateway,
    fresh: () => openApp(config, { log: SILENT }),
    by: (actor, turn) => requestBy(gateway(turn), actor),
    async makeRepo(name) {
      return receiptOf(await createRepo(two.by('owner', 0), { name, files: [{ path: 'README.md', text: '# Hello\n' }] })).repoId;
    },
    store: (turn, repoId) => gateway(turn).storage.objects.open(repoId),
    async litter(repoId, text, turn) {
      const store = two.store(turn, repoId);
      const staged = store.stage();
      const oid = staged.put('blob', Buffer.from(text));
      const pack = await store.persist(staged);
      if (pack === null) return oid;
      await gateway(turn).storage.transaction((tx) => tx.addPack(repoId, pack));
      store.adopt(pack);
      return oid;
    },
    livePacks: async (repoId) => (await gateway(0).storage.packsOf(repoId)).names,
    files: (repoId) => readdirSync(join(config.dataDir, 'objects', String(repoId))),
    async close() {
      for (const app of apps) await app.close();
      await sql.end({ timeout: 1 });
      await database.drop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  return two;
}

function requestBy(app: App, actor: string): Request {
  const key: ApiKeyRecord = {
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
  };
  return { gateway: app.gateway, reader: app.storage.reader(), requestId: `test-${actor}`, signal: new AbortController().signal, viewer: { actor, onBehalfOf: null, key } };
}
