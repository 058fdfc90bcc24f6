import type { Oid } from '../../git/objects/object-source.js';
import type { ApiKeyRecord } from '../api-key.js';
import type { BranchKind, BranchRecord, BranchState } from '../branch.js';
import type { CheckpointRecord } from '../checkpoint.js';
import type { LandingRecord } from '../landing.js';
import type { LatencyRecord } from '../latency.js';
import type { OperationKind, OperationRecord } from '../operation.js';
import type { DeclinedRecord, ProposalRecord, ProposalState, ReviewRecord, RevisionRecord } from '../proposal.js';
import type { RepoCounts } from '../quotas.js';
import type { DeletedRepoRecord, RepoRecord, TagRecord } from '../repo.js';
import type { RetentionFacts, RetentionPolicy } from '../retention.js';
import type { Maker } from '../review-rules.js';
import type { ReviewSettings } from '../target-rules.js';
import type { CommentRecord, ThreadRecord } from '../thread.js';
import type { ImportJobRecord } from '../import-job.js';
import type { MirrorRecord } from '../mirror.js';
import type { DeliveryRecord, WebhookRecord } from '../webhook.js';
import type { Page, PageRequest } from './pages.js';
import type { DeliveryQuery } from './webhooks.js';

/** Kinds of things that node ids name by their rows, and that keys may read by the names of a repository and of a branch. */
export type Placed = 'Repo' | 'Branch' | 'Checkpoint' | 'Proposal' | 'Review' | 'Thread' | 'Comment';

/** What decides whether a key may read a thing. */
export interface Whereabouts {
  readonly repoName: string;
  /** Of a proposal, and of all that is said about it, the source; of a repository the default branch. */
  readonly branchName: string;
}

/** Which repositories; `nameGlobs` is the key's own reach and always applies. */
export interface RepoQuery {
  readonly nameGlobs: readonly string[];
  readonly nameContains: string | null;
  readonly archived: boolean | null;
  readonly orderBy: 'NAME' | 'UPDATED_AT' | 'CREATED_AT';
  readonly descending: boolean;
}

/** Which branches of one repository; deleted ones only when asked for. */
export interface BranchQuery {
  readonly repoId: number;
  readonly defaultBranch: string;
  readonly nameGlobs: readonly string[];
  readonly nameContains: string | null;
  readonly kind: BranchKind | null;
  readonly runId: string | null;
  readonly sessionId: string | null;
  /** Deleted ones instead of live ones; with `states`, only a true one counts. */
  readonly deleted: boolean;
  readonly states: readonly BranchState[] | null;
  /** After so many milliseconds without a move a branch is IDLE here. */
  readonly idleAfter: number;
  readonly inactiveFor: number | null;
  readonly marked: boolean | null;
  readonly orderBy: 'NAME' | 'LAST_ACTIVITY' | 'CREATED_AT';
  readonly descending: boolean;
}

/** Which branches a policy of retention would do something to, at an instant; the globs are the key's own reach, and both always apply. */
export interface RetentionQuery {
  readonly repoId: number;
  readonly defaultBranch: string;
  /** What says which branches are protected, and so exempt. */
  readonly settings: ReviewSettings;
  readonly policy: Pick<RetentionPolicy, 'rules'>;
  readonly now: Date;
  readonly readGlobs: readonly string[];
  readonly writeGlobs: readonly string[];
}

/** Which proposals: of one repository, or of all that `repoGlobs` reach. `branchGlobs` limit the source branches a key may read. */
export interface ProposalQuery {
  readonly repoId: number | null;
  readonly repoGlobs: readonly string[];
  readonly branchGlobs: readonly string[];
  readonly states: readonly ProposalState[] | null;
  readonly sourceBranchId: number | null;
  readonly targetName: string | null;
  readonly createdBy: string | null;
  readonly runId: string | null;
  /** Only those that this actor has reviewed, whatever the verdict and the revision. */
  readonly reviewedBy?: string | null;
  /** Only those opened before this time, and not before that one. */
  readonly openedBefore?: Date | null;
  readonly openedSince?: Date | null;
}

/** How many proposals are in a state; a state without any is left out. */
export interface ProposalCount {
  readonly state: ProposalState;
  readonly count: number;
}

/**
 * Which rows of the log: of one stream, or of every repository that `repoGlobs` reach (and the server's own when `server`). Each filter
 * alone costs the length of the page however long the log is; several together as much as rows match the best of them.
 */
