import { redeliverWebhook } from '../../src/operations/webhook/redeliver-webhook.js';
import type { RedeliveryReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, webhookOf } from '../receipts.js';
import { Operation, Webhook, WebhookDelivery } from '../refs.js';

const Input = builder.inputType('RedeliverWebhookInput', {
  description: 'What is to be sent again.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The node id of the webhook.' }),
    delivery: t.id({ description: 'The delivery whose event is sent once more. Without one, everything that the webhook owes is due now, and a stopped one goes on where it stopped.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<RedeliveryReceipt>('RedeliverWebhookSuccess').implement({
  description: 'It is on its way.',
  fields: (t) => ({
    webhook: t.field({ type: Webhook, description: 'The webhook after it.', resolve: webhookOf }),
    delivery: t.field({ type: WebhookDelivery, nullable: true, description: 'The new delivery; null where the webhook was to begin again.', resolve: ({ deliveryId }, _args, { request }) => (deliveryId === null ? null : request.reader.delivery(deliveryId)) }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('redeliverWebhook', (t) =>
  t.field({
    type: resultOf('RedeliverWebhook', Success, ['INVALID_STATE']),
    description: 'Sends one event once more, or has a webhook begin again. Needs ADMIN.',
    args: { input: t.arg({ type: Input, required: true, description: 'What is to be sent again.' }) },
    resolve: (_root, { input }, context) => answer(context, redeliverWebhook(context.request, input)),
  }),
);
