import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { parseKey, hashSecret, generateKey } from './auth/key-format.js';
import type { Config } from './config.js';
import { SERVER_STREAM } from './domain/operation.js';
import type { ImportRoom } from './domain/ports/imports.js';
import type { ImportSource } from './domain/ports/import-source.js';
import { allReferences } from './domain/references.js';
import type { RepoRecord } from './domain/repo.js';
import { eventFeed } from './events/event-feed.js';
import { LogTail } from './events/log-tail.js';
import { BranchQueues } from './operations/branch-queues.js';
import { ImportRounds } from './operations/import/import-rounds.js';
import { MirrorRoom } from './operations/mirror/mirror-room.js';
import { MirrorRounds } from './operations/mirror/mirror-rounds.js';
import { RetentionRounds } from './operations/retention/retention-rounds.js';
import type { FaultPoints, Gateway, Log, WebhookRoom } from './operations/gateway.js';
import { Waits } from './operations/waits.js';
import { createDiffCaches, forgetDiffs } from './operations/reading/comparing/diff-caches.js';
import { checkBackups as checkBackupsIn, type CheckedBackup } from './storage/backup/check-backup.js';
import { refuseUnfinishedRestore, restoreBackup as restoreBackupInto, type RestoreReport } from './storage/backup/restore-backup.js';
import { takeBackup, type BackupReport } from './storage/backup/take-backup.js';
import { examine, type Examination, type Finding } from './storage/doctor.js';
import { writeBareRepository } from './storage/export/bare-repository.js';
import { openImportSource, type ImportPlace } from './storage/import/open-source.js';
import { fetchRemote } from './storage/git/remote-fetch.js';
import { openNativeGit } from './storage/git/native-git.js';
import { DiskWatch } from './storage/disk-watch.js';
import { openStorage, type PostgresStorage } from './storage/index.js';
import { connectDatabase } from './storage/postgres/connect.js';
import { migrateDatabase } from './storage/postgres/migrate.js';
import { PublicNetworks } from './shared/networks.js';
import { seal, unseal } from './shared/sealed-text.js';
import { sealingKey } from './storage/sealing-key.js';
import { NO_TRACING, type Tracing } from './shared/tracing.js';
import { tracesUrl } from './tracing/settings.js';

/** What may differ between the server, the command line and tests over the same configuration. */
export interface AppOptions {
  readonly log?: Log;
  readonly faults?: FaultPoints;
  /** Whether this process keeps packs few and applies retention in the background; off unless told, as commands and most tests have no need of it. */
  readonly upkeep?: boolean;
}

/** An open gateway without an edge: what the command line works with, and what the server is built around. */
export interface App {
  readonly config: Config;
  readonly gateway: Gateway;
  readonly storage: PostgresStorage;
  /** Makes the first admin key when there is none, and answers it in plain text; null when keys exist already. */
  firstAdminKey(): Promise<string | null>;
  /** Opens a repository or bundle on this machine to be imported. Rejects with ImportRefused. */
  openImport(path: string): Promise<ImportSource>;
  /** Writes a repository as a bare git repository at `path`: every branch, tag and proposal. Rejects with StartRefused. */
  exportRepo(repo: RepoRecord, path: string): Promise<void>;
  /** Verifies objects, references, the log and what is counted for quotas; calls `report` for each thing that is wrong. `repair` sets counts right. */
  examine(report: (finding: Finding) => void, repair?: boolean): Promise<Examination>;
  /** Takes a backup into a directory, beside running gateways, and keeps the newest `keep` of those there. Rejects with StartRefused. */
  backUp(directory: string, keep: number): Promise<BackupReport>;
  /** Ends everything in order; the last user of a private database server stops it. Idempotent. */
  close(): Promise<void>;
}

/** The share of the configured cache that objects and delta bases get; results of diffs and merges get the rest. */
const OBJECT_SHARE = 0.7;
/** What the secrets of webhooks are sealed for. */
const SECRET_OF_WEBHOOK = 'secret of a webhook';
/** Between two looks for crowded repositories: one statement over the rows of packs. */
const UPKEEP_INTERVAL_MS = 30_000;

/**
 * Puts the house together: database, migrations, packs, log. Nothing listens yet.
 * @throws StartRefused with one sentence when the database or the data directory cannot be used.
 */
