import type { ApiKeyReceipt } from '../../src/operations/receipts.js';
import { revokeApiKey } from '../../src/operations/api-key/revoke-api-key.js';
import { builder } from '../builder.js';
import { ApiKeyInput } from '../inputs.js';
import { answer, resultOf } from '../problems.js';
import { apiKeyOf, operationOf } from '../receipts.js';
import { ApiKey, Operation } from '../refs.js';

const Success = builder.objectRef<ApiKeyReceipt>('RevokeApiKeySuccess').implement({
  description: 'The key was revoked.',
  fields: (t) => ({
    key: t.field({ type: ApiKey, description: 'The key: revoked.', resolve: apiKeyOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('revokeApiKey', (t) =>
  t.field({
    type: resultOf('RevokeApiKey', Success, []),
    description: 'Ends a key, and every key derived from it: within a second they are refused everywhere, on open connections too. Needs ADMIN, but for keys derived from the asking one.',
    args: { input: t.arg({ type: ApiKeyInput, required: true, description: 'A key.' }) },
    resolve: (_root, { input }, context) => answer(context, revokeApiKey(context.request, input)),
  }),
);
