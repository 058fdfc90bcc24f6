import { branchState, type BranchRecord, type BranchState } from '../../domain/branch.js';
import type { RepoRecord } from '../../domain/repo.js';
import { rulesFor } from '../../domain/target-rules.js';
import type { Request } from '../request.js';
import { readRepoOf } from './readable-repo.js';

/** After how many milliseconds without a move a branch of this repository is IDLE: what it says itself, or else the deployment. */
export function idleAfter(request: Request, { settings }: RepoRecord): number {
  return settings.idleAfter ?? request.gateway.limits.idleAfterMs;
}

/** Where a branch stands in its life, by the server's clock. */
export async function readBranchState(request: Request, branch: BranchRecord): Promise<BranchState> {
  return branchState(branch, request.gateway.now(), idleAfter(request, await readRepoOf(request, branch.repoId)));
}

/** True when the branch moves by proposals only, by its own row or by the settings of its repository. */
export async function isProtected(request: Request, branch: BranchRecord): Promise<boolean> {
  return rulesFor((await readRepoOf(request, branch.repoId)).settings, branch).protected;
}
