import type { LeftOver } from '../domain/accept-part.js';
import type { Oid } from '../git/objects/object-source.js';
import type { ApiKeyRecord, NewApiKey } from '../domain/api-key.js';
import type { BranchRecord } from '../domain/branch.js';
import type { CheckpointRecord } from '../domain/checkpoint.js';
import { ForeignTransaction, RowMissing } from '../domain/ports/errors.js';
import type { StoredPack } from '../domain/ports/repo-objects.js';
import type { BranchAdvance, BranchReturn, BranchStep, CommitRow, NewBranch, NewCheckpoint, NewComment, NewLanding, NewOperation, NewProposal, NewRepo, NewReview, NewThread, ProposalChange, ProposalRevision, RepoChange, Transaction } from '../domain/ports/transaction.js';
import { SERVER_STREAM } from '../domain/operation.js';
import { addCounts, NO_COUNTS, type RepoCounts } from '../domain/quotas.js';
import type { ProposalRecord, ReviewRecord } from '../domain/proposal.js';
import type { CommentRecord, ThreadRecord } from '../domain/thread.js';
import type { RepoRecord, TagRecord } from '../domain/repo.js';
import type { ImportJobRecord } from '../domain/import-job.js';
import type { NewImportJob } from '../domain/ports/imports.js';
import type { NewMirror } from '../domain/ports/mirrors.js';
import type { NewWebhook } from '../domain/ports/webhooks.js';
import type { RetentionFacts, RetentionGround } from '../domain/retention.js';
import type { DeliveryRecord, WebhookRecord } from '../domain/webhook.js';
import { anyApiKey, insertApiKey, insertDerivedKey, revokeApiKey, rotateApiKey } from './api-keys.js';
import { deleteBranch, holdBranch, insertBranch, insertForkedBranches, markMerged, restoreBranch } from './branches.js';
import { advanceBranch, insertFirstCheckpoint, type Move, type PromptDigest } from './checkpoints.js';
import { insertCommits } from './commit-graphs.js';
import type { Queries } from './sending.js';
import { appendBehind, lockHead, moveCounts, withCounts, withRepoVersion, type LockedHead } from './log.js';
import { insertLanding, insertPack } from './objects.js';
import { insertDeclined } from './declined-changes.js';
import { insertProposal, insertReview, lockPendingProposals, reviseProposal, updateProposal, type ChangedProposal } from './proposals.js';
import { insertComment, insertThread, settleThread, type CommentDigest } from './threads.js';
import { giveUpRepo, insertRepo, reposOfSameKey, updateRepo } from './repos.js';
import { forgetBranches, holdForRetention, markBranch } from './retention.js';
import { insertTag, insertTags } from './tags.js';
import { holdersOf, stepBranch } from './timeline.js';
import { cancelImport, finishImport, insertImport } from './imports.js';
import { pushMirror, removeMirror, setMirror } from './mirrors.js';
import { deleteWebhook, insertRedelivery, insertWebhook, resumeWebhook } from './webhooks.js';

interface Moved {
  readonly branch: BranchRecord;
  readonly checkpoint: CheckpointRecord;
}

/** The nouns' writes on one database transaction, and what has to wait for its last step. */
export class PostgresTransaction implements Transaction {
  readonly queries: Queries;
  /** Keys revoked here, for caches to drop once it is committed. */
  readonly changedKeys: string[] = [];
  /** Streams of the log that got a row: every verb that changes a repository's row appends to its stream. */
  readonly streams = new Set<number>();
  readonly #prompts: PromptDigest[] = [];
  readonly #changedRepos = new Set<number>();
  readonly #comments: CommentDigest[] = [];
  readonly #commits = new Map<number, CommitRow[]>();
  readonly #added = new Map<number, RepoCounts>();

  /** True where this has the turn on the branch that it moves. */
  readonly #inTurn: boolean;

  constructor(queries: Queries, inTurn = false) {
    this.queries = queries;
    this.#inTurn = inTurn;
  }

  /** The transaction as this store began it. Throws {@link ForeignTransaction} for any other. */
  static of(transaction: Transaction): PostgresTransaction {
    if (transaction instanceof PostgresTransaction) return transaction;
    throw new ForeignTransaction();
  }

  insertRepo(repo: NewRepo): Promise<RepoRecord | null> {
    return insertRepo(this.queries, repo);
  }

  updateRepo(change: RepoChange): Promise<'DONE' | 'NAME_TAKEN' | 'GONE'> {
    this.#changedRepos.add(change.id);
    return updateRepo(this.queries, change);
  }

  giveUpRepo(repoId: number, before: Date): Promise<boolean> {
    return giveUpRepo(this.queries, repoId, before);
  }

  reposOfSameKey(repoId: number): Promise<number> {
    return reposOfSameKey(this.queries, repoId);
  }

  async insertBranch(branch: NewBranch): Promise<BranchRecord | null> {
    return this.#counted(await insertBranch(this.queries, branch), { branches: 1 });
  }

  async insertForkedBranches(repoId: number, branches: readonly Omit<NewBranch, 'repoId'>[]): Promise<void> {
    await insertForkedBranches(this.queries, repoId, branches);
    this.#counted({ repoId }, { branches: branches.length });
  }

