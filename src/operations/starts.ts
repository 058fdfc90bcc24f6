import * as violations from '../domain/input-violations.js';
import * as problems from '../domain/problems.js';
import type { RepoRecord } from '../domain/repo.js';
import { QueryError } from './reading/query-error.js';
import { resolveRev } from './reading/resolve-rev.js';
import type { Request } from './request.js';
import type { Found } from './targets.js';

/** Where a new branch begins: the commit, and the branch that it is cut from. */
export interface Start {
  readonly oid: string;
  readonly baseName: string;
}

/** The commit that `rev` names and the base of a branch cut there; InvalidInput on `from` when it names none that the key can read. */
export async function findStart(request: Request, repo: RepoRecord, rev: string): Promise<Found<Start>> {
  try {
    const resolved = await resolveRev(request, repo, rev);
    return { ok: true, value: { oid: resolved.oid, baseName: resolved.branch?.name ?? repo.defaultBranch } };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    if (error.code === 'AMBIGUOUS_REV') return { ok: false, problem: problems.invalidInput('from', violations.revAmbiguous(rev)) };
    if (error.code === 'UNKNOWN_REV') return { ok: false, problem: problems.invalidInput('from', violations.revUnknown(rev)) };
    throw error;
  }
}
