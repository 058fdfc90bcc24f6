import type { BranchKind, BranchRecord, BranchState } from '../../domain/branch.js';
import type { CheckpointRecord } from '../../domain/checkpoint.js';
import { decodeGlobalId } from '../../domain/global-id.js';
import { EMPTY_PAGE, type Page, type PageRequest } from '../../domain/ports/pages.js';
import type { BranchQuery, ProposalCount, ProposalQuery, RepoQuery } from '../../domain/ports/reader.js';
import type { ProposalRecord, ProposalState } from '../../domain/proposal.js';
import type { DeletedRepoRecord, RepoRecord, TagRecord } from '../../domain/repo.js';
import type { Request } from '../request.js';
import { holdsRead, mustAllow } from './allowed.js';
import { idleAfter } from './branch-state.js';
import { readableBranch, readableBranchById } from './readable-branch.js';

type Maybe<T> = T | null | undefined;

/** Which repositories a client asks for. */
export interface RepoFilter {
  readonly nameContains?: Maybe<string>;
  readonly archived?: Maybe<boolean>;
}

/** Which branches a client asks for. */
export interface BranchFilter {
  readonly kind?: Maybe<BranchKind>;
  readonly nameContains?: Maybe<string>;
  readonly runId?: Maybe<string>;
  readonly sessionId?: Maybe<string>;
  readonly deleted?: Maybe<boolean>;
  readonly states?: Maybe<readonly BranchState[]>;
  readonly inactiveFor?: Maybe<number>;
  readonly marked?: Maybe<boolean>;
}

/** Which proposals a client asks for; branches by name or node id. */
export interface ProposalFilter {
  readonly states?: Maybe<readonly ProposalState[]>;
  readonly source?: Maybe<string>;
  readonly target?: Maybe<string>;
  readonly createdBy?: Maybe<string>;
  readonly runId?: Maybe<string>;
  readonly reviewedBy?: Maybe<string>;
  readonly openedBefore?: Maybe<Date>;
  readonly openedSince?: Maybe<Date>;
}

/** An order as a client gives it. */
export interface Order<Field> {
  readonly field: Field;
  readonly direction?: Maybe<'ASC' | 'DESC'>;
}

/** Repositories within the key's globs; by name unless ordered otherwise. A key without READ has none. */
export function readRepos(request: Request, filter: Maybe<RepoFilter>, order: Maybe<Order<RepoQuery['orderBy']>>, page: PageRequest): Promise<Page<RepoRecord>> {
  if (!holdsRead(request)) return Promise.resolve(EMPTY_PAGE);
  const query: RepoQuery = {
    nameGlobs: request.viewer.key.repos,
    nameContains: filter?.nameContains ?? null,
    archived: filter?.archived ?? null,
    orderBy: order?.field ?? 'NAME',
    descending: order?.direction === 'DESC',
  };
  return request.reader.repos(query, page);
}

/** Deleted repositories within the key's globs that can be restored, the last deleted first. Needs ADMIN, or throws FORBIDDEN. */
export async function readDeletedRepos(request: Request, page: PageRequest): Promise<Page<DeletedRepoRecord>> {
  mustAllow(request, 'readDeletedRepos');
  return request.reader.deletedRepos(request.viewer.key.repos, page);
}

/** Branches of a readable repository that the key may read; by name unless ordered otherwise, deleted ones only when asked for. */
export function readBranches(request: Request, repo: RepoRecord, filter: Maybe<BranchFilter>, order: Maybe<Order<BranchQuery['orderBy']>>, page: PageRequest): Promise<Page<BranchRecord>> {
  if (!holdsRead(request)) return Promise.resolve(EMPTY_PAGE);
  const query: BranchQuery = {
    repoId: repo.id,
    defaultBranch: repo.defaultBranch,
    nameGlobs: request.viewer.key.readBranches,
    nameContains: filter?.nameContains ?? null,
    kind: filter?.kind ?? null,
    runId: filter?.runId ?? null,
    sessionId: filter?.sessionId ?? null,
    deleted: filter?.deleted ?? false,
    states: filter?.states ?? null,
    idleAfter: idleAfter(request, repo),
    inactiveFor: filter?.inactiveFor ?? null,
    marked: filter?.marked ?? null,
    orderBy: order?.field ?? 'NAME',
    descending: order?.direction === 'DESC',
  };
  return request.reader.branches(query, page);
}

