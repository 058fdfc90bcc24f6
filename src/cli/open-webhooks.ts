import type { Config } from '../config.js';
import type { Gateway } from '../operations/gateway.js';
import { eventBody } from '../server/graphql/event-body.js';
import type { DeliveryResult } from '../webhooks/courier.js';
import { Deliverer, type DelivererOptions } from '../webhooks/deliverer.js';

/** What tests may hurry. */
export type DelivererPace = Pick<DelivererOptions, 'shortestLeaseMs' | 'lookMs'>;

/**
 * What delivers to webhooks for this gateway, begun in the background; to be closed before the gateway. `counted` is told of every attempt;
 * `pace` is for tests.
 */
export function openWebhooks(gateway: Gateway, { webhooks }: Pick<Config, 'webhooks'>, counted: (result: DeliveryResult) => void, pace: DelivererPace = {}): Deliverer {
  const { timeoutMs, retryMs, keepMs } = webhooks;
  const deliverer = new Deliverer({ gateway, timeoutMs, retryMs, keepMs, render: eventBody, counted, ...pace });
  deliverer.start();
  return deliverer;
}
