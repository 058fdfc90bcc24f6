import { builder } from '../builder.js';

/** The enum WebhookState: whether a webhook delivers. */
export const WebhookState = builder.enumType('WebhookState', {
  description: 'Whether a webhook delivers.',
  values: {
    ACTIVE: { description: 'It delivers.' },
    STOPPED: { description: 'It waits until somebody has it begin again with `redeliverWebhook`; nothing that it owes is lost.' },
  },
});

/** The enum WebhookDeliveryState: what became of an event that was owed. */
export const WebhookDeliveryState = builder.enumType('WebhookDeliveryState', {
  description: 'What became of an event that a webhook owed.',
  values: {
    PENDING: { description: 'It is owed: tried, or waiting behind an earlier one of its repository.' },
    DELIVERED: { description: 'The receiver has taken it.' },
    FAILED: { description: 'It was given up; `redeliverWebhook` sends it once more.' },
  },
});