  insertTag(repoId: number, tag: Omit<TagRecord, 'repoId'>): Promise<boolean> {
    return insertTag(this.queries, repoId, tag);
  }

  insertTags(repoId: number, tags: readonly Omit<TagRecord, 'repoId'>[]): Promise<void> {
    return insertTags(this.queries, repoId, tags);
  }

  async insertFirstCheckpoint(branch: BranchRecord, checkpoint: NewCheckpoint): Promise<Moved> {
    const move = await insertFirstCheckpoint(this.queries, branch, checkpoint);
    if (move === null) throw new RowMissing('branch', branch.id);
    return this.#noted(move);
  }

  async advanceBranch(advance: BranchAdvance): Promise<Moved | null> {
    const move = await advanceBranch(this.queries, advance, this.#inTurn);
    return move === null ? null : this.#noted(move);
  }

  stepBranch(step: BranchStep): Promise<BranchRecord | null> {
    return stepBranch(this.queries, step, this.#inTurn);
  }

  holders(repoId: number, branchId: number, oid: Oid): Promise<readonly string[]> {
    return holdersOf(this.queries, repoId, branchId, oid);
  }

  async restoreBranch(back: BranchReturn): Promise<BranchRecord | 'NAME_TAKEN' | 'MOVED'> {
    const restored = await restoreBranch(this.queries, back);
    return typeof restored === 'string' ? restored : this.#counted(restored, { branches: 1 });
  }

  holdBranch(branchId: number, expectedVersion: number): Promise<boolean> {
    return holdBranch(this.queries, branchId, expectedVersion);
  }

  holdForRetention(repoId: number, branchIds: readonly number[], ground: RetentionGround): Promise<readonly RetentionFacts[]> {
    return holdForRetention(this.queries, repoId, branchIds, ground);
  }

  markBranch(branchId: number): Promise<void> {
    return markBranch(this.queries, branchId);
  }

  forgetBranches(repoId: number, before: Date, count: number): Promise<number> {
    return forgetBranches(this.queries, repoId, before, count);
  }

  markMerged(branchId: number): Promise<void> {
    return markMerged(this.queries, branchId);
  }

  async deleteBranch(branchId: number, expectedVersion: number): Promise<BranchRecord | null> {
    return this.#counted(await deleteBranch(this.queries, branchId, expectedVersion), { branches: -1 });
  }

  async insertProposal(proposal: NewProposal): Promise<ProposalRecord> {
    return this.#counted(await insertProposal(this.queries, proposal), { openProposals: 1 });
  }

  async updateProposal(change: ProposalChange): Promise<ProposalRecord | null> {
    return this.#changed(await updateProposal(this.queries, change));
  }

  pendingProposalsOf(sourceBranchId: number): Promise<readonly ProposalRecord[]> {
    return lockPendingProposals(this.queries, sourceBranchId);
  }

  async reviseProposal(revision: ProposalRevision): Promise<ProposalRecord | null> {
    return this.#changed(await reviseProposal(this.queries, revision));
  }

  async insertReview(review: NewReview): Promise<ReviewRecord> {
    const row = await insertReview(this.queries, review);
    if (row === null) throw new RowMissing('review', review.proposalId);
    return row;
  }

  insertDeclined(proposalId: number, declined: readonly LeftOver[], reason: string | null): Promise<void> {
    return insertDeclined(this.queries, proposalId, declined, reason);
  }

  async insertThread(thread: NewThread): Promise<ThreadRecord> {
    const row = await insertThread(this.queries, thread);
    if (row === null) throw new RowMissing('thread', thread.proposalId);
    return row;
  }

  async insertComment(comment: NewComment): Promise<CommentRecord> {
    const said = await insertComment(this.queries, comment);
    if (said === null) throw new RowMissing('comment', comment.threadId);
    this.#comments.push(said.digest);
    return said.comment;
  }

  settleThread(threadId: number, resolvedBy: string | null): Promise<ThreadRecord | null> {
    return settleThread(this.queries, threadId, resolvedBy);
  }

  async addPack(repoId: number, pack: StoredPack): Promise<void> {
    this.#counted({ repoId }, { packBytes: await insertPack(this.queries, repoId, pack) });
  }

  /** Kept until the log head is locked: batches of the graph must be numbered in the order of their commits. */
  async addCommits(repoId: number, rows: readonly CommitRow[]): Promise<void> {
    if (rows.length === 0) return;
    const kept = this.#commits.get(repoId);
    this.#commits.set(repoId, kept === undefined ? [...rows] : [...kept, ...rows]);
  }

  async holdEpoch(repoId: number, gcEpoch: number): Promise<void> {
    await lockHead(this.queries, repoId, gcEpoch);
  }

  addLanding(landing: NewLanding): Promise<void> {
    return insertLanding(this.queries, landing);
  }

  async insertApiKey(key: NewApiKey): Promise<ApiKeyRecord> {
    const row = await insertApiKey(this.queries, key);
    if (row === null) throw new RowMissing('key', key.id);
    return row;
  }

  /** The server's log head is what keys are logged under, so its lock makes two starts come one after the other. */
  async insertFirstApiKey(key: NewApiKey): Promise<ApiKeyRecord | null> {
    await lockHead(this.queries, SERVER_STREAM, null);
    return (await anyApiKey(this.queries)) ? null : this.insertApiKey(key);
  }

  insertDerivedKey(key: NewApiKey, lineage: readonly string[], maximum: number): Promise<'DONE' | 'NOT_LIVE' | 'FULL'> {
    return insertDerivedKey(this.queries, key, lineage, maximum);
  }

  async rotateApiKey(id: string, hash: string, graceMs: number): Promise<ApiKeyRecord | null> {
    const row = await rotateApiKey(this.queries, id, hash, graceMs);
    if (row !== null) this.changedKeys.push(id);
    return row;
  }

  async insertImport(values: NewImportJob): Promise<{ readonly job: ImportJobRecord; readonly running: number }> {
    const { job, running } = await insertImport(this.queries, values);
    if (job === undefined) throw new RowMissing('import', values.url);
    return { job, running };
  }

  finishImport(id: number, owner: string, repoId: number): Promise<boolean> {
    return finishImport(this.queries, id, owner, repoId);
  }

  cancelImport(id: number): Promise<ImportJobRecord | null> {
    return cancelImport(this.queries, id);
  }

  setMirror(mirror: NewMirror): Promise<void> {
    return setMirror(this.queries, mirror);
  }

  removeMirror(repoId: number): Promise<boolean> {
    return removeMirror(this.queries, repoId);
  }

  pushMirror(repoId: number): Promise<boolean> {
    return pushMirror(this.queries, repoId);
  }

  async insertWebhook(webhook: NewWebhook): Promise<{ readonly webhook: WebhookRecord; readonly count: number }> {
    const { webhook: row, count } = await insertWebhook(this.queries, webhook);
    if (row === undefined) throw new RowMissing('webhook', webhook.url);
    return { webhook: row, count };
  }

  deleteWebhook(id: number): Promise<WebhookRecord | null> {
    return deleteWebhook(this.queries, id);
  }

  resumeWebhook(id: number): Promise<WebhookRecord | null> {
    return resumeWebhook(this.queries, id);
  }

  insertRedelivery(delivery: DeliveryRecord): Promise<DeliveryRecord | null> {
    return insertRedelivery(this.queries, delivery);
  }

  async revokeApiKey(id: string): Promise<ApiKeyRecord | null> {
    const [first, ...derived] = await revokeApiKey(this.queries, id);
    for (const row of first === undefined ? [] : [first, ...derived]) this.changedKeys.push(row.id);
    return first ?? null;
  }

  async append(operation: NewOperation): Promise<{ readonly stream: number; readonly seq: number }> {
    const { stream, gcEpoch, repoVersion, quotas } = operation;
    const locked = withRepoVersion(await lockHead(this.queries, stream, gcEpoch), repoVersion, this.#changedRepos.delete(stream));
    const head = await this.#withCommits(withCounts(locked, this.#takeAdded(stream), quotas));
    this.streams.add(stream);
    return appendBehind(this.queries, head, operation, { prompts: this.#prompts.splice(0), comments: this.#comments.splice(0) });
  }

  /** Writes what no `append` took along: commits and counts of repositories whose log got no row. The store calls it before the commit. */
  async finish(): Promise<void> {
    for (const repoId of [...new Set([...this.#commits.keys(), ...this.#added.keys()])].sort((a, b) => a - b)) {
      const locked = await lockHead(this.queries, repoId, null);
      await moveCounts(this.queries, await this.#withCommits(withCounts(locked, this.#takeAdded(repoId), undefined)));
    }
  }

  /** The row that came of a change, if any did, and what it adds to its repository: kept until the log head is locked. */
  #counted<Row extends { readonly repoId: number } | null>(row: Row, added: Partial<RepoCounts>): Row {
    if (row !== null) this.#added.set(row.repoId, addCounts(this.#added.get(row.repoId) ?? NO_COUNTS, { ...NO_COUNTS, ...added }));
    return row;
  }

  #changed(done: ChangedProposal | null): ProposalRecord | null {
    if (done === null || done.opened === 0) return done?.proposal ?? null;
    return this.#counted(done.proposal, { openProposals: done.opened });
  }

  #takeAdded(repoId: number): RepoCounts {
    const added = this.#added.get(repoId) ?? NO_COUNTS;
    this.#added.delete(repoId);
    return added;
  }

  async #withCommits(head: LockedHead): Promise<LockedHead> {
    const rows = this.#commits.get(head.stream);
    if (rows === undefined) return head;
    this.#commits.delete(head.stream);
    const graphBatch = head.graphBatch + 1;
    await insertCommits(this.queries, head.stream, rows, graphBatch);
    return { ...head, graphBatch };
  }

  #noted(move: Move): Moved {
    if (move.prompt !== null) this.#prompts.push(move.prompt);
    this.#counted(move.branch, { checkpoints: 1 });
    return { branch: move.branch, checkpoint: move.checkpoint };
  }
}
