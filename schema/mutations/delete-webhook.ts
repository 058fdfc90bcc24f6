import { deleteWebhook } from '../../src/operations/webhook/delete-webhook.js';
import type { WebhookReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, webhookOf } from '../receipts.js';
import { Operation, Webhook } from '../refs.js';

const Input = builder.inputType('WebhookInput', {
  description: 'A webhook.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The node id of the webhook.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<WebhookReceipt>('DeleteWebhookSuccess').implement({
  description: 'The webhook was deleted.',
  fields: (t) => ({
    webhook: t.field({ type: Webhook, description: 'The webhook as it was.', resolve: webhookOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('deleteWebhook', (t) =>
  t.field({
    type: resultOf('DeleteWebhook', Success, []),
    description: 'Ends a webhook and erases its secret and its log. An attempt that is under way may still arrive. Needs ADMIN.',
    args: { input: t.arg({ type: Input, required: true, description: 'The webhook.' }) },
    resolve: (_root, { input }, context) => answer(context, deleteWebhook(context.request, input)),
  }),
);
