import { join } from 'node:path';
import { commitsOfLandings, landingBaseOf } from '../domain/landing.js';
import type { ApiKeyRecord } from '../domain/api-key.js';
import type { OperationKind } from '../domain/operation.js';
import type { Reader } from '../domain/ports/reader.js';
import { NO_COUNTS } from '../domain/quotas.js';
import type { StoredPack, UploadState } from '../domain/ports/repo-objects.js';
import type { IdempotencyClaim, IdempotentCall, Storage, TrailerMatches, TransactionOptions } from '../domain/ports/storage.js';
import type { EventLog } from '../domain/ports/event-log.js';
import type { Transaction } from '../domain/ports/transaction.js';
import type { RepoRecord } from '../domain/repo.js';
import type { Label } from '../domain/label.js';
import type { CommitGraph } from '../git/history/commit-graph.js';
import type { Oid } from '../git/objects/object-source.js';
import type { Tracing } from '../shared/tracing.js';
import { BranchTurns } from './branch-turns.js';
import { Bell } from './bell.js';
import { CommitGraphs } from './commit-graphs.js';
import { trailerMatches } from './commit-trailers.js';
import { miscounts, recount, type Miscount } from './counts.js';
import { Database, type Connections } from './database.js';
import { CommitRows } from './doctor/commit-rows.js';
import { examineLeases } from './doctor/leases.js';
import { examineDirectories, examinePackFiles, type PackPlace } from './doctor/pack-files.js';
import { examinePositions } from './doctor/positions.js';
import { PostgresEventLog } from './event-log.js';
import { claim, replay, settle } from './idempotency.js';
import { LiveKeys } from './live-keys.js';
import { lockHead, moveCounts, verifyChain, withCounts, type ChainVerdict } from './log.js';
import { holdsLease, insertPack, landingsAt, landingsOf, leaseUpload, livePacks } from './objects.js';
import { createPackCaches } from './packs/pack-caches.js';
import { PackStores } from './packs/pack-stores.js';
import type { FaultPoints } from './packs/write-pack.js';
import { PostgresReader } from './reader.js';
import { RepoNames } from './repo-names.js';
import { reposDeletedBefore, reserveRepoId } from './repos.js';
import { Rewrites } from './rewrites.js';
import { keepRetentionTurn, takeRetentionTurns } from './retention.js';
import { Ticker } from './ticker.js';
import { PostgresTransaction } from './transaction.js';
import { copyReachable } from './upkeep/copy-reachable.js';
import { takePackLease } from './upkeep/lease.js';
import { PackUpkeep, STRAY_AGE_MS } from './upkeep/pack-upkeep.js';
import { PostgresMirrors } from './mirrors.js';
import { PostgresImports } from './imports.js';
import { PostgresWebhooks } from './webhook-deliveries.js';

/** What the store is made of. */
export interface StorageOptions {
  /** An open, migrated database. It stays the caller's and is closed by them, after {@link Storage.close}. */
  readonly database: Connections;
  /** Reads at a time, each on a connection of its own; 16 unless given. Further ones wait in line. */
  readonly maxReads?: number;
  /** Transactions at a time, each on a connection of its own beside those; 16 unless given. Further ones wait in line. */
  readonly maxTransactions?: number;
  /** Holds one directory of packs a repository, named by its id. */
  readonly objectsDirectory: string;
  /** Memory for objects and bases of deltas of all repositories together; 256 MB unless given. */
  readonly cacheBytes?: number;
  /** Commits whose graph is kept in memory, about 60 bytes each; 2,000,000 unless given. */
  readonly graphCommits?: number;
  /** Points at which fault tests stop the process while a pack is written or a purge is under way. */
  readonly faults?: FaultPoints;
  /** Is called when some history got other ids: results that were kept may hold what was removed. */
  readonly rewritten?: () => void;
  /** Is told of transactions and of objects written; of neither unless given. */
  readonly tracing?: Tracing;
}

/** The directory of a repository's packs, and the names of those that are live. */
export interface HeldPacks {
  readonly directory: string;
  readonly names: readonly string[];
}

