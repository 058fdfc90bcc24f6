import type { ObjectRef } from '@pothos/core';
import type { Problem as ProblemValue, ProblemCode as Code, ProblemOf } from '../src/domain/problem.js';
import type { Outcome } from '../src/operations/outcome.js';
import { mergeCode } from '../src/operations/reading/comparing/merge-code.js';
import { readConflicts } from '../src/operations/reading/comparing/read-conflicts.js';
import { readSince, seqExpected } from '../src/operations/reading/admin/read-log.js';
import { readableBranchById } from '../src/operations/reading/readable-branch.js';
import { builder } from './builder.js';
import { MergeConflictConnection, OperationConnection } from './connections.js';
import { renew, type Context } from './context.js';
import { ProblemCode, Scope } from './enums/log.js';
import { connect, forwardArgs, pageCost } from './pagination.js';
import { Branch, RuleStatus } from './refs.js';

/** The type of each refusal. */
const PROBLEM_TYPES: Readonly<Record<Code, string>> = {
  INVALID_INPUT: 'InvalidInput',
  NOT_FOUND: 'NotFound',
  FORBIDDEN: 'Forbidden',
  NAME_TAKEN: 'NameTaken',
  STALE_HEAD: 'StaleHead',
  MERGE_CONFLICTED: 'MergeConflicted',
  PROTECTED_BRANCH: 'ProtectedBranch',
  RULES_UNMET: 'RulesUnmet',
  INVALID_STATE: 'InvalidState',
  LIMIT_EXCEEDED: 'LimitExceeded',
  OBJECT_CORRUPT: 'ObjectCorrupt',
  BUSY: 'Busy',
  UNAVAILABLE: 'Unavailable',
};

/** What every refusal has. */
export const Problem = builder.interfaceRef<ProblemValue>('Problem').implement({
  description: 'A refusal: nothing was written, nothing was lost.',
  resolveType: ({ code }) => PROBLEM_TYPES[code],
  fields: (t) => ({
    code: t.field({ type: ProblemCode, description: 'Why, for programs.', resolve: ({ code }) => code }),
    message: t.string({ description: 'Why, in one sentence for people.', resolve: ({ message }) => message }),
    hint: t.string({ nullable: true, description: 'The next step that helps.', resolve: ({ hint }) => hint }),
  }),
});

function problemRef<C extends Code>(code: C) {
  return builder.objectRef<ProblemOf<C>>(PROBLEM_TYPES[code]);
}

const InvalidInput = problemRef('INVALID_INPUT').implement({
  description: 'A value of the input breaks a rule.',
  interfaces: [Problem],
  fields: (t) => ({
    field: t.exposeString('field', { description: 'Where it is, as a path into the input: `changes[3].write.path`.' }),
    rule: t.exposeString('rule', { description: 'The rule, stable and for programs: `branch-name/reserved`.' }),
  }),
});

const NotFound = problemRef('NOT_FOUND').implement({ description: 'It is absent, or this key may not read it; the two cannot be told apart.', interfaces: [Problem] });

const Forbidden = problemRef('FORBIDDEN').implement({
  description: 'The key may read it but not do this.',
  interfaces: [Problem],
  fields: (t) => ({ needs: t.expose('needs', { type: Scope, nullable: true, description: 'The scope that is missing; null when the globs of the key, or a rule, are the reason.' }) }),
});

const NameTaken = problemRef('NAME_TAKEN').implement({
  description: 'The name is in use, exactly, by case, or as a directory of another.',
  interfaces: [Problem],
  fields: (t) => ({ name: t.exposeString('name', { description: 'The name.' }) }),
});

const StaleHead = problemRef('STALE_HEAD').implement({
  description: 'The branch is not where the caller expected it, or the repository not at the expected version.',
  interfaces: [Problem],
  fields: (t) => ({
    branch: t.field({ type: Branch, nullable: true, description: 'The branch as it is now; null where it is the repository that was changed.', resolve: ({ branchId }, _args, { request }) => (branchId === null ? null : readableBranchById(request, branchId)) }),
    expectedHead: t.expose('expectedHead', { type: 'GitObjectID', nullable: true, description: 'The head that was expected; null when none was named.' }),
    actualHead: t.expose('actualHead', { type: 'GitObjectID', nullable: true, description: 'The head that it had when the operation ran.' }),
    expectedVersion: t.exposeInt('expectedVersion', { nullable: true, description: 'The version that was expected; null when none was named.' }),
    actualVersion: t.exposeInt('actualVersion', { nullable: true, description: 'The version that it had when the operation ran.' }),
    since: t.field({
      type: OperationConnection,
      nullable: true,
      description: 'What moved it since the caller looked, oldest first; null when the log does not say.',
      args: { ...forwardArgs },
      complexity: pageCost,
      resolve: async (problem, args, { request }) => {
        const branch = problem.branchId === null ? null : await readableBranchById(request, problem.branchId);
        const from = branch === null ? null : await seqExpected(request, branch, problem);
        if (branch === null || from === null) return null;
        return connect(request, args, { field: 'StaleHead.since', parent: String(branch.id), rows: { from } }, (page) => readSince(request, branch, from, page));
      },
    }),
  }),
});