export interface OperationQuery {
  readonly stream: number | null;
  readonly repoGlobs: readonly string[];
  readonly server: boolean;
  readonly kinds: readonly OperationKind[] | null;
  readonly actor: string | null;
  /** The public id of the key that was used. */
  readonly keyId: string | null;
  readonly branchName: string | null;
  /** Only rows that were about this proposal, or changed it. */
  readonly proposalId: number | null;
  readonly runId: string | null;
  /** Only rows from this moment on. */
  readonly since: Date | null;
  /** Only rows before this moment. */
  readonly until: Date | null;
  /** Only rows after this seq; needs `stream`. */
  readonly afterSeq: number | null;
}

/**
 * What resolvers and operations read from rows. One reader serves one request: calls of the same shape within a tick become
 * one statement, and what was read by id once is not asked again. Deleted repositories are absent here.
 *
 * Not promised: that two answers show the same instant; verbs compare versions where it matters.
 */
export interface Reader {
  /** Drops all that was remembered; every verb calls it once it has written. */
  forget(): void;

  /**
   * Where the thing with this row is, deleted branches included; null when there is none. Takes as long either way: what a key may not
   * read is to be refused by this alone, before anything of it is read.
   */
  whereabouts(kind: Placed, id: number): Promise<Whereabouts | null>;
  /** As {@link whereabouts}, for a proposal by its number. */
  whereaboutsOfProposal(repoId: number, number: number): Promise<Whereabouts | null>;
  repo(id: number): Promise<RepoRecord | null>;
  /** A deleted repository, which nothing else of a reader shows; null for live ones. */
  deletedRepo(id: number): Promise<DeletedRepoRecord | null>;
  /** Deleted repositories that can be restored and whose names match, the last deleted first. */
  deletedRepos(nameGlobs: readonly string[], page: PageRequest): Promise<Page<DeletedRepoRecord>>;
  /** The version in which this reader has seen the repository first, and its settings in that; null when it has not read it. */
  repoSeen(id: number): Pick<RepoRecord, 'version' | 'settings'> | null;
  repoByName(name: string): Promise<RepoRecord | null>;
  repos(query: RepoQuery, page: PageRequest): Promise<Page<RepoRecord>>;

  /** By id, deleted branches included. */
  branch(id: number): Promise<BranchRecord | null>;
  /** By exact name, deleted branches not included. */
  branchByName(repoId: number, name: string): Promise<BranchRecord | null>;
  branches(query: BranchQuery, page: PageRequest): Promise<Page<BranchRecord>>;
  /** What a run of retention would take on, oldest branch first: exactly the branches for which `retentionVerdict` is not null. */
  dueBranches(query: RetentionQuery, page: PageRequest): Promise<Page<RetentionFacts>>;
  /** Whether a branch was deleted at `before` or earlier and is still kept. */
  hasDeletedBranch(repoId: number, before: Date): Promise<boolean>;
  tags(repoId: number, page: PageRequest): Promise<Page<TagRecord>>;
  tagByName(repoId: number, name: string): Promise<TagRecord | null>;

  checkpoint(id: number): Promise<CheckpointRecord | null>;
  checkpointByNumber(branchId: number, number: number): Promise<CheckpointRecord | null>;
  /** The newest checkpoint that has this commit as its head: on the named branch, or on any. */
  checkpointOfCommit(repoId: number, oid: string, branchId: number | null): Promise<CheckpointRecord | null>;
  /** Actors and keys of every checkpoint of the repository, on whatever branch, that made this commit; none where it was imported or is no checkpoint's. */
  makersOf(repoId: number, oid: string): Promise<readonly Maker[]>;
  /** Oldest first. */
  checkpoints(branchId: number, page: PageRequest): Promise<Page<CheckpointRecord>>;
  /** A checkpoint and its parents on the timeline, nearest first, `count` at most. */
  checkpointChain(checkpointId: number, count: number): Promise<readonly CheckpointRecord[]>;
  /** The undone checkpoints of a branch, in order of number: the line that redo leads along. */
  undoneCheckpoints(branchId: number): Promise<readonly CheckpointRecord[]>;
  /** The checkpoints of a run on a branch whose work is in it: neither undone nor abandoned, nor taken out by a revert of the run. In order of number. */
  checkpointsOfRun(branch: { readonly id: number; readonly repoId: number }, runId: string): Promise<readonly CheckpointRecord[]>;
  prompt(checkpointId: number): Promise<string | null>;

