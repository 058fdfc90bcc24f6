import type { Scope } from './api-key.js';
import type { BranchRecord } from './branch.js';
import type { MergePart } from './accept-input.js';
import type { ConflictResolutionInput } from './conflict-resolution.js';
import type { ConflictSummary, ProblemOf, RuleStatus } from './problem.js';
import type { ImportState } from './import-job.js';
import type { ProposalState } from './proposal.js';
import { quote, type Violation } from './violation.js';

/** What can be named in a refusal; the words are those of the public schema. */
export type NounKind = 'repository' | 'branch' | 'checkpoint' | 'commit' | 'tag' | 'file' | 'proposal' | 'review' | 'thread' | 'API key' | 'blob' | 'mirror' | 'webhook' | 'delivery' | 'import';

/** Each list of globs that a key carries and that can be the reason of a refusal. */
export type KeyGlobs = 'repos' | 'branches' | 'readBranches' | 'paths' | 'actAs';

/** The input at `field` (a path into the input object, `changes[3].write.path`) breaks a rule. */
export function invalidInput(field: string, violation: Violation): ProblemOf<'INVALID_INPUT'> {
  return { code: 'INVALID_INPUT', field, ...violation };
}

/** It is not there, or this key may not read it: the two are told in the same words, so that nobody learns what is hidden. */
export function notFound(kind: NounKind, name: string | number): ProblemOf<'NOT_FOUND'> {
  return {
    code: 'NOT_FOUND',
    message: `There is no ${kind} ${typeof name === 'number' ? `number ${name}` : quote(name)} that this key can read.`,
    hint: 'Check the spelling, and what this key may read under "viewer".',
  };
}

/** The key reads the thing but lacks the scope to do this to it. */
export function forbidden(needs: Scope): ProblemOf<'FORBIDDEN'> {
  return {
    code: 'FORBIDDEN',
    needs,
    message: `This needs a key with the scope ${needs}.`,
    hint: `Ask an administrator for a key with ${needs}; scopes of a key cannot be changed.`,
  };
}

/** The key has the scope, but its globs do not reach what would be written. */
export function outsideGlobs(globs: KeyGlobs, name: string): ProblemOf<'FORBIDDEN'> {
  return {
    code: 'FORBIDDEN',
    needs: null,
    message: `${quote(name)} is outside of what this key may write: none of its "${globs}" globs matches.`,
    hint: `Use a name that the key's "${globs}" reach, or a key that reaches this one.`,
  };
}

/** A key may only make and manage keys that reach no further than itself. */
export function keyReachesFurther(globs: KeyGlobs): ProblemOf<'FORBIDDEN'> {
  return {
    code: 'FORBIDDEN',
    needs: null,
    message: `The "${globs}" of the new key would reach further than those of the key that makes it.`,
    hint: `Narrow "${globs}", one glob of the making key covering each, or use a key that reaches further.`,
  };
}

/** Who contributed to a proposal cannot approve it, whichever key is used. */
export function ownContribution(number: number): ProblemOf<'FORBIDDEN'> {
  return {
    code: 'FORBIDDEN',
    needs: null,
    message: `Proposal ${number} holds work of this actor or key, so its approval must come from another one.`,
    hint: 'Have another actor, with a key of their own, review it.',
  };
}

/** A live repository, branch or key has this name, or one that differs by case only or is a directory of it. */
export function nameTaken(kind: 'repository' | 'branch' | 'API key', name: string): ProblemOf<'NAME_TAKEN'> {
  return {
    code: 'NAME_TAKEN',
    name,
    message: `The ${kind} name ${quote(name)} is taken.`,
    hint: kind === 'branch' ? 'Choose another; names may not differ by case only, nor be a directory of one another ("a" and "a/b").' : 'Choose another name.',
  };
}

