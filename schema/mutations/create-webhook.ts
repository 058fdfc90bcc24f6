import { createWebhook } from '../../src/operations/webhook/create-webhook.js';
import type { Outcome } from '../../src/operations/outcome.js';
import type { WebhookReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY } from '../descriptions.js';
import { EventFilter } from '../filters.js';
import { answer, resultOf } from '../problems.js';
import { operationOf, webhookOf } from '../receipts.js';
import { Operation, Webhook } from '../refs.js';

/** The receipt with the secret beside it, which is stored sealed and never shown again. */
interface CreatedWebhook extends WebhookReceipt {
  readonly secret: string | null;
}

const Input = builder.inputType('CreateWebhookInput', {
  description: 'A webhook to create.',
  fields: (t) => ({
    url: t.string({ required: true, description: 'Where events are sent, by POST: an https address on the public internet, unless the operator allows more. Redirects are not followed.' }),
    description: t.string({ description: 'What it is for.' }),
    filter: t.field({ type: EventFilter, description: 'Which events; all that the key may read unless given.' }),
    after: t.string({ description: 'The cursor of an event, or `eventCursor`, behind which it begins; now unless given.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<CreatedWebhook>('CreateWebhookSuccess').implement({
  description: 'The webhook was created.',
  fields: (t) => ({
    webhook: t.field({ type: Webhook, description: 'The new webhook.', resolve: webhookOf }),
    secret: t.exposeString('secret', { nullable: true, description: 'What deliveries are signed with, `whsec_…`: in this answer and nowhere else, ever. Null in an idempotent replay.' }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('createWebhook', (t) =>
  t.field({
    type: resultOf('CreateWebhook', Success, []),
    description: 'Has events that this key may read sent to an address, signed as Standard Webhooks has it. Needs ADMIN.',
    args: { input: t.arg({ type: Input, required: true, description: 'A webhook to create.' }) },
    resolve: (_root, { input }, context) => answer(context, withSecret(createWebhook(context.request, input))),
  }),
);

async function withSecret(created: ReturnType<typeof createWebhook>): Promise<Outcome<CreatedWebhook>> {
  const { outcome, secret } = await created;
  return outcome.ok ? { ...outcome, receipt: { ...outcome.receipt, secret } } : outcome;
}
