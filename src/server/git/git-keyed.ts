import { gitCredentialsOf, type Door } from '../access/admission.js';
import { statusOf } from '../http/responses.js';
import type { Answer, KeyedAnswer } from '../routes.js';
import type { Metrics } from '../status/metrics.js';
import { plain } from './plain-answers.js';

/**
 * As `keyed`, for a route that git asks: the key may come as the password, the refusal is plain text, and a missing key is asked for by
 * the scheme that makes git ask its user or its credential helper.
 */
export function gitKeyed(door: Door, metrics: Metrics, answer: KeyedAnswer): Answer {
  return async (exchange, rest) => {
    const admission = await door.admit(gitCredentialsOf(exchange.request.headers), exchange.address, 'git');
    if (admission.ok) {
      exchange.notes.keyId = admission.viewer.key.id;
      return answer(exchange, admission.viewer, rest);
    }
    const { code, message, retryAfterSeconds = null } = admission.refusal;
    metrics.refused(code);
    return plain(statusOf(code), message, {
      ...(code === 'UNAUTHENTICATED' ? { 'www-authenticate': 'Basic realm="Weir: any user, the API key as the password", charset="UTF-8"' } : {}),
      ...(retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) }),
    });
  };
}
