import { createHmac } from 'node:crypto';

/** What a message is sent with; names and values as Standard Webhooks 1.0.0 has them. */
export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Signs one message: HMAC-SHA-256 over id, seconds since the epoch and body, joined by full stops. The id stays the same however often the
 * message is sent; the time is that of the attempt. `secret`: `whsec_` and base64.
 */
export function sign(secret: string, id: string, at: Date, body: string): SignedHeaders {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/u, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`, 'utf8').digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
