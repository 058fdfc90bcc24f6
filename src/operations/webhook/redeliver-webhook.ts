import { decodeGlobalId } from '../../domain/global-id.js';
import { SERVER_STREAM } from '../../domain/operation.js';
import type { Transaction } from '../../domain/ports/transaction.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import type { DeliveryRecord, WebhookRecord } from '../../domain/webhook.js';
import { defineOperation, refused } from '../define-operation.js';
import type { RedeliverWebhookInput } from '../inputs.js';
import type { RedeliveryReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { findWebhook } from '../reading/admin/webhook-target.js';

/**
 * Sends one event once more, beside the order of its repository; or, without a delivery, has the webhook begin again: everything that it
 * owes is due now, and one that was stopped goes on where it stopped. Needs ADMIN.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, InvalidState (its key is dead, it is stopped, or the delivery is owed anyway).
 */
export const redeliverWebhook = defineOperation<RedeliverWebhookInput, RedeliveryReceipt>({
  kind: 'REDELIVER_WEBHOOK',
  action: 'redeliverWebhook',
  async decide(request, input) {
    const webhook = await findWebhook(request, 'redeliverWebhook', input.id);
    if ('code' in webhook) return refused(webhook);
    const ref = input.delivery ?? null;
    const delivery = ref === null ? null : await deliveryOf(request, webhook, ref);
    if (delivery !== null && 'code' in delivery) return refused(delivery);
    if ((await request.gateway.storage.liveKey(webhook.keyId)) === null) return refused(problems.webhookKeyGone());
    return {
      kind: 'write',
      async apply(tx) {
        const begun = await begin(tx, webhook, delivery);
        if (begun === null) return { kind: 'refused', problem: delivery === null ? problems.notFound('webhook', input.id) : problems.webhookStopped() };
        return {
          kind: 'done',
          stream: SERVER_STREAM,
          gcEpoch: null,
          record: { refs: [], subject: { type: 'Webhook', id: webhook.id }, runId: null, events: [] },
          receipt: (operation) => ({ webhookId: webhook.id, deliveryId: begun.deliveryId, operation }),
        };
      },
    };
  },
});

async function deliveryOf(request: Request, webhook: WebhookRecord, ref: string): Promise<DeliveryRecord | Problem> {
  const id = decodeGlobalId(ref);
  const delivery = id?.type === 'WebhookDelivery' ? await request.reader.delivery(id.id) : null;
  if (delivery === null || delivery.webhookId !== webhook.id) return problems.notFound('delivery', ref);
  return delivery.state === 'PENDING' ? problems.deliveryPending() : delivery;
}

async function begin(tx: Transaction, webhook: WebhookRecord, delivery: DeliveryRecord | null): Promise<{ readonly deliveryId: number | null } | null> {
  if (delivery === null) return (await tx.resumeWebhook(webhook.id)) === null ? null : { deliveryId: null };
  const made = await tx.insertRedelivery(delivery);
  return made === null ? null : { deliveryId: made.id };
}