/** The branch is not where the caller expected it; `branch` is as it stands now. */
export function staleHead(branch: BranchRecord, expected: { readonly head: string | null; readonly version: number | null }): ProblemOf<'STALE_HEAD'> {
  return {
    code: 'STALE_HEAD',
    branchId: branch.id,
    expectedHead: expected.head,
    actualHead: branch.head,
    expectedVersion: expected.version,
    actualVersion: branch.version,
    message: `The branch ${quote(branch.name)} has moved: it is at ${branch.head}, version ${branch.version}.`,
    hint: 'Read what happened under "since", then repeat with the actual head, or without an expected one to apply it to whatever the head is.',
  };
}

/** The repository is not at the version that the caller expected; `repo` is as it stands now. */
export function staleRepo(repo: { readonly name: string; readonly version: number }, expectedVersion: number): ProblemOf<'STALE_HEAD'> {
  return {
    code: 'STALE_HEAD',
    branchId: null,
    expectedHead: null,
    actualHead: null,
    expectedVersion,
    actualVersion: repo.version,
    message: `The repository ${quote(repo.name)} has been changed: it is at version ${repo.version}.`,
    hint: 'Read it again, then repeat with its actual version, or without an expected one to apply it to whatever stands there.',
  };
}

/** Both sides changed the same places; nothing was written. `ours` is the head that would be written, `theirs` what comes in. */
export function mergeConflicted(merge: {
  readonly repoId: number;
  readonly ours: string;
  readonly theirs: string;
  readonly rebase?: boolean;
  readonly resolutions?: readonly ConflictResolutionInput[];
  readonly reverts?: readonly { readonly from: string; readonly to: string }[];
  readonly part?: MergePart;
  readonly conflicts: readonly ConflictSummary[];
}): ProblemOf<'MERGE_CONFLICTED'> {
  const count = merge.conflicts.length;
  const first = merge.conflicts[0]?.path;
  return {
    code: 'MERGE_CONFLICTED',
    ...merge,
    message: `The merge has ${count === 1 ? 'a conflict' : `${count} conflicts`}${first === undefined ? '' : `, ${count === 1 ? '' : 'the first '}in ${quote(first)}`}.`,
    hint: 'Read them under "conflicts" or with mergePreview, and repeat with "resolutions", or bring the target into the source first.',
  };
}

/** A rule of the branch forbids this to everyone. */
export function protectedBranch(name: string, rule: string): ProblemOf<'PROTECTED_BRANCH'> {
  return {
    code: 'PROTECTED_BRANCH',
    rule,
    message: `The branch ${quote(name)} is protected: ${rule}.`,
    hint: 'Work on another branch and open a proposal into this one.',
  };
}

/** The default branch of a repository is always kept. */
export function defaultBranchKept(name: string): ProblemOf<'PROTECTED_BRANCH'> {
  const rule = 'the default branch cannot be deleted';
  return { code: 'PROTECTED_BRANCH', rule, message: `${quote(name)} is the default branch, which cannot be deleted.`, hint: 'Delete the repository instead, or make another branch the default first.' };
}

/** Rules of review still stand between the proposal and the merge; `rules` has all of them, the satisfied ones too. */
export function rulesUnmet(number: number, rules: readonly RuleStatus[]): ProblemOf<'RULES_UNMET'> {
  const unmet = rules.filter((rule) => !rule.satisfied);
  return {
    code: 'RULES_UNMET',
    rules,
    message: `Proposal ${number} cannot be merged yet: ${unmet.map((rule) => rule.explanation.replace(/\.$/u, '')).join('; ')}.`,
    hint: 'Fulfil the rules that are not satisfied, then repeat.',
  };
}

/** The proposal's state does not allow this. */
export function proposalState(number: number, state: ProposalState, wanted: string): ProblemOf<'INVALID_STATE'> {
  return {
    code: 'INVALID_STATE',
    actualState: state,
    message: `Proposal ${number} cannot be ${wanted} while it is ${state}.`,
    hint: hintOn(state, wanted),
  };
}

