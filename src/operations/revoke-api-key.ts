import { authorize } from '../auth/authorize.js';
import { keyManagementRefusal } from '../auth/key-reach.js';
import { decodeGlobalId } from '../domain/global-id.js';
import { SERVER_STREAM } from '../domain/operation.js';
import * as problems from '../domain/problems.js';
import { defineOperation, refused } from './define-operation.js';
import type { RevokeApiKeyInput } from './inputs.js';
import type { ApiKeyReceipt } from './receipts.js';

/**
 * Ends a key at once: within a second it is refused everywhere, open sockets included. Needs ADMIN; a key that reaches further than
 * the caller's own is as if absent.
 *
 * Refuses: NotFound, Forbidden.
 */
export const revokeApiKey = defineOperation<RevokeApiKeyInput, ApiKeyReceipt>({
  kind: 'REVOKE_KEY',
  action: 'revokeApiKey',
  async decide(request, input) {
    const refusal = authorize(request.viewer, 'revokeApiKey');
    if (refusal !== null) return refused(refusal);
    const decoded = decodeGlobalId(input.id);
    const id = decoded === null ? input.id : decoded.type === 'ApiKey' ? decoded.id : '';
    const absent = problems.notFound('API key', input.id);
    const key = await request.reader.apiKey(id);
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
