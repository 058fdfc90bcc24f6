import { branchKind, type BranchKind, type BranchRecord } from './branch.js';
import { matchesAnyGlob } from './glob.js';
import { rulesFor, type ReviewSettings } from './target-rules.js';

/**
 * What a rule has done to the branches it is for. KEEP: nothing, so that no later rule is asked. MARK: marked for people to see, until
 * it moves. CLOSE_PROPOSAL: its pending proposals are closed. DELETE: they are, and it is deleted, restorable as any deleted branch.
 */
export type RetentionAction = 'KEEP' | 'MARK' | 'CLOSE_PROPOSAL' | 'DELETE';

/** Every action, in the order of the public schema. */
export const RETENTION_ACTIONS: readonly RetentionAction[] = ['KEEP', 'MARK', 'CLOSE_PROPOSAL', 'DELETE'];

/** Which branches a rule is for, every condition taken together, and what is done to them. Durations in milliseconds. */
export interface RetentionRule {
  /** Told in the log and in previews; unique within the policy. */
  readonly name: string;
  /** The name matches at least one of these globs. */
  readonly branches: readonly string[];
  /** It is of one of these kinds; null: of any. */
  readonly kinds: readonly BranchKind[] | null;
  /** It was created longer ago than this; null: whenever. */
  readonly maxAge: number | null;
  /** It has rested for longer than this; null: whether or not it moves. */
  readonly maxInactivity: number | null;
  /** It went into its base, and has not moved since; false: whether or not. */
  readonly merged: boolean;
  readonly action: RetentionAction;
}

/** What becomes of the branches of a repository that nobody needs any more. */
export interface RetentionPolicy {
  /** In order: the first rule that is for a branch decides, even where it has nothing left to do. */
  readonly rules: readonly RetentionRule[];
  /** For how many milliseconds after its deletion, whoever deleted it, a branch can be restored; null: for good. */
  readonly keepDeleted: number | null;
}

/** What of a repository says which of its branches are exempt. */
export interface RetentionGround {
  readonly defaultBranch: string;
  /** Says which branches are protected. */
  readonly settings: ReviewSettings;
}

/** A branch with what retention has to know of it beyond its row. */
export interface RetentionFacts extends RetentionGround {
  readonly branch: BranchRecord;
  /** Proposals from it that have not ended. */
  readonly pendingFrom: number;
  /** Proposals into it that have not ended. */
  readonly pendingInto: number;
}

/** What is to be done to a branch, and why. */
export interface RetentionVerdict {
  readonly action: Exclude<RetentionAction, 'KEEP'>;
  /** The name of the rule; null for a branch that has expired. */
  readonly rule: string | null;
  /** The conditions that hold, in words. */
  readonly reason: string;
  /** The instant from which all of them held. */
  readonly since: Date;
}

/** True for what retention never touches: default, protected and deleted branches, and those that pending proposals would go into. */
function isExempt({ branch, defaultBranch, settings, pendingInto }: RetentionFacts): boolean {
  return branch.name === defaultBranch || rulesFor(settings, branch).protected || branch.deletedAt !== null || pendingInto > 0;
}

/** True while a mark of retention stands: a branch that has moved since is marked no more. */
export function isMarked({ markedAt, lastActivityAt }: BranchRecord): boolean {
  return markedAt !== null && markedAt >= lastActivityAt;
}

/**
 * What the policy has done to a branch at the instant `now`; null when it stays as it is. A branch whose `expiresAt` has passed is
 * deleted before any rule is asked: whoever made it said so.
 */
export function retentionVerdict({ rules }: Pick<RetentionPolicy, 'rules'>, facts: RetentionFacts, now: Date): RetentionVerdict | null {
  if (isExempt(facts)) return null;
  const { branch } = facts;
  if (branch.expiresAt !== null && branch.expiresAt <= now) return { action: 'DELETE', rule: null, reason: 'it has expired', since: branch.expiresAt };
  for (const rule of rules) {
    const match = matchOf(rule, facts, now);
    if (match !== null) return verdictOf(rule, facts, match);
  }
  return null;
}

/** The conditions of a rule that hold, each with its words and the instant from which it held. */
type Match = readonly (readonly [reason: string, since: Date])[];

/** null when the rule is not for this branch. */
function matchOf(rule: RetentionRule, { branch, defaultBranch }: RetentionFacts, now: Date): Match | null {
  if (rule.kinds !== null && !rule.kinds.includes(branchKind(branch.name, defaultBranch))) return null;
  if (!matchesAnyGlob(rule.branches, branch.name)) return null;
  const held: [string, Date][] = [];
  if (rule.merged) {
    if (branch.mergedAt === null) return null;
    held.push(['it was merged', branch.mergedAt]);
  }
  if (rule.maxAge !== null) {
    if (now.getTime() - branch.createdAt.getTime() <= rule.maxAge) return null;
    held.push([`it is older than ${spanShown(rule.maxAge)}`, later(branch.createdAt, rule.maxAge)]);
  }
  if (rule.maxInactivity !== null) {
    if (now.getTime() - branch.lastActivityAt.getTime() <= rule.maxInactivity) return null;
    held.push([`it has not moved for ${spanShown(rule.maxInactivity)}`, later(branch.lastActivityAt, rule.maxInactivity)]);
  }
  return held;
}

function verdictOf({ name, action }: RetentionRule, { branch, pendingFrom }: RetentionFacts, match: Match): RetentionVerdict | null {
  if (action === 'KEEP' || (action === 'MARK' && isMarked(branch)) || (action === 'CLOSE_PROPOSAL' && pendingFrom === 0)) return null;
  const since = new Date(Math.max(branch.createdAt.getTime(), ...match.map(([, at]) => at.getTime())));
  const reason = match.length === 0 ? 'its name matches' : match.map(([words]) => words).join(', ');
  return { action, rule: name, reason, since };
}

function later(at: Date, milliseconds: number): Date {
  return new Date(at.getTime() + milliseconds);
}

const UNITS = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1000]] as const;

/** A duration in the largest unit that it is a whole number of: `14 days`, `36 hours`. */
function spanShown(milliseconds: number): string {
  const [unit, length] = UNITS.find(([, each]) => milliseconds % each === 0 && milliseconds >= each) ?? ['millisecond', 1];
  const count = milliseconds / length;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
