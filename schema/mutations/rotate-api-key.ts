import type { Outcome } from '../../src/operations/outcome.js';
import { rotateApiKey } from '../../src/operations/api-key/rotate-api-key.js';
import type { ApiKeyReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { ApiKeyInput } from '../inputs.js';
import { answer, resultOf } from '../problems.js';
import { apiKeyOf, operationOf } from '../receipts.js';
import { ApiKey, Operation } from '../refs.js';

/** The receipt with the secret beside it, which is never stored. */
interface RotatedKey extends ApiKeyReceipt {
  readonly secret: string | null;
}

const Success = builder.objectRef<RotatedKey>('RotateApiKeySuccess').implement({
  description: 'The key has a new secret.',
  fields: (t) => ({
    key: t.field({ type: ApiKey, description: 'The key; `previousSecretUntil` says how long the secret before works on.', resolve: apiKeyOf }),
    secret: t.exposeString('secret', { nullable: true, description: 'The whole key, `weir_<id>_<secret>`: in this answer and nowhere else, ever.' }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('rotateApiKey', (t) =>
  t.field({
    type: resultOf('RotateApiKey', Success, []),
    description:
      'Gives a key a new secret. The one before works on for `keyRotationMs` of `server.limits`, so that it can be replaced wherever it is used; the one before that ends at once, ' +
      'so rotating twice ends a secret that leaked. Needs ADMIN.',
    args: { input: t.arg({ type: ApiKeyInput, required: true, description: 'A key.' }) },
    resolve: (_root, { input }, context) => answer(context, withSecret(rotateApiKey(context.request, input))),
  }),
);

async function withSecret(rotated: ReturnType<typeof rotateApiKey>): Promise<Outcome<RotatedKey>> {
  const { outcome, secret } = await rotated;
  return outcome.ok ? { ...outcome, receipt: { ...outcome.receipt, secret } } : outcome;
}
