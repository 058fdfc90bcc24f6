import type { Oid } from '../../git/objects/object-source.js';
import type { GraphRow } from '../../git/history/graph-row.js';
import type { Trailer } from '../../git/objects/trailers.js';
import type { ApiKeyRecord, NewApiKey } from '../api-key.js';
import type { BranchRecord } from '../branch.js';
import type { CheckpointOrigin, CheckpointRecord } from '../checkpoint.js';
import type { EventPayload, OperationKind, RefChange, Subject } from '../operation.js';
import type { LeftOver } from '../accept-part.js';
import type { QuotaUse, RepoQuotas } from '../quotas.js';
import type { ProposalRecord, ProposalState, ReviewRecord, ReviewVerdict } from '../proposal.js';
import type { OwnSettings } from '../repo-settings.js';
import type { RepoRecord } from '../repo.js';
import type { Label } from '../label.js';
import type { RetentionFacts, RetentionGround } from '../retention.js';
import type { CommentRecord, ThreadAnchor, ThreadRecord } from '../thread.js';
import type { StateChange } from '../timeline.js';
import type { DeliveryRecord, WebhookRecord } from '../webhook.js';
import type { StoredPack } from './repo-objects.js';
import type { ImportJobRecord } from '../import-job.js';
import type { NewImportJob } from './imports.js';
import type { NewMirror } from './mirrors.js';
import type { NewWebhook } from './webhooks.js';

/** A new repository's row. */
export interface NewRepo {
  /** Reserved before by `Storage.reserveRepoId`, because packs are written before rows. */
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly labels: readonly Label[];
  readonly defaultBranch: string;
  /** The sections that it sets; the others take their defaults. */
  readonly settings: OwnSettings;
  /** The key that makes it: its repositories are counted. */
  readonly keyId: string;
}

/** What changes of a repository; absent members stay. */
export interface RepoChange {
  readonly id: number;
  readonly name?: string;
  readonly description?: string | null;
  readonly labels?: readonly Label[];
  readonly defaultBranch?: string;
  /** Read-only from now on, or no longer. */
  readonly archived?: boolean;
  /** True: deleted from now on, its name free. False: back again; then it must be deleted at present. */
  readonly deleted?: boolean;
  /** Each section that is given takes the place of the stored one. */
  readonly settings?: OwnSettings;
}

/** A new branch's row; it starts at version 1. */
export interface NewBranch {
  readonly repoId: number;
  readonly name: string;
  readonly head: string;
  readonly baseName: string | null;
  readonly forkOid: string | null;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
  readonly runId: string | null;
  readonly sessionId: string | null;
  readonly metadata: readonly Label[];
}

/** What one forward move adds to a branch's timeline. */
export interface NewCheckpoint {
  readonly origin: CheckpointOrigin;
  readonly message: string;
  readonly prompt: string | null;
  readonly runId: string | null;
  readonly sessionId: string | null;
  readonly metadata: readonly Label[];
  readonly createdBy: string;
  readonly keyId: string;
}

/** A branch's forward move: from the version that was read, to a new head. */
export interface BranchAdvance {
  readonly branchId: number;
  readonly expectedVersion: number;
  readonly head: string;
  readonly checkpoint: NewCheckpoint;
  /** Given for a checkpoint that stands in for another: its parent, and all that happens to other checkpoints; a redo line is kept. */
  readonly standIn?: { readonly parentId: number | null; readonly changes: readonly StateChange[] };
}

/** A branch's move along its own timeline: to a checkpoint that exists, or to the fork point (null). */
export interface BranchStep {
  readonly branchId: number;
  readonly expectedVersion: number;
  readonly head: string;
  readonly checkpointId: number | null;
  readonly changes: readonly StateChange[];
}

/** What brings a deleted branch back, under its own name or another. */
export interface BranchReturn {
  readonly branchId: number;
  readonly expectedVersion: number;
  readonly repoId: number;
  readonly name: string;
}

/** A new proposal's row; its number is the next of its repository. */
export interface NewProposal {
  readonly repoId: number;
  readonly title: string;
  readonly body: string;
  readonly sourceBranchId: number;
  readonly sourceName: string;
  readonly targetBranchId: number;
  readonly targetName: string;
  readonly head: string;
  readonly base: string | null;
  readonly createdBy: string;
  readonly keyId: string;
  readonly runId: string | null;
  readonly metadata: readonly Label[];
}