const DEFAULT_READS = 16;
const DEFAULT_TRANSACTIONS = 16;
const DEFAULT_CACHE_BYTES = 256 << 20;
const DEFAULT_GRAPH_COMMITS = 2_000_000;

/** The store over Postgres, with what only the command line asks of it. */
export interface PostgresStorage extends Storage {
  /** The stores on disk, with what imports and exports ask of them beyond the port. */
  readonly objects: PackStores;
  /** What keeps packs few; runs by itself only once it was started. */
  readonly upkeep: PackUpkeep;
  /** The directory of a repository's packs, and the names of those that are live. They may be replaced, and removed, at any time. */
  packsOf(repoId: number): Promise<HeldPacks>;
  /** The same with the promise that the files stay until `work` is over: for exports and clones. */
  withPacksOf<T>(repoId: number, work: (packs: HeldPacks) => Promise<T>): Promise<T>;
  /** The same for whoever ends it otherwise: the files stay until `release`, which never rejects. */
  holdPacks(repoId: number): Promise<{ readonly packs: HeldPacks; readonly release: () => Promise<void> }>;
  /** The same promise for every repository, those to come included, until `release`, which never rejects: for a backup. */
  holdAllPacks(): Promise<{ readonly release: () => Promise<void> }>;
  /** Checks the hash chain of one stream of the log from its first row; for `weir doctor`. */
  verifyLog(stream: number): Promise<ChainVerdict>;
  /** Compares what a log head counts, on which quotas rest, with the rows that it is of; with `repair`, sets it to what they come to. Answers what was wrong. */
  verifyCounts(repoId: number, repair: boolean): Promise<readonly Miscount[]>;
  /** Checks what belongs to no repository: the order of events, leases, directories of packs. Answers a sentence for each thing that is wrong; `repair` sets right what loses nothing. */
  verifyServer(repair: boolean): Promise<readonly string[]>;
  /** Checks the files of a repository's packs against their rows, likewise. */
  verifyPackFiles(repoId: number, repair: boolean): Promise<readonly string[]>;
  /** What compares the rows of a repository's commits with the commits that it is given, likewise. */
  commitRows(repoId: number, repair: boolean): CommitRows;
}

/**
 * Opens the store: everything that changes, over a migrated Postgres. Opens no connection before the first use, and starts one
 * timer that does not keep the process alive. Methods reject with StorageUnavailable and StorageBusy where the port says so.
 */
export function openStorage(options: StorageOptions): PostgresStorage {
  return new Store(options);
}

class Store implements PostgresStorage {
  readonly objects: PackStores;
  readonly upkeep: PackUpkeep;
  readonly imports: PostgresImports;
  readonly mirrors: PostgresMirrors;
  readonly webhooks: PostgresWebhooks;
  readonly #database: Database;
  readonly #objectsDirectory: string;
  readonly #bell: Bell;
  readonly #eventLog: PostgresEventLog;
  readonly #graphs: CommitGraphs;
  readonly #keys: LiveKeys;
  readonly #names: RepoNames;
  readonly #ticker: Ticker;
  readonly #rewrites: Rewrites;
  readonly #turns: BranchTurns;