export async function openApp(config: Config, options: AppOptions = {}): Promise<App> {
  const log = options.log ?? pino({ level: config.logLevel });
  refuseUnfinishedRestore(config.dataDir);
  const tracing = await openTracing(config, log);
  const database = await connectDatabase(config, { report: (sentence) => log.info({}, sentence) });
  try {
    await migrateDatabase(database);
    const objectsDirectory = objectsOf(config);
    // The data directory lets the database's account through; the objects are nobody's business but ours.
    await mkdir(objectsDirectory, { recursive: true, mode: 0o700 });
    const cacheBytes = config.limits.cacheBytes;
    const faults = options.faults;
    const points = faults === undefined ? {} : { faults };
    const diffs = createDiffCaches(cacheBytes * (1 - OBJECT_SHARE));
    const storage = openStorage({ database, maxReads: config.databasePool, objectsDirectory, cacheBytes: cacheBytes * OBJECT_SHARE, rewritten: () => forgetDiffs(diffs), tracing, ...points });
    const git = openNativeGit({ storage, program: config.gitProgram, directory: join(config.dataDir, 'runs'), processes: config.gitProcesses, timeMs: config.gitTimeoutMs, checkBytes: config.pushMemoryBytes });
    const disk = new DiskWatch({ directory: objectsDirectory, reserveBytes: config.diskReserveBytes, report: (sentence) => log.error({}, sentence) });
    await disk.start();
    const tail = new LogTail(storage.events, (error) => log.warn({ error: String(error) }, 'the log could not be followed; trying again'));
    await tail.start();
    const gateway: Gateway = {
      storage,
      git,
      limits: config.limits,
      publicUrl: config.publicUrl ?? null,
      events: eventFeed(tail, () => storage.reader()),
      diffs,
      log,
      queues: new BranchQueues(),
      waits: new Waits(storage),
      tracing,
      webhooks: await openWebhooks(config),
      mirrors: await openMirrors(config),
      disk,
      imports: openImports(config, { objectsDirectory, ...points }),
      faults: faults ?? null,
      push: { force: config.forcePush, allowedFaults: config.allowedFaults, packBytes: config.limits.pushBytes, idleMs: config.pushIdleMs },
      repoNamePattern: null,
      branchNaming: { mode: config.branchNaming === 'strict' ? 'STRICT' : 'OPEN', patterns: config.branchPatterns },
      now: () => new Date(),
    };
    if (options.upkeep === true) storage.upkeep.start({ intervalMs: UPKEEP_INTERVAL_MS, graceMs: packGraceMs(config), report: (sentence) => log.info({}, sentence) });
    const imports = new ImportRounds(gateway, { atOnce: config.imports.atOnce });
    if (options.upkeep === true) imports.start();
    const mirrors = new MirrorRounds(gateway, { atOnce: config.mirrors.atOnce, timeMs: config.mirrors.timeoutMs });
    if (options.upkeep === true) mirrors.start();
    const retention = new RetentionRounds(gateway, config.retentionMs);
    if (options.upkeep === true) retention.start();
    let closing: Promise<void> | null = null;
    const shutDown = async (): Promise<void> => {
      disk.close();
      await imports.close();
      await mirrors.close();
      await retention.close();
      await git.close();
      await tail.close();
      await storage.close();
      await tracing.close();
      await database.close();
    };
    return {
      config,
      gateway,
      storage,
      firstAdminKey: () => firstAdminKey(storage, config),
      openImport: (path) => openImportSource(path, { objectsDirectory, maxPackBytes: config.limits.pushBytes, ...points }),
      exportRepo: (repo, path) => exportRepo(storage, repo, path),
      examine: (report, repair) => examine(storage, report, repair),
      backUp: (directory, keep) => takeBackup({ database, storage, dataDir: config.dataDir, objectsDirectory, ...points }, directory, keep),
      close: () => (closing ??= shutDown()),
    };
  } catch (error) {
    await tracing.close();
    await database.close();
    throw error;
  }
}

function objectsOf({ dataDir }: Config): string {
  return join(dataDir, 'objects');
}

/**
 * Restores a backup, the newest of a directory or that `name`, into the data directory and the database of a configuration, both of which
 * must be empty. @throws StartRefused with one sentence for whoever asked.
 */
export function restoreBackup(config: Config, directory: string, name: string | undefined): Promise<RestoreReport> {
  const { dataDir, databaseUrl } = config;
  return restoreBackupInto({ dataDir, objectsDirectory: objectsOf(config), ownDatabase: databaseUrl === undefined, connect: () => connectDatabase(config) }, directory, name);
}

