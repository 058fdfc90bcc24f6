import type { ApiKeyRecord } from '../domain/api-key.js';
import { matchesAnyGlob } from '../domain/glob.js';
import type { EventPayload } from '../domain/operation.js';
import type { Problem } from '../domain/problem.js';
import { forbidden, notFound, outsideGlobs } from '../domain/problems.js';
import { actionRule, type Action, type ActionRule } from './actions.js';
import { holdsScope } from './scopes.js';
import type { Viewer } from './viewer.js';

/**
 * What an action is to be done to, as far as it is known yet: a verb asks once the repository is loaded, again with each
 * branch it touches, and again with the paths whose content it changes. `branchName` is the branch that is read or written by
 * the action's reach; a verb that reads one branch and writes another asks for the read with `readBranch`.
 */
export interface ActionTarget {
  readonly repoName?: string;
  readonly branchName?: string;
  /** Paths that the action changes. */
  readonly paths?: readonly string[];
}

/**
 * Null when the viewer may do this, or the refusal. What the key cannot read is NOT_FOUND, in the same words as if it were absent;
 * what it can read but may not do is FORBIDDEN, with the scope that it lacks, or without one where its globs are the reason. A
 * name that is yet to be made is judged by its globs alone, so FORBIDDEN says nothing about what exists.
 *
 * A scope reaches without READ: a key that may only write gets NOT_FOUND for what it may neither read nor write, and no
 * refusal tells it more than that.
 */
export function authorize(viewer: Viewer, action: Action, target: ActionTarget = {}): Problem | null {
  const { key } = viewer;
  const rule = actionRule(action);
  const lacking = holdsRule(key, rule) ? null : forbidden(rule.scope);
  if (rule.reach === 'NEW_REPO') return lacking ?? outsideRepos(key, target) ?? outsideWrites(key, target);
  const hidden = hiddenTarget(key, rule, target);
  if (hidden !== null || lacking !== null) return hidden ?? lacking;
  return rule.reach === 'WRITE_BRANCH' || rule.reach === 'NEW_BRANCH' ? outsideWrites(key, target) : null;
}

function holdsRule(key: ApiKeyRecord, { scope, or }: ActionRule): boolean {
  return holdsScope(key, scope) || (or !== undefined && holdsScope(key, or));
}

/** NOT_FOUND for what the key cannot read, unless the action's own scope lets it reach it; null otherwise. */
function hiddenTarget(key: ApiKeyRecord, rule: ActionRule, { repoName, branchName }: ActionTarget): Problem | null {
  if (repoName === undefined) return null;
  const known = holdsRule(key, rule) || holdsScope(key, 'READ');
  if (!known || !matchesAnyGlob(key.repos, repoName)) return notFound('repository', repoName);
  if (branchName === undefined || rule.reach === 'NEW_BRANCH' || matchesAnyGlob(key.readBranches, branchName)) return null;
  return notFound('branch', branchName);
}

function outsideRepos(key: ApiKeyRecord, { repoName }: ActionTarget): Problem | null {
  return repoName === undefined || matchesAnyGlob(key.repos, repoName) ? null : outsideGlobs('repos', repoName);
}

/** The refusal by the globs that limit writing, or null. A branch that is made must be one that the key can read afterwards. */
function outsideWrites(key: ApiKeyRecord, { branchName, paths }: ActionTarget): Problem | null {
  if (branchName !== undefined && !matchesAnyGlob(key.branches, branchName)) return outsideGlobs('branches', branchName);
  if (branchName !== undefined && !matchesAnyGlob(key.readBranches, branchName)) return outsideGlobs('readBranches', branchName);
  const outside = paths?.find((path) => !matchesAnyGlob(key.paths, path));
  return outside === undefined ? null : outsideGlobs('paths', outside);
}

/** True when the key may see this event: it reads the repository, and every branch that the event names. */
export function mayReadEvent(viewer: Viewer, event: EventPayload): boolean {
  const { repoName, branchName, sourceName } = event;
  if (authorize(viewer, 'readRepo', { repoName }) !== null) return false;
  return [branchName, sourceName].every((name) => name === undefined || authorize(viewer, 'readBranch', { repoName, branchName: name }) === null);
}