const MergeConflicted = problemRef('MERGE_CONFLICTED').implement({
  description: 'Both sides changed the same places.',
  interfaces: [Problem],
  fields: (t) => ({
    conflicts: t.field({
      type: MergeConflictConnection,
      description: 'The paths that do not merge, without those that resolutions have settled.',
      args: { ...forwardArgs },
      complexity: pageCost,
      resolve: ({ repoId, ours, theirs, rebase = false, resolutions = [], reverts, part }, args, { request }) => {
        const spec = { repoId, ours, theirs, rebase, resolutions, ...(reverts === undefined ? {} : { reverts }), ...(part === undefined ? {} : { part }) };
        return connect(request, args, { field: 'MergeConflicted.conflicts', parent: `${repoId}:${ours}:${theirs}:${mergeCode(request, spec)}` }, (page) => readConflicts(request, spec, page));
      },
    }),
  }),
});

const ProtectedBranch = problemRef('PROTECTED_BRANCH').implement({
  description: 'A rule of the branch forbids it to everyone.',
  interfaces: [Problem],
  fields: (t) => ({ rule: t.exposeString('rule', { description: 'The rule, in words.' }) }),
});

const RulesUnmet = problemRef('RULES_UNMET').implement({
  description: 'Rules of review still stand in the way.',
  interfaces: [Problem],
  fields: (t) => ({ rules: t.field({ type: [RuleStatus], description: 'Every rule, the satisfied ones too.', resolve: ({ rules }) => [...rules] }) }),
});

const InvalidState = problemRef('INVALID_STATE').implement({
  description: 'The state of the thing does not allow it.',
  interfaces: [Problem],
  fields: (t) => ({ actualState: t.exposeString('actualState', { description: 'The state it is in.' }) }),
});

const LimitExceeded = problemRef('LIMIT_EXCEEDED').implement({
  description: 'A limit of the server would be exceeded.',
  interfaces: [Problem],
  fields: (t) => ({
    limit: t.exposeString('limit', { description: 'The name of the limit, as `server.limits` has it.' }),
    maximum: t.expose('maximum', { type: 'SafeInt', description: 'The most that is allowed.' }),
    requested: t.expose('requested', { type: 'SafeInt', description: 'What it would have been.' }),
  }),
});

const ObjectCorrupt = problemRef('OBJECT_CORRUPT').implement({
  description: 'A stored object is damaged; it is never used as if it were good.',
  interfaces: [Problem],
  fields: (t) => ({ oid: t.expose('oid', { type: 'GitObjectID', description: 'The object.' }) }),
});

const Busy = problemRef('BUSY').implement({
  description: 'Too many writers at once.',
  interfaces: [Problem],
  fields: (t) => ({ retryAfterMs: t.exposeInt('retryAfterMs', { description: 'When to try again, in milliseconds.' }) }),
});

const Unavailable = problemRef('UNAVAILABLE').implement({ description: 'Something the server depends on does not answer. Whether the operation happened may be unknown: repeat it with its idempotency key.', interfaces: [Problem] });

/** Refusals that every verb can answer with. */
const EVERYWHERE = [InvalidInput, NotFound, Forbidden, LimitExceeded, ObjectCorrupt, Busy, Unavailable];

/** Refusals that some verbs can answer with, by code. */
const ELSEWHERE = { NAME_TAKEN: NameTaken, STALE_HEAD: StaleHead, MERGE_CONFLICTED: MergeConflicted, PROTECTED_BRANCH: ProtectedBranch, RULES_UNMET: RulesUnmet, INVALID_STATE: InvalidState };

/** The union that a mutation answers: its success, the refusals of every verb, and those of this one. */
export function resultOf<Receipt extends object>(mutation: string, success: ObjectRef<typeof builder.$inferSchemaTypes, Receipt>, more: readonly (keyof typeof ELSEWHERE)[]) {
  return builder.unionType(`${mutation}Result`, {
    description: `What ${mutation.charAt(0).toLowerCase()}${mutation.slice(1)} answers: its success, or why it refused.`,
    types: [success, ...EVERYWHERE, ...more.map((code) => ELSEWHERE[code])],
    resolveType: (value) => (isProblem(value) ? PROBLEM_TYPES[value.code] : `${mutation}Success`),
  });
}

function isProblem(value: object): value is ProblemValue {
  return 'code' in value && 'hint' in value;
}

/** What a verb came to, as its union wants it. What is read of it next comes from a fresh reader, which sees what was written. */
export async function answer<Receipt>(context: Context, outcome: Promise<Outcome<Receipt>>): Promise<Receipt | ProblemValue> {
  const done = await outcome;
  renew(context);
  return done.ok ? done.receipt : done.problem;
}
