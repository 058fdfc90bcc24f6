import type { PathRule, ReviewPolicy, ReviewRule } from '../../src/domain/target-rules.js';
import { builder } from '../builder.js';
import { LabelInput } from '../inputs.js';
import { Label } from '../refs.js';

const PathRuleType = builder.objectRef<PathRule>('ReviewPathRule').implement({
  description: 'Paths that need more approvals than the rest.',
  fields: (t) => ({
    globs: t.stringList({ description: 'Globs; a path that the proposal changes matches at least one.', resolve: ({ globs }) => [...globs] }),
    approvals: t.exposeInt('approvals', { description: 'How many approvals a proposal needs that changes such a path.' }),
  }),
});

const Rule = builder.objectRef<ReviewRule>('ReviewRule').implement({
  description: 'What holds for some target branches: what a proposal into them needs, and whether they move by proposals only.',
  fields: (t) => ({
    targets: t.stringList({ description: 'Globs; the name of the target branch matches at least one.', resolve: ({ targets }) => [...targets] }),
    approvals: t.exposeInt('approvals', { nullable: true, description: 'Approvals that a proposal needs; null: `approvalsRequired`.' }),
    dismissStale: t.exposeBoolean('dismissStale', { description: 'Whether an approval stops to count when the proposal gets a new revision.' }),
    approverLabels: t.field({ type: [Label], description: 'An approval counts when it was given with a key that has all of these labels.', resolve: ({ approverLabels }) => [...approverLabels] }),
    paths: t.field({ type: [PathRuleType], description: 'Paths that need more approvals; each that the proposal touches has to be satisfied.', resolve: ({ paths }) => [...paths] }),
    protected: t.exposeBoolean('protected', { description: 'Whether these branches move by proposals only, and never back: there undo writes an inverse commit.' }),
  }),
});

/** The rules of review of a repository. */
export const ReviewPolicyType = builder.objectRef<ReviewPolicy>('ReviewPolicy').implement({
  description: 'Who must approve what goes into which branch. Nobody ever approves a proposal that has work of their own, by actor or by key. An approval outlives the key it was given with: it is bound to its actor and its head, and the log says who revoked the key.',
  fields: (t) => ({
    rules: t.field({ type: [Rule], description: 'In order: the first rule for a target decides. Where none is, `approvalsRequired` alone holds.', resolve: ({ rules }) => [...rules] }),
  }),
});

const PathRuleInput = builder.inputType('ReviewPathRuleInput', {
  description: 'Paths that need more approvals than the rest.',
  fields: (t) => ({
    globs: t.stringList({ required: true, description: 'Globs, 1 to 20; a path that the proposal changes matches at least one. `*` within a segment, `**` across.' }),
    approvals: t.int({ required: true, description: 'How many approvals a proposal needs that changes such a path, from 0 to 20.' }),
  }),
});

const RuleInput = builder.inputType('ReviewRuleInput', {
  description: 'What holds for some target branches.',
  fields: (t) => ({
    targets: t.stringList({ required: true, description: 'Globs, 1 to 20; the name of the target branch matches at least one. `*` within a segment, `**` across.' }),
    approvals: t.int({ description: 'Approvals that a proposal needs, from 0 to 20; `approvalsRequired` unless given.' }),
    dismissStale: t.boolean({ defaultValue: true, description: 'Whether an approval stops to count when the proposal gets a new revision.' }),
    approverLabels: t.field({ type: [LabelInput], description: 'An approval counts when it was given with a key that has all of these labels; with any key unless given.' }),
    paths: t.field({ type: [PathRuleInput], description: 'Paths that need more approvals, 20 rules at most; none unless given.' }),
    protected: t.boolean({ defaultValue: false, description: 'Whether these branches move by proposals only, and never back: there undo writes an inverse commit.' }),
  }),
});

/** Rules of review as a client sends them. */
export const ReviewPolicyInput = builder.inputType('ReviewPolicyInput', {
  description: 'Who must approve what goes into which branch.',
  fields: (t) => ({
    rules: t.field({ type: [RuleInput], description: 'In order: the first rule for a target decides. 50 at most; none unless given.' }),
  }),
});
