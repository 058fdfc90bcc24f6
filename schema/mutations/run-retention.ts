import { runRetention } from '../../src/operations/retention/run-retention.js';
import type { RetentionReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { DRY_RUN, IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { operationOrNullOf, repoOf } from '../receipts.js';
import { Operation, Repo } from '../refs.js';
import { RetentionStep } from '../types/retention.js';

const Input = builder.inputType('RunRetentionInput', {
  description: 'A repository whose policy of retention is to be applied now.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    dryRun: t.boolean({ defaultValue: false, description: DRY_RUN }),
    limit: t.int({ defaultValue: 100, description: 'How many branches at most, the oldest first; 500 at most. While `more` is true, run it again.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<RetentionReceipt>('RunRetentionSuccess').implement({
  description: 'The policy was applied.',
  fields: (t) => ({
    repo: t.field({ type: Repo, description: 'The repository.', resolve: repoOf }),
    steps: t.field({ type: [RetentionStep], description: 'What was done, or for a dry run what would be, oldest branch first.', complexity: { field: 1, multiplier: 100 }, resolve: ({ steps }) => [...steps] }),
    more: t.exposeBoolean('more', { description: 'Whether there were branches beyond the limit.' }),
    operation: t.field({ type: Operation, nullable: true, description: 'The row of the log that tells of the run, behind those of its steps; null for a dry run, or when there was nothing to do.', resolve: operationOrNullOf }),
  }),
});

builder.mutationField('runRetention', (t) =>
  t.field({
    type: resultOf('RunRetention', Success, ['INVALID_STATE']),
    description: 'Applies the policy of retention of a repository now, as the gateway does in the background from time to time. A branch that changes meanwhile stays. Needs ADMIN.',
    args: { input: t.arg({ type: Input, required: true, description: 'A repository whose policy of retention is to be applied now.' }) },
    resolve: (_root, { input }, context) => answer(context, runRetention(context.request, input)),
  }),
);
