import type { EventFilter } from './event-filter.js';
import { rulesOf, type Violation } from './violation.js';
import { isWellFormedText } from './text.js';

/** ACTIVE: it delivers. STOPPED: it waits until somebody has it begin again; nothing that it owes is lost. */
export type WebhookState = 'ACTIVE' | 'STOPPED';

/** PENDING: it is owed, and tried until it is taken. FAILED: it was given up; a redelivery can be asked for. */
export type DeliveryState = 'PENDING' | 'DELIVERED' | 'FAILED';

/** A webhook as stored, but for its secret. What it may tell is what the key may read that made it. */
export interface WebhookRecord {
  readonly id: number;
  readonly url: string;
  readonly description: string | null;
  readonly filter: EventFilter;
  readonly keyId: string;
  readonly state: WebhookState;
  /** Why it is stopped, in one sentence; null while it is not. */
  readonly note: string | null;
  /** Every event up to here was judged. */
  readonly position: number;
  readonly index: number;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** When a receiver last took an event; null: never. */
  readonly lastDeliveredAt: Date | null;
  readonly deletedAt: Date | null;
}

/** One event that is owed to one webhook, and how the last attempt went. Times are the database's. */
export interface DeliveryRecord {
  readonly id: number;
  readonly webhookId: number;
  readonly position: number;
  readonly index: number;
  readonly stream: number;
  /** True where somebody asked for it to be sent once more, beside the order of its repository. */
  readonly again: boolean;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** The status that the last attempt was answered with; null when there was no answer, or no attempt yet. */
  readonly status: number | null;
  readonly note: string | null;
  readonly durationMs: number | null;
  readonly createdAt: Date;
  readonly triedSince: Date | null;
  readonly attemptedAt: Date | null;
  readonly nextAt: Date | null;
  readonly settledAt: Date | null;
}

const MAX_URL_BYTES = 2048;
const violation = rulesOf('webhook-url');

/** Where webhooks may lead; `isRefused` judges an address, not a name, which may lead elsewhere by the time it is used. */
export interface WebhookDestinations {
  readonly http: boolean;
  isRefused(address: string): boolean;
}

/**
 * The rule that the address of a receiver breaks, or null. A host that is given by number is judged here; one that is given by name at
 * each delivery, by the addresses that the name has then.
 */
export function webhookUrlViolation(text: string, destinations: WebhookDestinations): Violation | null {
  if (Buffer.byteLength(text) > MAX_URL_BYTES) return violation('too-long', `The address is longer than ${MAX_URL_BYTES} bytes.`, 'Shorten it.');
  const url = isWellFormedText(text) && URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/u.test(url.protocol)) return violation('malformed', 'The address is not one of the form https://host/path.', null);
  if (url.protocol === 'http:' && !destinations.http) return violation('https', 'Events are sent over https alone.', 'Give an https address; the operator can allow http.');
  if (url.username !== '' || url.password !== '') return violation('credentials', 'The address holds a user name or a password.', 'Leave them out: the receiver knows us by the signature.');
  if (url.hash !== '') return violation('fragment', 'The address holds a fragment, which is never sent.', 'Leave out what begins with "#".');
  if (isNumericHost(url.hostname) && destinations.isRefused(bareHost(url.hostname))) {
    return violation('private', 'The address is within a network that webhooks may not reach: private, loopback, link-local or reserved.', 'Give a public address; the operator can allow networks.');
  }
  return null;
}

/** The host of a parsed address without the brackets of IPv6. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/u, '$1');
}

/** True for a host given by number. The URL standard has brought every spelling of an IPv4 address (decimal, octal, hexadecimal) to four decimal parts. */
export function isNumericHost(hostname: string): boolean {
  return hostname.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/u.test(hostname);
}