/** What changes of a proposal; absent members stay. The row's version is compared and counted up. A pending state takes `closedAt` away, an end sets it. */
export interface ProposalChange {
  readonly id: number;
  readonly expectedVersion: number;
  readonly state?: ProposalState;
  readonly title?: string;
  readonly body?: string;
  readonly base?: string | null;
  readonly closedBy?: string | null;
  readonly mergeCommit?: string;
  readonly reason?: string | null;
}

/** A proposal's next revision: what it has now, and what changes with it. */
export interface ProposalRevision extends ProposalChange {
  readonly head: string;
  readonly base: string | null;
  /** True when verdicts on earlier revisions can never count again, whatever the repository thinks of stale approvals. */
  readonly judgedAnew?: boolean;
  readonly sourceName?: string;
  readonly targetBranchId?: number;
  readonly targetName?: string;
}

/** A new review's row. */
export interface NewReview {
  readonly proposalId: number;
  readonly verdict: ReviewVerdict;
  readonly body: string;
  readonly actor: string;
  readonly keyId: string;
  readonly headOid: string;
  readonly revision: number;
}

/** A new thread's row; `anchor` null: about the proposal as a whole. */
export interface NewThread {
  readonly proposalId: number;
  readonly revision: number;
  readonly anchor: ThreadAnchor | null;
  readonly createdBy: string;
  readonly keyId: string;
}

/** A new comment's row, and what it says. */
export interface NewComment {
  readonly threadId: number;
  readonly actor: string;
  readonly keyId: string;
  readonly body: string;
}

/** A commit to be added to the graph, with the trailers of its message where these were parsed. */
export interface CommitRow extends GraphRow {
  readonly trailers?: readonly Trailer[];
}

/** Where a squash or rebase landed: merges of this source into this target use `base` from here on. */
export interface NewLanding {
  readonly repoId: number;
  readonly sourceHead: string;
  readonly targetCommit: string;
  readonly base: string;
}

/** What the log keeps of an operation; `stream` as in OperationRecord. */
export interface NewOperation {
  readonly stream: number;
  readonly kind: OperationKind;
  readonly actor: string;
  readonly keyId: string;
  readonly keyName: string;
  readonly requestId: string;
  readonly runId: string | null;
  readonly refs: readonly RefChange[];
  readonly subject: Subject | null;
  readonly events: readonly EventPayload[];
  /** Ids of the contents that were removed for good; of a purge only. */
  readonly purged?: readonly string[];
  /** Why, where nobody asked for it. */
  readonly reason?: string;
  /** The garbage-collection epoch under which objects were reused; the append fails with EpochMoved when it has changed. */
  readonly gcEpoch: number | null;
  /** The version of the repository that the operation was decided on; the append fails with RepoChanged when it has another. Null: none was read. */
  readonly repoVersion: number | null;
  /** The most that the repository may hold when the operation is done; the append fails with QuotaPassed when it adds what does not fit. Not given: whatever there is fits. */
  readonly quotas?: RepoQuotas;
}

/**
 * The writing side, inside one database transaction. Methods that can lose a race answer null (or false) instead of throwing, so
 * that the verb decides; after a null the transaction is rolled back by the caller returning a refusal or a retry.
 *
 * Lock order, always: branches by id, proposal, then the log head of the stream, last (`append`).
 */
