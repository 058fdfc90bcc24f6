import type { Outcome } from '../../src/operations/outcome.js';
import { createApiKey } from '../../src/operations/api-key/create-api-key.js';
import type { ApiKeyReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY } from '../descriptions.js';
import { Scope } from '../enums/log.js';
import { LabelInput } from '../inputs.js';
import { answer, resultOf } from '../problems.js';
import { apiKeyOf, operationOf } from '../receipts.js';
import { ApiKey, Operation } from '../refs.js';

/** The receipt with the secret beside it, which is never stored. */
interface CreatedKey extends ApiKeyReceipt {
  readonly secret: string | null;
}

const Input = builder.inputType('CreateApiKeyInput', {
  description: 'A key to create. Globs: `*` within a segment, `**` across.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What it is called in lists and in the log.' }),
    scopes: t.field({ type: [Scope], required: true, description: 'What it may do.' }),
    repos: t.stringList({ required: true, description: 'Globs of the repositories it reaches; they limit everything.' }),
    branches: t.stringList({ required: true, description: 'Globs of the branches it may write; empty: none.' }),
    readBranches: t.stringList({ defaultValue: ['**'], description: 'Globs of the branches it may read.' }),
    paths: t.stringList({ defaultValue: ['**'], description: 'Globs of the paths it may write.' }),
    actor: t.string({ description: 'For whom it speaks, in the log and in the rules of review; its name unless given.' }),
    actAs: t.stringList({ description: 'Globs of the actors it may name in the header `Weir-Actor`; needs ACT_AS.' }),
    labels: t.field({ type: [LabelInput], description: 'Pairs of text to keep with it.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it stops working by itself; never unless given.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<CreatedKey>('CreateApiKeySuccess').implement({
  description: 'The key was created.',
  fields: (t) => ({
    key: t.field({ type: ApiKey, description: 'The new key.', resolve: apiKeyOf }),
    secret: t.exposeString('secret', { nullable: true, description: 'The whole key, `weir_<id>_<secret>`: in this answer and nowhere else, ever. Null in an idempotent replay.' }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('createApiKey', (t) =>
  t.field({
    type: resultOf('CreateApiKey', Success, []),
    description: 'Creates an API key that reaches no further than the one that makes it. Needs ADMIN.',
    args: { input: t.arg({ type: Input, required: true, description: 'A key to create. Globs: `*` within a segment, `**` across.' }) },
    resolve: (_root, { input }, context) => answer(context, withSecret(createApiKey(context.request, input))),
  }),
);

async function withSecret(created: ReturnType<typeof createApiKey>): Promise<Outcome<CreatedKey>> {
  const { outcome, secret } = await created;
  return outcome.ok ? { ...outcome, receipt: { ...outcome.receipt, secret } } : outcome;
}
