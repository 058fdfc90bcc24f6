import type { CommitGraph } from '../../git/history/commit-graph.js';
import type { Oid } from '../../git/objects/object-source.js';
import type { OperationKind } from '../operation.js';
import type { ApiKeyRecord } from '../api-key.js';
import type { ObjectStores, StoredPack, UploadState } from './repo-objects.js';
import type { Reader } from './reader.js';
import type { RepoRecord } from '../repo.js';
import type { Label } from '../label.js';
import type { Transaction } from './transaction.js';
import type { EventLog } from './event-log.js';
import type { ImportStore } from './imports.js';
import type { MirrorStore } from './mirrors.js';
import type { WebhookStore } from './webhooks.js';

/** An idempotent call: the key that made it, the client's key, and the digest of kind and input (hex SHA-256). */
export interface IdempotentCall {
  readonly keyId: string;
  readonly idempotencyKey: string;
  readonly digest: string;
}

/** What the idempotency row says before the work begins: new, done with this receipt, or the same key with other input. */
export type IdempotencyClaim =
  | { readonly status: 'NEW' }
  | { readonly status: 'REPLAY'; readonly receipt: unknown }
  | { readonly status: 'MISMATCH' };

/**
 * The commits of a repository that carry a trailer, among all of its graph: those that a key may read are for the caller to find. Few
 * that carry something else may be among them, so the caller compares the message.
 */
export interface TrailerMatches {
  /** All of them; null where they are more than 5,000. */
  readonly all: ReadonlySet<Oid> | null;
  /** Those among some commits, in one statement. */
  among(oids: readonly Oid[]): Promise<ReadonlySet<Oid>>;
}

/** What a transaction is run as. */
export interface TransactionOptions {
  /** True for one that is run in its {@link Storage.turn}. */
  readonly inTurn?: boolean;
  /** Ends it: what is under way is cancelled, and it rejects with the signal's reason. No effect once the commit has begun. */
  readonly signal?: AbortSignal;
}

/** Everything that changes, behind one door. Implemented over Postgres by `src/storage`. */
export interface Storage {
  /** A reader for one request. With a signal its statements end, on the server as well, when that is aborted, and reads reject with its reason. */
  reader(signal?: AbortSignal): Reader;
  readonly objects: ObjectStores;
  readonly events: EventLog;
  readonly imports: ImportStore;
  readonly mirrors: MirrorStore;
  readonly webhooks: WebhookStore;
  /** An id for a repository that is about to be made; never given out twice. */
  reserveRepoId(): Promise<number>;
  /**
   * Runs `work` in one transaction and commits durably when it answers, rolls back when it throws. With `call`, the
   * idempotency row is claimed first (a duplicate in flight is waited for) and handed to `work`.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Runs `work` when the turn on a branch has come, among all gateways in the order of asking: transactions that are `inTurn` may move the
   * branch then, and others find it moved until nobody stands in line. No promise to have it alone: after 10 s in line, or where the
   * database cannot tell, or the signal is aborted, `work` runs all the same. Answers and rejects as `work` does.
   */
  turn<T>(branchId: number, work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** First statement of an idempotent operation's transaction. */
  claim(tx: Transaction, call: IdempotentCall): Promise<IdempotencyClaim>;
  /** Stores the receipt beside the claim, in the same transaction. */
  settle(tx: Transaction, call: IdempotentCall, receipt: unknown): Promise<void>;
  /** The first outcome of this call if it is already known; a cheap look before any work is done. */
  replay(call: IdempotentCall): Promise<IdempotencyClaim>;

  /**
   * The commit graph of a repository, kept in memory and read on at each call: it has every commit whose transaction ended before.
   * With `knowing`, a graph that has these commits already is not read on: with a commit it has all that the commit reaches, so
   * questions about these and their past are answered without asking the database. Shared: callers must not append to it.
   */
  graph(repoId: number, knowing?: readonly Oid[]): Promise<CommitGraph>;
  /**
   * Which commits carry this trailer, key without regard to case: at least every one that a graph asked for before had. Commits that
   * were stored without their trailers are read first, `visit` is called for each and may throw to end it; a repeated search goes on
   * from there. Rejects with ObjectCorrupt for a damaged one.
   */
  trailerMatches(repoId: number, trailer: Label, visit: () => void): Promise<TrailerMatches>;
  /** The synthetic base that a landing left for merging `source` (a commit, or the parents of one to come) into `target`, newest first; null when there is none. */
  landingBase(repoId: number, source: Oid | readonly Oid[], target: Oid): Promise<Oid | null>;

  /**
   * The live repository of a name, past the reader's cache; null for none. Its id and its name hold: a name that was found is believed
   * for half a second, so what another gateway renamed or deleted may be answered for that long, and what this one did never. The
   * rest of the row is as old; whoever wants it asks a reader.
   */
  repoNamed(name: string): Promise<RepoRecord | null>;
  /** A live key by id, past the reader's cache; answers null for unknown, revoked and expired ones alike (by the database's clock). */
  liveKey(id: string, anew?: boolean): Promise<ApiKeyRecord | null>;
  /** True while no key exists at all. */
  hasNoKeys(): Promise<boolean>;
  touchKey(id: string): void;

  /**
   * Remembers that this key streamed these bytes in; 24 h. The pack's row is written with it; without one the bytes were found stored
   * already. Rejects with EpochMoved when garbage was collected since `gcEpoch`, and with QuotaPassed when the pack does not fit the
   * repository; then nothing is remembered.
   */
  leaseUpload(repoId: number, keyId: string, oid: string, upload: UploadState): Promise<void>;
  uploadedBy(repoId: number, keyId: string, oid: string): Promise<boolean>;

  /**
   * Gives a repository that is about to be made what another one stores: everything, by hard link where that is possible; or, where
   * `roots` are given, a copy of only what these lead to. The packs are durable when it answers, and live once the new repository's
   * transaction has added them all. Rejects with ObjectMissing, ObjectCorrupt or PackInvalid where the other one is damaged.
   */
  forkObjects(fromRepoId: number, toRepoId: number, roots: readonly Oid[] | null, signal?: AbortSignal): Promise<readonly StoredPack[]>;

  /** Ids of repositories that were deleted at `before` or earlier and have not been given up, those deleted first, `count` at most. */
  reposDeletedBefore(before: Date, count: number): Promise<readonly number[]>;
  /**
   * Takes the turns of retention that have come: ids of repositories, `count` at most, that are neither archived nor deleted and in
   * which there may be something to do. Each turn comes again after `intervalMs`; of gateways that ask at once, one gets it.
   */
  takeRetentionTurns(intervalMs: number, count: number): Promise<readonly number[]>;
  /** Moves the next turn of a repository `intervalMs` on from now: called while the work goes on. */
  keepRetentionTurn(repoId: number, intervalMs: number): Promise<void>;

  recordLatency(kind: OperationKind, repoId: number | null, milliseconds: number, operationSeq: number | null): void;
  /** Resolves when the database answers; rejects otherwise. For readiness. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
