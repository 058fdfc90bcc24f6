import { authorize } from '../auth/authorize.js';
import { actionRule, type Action } from '../auth/actions.js';
import type { BranchRecord } from '../domain/branch.js';
import { decodeGlobalId } from '../domain/global-id.js';
import type { Problem } from '../domain/problem.js';
import * as problems from '../domain/problems.js';
import type { ProposalRecord } from '../domain/proposal.js';
import type { RepoRecord } from '../domain/repo.js';
import type { ThreadRecord } from '../domain/thread.js';
import type { Request } from './request.js';

/** What a verb works on, or why it may not. */
export type Found<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

function found<T>(value: T): Found<T> {
  return { ok: true, value };
}

function missing(problem: Problem): Found<never> {
  return { ok: false, problem };
}

/** The repository that a verb is to work on, by name or node id: NotFound when absent or not readable, Forbidden when not allowed. */
export async function findRepo(request: Request, action: Action, ref: string): Promise<Found<RepoRecord>> {
  const id = decodeGlobalId(ref);
  const absent = problems.notFound('repository', ref);
  // Decided by the name alone, before anything is looked up: what is hidden and what is absent then take the same time.
  const repoName = id === null ? ref : id.type === 'Repo' ? (await request.reader.whereabouts('Repo', id.id))?.repoName : undefined;
  if (repoName === undefined || authorize(request.viewer, action, { repoName })?.code === 'NOT_FOUND') return missing(absent);
  const repo = id === null ? await request.reader.repoByName(ref) : id.type === 'Repo' ? await request.reader.repo(id.id) : null;
  if (repo === null) return missing(absent);
  const refusal = authorize(request.viewer, action, { repoName: repo.name });
  if (refusal !== null) return missing(refusal.code === 'NOT_FOUND' ? absent : refusal);
  if (repo.archivedAt !== null && !actionRule(action).onArchived) return missing(problems.repoArchived(repo.name));
  return found(repo);
}

/** A live branch of `repo` that the verb is to read (`action` null) or to write, by name or node id. */
export async function findBranch(request: Request, action: Action | null, repo: RepoRecord, ref: string): Promise<Found<BranchRecord>> {
  const id = decodeGlobalId(ref);
  const absent = problems.notFound('branch', ref);
  const place = id === null ? { repoName: repo.name, branchName: ref } : id.type === 'Branch' ? await request.reader.whereabouts('Branch', id.id) : null;
  if (place === null || authorize(request.viewer, action ?? 'readBranch', place)?.code === 'NOT_FOUND') return missing(absent);
  const branch = id === null ? await request.reader.branchByName(repo.id, ref) : id.type === 'Branch' ? await request.reader.branch(id.id) : null;
  if (branch === null || branch.repoId !== repo.id || branch.deletedAt !== null) return missing(absent);
  const refusal = authorize(request.viewer, action ?? 'readBranch', { repoName: repo.name, branchName: branch.name });
  if (refusal === null) return found(branch);
  return missing(action === null || refusal.code === 'NOT_FOUND' ? absent : refusal);
}

/** A proposal of `repo` whose source branch the key may read, by number. */
export async function findProposal(request: Request, repo: RepoRecord, number: number): Promise<Found<ProposalRecord>> {
  const place = await request.reader.whereaboutsOfProposal(repo.id, number);
  const isHidden = place === null || authorize(request.viewer, 'readBranch', place) !== null;
  const proposal = isHidden ? null : await request.reader.proposalByNumber(repo.id, number);
  return proposal === null ? missing(problems.notFound('proposal', String(number))) : found(proposal);
}

/** A thread that the verb is to speak in, of a proposal whose source branch the key may read, by its node id; of this proposal where one is given. */
export async function findThread(request: Request, ref: string, proposal: ProposalRecord | null): Promise<Found<ThreadRecord>> {
  const id = decodeGlobalId(ref);
  const absent = problems.notFound('thread', ref);
  const place = id?.type === 'Thread' ? await request.reader.whereabouts('Thread', id.id) : null;
  if (id?.type !== 'Thread' || place === null || authorize(request.viewer, 'readBranch', place) !== null) return missing(absent);
  const thread = await request.reader.thread(id.id);
  return thread === null || (proposal !== null && thread.proposalId !== proposal.id) ? missing(absent) : found(thread);
}

/** StaleHead when the branch is not where the caller expects it; null when it is, or when nothing was expected. */
export function staleness(branch: BranchRecord, expectedHead: string | null | undefined, expectedVersion: number | null | undefined): Problem | null {
  const headMoved = expectedHead !== null && expectedHead !== undefined && expectedHead !== branch.head;
  const versionMoved = expectedVersion !== null && expectedVersion !== undefined && expectedVersion !== branch.version;
  return headMoved || versionMoved ? problems.staleHead(branch, { head: expectedHead ?? null, version: expectedVersion ?? null }) : null;
}
