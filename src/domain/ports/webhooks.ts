import type { EventFilter } from '../event-filter.js';
import type { DeliveryRecord, DeliveryState, WebhookRecord } from '../webhook.js';
import type { EventCursor } from './event-log.js';

/** A new webhook's row. `after`: the event behind which it begins. */
export interface NewWebhook {
  readonly url: string;
  readonly description: string | null;
  readonly filter: EventFilter;
  readonly keyId: string;
  readonly createdBy: string;
  /** Sealed. */
  readonly secret: Buffer;
  readonly after: EventCursor;
}

/** Which deliveries of a webhook; null: all. */
export interface DeliveryQuery {
  readonly states: readonly DeliveryState[] | null;
}

/** A webhook that this gateway delivers for the time being. */
export interface HeldWebhook extends WebhookRecord {
  /** Sealed. */
  readonly secret: Buffer;
  /** Moves when somebody asked for something: look again for what is due. */
  readonly version: number;
}

/** A delivery that may be tried, how long it is until then (negative: it is overdue), and for how long it has been tried; in milliseconds. */
export interface DueDelivery extends DeliveryRecord {
  readonly dueInMs: number;
  readonly triedForMs: number;
}

/** How an attempt went. `status` is null where there was no answer. */
export interface Attempt {
  readonly status: number | null;
  readonly note: string | null;
  readonly durationMs: number;
}

/** An event that is owed, and the repository in whose order it is. */
export interface OwedEvent {
  readonly cursor: EventCursor;
  readonly stream: number;
}

/**
 * What those who deliver ask of the store. `owner` names a gateway; what is asked in the name of one that no longer holds the webhook
 * changes nothing.
 */
export interface WebhookStore {
  /** Takes webhooks that nobody holds, `count` at most, keeps those that are held for another `leaseMs`, and answers all that `owner` holds and that are active. */
  hold(owner: string, leaseMs: number, count: number): Promise<readonly HeldWebhook[]>;
  /** Lets go of everything at once, so that another gateway need not wait for the lease to end. */
  release(owner: string): Promise<void>;
  /** Moves the cursor from one place to another and owes what is between, in one step. false: it stood elsewhere, or is not held any more. */
  owe(webhookId: number, owner: string, from: EventCursor, to: EventCursor, owed: readonly OwedEvent[]): Promise<boolean>;
  /** How many deliveries are pending. */
  owed(webhookId: number): Promise<number>;
  /** The first pending delivery of each repository and every pending redelivery, the most urgent first, `count` at most. */
  due(webhookId: number, count: number): Promise<readonly DueDelivery[]>;
  delivered(owner: string, delivery: DeliveryRecord, attempt: Attempt): Promise<void>;
  /** Has it tried again after `waitMs`. */
  retry(owner: string, delivery: DeliveryRecord, attempt: Attempt, waitMs: number): Promise<void>;
  /**
   * Gives a delivery up. Where the receiver took nothing at all since its attempts began, the webhook is stopped instead with `note`, and the
   * delivery stays owed. Answers what became of it.
   */
  giveUp(owner: string, delivery: DeliveryRecord, attempt: Attempt, note: string): Promise<'FAILED' | 'STOPPED'>;
  /** Stops a webhook and says why. */
  stop(webhookId: number, owner: string, note: string): Promise<void>;
  /** Removes deliveries that were settled more than `ageMs` ago, and those of deleted webhooks; `count` at most. Answers how many went. */
  forgetSettled(ageMs: number, count: number): Promise<number>;
}
