import { labelsViolation } from '../commit-data.js';
import type { Label } from '../label.js';
import type { PathRule, ReviewPolicy, ReviewRule } from '../target-rules.js';
import { globViolation } from '../text.js';
import { rulesOf, type Violation } from '../violation.js';
import { memberOf, type SectionFault, type SettingsSection } from './section.js';

/** More rules than any policy that people can read has. */
const MAX_RULES = 50;
const MAX_GLOBS = 20;
const MAX_PATH_RULES = 20;
/** More approvals than any review has reviewers; as many as `approvalsRequired` may ask for. */
const MAX_APPROVALS = 20;

const broken = rulesOf('review-rules');

/** Who must approve what goes into which branch: nothing beyond `approvalsRequired` unless rules are set. */
export const REVIEW: SettingsSection<ReviewPolicy> = {
  fallback: { rules: [] },
  read: (given) => ({ rules: listOf(memberOf(given, 'rules')).map(readRule) }),
  fault({ rules }) {
    if (rules.length > MAX_RULES) return { at: '.rules', violation: broken('too-many', `There are ${MAX_RULES} rules at most; these are ${rules.length}.`, 'Let one rule have several targets.') };
    for (const [index, rule] of rules.entries()) {
      const fault = ruleFault(rule);
      if (fault !== null) return { at: `.rules[${index}]${fault.at}`, violation: fault.violation };
    }
    return null;
  },
};

function readRule(given: unknown): ReviewRule {
  const approvals = memberOf(given, 'approvals');
  return {
    targets: textsOf(memberOf(given, 'targets')),
    approvals: typeof approvals === 'number' && Number.isSafeInteger(approvals) ? approvals : null,
    dismissStale: memberOf(given, 'dismissStale') !== false,
    approverLabels: listOf(memberOf(given, 'approverLabels')).map(readLabel),
    paths: listOf(memberOf(given, 'paths')).map(readPathRule),
    protected: memberOf(given, 'protected') === true,
  };
}

function readLabel(given: unknown): Label {
  return { key: String(memberOf(given, 'key') ?? ''), value: String(memberOf(given, 'value') ?? '') };
}

function readPathRule(given: unknown): PathRule {
  const approvals = memberOf(given, 'approvals');
  return { globs: textsOf(memberOf(given, 'globs')), approvals: typeof approvals === 'number' && Number.isSafeInteger(approvals) ? approvals : 1 };
}

function ruleFault(rule: ReviewRule): SectionFault | null {
  return (
    globsFault('.targets', rule.targets, 'Use "**" for every branch.') ??
    found('.approvals', rule.approvals === null ? null : approvalsFault(rule.approvals)) ??
    labelsFault(rule.approverLabels) ??
    found('.paths', rule.paths.length > MAX_PATH_RULES ? broken('too-many-paths', `A rule has ${MAX_PATH_RULES} rules for paths at most; this one has ${rule.paths.length}.`, 'Let one of them have several globs.') : null) ??
    firstFault(rule.paths, (path, index) => globsFault(`.paths[${index}].globs`, path.globs, 'Use "**" for every path.') ?? found(`.paths[${index}].approvals`, approvalsFault(path.approvals)))
  );
}

function labelsFault(labels: readonly Label[]): SectionFault | null {
  const fault = labelsViolation(labels);
  return fault === null ? null : { at: `.approverLabels[${fault.index}].${fault.member}`, violation: fault.violation };
}

function globsFault(at: string, globs: readonly string[], hint: string): SectionFault | null {
  if (globs.length < 1 || globs.length > MAX_GLOBS) return { at, violation: broken('globs', `There must be 1 to ${MAX_GLOBS} globs here; these are ${globs.length}.`, hint) };
  return firstFault(globs, (glob, index) => found(`${at}[${index}]`, globViolation(glob)));
}

function approvalsFault(approvals: number): Violation | null {
  return approvals >= 0 && approvals <= MAX_APPROVALS ? null : broken('range', `${approvals} approvals cannot be asked for.`, `Use a whole number from 0 to ${MAX_APPROVALS}.`);
}

function firstFault<Item>(items: readonly Item[], judge: (item: Item, index: number) => SectionFault | null): SectionFault | null {
  for (const [index, item] of items.entries()) {
    const fault = judge(item, index);
    if (fault !== null) return fault;
  }
  return null;
}

function found(at: string, violation: Violation | null): SectionFault | null {
  return violation === null ? null : { at, violation };
}

function listOf(given: unknown): readonly unknown[] {
  return Array.isArray(given) ? given : [];
}

function textsOf(given: unknown): readonly string[] {
  return listOf(given).filter((each): each is string => typeof each === 'string');
}
