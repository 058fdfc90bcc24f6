import type { RetentionPolicy, RetentionRule } from '../../src/domain/retention.js';
import { builder } from '../builder.js';
import { BranchKind } from '../enums/branch.js';
import { RetentionAction } from '../enums/retention.js';

const Rule = builder.objectRef<RetentionRule>('RetentionRule').implement({
  description: 'Which branches a rule of retention is for, every given condition taken together, and what is done to them.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name, which previews and the log tell.' }),
    branches: t.stringList({ description: 'Globs; the name matches at least one.', resolve: ({ branches }) => [...branches] }),
    kinds: t.field({ type: [BranchKind], nullable: true, description: 'It is of one of these kinds; null: of any.', resolve: ({ kinds }) => (kinds === null ? null : [...kinds]) }),
    maxAge: t.expose('maxAge', { type: 'Duration', nullable: true, description: 'It was created longer ago than this; null: whenever.' }),
    maxInactivity: t.expose('maxInactivity', { type: 'Duration', nullable: true, description: 'It has not moved for longer than this; null: whether or not it moves.' }),
    merged: t.exposeBoolean('merged', { description: 'It went into its base and has not moved since; false: whether or not.' }),
    action: t.expose('action', { type: RetentionAction, description: 'What is done to it.' }),
  }),
});

/** The policy of retention of a repository. */
export const RetentionPolicyType = builder.objectRef<RetentionPolicy>('RetentionPolicy').implement({
  description:
    'What becomes of branches that nobody needs any more. Default and protected branches are exempt, and those into which proposals are open. ' +
    'A branch whose `expiresAt` has passed is deleted before any rule is asked.',
  fields: (t) => ({
    rules: t.field({ type: [Rule], description: 'In order: the first rule that is for a branch decides, even where it has nothing left to do.', resolve: ({ rules }) => [...rules] }),
    keepDeleted: t.expose('keepDeleted', { type: 'Duration', nullable: true, description: 'For how long after its deletion, whoever deleted it, a branch can be restored. Then `weir gc` may take what neither a branch, a tag nor a proposal leads to. null: for good.' }),
  }),
});

const RuleInput = builder.inputType('RetentionRuleInput', {
  description: 'Which branches a rule of retention is for, every given condition taken together, and what is done to them. A rule that deletes needs `maxAge`, `maxInactivity` or `merged`.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name, unique in the policy: previews and the log tell it.' }),
    branches: t.stringList({ required: true, description: 'Globs, 1 to 20; the name matches at least one. `*` within a segment, `**` across.' }),
    kinds: t.field({ type: [BranchKind], description: 'It is of one of these kinds; of any unless given.' }),
    maxAge: t.field({ type: 'Duration', description: 'It was created longer ago than this; whenever unless given.' }),
    maxInactivity: t.field({ type: 'Duration', description: 'It has not moved for longer than this; whether or not it moves unless given.' }),
    merged: t.boolean({ defaultValue: false, description: 'It went into its base and has not moved since.' }),
    action: t.field({ type: RetentionAction, required: true, description: 'What is done to it.' }),
  }),
});

/** A policy of retention as a client sends it. */
export const RetentionPolicyInput = builder.inputType('RetentionPolicyInput', {
  description: 'What becomes of the branches that nobody needs any more.',
  fields: (t) => ({
    rules: t.field({ type: [RuleInput], description: 'In order: the first rule that is for a branch decides, even where it has nothing left to do. 50 at most; none unless given.' }),
    keepDeleted: t.field({ type: 'Duration', description: 'For how long after its deletion, whoever deleted it, a branch can be restored. Then `weir gc` may take what neither a branch, a tag nor a proposal leads to. A day at least; for good unless given.' }),
  }),
});