function hintOn(state: ProposalState, wanted: string): string {
  if (wanted === 'reopened') return state === 'MERGED' ? 'Open a new proposal from the branch.' : 'It is pending: judge it, or go on writing to its branch.';
  if (state === 'REJECTED' || state === 'CLOSED') return 'Reopen it, or open a new proposal from the branch.';
  return state === 'MERGED' ? 'Open a new proposal from the branch.' : 'Push a revision that answers the request, or have its reviewer approve it.';
}

/** A branch of an ended proposal is deleted, so it cannot be taken up again. */
export function proposalBranchGone(number: number, which: 'source' | 'target', name: string): ProblemOf<'INVALID_STATE'> {
  return {
    code: 'INVALID_STATE',
    actualState: which === 'source' ? 'SOURCE_GONE' : 'TARGET_GONE',
    message: `Proposal ${number} cannot be reopened, because its ${which} ${quote(name)} is deleted.`,
    hint: 'Bring the branch back with restoreBranch first.',
  };
}

/** The branch that a proposal comes from is deleted or at another head, so no revision can be written to it. */
export function sourceGone(number: number, sourceName: string): ProblemOf<'INVALID_STATE'> {
  return {
    code: 'INVALID_STATE',
    actualState: 'SOURCE_GONE',
    message: `Proposal ${number} needs a new revision for this, but its source ${quote(sourceName)} is not at its head any more.`,
    hint: 'Restore the branch, or make a new one at the proposed head and open another proposal.',
  };
}

/** The review names another head than the one that the proposal has now: the reviewer looked at something else. */
export function headNotReviewed(number: number, actualHead: string): ProblemOf<'INVALID_STATE'> {
  return {
    code: 'INVALID_STATE',
    actualState: actualHead,
    message: `Proposal ${number} has a newer head, ${actualHead}, than the one that was judged.`,
    hint: 'Read the diff of the new head, with "sinceReview" for what is new, and judge that.',
  };
}

/** The thread is resolved already, or open already. */
export function threadSettled(isResolved: boolean): ProblemOf<'INVALID_STATE'> {
  return {
    code: 'INVALID_STATE',
    actualState: isResolved ? 'RESOLVED' : 'OPEN',
    message: isResolved ? 'The thread is resolved already.' : 'The thread is open already.',
    hint: 'There is nothing to do.',
  };
}

/** The key that made the webhook is revoked or has expired, so nothing can be sent in its name any more. */
export function webhookKeyGone(): ProblemOf<'INVALID_STATE'> {
  return { code: 'INVALID_STATE', actualState: 'KEY_GONE', message: 'The key that made this webhook is revoked or has expired.', hint: 'Create a webhook with a live key, with this one’s "cursor" as "after", and delete this one.' };
}

/** The webhook is stopped, so it sends nothing. */
export function webhookStopped(): ProblemOf<'INVALID_STATE'> {
  return { code: 'INVALID_STATE', actualState: 'STOPPED', message: 'The webhook is stopped, so it sends nothing.', hint: 'Have it begin again first: redeliverWebhook without a delivery.' };
}

/** The delivery has not come to an end, so it is sent anyway. */
export function deliveryPending(): ProblemOf<'INVALID_STATE'> {
  return { code: 'INVALID_STATE', actualState: 'PENDING', message: 'The delivery is still owed, so it is sent anyway.', hint: 'To have everything tried that is owed, and now, call redeliverWebhook without a delivery.' };
}

/** The import has come to an end, so it cannot be called off; or was called off, so it ends without a repository. */
export function importOver(state: ImportState): ProblemOf<'INVALID_STATE'> {
  const how = { RUNNING: 'is under way', DONE: 'is done', FAILED: 'has failed', CANCELLED: 'was called off' } as const;
  return { code: 'INVALID_STATE', actualState: state, message: `The import ${how[state]}.`, hint: state === 'DONE' ? 'Delete the repository if it is not wanted.' : 'Ask for another with importRepo.' };
}

