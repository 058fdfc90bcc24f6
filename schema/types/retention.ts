import { readDueBranches } from '../../src/operations/reading/due-branches.js';
import { present } from '../../src/operations/reading/readable-repo.js';
import type { RetentionStep as Step } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { connectionOf } from '../connections.js';
import { RetentionAction } from '../enums/retention.js';
import { connect, forwardArgs, pageCost } from '../pagination.js';
import { Branch, Repo } from '../refs.js';

/** One branch that retention takes on, and why. */
export const RetentionStep = builder.objectRef<Step>('RetentionStep').implement({
  description: 'One branch that retention takes on, and why.',
  fields: (t) => ({
    branch: t.field({ type: Branch, description: 'The branch as it is now.', resolve: async ({ branchId }, _args, { request }) => present(await request.reader.branch(branchId), 'branch') }),
    action: t.expose('action', { type: RetentionAction, description: 'What is done to it.' }),
    rule: t.exposeString('rule', { nullable: true, description: 'The name of the rule; null for a branch that has expired.' }),
    reason: t.exposeString('reason', { description: 'The conditions that hold, in words.' }),
    since: t.field({ type: 'DateTime', description: 'Since when all of them have held.', resolve: ({ since }) => new Date(since) }),
  }),
});

const RetentionStepConnection = connectionOf('RetentionStep', 'branches that retention takes on', RetentionStep);

builder.objectField(Repo, 'retentionPreview', (t) =>
  t.field({
    type: RetentionStepConnection,
    description: 'What a run of retention would do now, oldest branch first: exactly that, unless a branch moves in between. Nothing is written.',
    args: { ...forwardArgs },
    complexity: pageCost,
    resolve: (repo, args, { request }) => connect(request, args, { field: 'Repo.retentionPreview', parent: String(repo.id) }, (page) => readDueBranches(request, repo, page)),
  }),
);
