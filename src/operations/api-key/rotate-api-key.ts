import { authorize } from '../../auth/authorize.js';
import { generateSecret, type NewKey } from '../../auth/key-format.js';
import { keyManagementRefusal } from '../../auth/key-reach.js';
import { apiKeyIdOf } from '../../domain/global-id.js';
import { SERVER_STREAM } from '../../domain/operation.js';
import * as problems from '../../domain/problems.js';
import { defineOperation, refused } from '../define-operation.js';
import type { RotateApiKeyInput } from '../inputs.js';
import type { Outcome } from '../outcome.js';
import type { ApiKeyReceipt } from '../receipts.js';
import type { Request } from '../request.js';

/** The outcome, and the whole key with its new secret in plain text: here and nowhere else, ever. Null when refused and in a replay. */
export interface RotatedApiKey {
  readonly outcome: Outcome<ApiKeyReceipt>;
  readonly secret: string | null;
}

/**
 * Gives a key a new secret. The one before works on for the while that the server's settings say, so that it can be replaced wherever it
 * is used; the one before that ends at once. Id, name and reach stay. Needs ADMIN; a key that reaches further than the caller's own is as
 * if absent.
 *
 * Refuses: NotFound, Forbidden.
 */
export async function rotateApiKey(request: Request, input: RotateApiKeyInput): Promise<RotatedApiKey> {
  const secret = generateSecret(apiKeyIdOf(input.id));
  const outcome = await recordSecret(secret)(request, input);
  return { outcome, secret: outcome.ok && !outcome.replayed ? secret.text : null };
}

function recordSecret({ id, hash }: NewKey): (request: Request, input: RotateApiKeyInput) => Promise<Outcome<ApiKeyReceipt>> {
  return defineOperation<RotateApiKeyInput, ApiKeyReceipt>({
    kind: 'ROTATE_KEY',
    action: 'rotateApiKey',
    async decide({ viewer, reader, gateway }, input) {
      const refusal = authorize(viewer, 'rotateApiKey');
      if (refusal !== null) return refused(refusal);
      const absent = problems.notFound('API key', input.id);
      const key = await reader.apiKey(id);
      if (key === null || keyManagementRefusal(viewer, key) !== null) return refused(absent);
      return {
        kind: 'write',
        async apply(tx) {
          const rotated = await tx.rotateApiKey(key.id, hash, input.graceMs ?? gateway.limits.keyRotationMs);
          if (rotated === null) return { kind: 'refused', problem: absent };
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
}
