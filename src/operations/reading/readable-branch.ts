import { authorize } from '../../auth/authorize.js';
import type { BranchRecord } from '../../domain/branch.js';
import type { CheckpointRecord } from '../../domain/checkpoint.js';
import { decodeGlobalId } from '../../domain/global-id.js';
import type { ProposalRecord } from '../../domain/proposal.js';
import type { RepoRecord } from '../../domain/repo.js';
import type { Request } from '../request.js';
import { isWithinReach, readableRepoById } from './readable-repo.js';

/** True when the key may read branches of this name in this repository. */
export function mayReadBranch(request: Request, repoName: string, branchName: string): boolean {
  return authorize(request.viewer, 'readBranch', { repoName, branchName }) === null;
}

/** A branch of `repo` by exact name or node id; null when absent, hidden, or of another repository. Deleted ones by id only. */
export async function readableBranch(request: Request, repo: RepoRecord, ref: string): Promise<BranchRecord | null> {
  const id = decodeGlobalId(ref);
  // Decided by names alone, before anything is looked up: what is hidden and what is absent then take the same time.
  if (id === null ? !mayReadBranch(request, repo.name, ref) : id.type !== 'Branch' || !(await isWithinReach(request, 'Branch', id.id))) return null;
  const branch = id === null ? await request.reader.branchByName(repo.id, ref) : id.type === 'Branch' ? await request.reader.branch(id.id) : null;
  return branch !== null && branch.repoId === repo.id && mayReadBranch(request, repo.name, branch.name) ? branch : null;
}

/** A branch by its row's id, deleted ones included; null when absent or not readable. */
export async function readableBranchById(request: Request, branchId: number): Promise<BranchRecord | null> {
  const branch = await request.reader.branch(branchId);
  if (branch === null) return null;
  const repo = await readableRepoById(request, branch.repoId);
  return repo !== null && mayReadBranch(request, repo.name, branch.name) ? branch : null;
}

/** A checkpoint of a readable branch by its row's id; null otherwise. */
export async function readableCheckpointById(request: Request, checkpointId: number): Promise<CheckpointRecord | null> {
  const checkpoint = await request.reader.checkpoint(checkpointId);
  if (checkpoint === null) return null;
  return (await readableBranchById(request, checkpoint.branchId)) === null ? null : checkpoint;
}

/** A checkpoint by its branch (name or node id) and number; null when absent or not readable. */
export async function readableCheckpoint(request: Request, repo: RepoRecord, branchRef: string, number: number): Promise<CheckpointRecord | null> {
  const branch = await readableBranch(request, repo, branchRef);
  return branch === null ? null : request.reader.checkpointByNumber(branch.id, number);
}

/** A proposal whose source branch the key may read, by its row's id; null otherwise. */
export async function readableProposalById(request: Request, proposalId: number): Promise<ProposalRecord | null> {
  const proposal = await request.reader.proposal(proposalId);
  if (proposal === null) return null;
  const repo = await readableRepoById(request, proposal.repoId);
  return repo !== null && mayReadBranch(request, repo.name, proposal.sourceName) ? proposal : null;
}

/** A proposal whose source branch the key may read, by its number; null otherwise. */
export async function readableProposal(request: Request, repo: RepoRecord, number: number): Promise<ProposalRecord | null> {
  const place = await request.reader.whereaboutsOfProposal(repo.id, number);
  return place !== null && mayReadBranch(request, repo.name, place.branchName) ? request.reader.proposalByNumber(repo.id, number) : null;
}
