import type { BranchKind } from '../branch.js';
import { RETENTION_ACTIONS, type RetentionAction, type RetentionPolicy, type RetentionRule } from '../retention.js';
import { globViolation, textViolation, type TextRule } from '../text.js';
import { rulesOf, type Violation } from '../violation.js';
import { memberOf, type SectionFault, type SettingsSection } from './section.js';

/** More rules than any policy that people can read has; a run compares every branch with each. */
const MAX_RULES = 50;
const MAX_GLOBS = 20;
const DAY = 86_400_000;
/** Ten years, in milliseconds. */
const MAX_SPAN = 3650 * DAY;

const RULE_NAME: TextRule = { kind: 'retention-rule-name', subject: 'The name of the rule', maxBytes: 100, lines: 'one', blank: false };
const KINDS: readonly BranchKind[] = ['SESSION', 'PROPOSAL', 'OTHER'];

const broken = rulesOf('retention');

/** What becomes of the branches that nobody needs any more: nothing unless rules are set. */
export const RETENTION: SettingsSection<RetentionPolicy> = {
  fallback: { rules: [], keepDeleted: null },
  read: (given) => ({ rules: listOf(memberOf(given, 'rules')).map(readRule), keepDeleted: spanOf(memberOf(given, 'keepDeleted')) }),
  fault({ rules, keepDeleted }) {
    if (keepDeleted !== null && (keepDeleted < DAY || keepDeleted > MAX_SPAN)) return { at: '.keepDeleted', violation: broken('grace', 'Deleted branches are kept for a day at least and ten years at most.', 'Leave "keepDeleted" out to keep them for good.') };
    if (rules.length > MAX_RULES) return { at: '.rules', violation: broken('too-many-rules', `A policy has ${MAX_RULES} rules at most; these are ${rules.length}.`, 'Let one rule have several globs.') };
    for (const [index, rule] of rules.entries()) {
      const fault = ruleFault(rule, rules.slice(0, index));
      if (fault !== null) return { at: `.rules[${index}]${fault.at}`, violation: fault.violation };
    }
    return null;
  },
};

/** A rule with a duration that cannot be read keeps what it is for, so that it does not take more than was meant. */
function readRule(given: unknown): RetentionRule {
  const kinds = memberOf(given, 'kinds');
  const readable = ['maxAge', 'maxInactivity'].every((name) => spanOf(memberOf(given, name)) === (memberOf(given, name) ?? null));
  return {
    name: String(memberOf(given, 'name') ?? ''),
    branches: listOf(memberOf(given, 'branches')).filter((glob): glob is string => typeof glob === 'string'),
    kinds: kinds === null || kinds === undefined ? null : KINDS.filter((kind) => listOf(kinds).includes(kind)),
    maxAge: spanOf(memberOf(given, 'maxAge')),
    maxInactivity: spanOf(memberOf(given, 'maxInactivity')),
    merged: memberOf(given, 'merged') === true,
    action: readable ? actionOf(memberOf(given, 'action')) : 'KEEP',
  };
}

function ruleFault(rule: RetentionRule, before: readonly RetentionRule[]): SectionFault | null {
  const faults: readonly (readonly [at: string, violation: Violation | null])[] = [
    ['.name', textViolation(RULE_NAME, rule.name)],
    ['.name', before.some(({ name }) => name === rule.name) ? broken('same-name', `Two rules are called ${JSON.stringify(rule.name)}.`, 'Give each rule a name of its own: the log tells of it by that.') : null],
    ['.branches', countFault(rule.branches.length)],
    ...rule.branches.map((glob, index) => [`.branches[${index}]`, globViolation(glob)] as const),
    ['.kinds', rule.kinds?.length === 0 ? broken('no-kinds', 'A rule for no kind of branch is for none.', `Name at least one of ${KINDS.join(', ')}, or leave "kinds" out.`) : null],
    ['.maxAge', spanFault(rule.maxAge)],
    ['.maxInactivity', spanFault(rule.maxInactivity)],
    ['.action', isUnconditional(rule) ? broken('unconditional', 'A rule that deletes whatever has the name would take branches that were made a moment ago.', 'Add "maxAge", "maxInactivity" or "merged".') : null],
  ];
  for (const [at, violation] of faults) if (violation !== null) return { at, violation };
  return null;
}

function isUnconditional({ action, maxAge, maxInactivity, merged }: RetentionRule): boolean {
  return action === 'DELETE' && maxAge === null && maxInactivity === null && !merged;
}

function countFault(globs: number): Violation | null {
  if (globs >= 1 && globs <= MAX_GLOBS) return null;
  return broken('globs', `A rule has 1 to ${MAX_GLOBS} globs; this one has ${globs}.`, 'Use "**" for every branch.');
}

function spanFault(span: number | null): Violation | null {
  if (span === null || (span >= 0 && span <= MAX_SPAN)) return null;
  return broken('span', 'A duration of a rule is ten years at most.', 'Leave it out where it is not to count.');
}

function listOf(given: unknown): readonly unknown[] {
  return Array.isArray(given) ? given : [];
}

function spanOf(given: unknown): number | null {
  return typeof given === 'number' && Number.isSafeInteger(given) ? given : null;
}

function actionOf(given: unknown): RetentionAction {
  return RETENTION_ACTIONS.find((action) => action === given) ?? 'KEEP';
}
