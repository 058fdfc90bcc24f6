import { SERVER_STREAM } from '../../domain/operation.js';
import * as problems from '../../domain/problems.js';
import { defineOperation, refused } from '../define-operation.js';
import type { WebhookInput } from '../inputs.js';
import type { WebhookReceipt } from '../receipts.js';
import { findWebhook } from '../reading/admin/webhook-target.js';

/**
 * Ends a webhook: an attempt that is under way may still arrive, and nothing after it; its secret is erased, its deliveries go. Needs ADMIN; a
 * webhook of a key that reaches further than the caller's own is as if absent.
 *
 * Refuses: NotFound, Forbidden.
 */
export const deleteWebhook = defineOperation<WebhookInput, WebhookReceipt>({
  kind: 'DELETE_WEBHOOK',
  action: 'deleteWebhook',
  async decide(request, input) {
    const webhook = await findWebhook(request, 'deleteWebhook', input.id);
    if ('code' in webhook) return refused(webhook);
    return {
      kind: 'write',
      async apply(tx) {
        if ((await tx.deleteWebhook(webhook.id)) === null) return { kind: 'refused', problem: problems.notFound('webhook', input.id) };
        return {
          kind: 'done',
          stream: SERVER_STREAM,
          gcEpoch: null,
          record: { refs: [], subject: { type: 'Webhook', id: webhook.id }, runId: null, events: [] },
          receipt: (operation) => ({ webhookId: webhook.id, operation }),
        };
      },
    };
  },
});
