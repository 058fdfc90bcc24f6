import type { BranchRecord } from '../../../domain/branch.js';
import type { Oid } from '../../../git/objects/object-source.js';
import type { Request } from '../../request.js';
import { readBase } from './read-proposal.js';
import { readableRepoById } from '../readable-repo.js';
import { resolveRev } from '../resolve-rev.js';

/** The commit that a branch is compared with: what `rev` names, else the head of its base; null when it has none that the key may read. */
export async function branchAgainst(request: Request, branch: BranchRecord, rev: string | null | undefined): Promise<Oid | null> {
  if (rev === null || rev === undefined) {
    const base = await readBase(request, branch);
    return base === null || base.id === branch.id ? null : base.head;
  }
  const repo = await readableRepoById(request, branch.repoId);
  return repo === null ? null : (await resolveRev(request, repo, rev)).oid;
}