export interface Transaction {
  /** null: the name is taken by a live repository. The caller then looks at {@link reposOfSameKey}. */
  insertRepo(repo: NewRepo): Promise<RepoRecord | null>;
  /** Changes a live repository (with `deleted: false` a deleted one) and, with `append`, counts its version up. The name is taken, or there is no such one: says which. */
  updateRepo(change: RepoChange): Promise<'DONE' | 'NAME_TAKEN' | 'GONE'>;
  /** Gives up a repository that was deleted at `before` or earlier: it cannot come back, and upkeep removes it. False when it was restored, or given up, meanwhile. */
  giveUpRepo(repoId: number, before: Date): Promise<boolean>;
  /** Live repositories that the key which made this one has made, itself included. Until the end others of that key's wait: of two that ask, one sees the other's. */
  reposOfSameKey(repoId: number): Promise<number>;
  /** null: the name is taken: exactly, by case, or as a directory of another live branch. */
  insertBranch(branch: NewBranch): Promise<BranchRecord | null>;
  /**
   * Inserts the branches of a repository that this transaction makes, in few statements however many. Their names are those of live
   * branches of one other repository, so none stands in the way of another.
   */
  insertForkedBranches(repoId: number, branches: readonly Omit<NewBranch, 'repoId'>[]): Promise<void>;
  /** Inserts one; false, and nothing has changed: the repository has a tag of that name. */
  insertTag(repoId: number, tag: { readonly name: string; readonly oid: string; readonly commitOid: string | null; readonly message: string | null }): Promise<boolean>;
  insertTags(repoId: number, tags: readonly { readonly name: string; readonly oid: string; readonly commitOid: string | null; readonly message: string | null }[]): Promise<void>;
  /** Makes the first checkpoint of a branch that was inserted at its own first commit (a new repository, an import). */
  insertFirstCheckpoint(branch: BranchRecord, checkpoint: NewCheckpoint): Promise<{ readonly branch: BranchRecord; readonly checkpoint: CheckpointRecord }>;
  /** Compare-and-swap of the version; adds the checkpoint, makes the old current one BEHIND. null: the branch has moved or is deleted. */
  advanceBranch(advance: BranchAdvance): Promise<{ readonly branch: BranchRecord; readonly checkpoint: CheckpointRecord } | null>;
  /** Compare-and-swap of version, head, current checkpoint and states, without a new checkpoint. null: the branch has moved or is deleted. */
  stepBranch(step: BranchStep): Promise<BranchRecord | null>;
  /** `Reader.holders`, as of now: asked behind {@link stepBranch}, it misses no merge, since a merge holds its source's row. */
  holders(repoId: number, branchId: number, oid: Oid): Promise<readonly string[]>;
  /** Brings a deleted branch back with its row, timeline and version (counted up). The name is taken, or it is not deleted at that version: says which. */
  restoreBranch(back: BranchReturn): Promise<BranchRecord | 'NAME_TAKEN' | 'MOVED'>;
  /** Holds the branch's row until the end if it still has this version (a merge's source, a proposal's); other holders wait. false: it has moved. */
  holdBranch(branchId: number, expectedVersion: number): Promise<boolean>;
  /** These branches of a repository as of now, without those that are deleted, held in order of id until the end: none gets a proposal meanwhile. */
  holdForRetention(repoId: number, branchIds: readonly number[], ground: RetentionGround): Promise<readonly RetentionFacts[]>;
  /** Marks the branch for retention, as of now; it is not moved by it. */
  markBranch(branchId: number): Promise<void>;
  /** Lets go of branches that were deleted at `before` or earlier, `count` at most: nothing is kept for their sake any more. Answers how many. */
  forgetBranches(repoId: number, before: Date, count: number): Promise<number>;
  /** Marks the branch as merged into its base, at this version. */
  markMerged(branchId: number): Promise<void>;
  /** null: the branch has moved or is deleted already. */
  deleteBranch(branchId: number, expectedVersion: number): Promise<BranchRecord | null>;

  /** Inserts the proposal with its first revision. */
  insertProposal(proposal: NewProposal): Promise<ProposalRecord>;
  /** null: another operation changed the proposal since it was read. */
  updateProposal(change: ProposalChange): Promise<ProposalRecord | null>;
  /** Gives the proposal its next revision. null: as {@link updateProposal}. */
  reviseProposal(revision: ProposalRevision): Promise<ProposalRecord | null>;
  /** Pending proposals whose source is this branch, locked in order of id. */
  pendingProposalsOf(sourceBranchId: number): Promise<readonly ProposalRecord[]>;
  insertReview(review: NewReview): Promise<ReviewRecord>;
  /** Records what of a proposal was declined, in this order, and why. */
  insertDeclined(proposalId: number, declined: readonly LeftOver[], reason: string | null): Promise<void>;
  insertThread(thread: NewThread): Promise<ThreadRecord>;
  /** What it says goes into a row of its own, and its digest into the log with the next `append`. */
  insertComment(comment: NewComment): Promise<CommentRecord>;
  /** Resolves a thread by this actor, or opens it again (null). null: it is so already. */
  settleThread(threadId: number, resolvedBy: string | null): Promise<ThreadRecord | null>;

