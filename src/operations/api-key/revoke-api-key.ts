import { authorize } from '../../auth/authorize.js';
import { isDerivedFrom, keyManagementRefusal } from '../../auth/key-reach.js';
import { apiKeyIdOf } from '../../domain/global-id.js';
import { SERVER_STREAM } from '../../domain/operation.js';
import * as problems from '../../domain/problems.js';
import { defineOperation, refused } from '../define-operation.js';
import type { RevokeApiKeyInput } from '../inputs.js';
import type { ApiKeyReceipt } from '../receipts.js';

/**
 * Ends a key, and all that is derived from it, at once: within a second they are refused everywhere, open sockets included. Needs ADMIN, but
 * for keys derived from the caller's own; a key that reaches further than that is as if absent.
 *
 * Refuses: NotFound, Forbidden.
 */
export const revokeApiKey = defineOperation<RevokeApiKeyInput, ApiKeyReceipt>({
  kind: 'REVOKE_KEY',
  action: 'revokeApiKey',
  async decide(request, input) {
    const key = await request.reader.apiKey(apiKeyIdOf(input.id));
    const refusal = key !== null && isDerivedFrom(request.viewer, key) ? null : authorize(request.viewer, 'revokeApiKey');
    if (refusal !== null) return refused(refusal);
    const absent = problems.notFound('API key', input.id);
    if (key === null || key.revokedAt !== null) return refused(absent);
    if (keyManagementRefusal(request.viewer, key) !== null) return refused(absent);
    return {
      kind: 'write',
      async apply(tx) {
        const revoked = await tx.revokeApiKey(key.id);
        if (revoked === null) return { kind: 'refused', problem: absent };
        return {
          kind: 'done',
          stream: SERVER_STREAM,
          gcEpoch: null,
          record: { refs: [], subject: { type: 'ApiKey', id: key.id }, runId: null, events: [] },
          receipt: (operation) => ({ keyId: key.id, operation }),
        };
      },
    };
  },
});