/** The tags of a repository, by name; none for keys without READ. */
export async function readTags(request: Request, repo: RepoRecord, page: PageRequest): Promise<Page<TagRecord>> {
  return holdsRead(request) ? request.reader.tags(repo.id, page) : EMPTY_PAGE;
}

/** The timeline of a branch, oldest first; nothing of it for keys without READ. */
export async function readCheckpoints(request: Request, branch: BranchRecord, page: PageRequest): Promise<Page<CheckpointRecord>> {
  return holdsRead(request) ? request.reader.checkpoints(branch.id, page) : EMPTY_PAGE;
}

/** A checkpoint beside one that the key was shown, or null; null for keys without READ. */
export async function readNeighbour(request: Request, checkpointId: number | null): Promise<CheckpointRecord | null> {
  return checkpointId === null || !holdsRead(request) ? null : request.reader.checkpoint(checkpointId);
}

/**
 * Proposals whose source the key may read, newest first: of one repository, or of all that it reaches. Across repositories a
 * branch is named by its id alone; a branch that the key cannot find has no proposals.
 */
export async function readProposals(request: Request, repo: RepoRecord | null, filter: Maybe<ProposalFilter>, page: PageRequest): Promise<Page<ProposalRecord>> {
  const query = await proposalQuery(request, repo, filter);
  return query === null ? EMPTY_PAGE : request.reader.proposals(query, page);
}

/** How many proposals {@link readProposals} lists in all, by state; states without any are left out. */
export async function readProposalCounts(request: Request, filter: Maybe<ProposalFilter>): Promise<readonly ProposalCount[]> {
  const query = await proposalQuery(request, null, filter);
  return query === null ? [] : request.reader.proposalCounts(query);
}

/** What the filter comes to for this key; null where it can match nothing that the key may read. */
async function proposalQuery(request: Request, repo: RepoRecord | null, filter: Maybe<ProposalFilter>): Promise<ProposalQuery | null> {
  if (!holdsRead(request)) return null;
  const [source, target] = await Promise.all([branchNamed(request, repo, filter?.source), branchNamed(request, repo, filter?.target)]);
  if (source === 'absent' || target === 'absent') return null;
  return {
    repoId: repo?.id ?? source?.repoId ?? target?.repoId ?? null,
    repoGlobs: request.viewer.key.repos,
    branchGlobs: request.viewer.key.readBranches,
    states: filter?.states ?? null,
    sourceBranchId: source?.id ?? null,
    targetName: target?.name ?? null,
    ...sharedFilter(filter),
  };
}

function sharedFilter(filter: Maybe<ProposalFilter>): Pick<ProposalQuery, 'createdBy' | 'runId' | 'reviewedBy' | 'openedBefore' | 'openedSince'> {
  return {
    createdBy: filter?.createdBy ?? null,
    runId: filter?.runId ?? null,
    reviewedBy: filter?.reviewedBy ?? null,
    openedBefore: filter?.openedBefore ?? null,
    openedSince: filter?.openedSince ?? null,
  };
}

/** Proposals that come from a readable branch, newest first. */
export function readProposalsOf(request: Request, branch: BranchRecord, filter: Maybe<ProposalFilter>, page: PageRequest): Promise<Page<ProposalRecord>> {
  if (!holdsRead(request)) return Promise.resolve(EMPTY_PAGE);
  const query: ProposalQuery = {
    repoId: branch.repoId,
    repoGlobs: request.viewer.key.repos,
    branchGlobs: request.viewer.key.readBranches,
    states: filter?.states ?? null,
    sourceBranchId: branch.id,
    targetName: filter?.target ?? null,
    ...sharedFilter(filter),
  };
  return request.reader.proposals(query, page);
}

async function branchNamed(request: Request, repo: RepoRecord | null, ref: Maybe<string>): Promise<BranchRecord | null | 'absent'> {
  if (ref === null || ref === undefined) return null;
  if (repo !== null) return (await readableBranch(request, repo, ref)) ?? 'absent';
  const id = decodeGlobalId(ref);
  return id?.type === 'Branch' ? ((await readableBranchById(request, id.id)) ?? 'absent') : 'absent';
}