  addPack(repoId: number, pack: StoredPack): Promise<void>;
  /** Adds commits to the repository's graph; with their trailers where the caller has parsed the messages, or they are read at the first search. */
  addCommits(repoId: number, rows: readonly CommitRow[]): Promise<void>;
  /**
   * Holds a repository that objects were taken from at this epoch of garbage collection until the end, behind every other lock but the
   * `append`'s. Rejects with EpochMoved when something was collected or purged from it since.
   */
  holdEpoch(repoId: number, gcEpoch: number): Promise<void>;
  addLanding(landing: NewLanding): Promise<void>;
  insertApiKey(key: NewApiKey): Promise<ApiKeyRecord>;
  /** Makes the very first key. null: there are keys already. Of several gateways that start at once, one succeeds. */
  insertFirstApiKey(key: NewApiKey): Promise<ApiKeyRecord | null>;
  /**
   * Makes a key of the lineage given, for as long as none of it is revoked. NOT_LIVE: its parent, the last of the lineage, is not live
   * any more; FULL: `maximum` live ones are derived from that already. Whoever revokes the parent meanwhile revokes this one too.
   */
  insertDerivedKey(key: NewApiKey, lineage: readonly string[], maximum: number): Promise<'DONE' | 'NOT_LIVE' | 'FULL'>;
  /** Gives a live key another secret; the one before works for `graceMs` more, and any older one no longer. null: there is no such live key. */
  rotateApiKey(id: string, hash: string, graceMs: number): Promise<ApiKeyRecord | null>;
  /** Revokes a key and all that is derived from it. null: there is no such live key. */
  revokeApiKey(id: string): Promise<ApiKeyRecord | null>;

  /** Inserts an import; `running` is how many run with it, as nobody else can add to before the end. */
  insertImport(job: NewImportJob): Promise<{ readonly job: ImportJobRecord; readonly running: number }>;
  /** Ends an import with the repository that this transaction makes. false: it was called off, or `owner` holds it no more. */
  finishImport(id: number, owner: string, repoId: number): Promise<boolean>;
  /** Calls an import off. null: there is none that runs. */
  cancelImport(id: number): Promise<ImportJobRecord | null>;
  /** Sets the mirror of a repository, in the place of the one that it had. */
  setMirror(mirror: NewMirror): Promise<void>;
  /** Removes the mirror of a repository with its credentials. false: it has none. */
  removeMirror(repoId: number): Promise<boolean>;
  /** Has everything pushed again once the caller's row of the log is there. false: there is no mirror. */
  pushMirror(repoId: number): Promise<boolean>;
  /** Inserts a webhook; `count` is how many live ones there are with it, as nobody else can change before the end. */
  insertWebhook(webhook: NewWebhook): Promise<{ readonly webhook: WebhookRecord; readonly count: number }>;
  /** null: there is no such live webhook. */
  deleteWebhook(id: number): Promise<WebhookRecord | null>;
  /** Has a webhook begin again with everything that it owes. null: there is no such live webhook. */
  resumeWebhook(id: number): Promise<WebhookRecord | null>;
  /** Has the event of a delivery sent once more. null: its webhook is stopped or deleted. */
  insertRedelivery(delivery: DeliveryRecord): Promise<DeliveryRecord | null>;

  /** Appends the row as the transaction's last step: takes the stream's lock, its next seq, and chains the hash. Rejects with EpochMoved, RepoChanged and QuotaPassed. */
  append(operation: NewOperation): Promise<{ readonly stream: number; readonly seq: number }>;
}

/** Garbage was collected between reading and committing: what was reused must be written again. The verb runs once more. */
export class EpochMoved extends Error {
  override readonly name = 'EpochMoved';
  constructor() {
    super('objects were collected while the operation ran');
  }
}

/**
 * The repository itself was changed between reading and committing: renamed, archived, other settings. The verb runs once more, so
 * that no verb commits what the repository no longer allows.
 */
export class RepoChanged extends Error {
  override readonly name = 'RepoChanged';
  constructor() {
    super('the repository was changed while the operation ran');
  }
}

/** The repository has no room for what the operation adds to it. Nothing of the operation is kept. */
export class QuotaPassed extends Error {
  override readonly name = 'QuotaPassed';
  constructor(readonly quota: QuotaUse) {
    super(`the limit ${quota.limit} is ${quota.maximum}, and there would be ${quota.used}`);
  }
}