/** The repository could not be fetched; `sentence` says why. */
export function importRefused(sentence: string): ProblemOf<'INVALID_INPUT'> {
  return { code: 'INVALID_INPUT', field: 'url', rule: 'import/refused', message: sentence, hint: 'Nothing was imported; see that "git clone" takes the address from elsewhere.' };
}

/** Nobody may do it in the name of a key that is revoked or has expired. */
export function importKeyGone(): ProblemOf<'INVALID_STATE'> {
  return { code: 'INVALID_STATE', actualState: 'KEY_GONE', message: 'The key that asked for the import is revoked or has expired.', hint: 'Ask again with a live key.' };
}

/** One gateway after the other stopped in the middle of it. */
export function importInterrupted(attempts: number): ProblemOf<'UNAVAILABLE'> {
  return { code: 'UNAVAILABLE', message: `The import was interrupted ${attempts} times, and is not tried again. Nothing was imported.`, hint: 'See the log of the gateway, then ask again.' };
}

/** Something below failed that is in the log. */
export function importBroken(): ProblemOf<'UNAVAILABLE'> {
  return { code: 'UNAVAILABLE', message: 'The import failed for a reason that is in the log of the gateway. Nothing was imported.', hint: 'Ask again; tell the operator the id of the job.' };
}

/** The server has no git program that can be used. */
export function gitMissing(fault: string): ProblemOf<'UNAVAILABLE'> {
  return { code: 'UNAVAILABLE', message: fault, hint: 'The operator installs git, or names it in WEIR_GIT.' };
}

/** The repository is archived, thus read-only. */
export function repoArchived(name: string): ProblemOf<'INVALID_STATE'> {
  return { code: 'INVALID_STATE', actualState: 'ARCHIVED', message: `The repository ${quote(name)} is archived, so it cannot be written.`, hint: 'Unarchive it first, or fork it.' };
}

/** The repository is not archived, so there is nothing to take back. */
export function repoNotArchived(name: string): ProblemOf<'INVALID_STATE'> {
  return { code: 'INVALID_STATE', actualState: 'LIVE', message: `The repository ${quote(name)} is not archived.`, hint: 'There is nothing to do; it can be written.' };
}

/** The branch that is to be brought back was never deleted, or is back already. */
export function branchNotDeleted(name: string): ProblemOf<'INVALID_STATE'> {
  return { code: 'INVALID_STATE', actualState: 'LIVE', message: `The branch ${quote(name)} is not deleted.`, hint: 'There is nothing to bring back; read it by its id.' };
}

/** The grace of a deleted branch has passed: what only it led to may be gone. */
export function branchForgotten(name: string): ProblemOf<'INVALID_STATE'> {
  return { code: 'INVALID_STATE', actualState: 'FORGOTTEN', message: `The branch ${quote(name)} was deleted longer ago than this repository keeps deleted branches.`, hint: 'Begin a new branch; where one of its commits is still to be found, from that.' };
}

/** Another proposal of the same source into the same target is still pending. */
export function alreadyProposed(sourceName: string, targetName: string, number: number): ProblemOf<'INVALID_STATE'> {
  return {
    code: 'INVALID_STATE',
    actualState: 'PROPOSED',
    message: `${quote(sourceName)} is already proposed into ${quote(targetName)} by proposal ${number}.`,
    hint: `Go on with proposal ${number}: it follows the branch. Or reject it first.`,
  };
}

/** The source has nothing that the target lacks. */
export function nothingToPropose(sourceName: string, targetName: string): ProblemOf<'INVALID_STATE'> {
  return { code: 'INVALID_STATE', actualState: 'UP_TO_DATE', message: `${quote(sourceName)} has no commit that ${quote(targetName)} lacks.`, hint: 'Write a checkpoint to the source first.' };
}

