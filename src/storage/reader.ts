import type { ApiKeyRecord } from '../domain/api-key.js';
import type { Oid } from '../git/objects/object-source.js';
import type { BranchRecord } from '../domain/branch.js';
import type { CheckpointRecord } from '../domain/checkpoint.js';
import type { LandingRecord } from '../domain/landing.js';
import type { LatencyRecord } from '../domain/latency.js';
import type { OperationKind, OperationRecord } from '../domain/operation.js';
import type { Page, PageRequest } from '../domain/ports/pages.js';
import type { BranchQuery, OperationQuery, Placed, ProposalCount, ProposalQuery, Reader, RepoQuery, RepoUsageRecord, RetentionQuery, Whereabouts } from '../domain/ports/reader.js';
import type { DeclinedRecord, ProposalRecord, ReviewRecord, RevisionRecord } from '../domain/proposal.js';
import type { Maker } from '../domain/review-rules.js';
import type { CommentRecord, ThreadRecord } from '../domain/thread.js';
import { NO_COUNTS } from '../domain/quotas.js';
import type { DeletedRepoRecord, RepoRecord, TagRecord } from '../domain/repo.js';
import type { DeliveryQuery } from '../domain/ports/webhooks.js';
import type { RetentionFacts } from '../domain/retention.js';
import type { ImportJobRecord } from '../domain/import-job.js';
import type { MirrorRecord } from '../domain/mirror.js';
import type { DeliveryRecord, WebhookRecord } from '../domain/webhook.js';
import { apiKeysById, pageOfApiKeys } from './api-keys.js';
import { branchesById, branchesByName, pagesOfBranches, type BranchFilter } from './branches.js';
import { checkpointsById, checkpointsByNumber, checkpointsOfCommits, makersOfCommits, pagesOfCheckpoints, promptsOf, type CommitOnBranch, type CommitPlace } from './checkpoints.js';
import type { Statements } from './database.js';
import { declinedOf } from './declined-changes.js';
import type { Queries } from './sending.js';
import { latencyOf } from './latency.js';
import { PageLoader, rowLoader } from './loaders.js';
import { landingsOf, tipsOf } from './objects.js';
import { operationsBySeq, pageOfAllOperations, pagesOfOperations, type OperationFilter } from './operations.js';
import { countsOfProposals, lastReviewsBy, pageOfAllProposals, pagesOfProposals, pagesOfReviews, pagesOfRevisions, proposalsById, proposalsByNumber, reviewsById, revisionsByNumber, type ProposalFilter } from './proposals.js';
import { deletedReposById, pageOfDeletedRepos, pageOfRepos, reposById, reposByName, usageOfRepos } from './repos.js';
import type { Rewrites } from './rewrites.js';
import { hasDeletedBranch, pageOfDueBranches } from './retention.js';
import { pagesOfTags, tagsByName } from './tags.js';
import { commentBodies, commentsById, pagesOfComments, pagesOfThreads, threadsById } from './threads.js';
import { checkpointsOfRun, holdersOf, parentsOf, undoneOf } from './timeline.js';
import { importsById, pageOfImports } from './imports.js';
import { mirrorsOf } from './mirrors.js';
import { deliveriesById, pagesOfDeliveries } from './webhook-deliveries.js';
import { pageOfWebhooks, webhooksById } from './webhooks.js';
import { whereaboutsOf, whereaboutsOfProposals } from './whereabouts.js';

type Fetch<Key, Row> = (queries: Queries, keys: readonly Key[]) => Promise<readonly Row[]>;
type FetchPages<Query, Row> = (queries: Queries, parents: readonly number[], query: Query, page: PageRequest) => Promise<readonly Page<Row>[]>;
type Pair<Second> = readonly [number, Second];

function ofCommit({ repoId, oid, branchId }: CommitOnBranch): string {
  return `${repoId} ${oid} ${branchId}`;
}