  constructor(options: StorageOptions) {
    const database = new Database(options.database, { reads: options.maxReads ?? DEFAULT_READS, transactions: options.maxTransactions ?? DEFAULT_TRANSACTIONS }, options.tracing);
    this.#database = database;
    this.#objectsDirectory = options.objectsDirectory;
    this.#turns = new BranchTurns((onLost) => options.database.dedicated('turns', onLost));
    this.#bell = new Bell(database);
    this.#eventLog = new PostgresEventLog(database, this.#bell, options.faults);
    this.#graphs = new CommitGraphs(database, options.graphCommits ?? DEFAULT_GRAPH_COMMITS);
    this.#keys = new LiveKeys(database);
    this.imports = new PostgresImports(database);
    this.mirrors = new PostgresMirrors(database);
    this.webhooks = new PostgresWebhooks(database);
    this.#ticker = new Ticker(database);
    const cacheBytes = options.cacheBytes ?? DEFAULT_CACHE_BYTES;
    // Bases of deltas are inflated bytes that the next read of a pack wants again.
    const baseBytes = Math.floor((cacheBytes * 3) / 8);
    this.objects = new PackStores({
      root: options.objectsDirectory,
      livePacks: (repoId) => database.run((queries) => livePacks(queries, repoId)),
      caches: createPackCaches({ objectBytes: cacheBytes - baseBytes, baseBytes }),
      ...(options.faults === undefined ? {} : { faults: options.faults }),
      ...(options.tracing === undefined ? {} : { tracing: options.tracing }),
    });
    this.#rewrites = new Rewrites((repoId) => {
      this.#graphs.forget(repoId);
      this.objects.forget(repoId);
      options.rewritten?.();
    });
    this.#names = new RepoNames(database, this.#rewrites);
    this.upkeep = new PackUpkeep(database, this.objects, options.objectsDirectory, options.faults);
  }

  get events(): EventLog {
    return this.#eventLog;
  }

  reader(signal?: AbortSignal): Reader {
    return new PostgresReader(signal === undefined ? this.#database : this.#database.until(signal), this.#rewrites);
  }

  reserveRepoId(): Promise<number> {
    return this.#database.run(reserveRepoId);
  }

  turn<T>(branchId: number, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.#turns.run(branchId, work, signal);
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T>, { inTurn, signal }: TransactionOptions = {}): Promise<T> {
    const changed = { keys: new Array<string>(), streams: new Array<number>() };
    const answer = await this.#database.awaitedTransaction(async (queries) => {
      const tx = new PostgresTransaction(queries, inTurn);
      const result = await work(tx);
      await tx.finish();
      changed.keys.push(...tx.changedKeys);
      changed.streams.push(...tx.streams);
      return result;
    }, signal);
    for (const id of changed.keys) this.#keys.drop(id);
    for (const stream of changed.streams) this.#names.drop(stream);
    return answer;
  }

  claim(tx: Transaction, call: IdempotentCall): Promise<IdempotencyClaim> {
    return claim(PostgresTransaction.of(tx).queries, call);
  }

  settle(tx: Transaction, call: IdempotentCall, receipt: unknown): Promise<void> {
    return settle(PostgresTransaction.of(tx).queries, call, receipt);
  }

  replay(call: IdempotentCall): Promise<IdempotencyClaim> {
    return this.#database.run((queries) => replay(queries, call));
  }

  graph(repoId: number, knowing: readonly Oid[] = []): Promise<CommitGraph> {
    return this.#graphs.of(repoId, knowing);
  }

  trailerMatches(repoId: number, trailer: Label, visit: () => void): Promise<TrailerMatches> {
    return trailerMatches(this.#database, this.objects.open(repoId), repoId, trailer, visit);
  }

  async landingBase(repoId: number, source: Oid | readonly Oid[], target: Oid): Promise<Oid | null> {
    const sources = typeof source === 'string' ? [source] : source;
    const graph = await this.graph(repoId, [...sources, target]);
    const near = commitsOfLandings(graph, sources, [target]);
    if (near?.length === 0) return null;
    const landings = await this.#database.run(async (queries) => (near === null ? ((await landingsOf(queries, [repoId]))[0]?.rows ?? []) : landingsAt(queries, repoId, near)));
    return landingBaseOf(landings, graph, sources, [target]);
  }

  repoNamed(name: string): Promise<RepoRecord | null> {
    return this.#names.find(name);
  }

  liveKey(id: string, anew = false): Promise<ApiKeyRecord | null> {
    if (anew) this.#keys.drop(id);
    return this.#keys.find(id);
  }

  hasNoKeys(): Promise<boolean> {
    return this.#keys.none();
  }

  touchKey(id: string): void {
    this.#ticker.touch(id);
  }

  async leaseUpload(repoId: number, keyId: string, oid: string, { pack, gcEpoch, quotas }: UploadState): Promise<void> {
    await this.#database.awaitedTransaction(async (queries) => {
      const packBytes = pack === null ? 0 : await insertPack(queries, repoId, pack);
      const head = await lockHead(queries, repoId, gcEpoch);
      if (packBytes > 0) await moveCounts(queries, withCounts(head, { ...NO_COUNTS, packBytes }, quotas));
      await leaseUpload(queries, repoId, keyId, oid);
    });
  }

  forkObjects(fromRepoId: number, toRepoId: number, roots: readonly Oid[] | null, signal?: AbortSignal): Promise<readonly StoredPack[]> {
    const from = this.objects.open(fromRepoId);
    const to = this.objects.open(toRepoId);
    return this.#holding(fromRepoId, () => (roots === null ? to.linkFrom(from) : copyReachable(from, to, roots, signal)));
  }

  withPacksOf<T>(repoId: number, work: (packs: HeldPacks) => Promise<T>): Promise<T> {
    return this.#holding(repoId, async () => work(await this.packsOf(repoId)));
  }

  async holdPacks(repoId: number): Promise<{ readonly packs: HeldPacks; readonly release: () => Promise<void> }> {
    const lease = await takePackLease(this.#database, repoId, 'READ');
    const release = async (): Promise<void> => lease?.release();
    try {
      return { packs: await this.packsOf(repoId), release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  async holdAllPacks(): Promise<{ readonly release: () => Promise<void> }> {
    const lease = await takePackLease(this.#database, null, 'READ');
    return { release: async () => lease?.release() };
  }

  uploadedBy(repoId: number, keyId: string, oid: string): Promise<boolean> {
    return this.#database.run((queries) => holdsLease(queries, repoId, keyId, oid));
  }

  reposDeletedBefore(before: Date, count: number): Promise<readonly number[]> {
    return this.#database.run((queries) => reposDeletedBefore(queries, before, count));
  }

  takeRetentionTurns(intervalMs: number, count: number): Promise<readonly number[]> {
    return this.#database.run((queries) => takeRetentionTurns(queries, intervalMs, count));
  }

  keepRetentionTurn(repoId: number, intervalMs: number): Promise<void> {
    return this.#database.run((queries) => keepRetentionTurn(queries, repoId, intervalMs));
  }

  recordLatency(kind: OperationKind, repoId: number | null, milliseconds: number, operationSeq: number | null): void {
    this.#ticker.measure(kind, repoId, milliseconds, operationSeq);
  }

  async ping(): Promise<void> {
    await this.#database.run((queries) => queries.execute('select 1'));
  }

  async packsOf(repoId: number): Promise<HeldPacks> {
    return { directory: join(this.#objectsDirectory, String(repoId)), names: await this.#database.run((queries) => livePacks(queries, repoId)) };
  }

  async #holding<T>(repoId: number, work: () => Promise<T>): Promise<T> {
    const lease = await takePackLease(this.#database, repoId, 'READ');
    try {
      return await work();
    } finally {
      await lease?.release();
    }
  }

  verifyCounts(repoId: number, repair: boolean): Promise<readonly Miscount[]> {
    return repair ? recount(this.#database, repoId) : this.#database.run((queries) => miscounts(queries, repoId));
  }

  async verifyServer(repair: boolean): Promise<readonly string[]> {
    const found = [await examinePositions(this.#database, repair), await examineLeases(this.#database, repair), await examineDirectories(this.#packPlace(), repair)];
    return found.flat();
  }

  verifyPackFiles(repoId: number, repair: boolean): Promise<readonly string[]> {
    return examinePackFiles(this.#packPlace(), repoId, repair);
  }

  commitRows(repoId: number, repair: boolean): CommitRows {
    return new CommitRows(this.#database, repoId, repair);
  }

  #packPlace(): PackPlace {
    return { database: this.#database, stores: this.objects, root: this.#objectsDirectory, strayMs: STRAY_AGE_MS };
  }

  verifyLog(stream: number): Promise<ChainVerdict> {
    return this.#database.run((queries) => verifyChain(queries, stream));
  }

  async close(): Promise<void> {
    await this.upkeep.close();
    await this.#turns.close();
    await this.#eventLog.close();
    await this.#bell.close();
    await this.#ticker.close();
    await this.#database.close();
    this.objects.close();
  }
}