/** FAST_FORWARD_ONLY was asked for, but both branches have commits of their own. */
export function notFastForward(fromName: string, intoName: string): ProblemOf<'INVALID_STATE'> {
  return {
    code: 'INVALID_STATE',
    actualState: 'DIVERGED',
    message: `${quote(intoName)} cannot be fast-forwarded to ${quote(fromName)}: both have commits of their own.`,
    hint: 'Use the strategy MERGE, or bring the target into the source first.',
  };
}

/** The two histories have no commit in common. */
export function unrelatedHistories(fromName: string, intoName: string): ProblemOf<'INVALID_STATE'> {
  return {
    code: 'INVALID_STATE',
    actualState: 'UNRELATED',
    message: `${quote(fromName)} and ${quote(intoName)} have no commit in common.`,
    hint: 'Branch off the target and write the changes there.',
  };
}

/** A configured size would be exceeded; `limit` is its name under `server.limits`. */
export function limitExceeded(limit: string, maximum: number, requested: number): ProblemOf<'LIMIT_EXCEEDED'> {
  return {
    code: 'LIMIT_EXCEEDED',
    limit,
    maximum,
    requested,
    message: `The limit "${limit}" is ${maximum}, and this would be ${requested}.`,
    hint: 'Make it smaller or split it; the operator of this server can raise the limit.',
  };
}

/** A repository, or a key, would have more than it may. */
export function quotaPassed({ limit, maximum, used }: { readonly limit: string; readonly maximum: number; readonly used: number }): ProblemOf<'LIMIT_EXCEEDED'> {
  return {
    ...limitExceeded(limit, maximum, used),
    hint: 'Take away what is not needed any more, or ask the operator of this server, or who administers the repository, for a higher limit.',
  };
}

/** A stored object does not hash to its id; nothing was read from it. */
export function objectCorrupt(oid: string): ProblemOf<'OBJECT_CORRUPT'> {
  return { code: 'OBJECT_CORRUPT', oid, message: `The stored object ${oid} is damaged, so nothing was done with it.`, hint: 'Tell the operator: "weir doctor" says what else is touched, and a backup can bring it back.' };
}

/** Too many writers at once; `retryAfterMs` is when to come back, in milliseconds. */
export function busy(retryAfterMs: number): ProblemOf<'BUSY'> {
  return { code: 'BUSY', retryAfterMs, message: 'Others are writing here at the moment, and waiting any longer would not help.', hint: `Repeat the same request in ${retryAfterMs} ms; with the same idempotencyKey it cannot happen twice.` };
}

/** Nothing was done: writes are refused while the disk has so little room. In bytes. */
export function diskShort({ freeBytes, reserveBytes }: { readonly freeBytes: number; readonly reserveBytes: number }): ProblemOf<'UNAVAILABLE'> {
  return {
    code: 'UNAVAILABLE',
    message: `The disk of the server has ${freeBytes} bytes left, and nothing is written below ${reserveBytes}.`,
    hint: 'Reads go on, and branches and repositories can be deleted. Its operator has to make room; then repeat the same request with the same idempotencyKey.',
  };
}

/** Something the server depends on does not answer. The outcome may be unknown. */
export function unavailable(): ProblemOf<'UNAVAILABLE'> {
  return { code: 'UNAVAILABLE', message: 'The server cannot reach its database or its disk at the moment.', hint: 'Repeat the same request with the same idempotencyKey: if it did happen, you get its outcome.' };
}

/** The idempotency key was used before by this API key, for another verb or other input. */
export function idempotencyMismatch(): ProblemOf<'INVALID_INPUT'> {
  return invalidInput('idempotencyKey', {
    rule: 'idempotency-key/mismatch',
    message: 'This idempotency key was used for another request within the last 7 days.',
    hint: 'Use a new key for a new request; to repeat one, send exactly the same input.',
  });
}
