import { json } from '../http/responses.js';

/** How long readiness waits for its check, in milliseconds: less than the usual second of a load balancer. */
const PATIENCE_MS = 900;

/** The process lives: it can answer this. */
export function answerLive(): Response {
  return json({ status: 'live' });
}

/** 200 when requests can be served, 503 when not: the database does not answer, or the server is stopping. Never says more to strangers. */
export async function answerReady(ready: () => Promise<boolean>): Promise<Response> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => { timer = setTimeout(() => resolve(false), PATIENCE_MS); });
  const good = await Promise.race([ready().catch(() => false), late]);
  clearTimeout(timer);
  return good ? json({ status: 'ready' }) : json({ status: 'unavailable' }, 503);
}