/** All loaders of one request. Made anew when the request forgets what it read. */
function loadersOver(database: Statements, seen: <Row extends RepoRecord>(repos: readonly Row[]) => readonly Row[]) {
  const rows = <Key, Row>(name: (key: Key) => string, fetch: Fetch<Key, Row>, named: (row: Row) => string) =>
    rowLoader(name, (keys) => database.run((queries) => fetch(queries, keys)), named);
  const byId = <Row extends { readonly id: number }>(fetch: Fetch<number, Row>) => rows(String, fetch, (row) => String(row.id));
  const byPair = <Second extends number | string, Row>(fetch: Fetch<Pair<Second>, Row>, pairOf: (row: Row) => Pair<Second>) => {
    const name = (pair: Pair<Second>): string => pair.join(' ');
    return rows(name, fetch, (row) => name(pairOf(row)));
  };
  const pages = <Query, Row>(fetch: FetchPages<Query, Row>) =>
    new PageLoader<Query, Row>((parents, query, page) => database.run((queries) => fetch(queries, parents, query, page)));
  const placesOf = (kind: Placed) => byId((queries: Queries, ids: readonly number[]) => whereaboutsOf(kind, queries, ids));
  return {
    whereabouts: {
      Repo: placesOf('Repo'), Branch: placesOf('Branch'), Checkpoint: placesOf('Checkpoint'), Proposal: placesOf('Proposal'), Review: placesOf('Review'), Thread: placesOf('Thread'), Comment: placesOf('Comment'),
    },
    proposalPlace: byPair(whereaboutsOfProposals, (row) => [row.repoId, row.number]),
    repo: byId(async (queries: Queries, ids: readonly number[]) => seen(await reposById(queries, ids))),
    repoByName: rows((name: string) => name, async (queries, names) => seen(await reposByName(queries, names)), (row) => row.name),
    deletedRepo: byId(async (queries: Queries, ids: readonly number[]) => seen(await deletedReposById(queries, ids))),
    usage: byId(usageOfRepos),
    branch: byId(branchesById),
    branchByName: byPair(branchesByName, (row) => [row.repoId, row.name]),
    branches: pages<BranchFilter, BranchRecord>(pagesOfBranches),
    tagByName: byPair(tagsByName, (row) => [row.repoId, row.name]),
    tags: pages<null, TagRecord>((queries, parents, _query, page) => pagesOfTags(queries, parents, page)),
    checkpoint: byId(checkpointsById),
    checkpointByNumber: byPair(checkpointsByNumber, (row) => [row.branchId, row.number]),
    checkpointOfCommit: rows(ofCommit, checkpointsOfCommits, (answer) => ofCommit(answer.asked)),
    makers: rows(({ repoId, oid }: CommitPlace) => `${repoId} ${oid}`, makersOfCommits, ({ repoId, oid }) => `${repoId} ${oid}`),
    checkpoints: pages<null, CheckpointRecord>((queries, parents, _query, page) => pagesOfCheckpoints(queries, parents, page)),
    undone: rows(String, undoneOf, (row) => String(row.branchId)),
    prompt: rows(String, promptsOf, (row) => String(row.checkpointId)),
    proposal: byId(proposalsById),
    proposalByNumber: byPair(proposalsByNumber, (row) => [row.repoId, row.number]),
    proposals: pages<ProposalFilter, ProposalRecord>(pagesOfProposals),
    review: byId(reviewsById),
    lastReviewBy: byPair(lastReviewsBy, (row) => [row.proposalId, row.actor]),
    revision: byPair(revisionsByNumber, (row) => [row.proposalId, row.number]),
    reviews: pages<null, ReviewRecord>((queries, parents, _query, page) => pagesOfReviews(queries, parents, page)),
    revisions: pages<null, RevisionRecord>((queries, parents, _query, page) => pagesOfRevisions(queries, parents, page)),
    declined: rows(String, declinedOf, (row) => String(row.proposalId)),
    landings: rows(String, landingsOf, (row) => String(row.repoId)),
    thread: byId(threadsById),
    threads: pages<null, ThreadRecord>((queries, parents, _query, page) => pagesOfThreads(queries, parents, page)),
    comment: byId(commentsById),
    comments: pages<null, CommentRecord>((queries, parents, _query, page) => pagesOfComments(queries, parents, page)),
    commentBody: rows(String, commentBodies, (row) => String(row.commentId)),
    operation: byPair(operationsBySeq, (row) => [row.stream, row.seq]),
    operations: pages<OperationFilter, OperationRecord>(pagesOfOperations),
    apiKey: rows((id: string) => id, apiKeysById, (row) => row.id),
    importJob: byId(importsById),
    mirror: rows(String, mirrorsOf, (row) => String(row.repoId)),
    webhook: byId(webhooksById),
    delivery: byId(deliveriesById),
    deliveries: pages<DeliveryQuery, DeliveryRecord>(pagesOfDeliveries),
  };
}

/** Reads for one request: calls alike within a tick become one statement, and nothing is asked twice until it is forgotten. */
export class PostgresReader implements Reader {
  readonly #database: Statements;
  readonly #rewrites: Rewrites;
  #loaders: ReturnType<typeof loadersOver>;
  /** Each repository as it was seen first: what was decided on it must still hold. */
  readonly #reposSeen = new Map<number, RepoRecord>();

  constructor(database: Statements, rewrites: Rewrites) {
    this.#database = database;
    this.#rewrites = rewrites;
    this.#loaders = this.#newLoaders();
  }

  forget(): void {
    this.#reposSeen.clear();
    this.#loaders = this.#newLoaders();
  }

