import type { BranchRecord } from '../../domain/branch.js';
import type { RepoRecord } from '../../domain/repo.js';
import { parseRev, type RevCandidate } from '../../domain/rev.js';
import type { Oid } from '../../git/objects/object-source.js';
import type { Request } from '../request.js';
import { QueryError } from './query-error.js';
import { readableBranch, readableBranchById, readableCheckpoint, readableCheckpointById, readableProposal, readableProposalById } from './readable-branch.js';
import { commitReading, mayReadCommit } from './readable-commit.js';
import { isWithinReach, mayReadRepo } from './readable-repo.js';
import { loadCommit, type CommitView } from './read-commits.js';

/** Candidates of an abbreviation that are looked at: more share a prefix of 7 digits only in repositories beyond 10^8 objects. */
const MAX_CANDIDATES = 100;

/** What a rev came to: a commit, and the branch where the rev named one. */
export interface ResolvedRev {
  readonly oid: Oid;
  readonly branch: BranchRecord | null;
}

/**
 * What a rev names in `repo`, for this key: the first of its readings that exists and may be read. Rejects with UNKNOWN_REV, in
 * the same words for absent and hidden, and with AMBIGUOUS_REV for an abbreviation that fits several readable commits.
 */
export async function resolveRev(request: Request, repo: RepoRecord, rev: string): Promise<ResolvedRev> {
  for (const candidate of parseRev(rev)) {
    const resolved = await resolveCandidate(request, repo, candidate);
    if (resolved !== null) return resolved;
  }
  throw new QueryError('UNKNOWN_REV', `There is no rev ${JSON.stringify(rev.slice(0, 200))} that this key can read.`);
}

/** The commit that a rev names, read; rejects as {@link resolveRev} does. */
export async function commitAt(request: Request, repo: RepoRecord, rev: string): Promise<CommitView> {
  return loadCommit(request, repo.id, (await resolveRev(request, repo, rev)).oid);
}

async function resolveCandidate(request: Request, repo: RepoRecord, candidate: RevCandidate): Promise<ResolvedRev | null> {
  switch (candidate.kind) {
    case 'checkpoint':
      return atCommit((await readableCheckpoint(request, repo, candidate.branch, candidate.number))?.oid);
    case 'proposal':
      return atCommit((await readableProposal(request, repo, candidate.number))?.head);
    case 'tag':
      return mayReadRepo(request, repo.name) ? atCommit((await request.reader.tagByName(repo.id, candidate.name))?.commitOid) : null;
    case 'node':
      return resolveNode(request, repo, candidate.type, candidate.id);
    case 'commit':
      return candidate.repoId === repo.id ? ifReadable(request, repo, candidate.oid) : null;
    case 'branch':
      return atBranch(await readableBranch(request, repo, candidate.name));
    case 'oid':
      return ifReadable(request, repo, candidate.oid);
    case 'abbreviation':
      return resolveAbbreviation(request, repo, candidate.prefix);
  }
}

function atCommit(oid: Oid | null | undefined): ResolvedRev | null {
  return oid === null || oid === undefined ? null : { oid, branch: null };
}

function atBranch(branch: BranchRecord | null): ResolvedRev | null {
  return branch === null ? null : { oid: branch.head, branch };
}

async function ifReadable(request: Request, repo: RepoRecord, oid: Oid): Promise<ResolvedRev | null> {
  return (await mayReadCommit(request, repo, oid)) ? { oid, branch: null } : null;
}

async function resolveNode(request: Request, repo: RepoRecord, type: 'Branch' | 'Checkpoint' | 'Proposal', id: number): Promise<ResolvedRev | null> {
  if (!(await isWithinReach(request, type, id))) return null;
  switch (type) {
    case 'Branch': {
      const branch = await readableBranchById(request, id);
      return branch?.repoId === repo.id ? atBranch(branch) : null;
    }
    case 'Checkpoint': {
      const checkpoint = await readableCheckpointById(request, id);
      return checkpoint?.repoId === repo.id ? atCommit(checkpoint.oid) : null;
    }
    case 'Proposal': {
      const proposal = await readableProposalById(request, id);
      return proposal?.repoId === repo.id ? atCommit(proposal.head) : null;
    }
  }
}

/** Among the objects with this prefix, the one commit that the key may read: what is hidden neither answers nor makes ambiguous, nor takes longer. */
async function resolveAbbreviation(request: Request, repo: RepoRecord, prefix: string): Promise<ResolvedRev | null> {
  const found = await request.gateway.storage.objects.open(repo.id).withPrefix(prefix, MAX_CANDIDATES);
  const isReadable = await commitReading(request, repo, found);
  const readable = found.filter(isReadable);
  if (readable.length > 1) throw new QueryError('AMBIGUOUS_REV', `${prefix} fits ${readable.length} commits; give more digits.`);
  return atCommit(readable[0]);
}
