import { EMPTY_PAGE, type Page, type PageRequest } from '../../domain/ports/pages.js';
import type { RepoRecord } from '../../domain/repo.js';
import { retentionVerdict, type RetentionFacts, type RetentionVerdict } from '../../domain/retention.js';
import type { RetentionStep } from '../receipts.js';
import type { Request } from '../request.js';
import { holdsRead } from './allowed.js';
import { mapPage } from './page-of.js';

/** A branch that retention would do something to, and what. */
export interface DueBranch {
  readonly facts: RetentionFacts;
  readonly verdict: RetentionVerdict;
}

/** What the policy of a repository has done at the instant `now`, oldest branch first, among those that the key may read, or may also write. */
export async function dueBranches(request: Request, repo: RepoRecord, now: Date, reach: 'read' | 'write', page: PageRequest): Promise<Page<DueBranch>> {
  const { readBranches, branches } = request.viewer.key;
  const policy = repo.settings.retention;
  const query = { repoId: repo.id, defaultBranch: repo.defaultBranch, settings: repo.settings, policy, now, readGlobs: readBranches, writeGlobs: reach === 'read' ? ['**'] : branches };
  const found = await request.reader.dueBranches(query, page);
  const edges = found.edges.flatMap(({ node: facts, key }) => {
    const verdict = retentionVerdict(policy, facts, now);
    return verdict === null ? [] : [{ node: { facts, verdict }, key }];
  });
  return { ...found, edges };
}

/** What a run would do now to branches that the key may read; nothing for keys without READ. */
export async function readDueBranches(request: Request, repo: RepoRecord, page: PageRequest): Promise<Page<RetentionStep>> {
  return holdsRead(request) ? mapPage(await dueBranches(request, repo, request.gateway.now(), 'read', page), retentionStep) : EMPTY_PAGE;
}

/** A step as receipts keep it. */
export function retentionStep({ facts, verdict }: DueBranch): RetentionStep {
  return { branchId: facts.branch.id, ...verdict, since: verdict.since.getTime() };
}