  #newLoaders(): ReturnType<typeof loadersOver> {
    return loadersOver(this.#database, (repos) => {
      for (const repo of repos) if (!this.#reposSeen.has(repo.id)) this.#reposSeen.set(repo.id, repo);
      return this.#rewrites.seen(repos);
    });
  }

  whereabouts(kind: Placed, id: number): Promise<Whereabouts | null> {
    return this.#loaders.whereabouts[kind].load(id);
  }

  whereaboutsOfProposal(repoId: number, number: number): Promise<Whereabouts | null> {
    return this.#loaders.proposalPlace.load([repoId, number]);
  }

  repo(id: number): Promise<RepoRecord | null> {
    return this.#loaders.repo.load(id);
  }

  deletedRepo(id: number): Promise<DeletedRepoRecord | null> {
    return this.#loaders.deletedRepo.load(id);
  }

  deletedRepos(nameGlobs: readonly string[], page: PageRequest): Promise<Page<DeletedRepoRecord>> {
    return this.#database.run((queries) => pageOfDeletedRepos(queries, nameGlobs, page));
  }

  repoSeen(id: number): RepoRecord | null {
    return this.#reposSeen.get(id) ?? null;
  }

  repoByName(name: string): Promise<RepoRecord | null> {
    return this.#loaders.repoByName.load(name);
  }

  async repos(query: RepoQuery, page: PageRequest): Promise<Page<RepoRecord>> {
    const found = await this.#database.run((queries) => pageOfRepos(queries, query, page));
    this.#rewrites.seen(found.edges.map(({ node }) => node));
    return found;
  }

  branch(id: number): Promise<BranchRecord | null> {
    return this.#loaders.branch.load(id);
  }

  branchByName(repoId: number, name: string): Promise<BranchRecord | null> {
    return this.#loaders.branchByName.load([repoId, name]);
  }

  /** What differs between repositories is part of the query only where it decides, so that they share a statement elsewhere. */
  branches(query: BranchQuery, page: PageRequest): Promise<Page<BranchRecord>> {
    const { repoId, defaultBranch, idleAfter, ...filter } = query;
    const shared = { ...filter, defaultBranch: filter.kind === null ? '' : defaultBranch, idleAfter: filter.states === null ? 0 : idleAfter };
    return this.#loaders.branches.load(repoId, shared, page);
  }

  dueBranches(query: RetentionQuery, page: PageRequest): Promise<Page<RetentionFacts>> {
    return this.#database.run((queries) => pageOfDueBranches(queries, query, page));
  }

  hasDeletedBranch(repoId: number, before: Date): Promise<boolean> {
    return this.#database.run((queries) => hasDeletedBranch(queries, repoId, before));
  }

  tags(repoId: number, page: PageRequest): Promise<Page<TagRecord>> {
    return this.#loaders.tags.load(repoId, null, page);
  }

  tagByName(repoId: number, name: string): Promise<TagRecord | null> {
    return this.#loaders.tagByName.load([repoId, name]);
  }

  checkpoint(id: number): Promise<CheckpointRecord | null> {
    return this.#loaders.checkpoint.load(id);
  }

  checkpointByNumber(branchId: number, number: number): Promise<CheckpointRecord | null> {
    return this.#loaders.checkpointByNumber.load([branchId, number]);
  }

  async checkpointOfCommit(repoId: number, oid: string, branchId: number | null): Promise<CheckpointRecord | null> {
    const answer = await this.#loaders.checkpointOfCommit.load({ repoId, oid, branchId });
    return answer?.row ?? null;
  }

  async makersOf(repoId: number, oid: string): Promise<readonly Maker[]> {
    return (await this.#loaders.makers.load({ repoId, oid }))?.makers ?? [];
  }

  checkpoints(branchId: number, page: PageRequest): Promise<Page<CheckpointRecord>> {
    return this.#loaders.checkpoints.load(branchId, null, page);
  }

  checkpointChain(checkpointId: number, count: number): Promise<readonly CheckpointRecord[]> {
    return this.#database.run((queries) => parentsOf(queries, checkpointId, count));
  }

  async undoneCheckpoints(branchId: number): Promise<readonly CheckpointRecord[]> {
    const undone = await this.#loaders.undone.load(branchId);
    return undone?.rows ?? [];
  }

  checkpointsOfRun(branch: { readonly id: number; readonly repoId: number }, runId: string): Promise<readonly CheckpointRecord[]> {
    return this.#database.run((queries) => checkpointsOfRun(queries, branch, runId));
  }

  async prompt(checkpointId: number): Promise<string | null> {
    const row = await this.#loaders.prompt.load(checkpointId);
    return row?.text ?? null;
  }

  proposal(id: number): Promise<ProposalRecord | null> {
    return this.#loaders.proposal.load(id);
  }

  proposalByNumber(repoId: number, number: number): Promise<ProposalRecord | null> {
    return this.#loaders.proposalByNumber.load([repoId, number]);
  }

  proposals(query: ProposalQuery, page: PageRequest): Promise<Page<ProposalRecord>> {
    const { repoId, repoGlobs: _globs, ...filter } = query;
    if (repoId !== null) return this.#loaders.proposals.load(repoId, filter, page);
    return this.#database.run((queries) => pageOfAllProposals(queries, query, page));
  }

  proposalCounts(query: ProposalQuery): Promise<readonly ProposalCount[]> {
    return this.#database.run((queries) => countsOfProposals(queries, query));
  }

  review(id: number): Promise<ReviewRecord | null> {
    return this.#loaders.review.load(id);
  }

  lastReviewBy(proposalId: number, actor: string): Promise<ReviewRecord | null> {
    return this.#loaders.lastReviewBy.load([proposalId, actor]);
  }

  revision(proposalId: number, number: number): Promise<RevisionRecord | null> {
    return this.#loaders.revision.load([proposalId, number]);
  }

  reviews(proposalId: number, page: PageRequest): Promise<Page<ReviewRecord>> {
    return this.#loaders.reviews.load(proposalId, null, page);
  }

  revisions(proposalId: number, page: PageRequest): Promise<Page<RevisionRecord>> {
    return this.#loaders.revisions.load(proposalId, null, page);
  }

  async declined(proposalId: number): Promise<readonly DeclinedRecord[]> {
    const declined = await this.#loaders.declined.load(proposalId);
    return declined?.rows ?? [];
  }

  async landings(repoId: number): Promise<readonly LandingRecord[]> {
    const landings = await this.#loaders.landings.load(repoId);
    return landings?.rows ?? [];
  }

  thread(id: number): Promise<ThreadRecord | null> {
    return this.#loaders.thread.load(id);
  }

  threads(proposalId: number, page: PageRequest): Promise<Page<ThreadRecord>> {
    return this.#loaders.threads.load(proposalId, null, page);
  }

  comment(id: number): Promise<CommentRecord | null> {
    return this.#loaders.comment.load(id);
  }

  comments(threadId: number, page: PageRequest): Promise<Page<CommentRecord>> {
    return this.#loaders.comments.load(threadId, null, page);
  }

  async commentBody(commentId: number): Promise<string | null> {
    const row = await this.#loaders.commentBody.load(commentId);
    return row?.text ?? null;
  }

  operation(stream: number, seq: number): Promise<OperationRecord | null> {
    return this.#loaders.operation.load([stream, seq]);
  }

  operations(query: OperationQuery, page: PageRequest): Promise<Page<OperationRecord>> {
    const { stream, repoGlobs: _globs, server: _server, ...filter } = query;
    if (stream !== null) return this.#loaders.operations.load(stream, filter, page);
    return this.#database.run((queries) => pageOfAllOperations(queries, query, page));
  }

  apiKey(id: string): Promise<ApiKeyRecord | null> {
    return this.#loaders.apiKey.load(id);
  }

  apiKeys(page: PageRequest): Promise<Page<ApiKeyRecord>> {
    return this.#database.run((queries) => pageOfApiKeys(queries, page));
  }

  importJob(id: number): Promise<ImportJobRecord | null> {
    return this.#loaders.importJob.load(id);
  }

  importJobs(page: PageRequest): Promise<Page<ImportJobRecord>> {
    return this.#database.run((queries) => pageOfImports(queries, page));
  }

  mirror(repoId: number): Promise<MirrorRecord | null> {
    return this.#loaders.mirror.load(repoId);
  }

  webhook(id: number): Promise<WebhookRecord | null> {
    return this.#loaders.webhook.load(id);
  }

  webhooks(page: PageRequest): Promise<Page<WebhookRecord>> {
    return this.#database.run((queries) => pageOfWebhooks(queries, page));
  }

  delivery(id: number): Promise<DeliveryRecord | null> {
    return this.#loaders.delivery.load(id);
  }

  deliveries(webhookId: number, query: DeliveryQuery, page: PageRequest): Promise<Page<DeliveryRecord>> {
    return this.#loaders.deliveries.load(webhookId, query, page);
  }

  tips(repoId: number, branchGlobs: readonly string[]): Promise<readonly string[]> {
    return this.#database.run((queries) => tipsOf(queries, repoId, branchGlobs));
  }

  holders(repoId: number, branchId: number, oid: Oid): Promise<readonly string[]> {
    return this.#database.run((queries) => holdersOf(queries, repoId, branchId, oid));
  }

  async usage(repoId: number): Promise<RepoUsageRecord> {
    const usage = await this.#loaders.usage.load(repoId);
    return usage ?? { packs: 0, ...NO_COUNTS };
  }

  latency(repoId: number, kind: OperationKind | null, windowMs: number): Promise<readonly LatencyRecord[]> {
    return this.#database.run((queries) => latencyOf(queries, repoId, kind, windowMs));
  }
}