  proposal(id: number): Promise<ProposalRecord | null>;
  proposalByNumber(repoId: number, number: number): Promise<ProposalRecord | null>;
  /** Newest first. */
  proposals(query: ProposalQuery, page: PageRequest): Promise<Page<ProposalRecord>>;
  /** Counts of all that the query reaches, by state, in one statement. */
  proposalCounts(query: ProposalQuery): Promise<readonly ProposalCount[]>;
  review(id: number): Promise<ReviewRecord | null>;
  thread(id: number): Promise<ThreadRecord | null>;
  /** Oldest first. */
  threads(proposalId: number, page: PageRequest): Promise<Page<ThreadRecord>>;
  comment(id: number): Promise<CommentRecord | null>;
  /** Oldest first. */
  comments(threadId: number, page: PageRequest): Promise<Page<CommentRecord>>;
  /** What a comment says; null once that is erased. */
  commentBody(commentId: number): Promise<string | null>;
  /** The newest review of a proposal by one actor. */
  lastReviewBy(proposalId: number, actor: string): Promise<ReviewRecord | null>;
  revision(proposalId: number, number: number): Promise<RevisionRecord | null>;
  /** Oldest first. */
  reviews(proposalId: number, page: PageRequest): Promise<Page<ReviewRecord>>;
  /** Oldest first. */
  revisions(proposalId: number, page: PageRequest): Promise<Page<RevisionRecord>>;
  /** What was declined of the proposal, in git's order. */
  declined(proposalId: number): Promise<readonly DeclinedRecord[]>;
  /** Where squashes, rebases and merges of parts landed in a repository, newest first. */
  landings(repoId: number): Promise<readonly LandingRecord[]>;

  operation(stream: number, seq: number): Promise<OperationRecord | null>;
  /** Newest first; oldest first when `afterSeq` is given. */
  operations(query: OperationQuery, page: PageRequest): Promise<Page<OperationRecord>>;

  apiKey(id: string): Promise<ApiKeyRecord | null>;
  /** Oldest first. */
  apiKeys(page: PageRequest): Promise<Page<ApiKeyRecord>>;

  importJob(id: number): Promise<ImportJobRecord | null>;
  /** Newest first. */
  importJobs(page: PageRequest): Promise<Page<ImportJobRecord>>;
  /** Where a repository is pushed to; null where nowhere. */
  mirror(repoId: number): Promise<MirrorRecord | null>;
  /** By id, deleted webhooks included. */
  webhook(id: number): Promise<WebhookRecord | null>;
  /** Oldest first, without deleted ones. */
  webhooks(page: PageRequest): Promise<Page<WebhookRecord>>;
  delivery(id: number): Promise<DeliveryRecord | null>;
  /** Newest first. */
  deliveries(webhookId: number, query: DeliveryQuery, page: PageRequest): Promise<Page<DeliveryRecord>>;

  /**
   * The commits that readable history begins from, without repeats and in no order: heads of live branches whose name matches
   * `branchGlobs`, checkpoints of branches (deleted ones too) that match, heads and bases of every revision of proposals, and what parts of them left as bases, whose
   * source matches, and what tags peel to.
   */
  tips(repoId: number, branchGlobs: readonly string[]): Promise<readonly string[]>;
  /**
   * The commits through which something else holds this commit of a branch, so that moving its pointer back would not take it
   * away there: among them are all heads of other live branches, merged proposals' heads and merge commits, and sources of landings
   * that contain it. What came to the repository before the commit did, and so cannot, is left out where that is quick to tell.
   */
  holders(repoId: number, branchId: number, oid: Oid): Promise<readonly string[]>;
  usage(repoId: number): Promise<RepoUsageRecord>;
  /** Of the last `windowMs`, rounded up to whole minutes, and beyond two days to whole hours; 90 days at most are kept. */
  latency(repoId: number, kind: OperationKind | null, windowMs: number): Promise<readonly LatencyRecord[]>;
}

/** What a repository takes: bytes on disk of its live packs, and counts. */
export interface RepoUsageRecord extends RepoCounts {
  readonly packBytes: number;
  readonly packs: number;
}
