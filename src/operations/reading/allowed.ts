import type { Action } from '../../auth/actions.js';
import { authorize, type ActionTarget } from '../../auth/authorize.js';
import type { Request } from '../request.js';
import { QueryError } from './query-error.js';

/** Throws FORBIDDEN where a list that cannot answer null is not for this key; the message is that of the refusal. */
export function mustAllow(request: Request, action: Action, target: ActionTarget = {}): void {
  const refusal = authorize(request.viewer, action, target);
  if (refusal !== null) throw new QueryError('FORBIDDEN', refusal.message);
}

/** True when the key may do this. */
export function isAllowed(request: Request, action: Action, target: ActionTarget = {}): boolean {
  return authorize(request.viewer, action, target) === null;
}

/**
 * True when the key holds READ at all. What a verb answers leads on to everything that it touched, and to keys that may only write it
 * shows what they did and not what was there before.
 */
export function holdsRead(request: Request): boolean {
  return isAllowed(request, 'readEvents');
}