/** Reads every file of the backups in a directory, the oldest first, and tells of each what is wrong. @throws StartRefused when it holds none. */
export function checkBackups(directory: string): AsyncGenerator<CheckedBackup, void, undefined> {
  return checkBackupsIn(directory);
}

/** Traces go where the configuration says. Without that, not a file of the packages that would send them is read. */
async function openTracing({ tracing }: Config, log: Log): Promise<Tracing & { close(): Promise<void> }> {
  const url = tracesUrl(tracing);
  if (url === null) return { ...NO_TRACING, close: async () => undefined };
  const { openOtlp } = await import('./tracing/otlp.js');
  return openOtlp(url, tracing, (sentence) => log.warn({}, sentence));
}

function sealingKeyOf({ dataDir, webhooks }: Config): Promise<Buffer> | Buffer {
  return webhooks.key === undefined ? sealingKey(dataDir) : Buffer.from(webhooks.key, 'base64');
}

async function openMirrors(config: Config): Promise<MirrorRoom> {
  const { hosts, http, networks } = config.mirrors;
  const judge = new PublicNetworks(networks);
  return new MirrorRoom({ hosts, http, isRefused: (address) => judge.isRefused(address) }, await sealingKeyOf(config));
}

async function openWebhooks(config: Config): Promise<WebhookRoom> {
  const { webhooks } = config;
  const key = await sealingKeyOf(config);
  const networks = new PublicNetworks(webhooks.networks);
  return {
    destinations: { http: webhooks.http, isRefused: (address) => networks.isRefused(address) },
    seal: (secret) => seal(key, SECRET_OF_WEBHOOK, secret),
    open: (sealed) => unseal(key, SECRET_OF_WEBHOOK, sealed),
  };
}

function openImports({ imports: { hosts, http, networks, most, keepMs, timeoutMs }, limits, dataDir, gitProgram }: Config, place: Omit<ImportPlace, 'maxPackBytes'>): ImportRoom {
  const judge = new PublicNetworks(networks);
  const maxPackBytes = Math.min(limits.pushBytes, limits.repoBytes);
  const isRefused = (address: string): boolean => judge.isRefused(address);
  const open = (path: string): Promise<ImportSource> => openImportSource(path, { ...place, maxPackBytes });
  let look: (() => void) | null = null;
  return {
    rules: { hosts, http, isRefused },
    most,
    keepMs,
    fetch: (url, watch) => fetchRemote(url, watch, { program: gitProgram, directory: join(dataDir, 'runs'), timeMs: timeoutMs, maxPackBytes, isRefused, open }),
    wake: () => look?.(),
    onWake: (wanted) => {
      look = wanted;
    },
  };
}

/** How long the files of replaced packs stay: twice the longest request, and a minute for whoever is slow to notice its end. */
export function packGraceMs({ limits }: Config): number {
  return 2 * Math.max(limits.queryTimeoutMs, limits.mutationTimeoutMs) + 60_000;
}

async function exportRepo(storage: PostgresStorage, repo: RepoRecord, path: string): Promise<void> {
  // References first: packs that become live in between only add to what they reach.
  const references = await allReferences(storage.reader(), repo);
  await storage.withPacksOf(repo.id, ({ directory, names }) => writeBareRepository(path, { defaultBranch: repo.defaultBranch, references, packDirectory: directory, packs: names }));
}

async function firstAdminKey(storage: PostgresStorage, config: Config): Promise<string | null> {
  if (!(await storage.hasNoKeys())) return null;
  const given = config.adminKey === undefined ? null : parseKey(config.adminKey);
  const generated = generateKey();
  const key = given === null || config.adminKey === undefined ? generated : { ...given, hash: hashSecret(given.secret), text: config.adminKey };
  const isFirst = await storage.transaction(async (tx) => {
    const first = await tx.insertFirstApiKey({
      id: key.id,
      hash: key.hash,
      name: 'admin',
      scopes: ['ADMIN'],
      repos: ['**'],
      branches: ['**'],
      readBranches: ['**'],
      paths: ['**'],
      actor: 'admin',
      actAs: ['**'],
      labels: [],
      createdBy: 'weir',
      expiresAt: null,
    });
    if (first === null) return false;
    await tx.append({
      stream: SERVER_STREAM,
      kind: 'CREATE_KEY',
      actor: 'weir',
      keyId: key.id,
      keyName: 'admin',
      requestId: 'start',
      runId: null,
      refs: [],
      subject: { type: 'ApiKey', id: key.id },
      events: [],
      gcEpoch: null,
      repoVersion: null,
    });
    return true;
  });
  return isFirst ? key.text : null;
}
