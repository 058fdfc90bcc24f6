import type { Outcome } from '../../src/operations/outcome.js';
import { deriveApiKey } from '../../src/operations/api-key/derive-api-key.js';
import type { ApiKeyReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY } from '../descriptions.js';
import { Scope } from '../enums/log.js';
import { LabelInput } from '../inputs.js';
import { answer, resultOf } from '../problems.js';
import { apiKeyOf, operationOf } from '../receipts.js';
import { ApiKey, Operation } from '../refs.js';

/** The receipt with the secret beside it, which is never stored. */
interface DerivedKey extends ApiKeyReceipt {
  readonly secret: string | null;
}

const Input = builder.inputType('DeriveApiKeyInput', {
  description: 'A key to derive from the one that asks. Globs: `*` within a segment, `**` across; those left out are those of the asking key.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What it is called in lists and in the log.' }),
    scopes: t.field({ type: [Scope], required: true, description: 'What it may do; the asking key holds each. ADMIN cannot be derived.' }),
    repos: t.stringList({ description: 'Globs of the repositories it reaches; they limit everything.' }),
    branches: t.stringList({ description: 'Globs of the branches it may write; an empty list: none.' }),
    readBranches: t.stringList({ description: 'Globs of the branches it may read.' }),
    paths: t.stringList({ description: 'Globs of the paths it may write.' }),
    actAs: t.stringList({ description: 'Globs of the actors it may name in the header `Weir-Actor`, within those of the asking key; none unless given. Needs ACT_AS.' }),
    labels: t.field({ type: [LabelInput], description: 'Pairs of text to keep with it. Rules of review look at the labels of the key that it comes from.' }),
    expiresAt: t.field({ type: 'DateTime', required: true, description: 'When it stops working by itself: no later than the asking key, nor than `derivedKeyMs` of `server.limits` from now.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<DerivedKey>('DeriveApiKeySuccess').implement({
  description: 'The key was derived.',
  fields: (t) => ({
    key: t.field({ type: ApiKey, description: 'The new key.', resolve: apiKeyOf }),
    secret: t.exposeString('secret', { nullable: true, description: 'The whole key, `weir_<id>_<secret>`: in this answer and nowhere else, ever. Null in an idempotent replay.' }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('deriveApiKey', (t) =>
  t.field({
    type: resultOf('DeriveApiKey', Success, []),
    description:
      'Derives a short-lived key from the one that asks: it reaches no further in any respect, ends with it, and counts as the same one where it matters whose work something is. ' +
      'Needs READ. It speaks for whomever this request speaks for, the person in `Weir-Actor` included; revokeApiKey ends it, for the asking key too.',
    args: { input: t.arg({ type: Input, required: true, description: 'A key to derive.' }) },
    resolve: (_root, { input }, context) => answer(context, withSecret(deriveApiKey(context.request, input))),
  }),
);

async function withSecret(derived: ReturnType<typeof deriveApiKey>): Promise<Outcome<DerivedKey>> {
  const { outcome, secret } = await derived;
  return outcome.ok ? { ...outcome, receipt: { ...outcome.receipt, secret } } : outcome;
}
