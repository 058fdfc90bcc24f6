import * as violations from '../domain/input-violations.js';
import * as problems from '../domain/problems.js';
import type { RepoRecord } from '../domain/repo.js';
import { QueryError } from './reading/query-error.js';
import { resolveRev, type ResolvedRev } from './reading/resolve-rev.js';
import type { Request } from './request.js';
import type { Found } from './targets.js';

/** Where a new branch begins: the commit, and the branch that it is cut from. */
export interface Start {
  readonly oid: string;
  readonly baseName: string;
}

/** What `rev` names for this key; InvalidInput on `field` when it names nothing that the key can read. */
export async function findRev(request: Request, repo: RepoRecord, rev: string, field: string): Promise<Found<ResolvedRev>> {
  try {
    return { ok: true, value: await resolveRev(request, repo, rev) };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    if (error.code === 'AMBIGUOUS_REV') return { ok: false, problem: problems.invalidInput(field, violations.revAmbiguous(rev)) };
    if (error.code === 'UNKNOWN_REV') return { ok: false, problem: problems.invalidInput(field, violations.revUnknown(rev)) };
    throw error;
  }
}

/** The commit that `rev` names and the base of a branch cut there; InvalidInput on `from` when it names none that the key can read. */
export async function findStart(request: Request, repo: RepoRecord, rev: string): Promise<Found<Start>> {
  const found = await findRev(request, repo, rev, 'from');
  return found.ok ? { ok: true, value: { oid: found.value.oid, baseName: found.value.branch?.name ?? repo.defaultBranch } } : found;
}
