import type { ApiKeyRecord } from '../domain/api-key.js';
import { actorViolation } from '../domain/commit-data.js';
import { matchesAnyGlob } from '../domain/glob.js';
import { hashSecret, parseKey, secretMatches } from './key-format.js';
import { holdsScope } from './scopes.js';
import type { Viewer } from './viewer.js';

/** What a request shows: the key's text (of `Authorization: Bearer …`, or git's password), and the header `Weir-Actor`. */
export interface Credentials {
  readonly key: string | null;
  readonly actor: string | null;
}

/** Where live keys are looked up: unknown, revoked and expired ones are null alike, by the database's clock. */
export interface LiveKeys {
  liveKey(id: string): Promise<ApiKeyRecord | null>;
}

/**
 * Who asks, or why nobody: MISSING without a key, INVALID for a malformed, unknown, revoked, expired or wrong one (not told
 * apart), ACTOR_REFUSED when `Weir-Actor` names someone the key may not act for.
 */
export type Authentication =
  | { readonly ok: true; readonly viewer: Viewer }
  | { readonly ok: false; readonly reason: 'MISSING' | 'INVALID' | 'ACTOR_REFUSED'; readonly message: string };

/** What the secret is compared with where there is no such key, so that both take the same time. No secret hashes to it but by chance. */
const DUMMY_HASH = hashSecret('no key has this secret');

/**
 * Authenticates one request. Rejects only when the lookup does. A request that names an actor whom the key may not act for is
 * refused rather than answered as the key itself: the backend would otherwise record one person's work as another's.
 */
export async function authenticate(credentials: Credentials, keys: LiveKeys): Promise<Authentication> {
  if (credentials.key === null) {
    return { ok: false, reason: 'MISSING', message: 'This needs an API key: send it as "Authorization: Bearer weir_…".' };
  }
  const parts = parseKey(credentials.key);
  const key = parts === null ? null : await keys.liveKey(parts.id);
  const matches = parts !== null && secretMatches(parts.secret, key?.hash ?? DUMMY_HASH);
  if (key === null || !matches) return { ok: false, reason: 'INVALID', message: 'The API key is unknown, revoked, expired or mistyped.' };
  if (credentials.actor === null) return { ok: true, viewer: { key, actor: key.actor, onBehalfOf: null } };
  return actingFor(key, credentials.actor);
}

function actingFor(key: ApiKeyRecord, actor: string): Authentication {
  if (!holdsScope(key, 'ACT_AS')) return refused('The header Weir-Actor needs a key with the scope ACT_AS.');
  const violation = actorViolation(actor);
  if (violation !== null) return refused(`The header Weir-Actor cannot be taken: ${violation.message}`);
  if (!matchesAnyGlob(key.actAs, actor)) return refused('The header Weir-Actor names someone outside of the key’s "actAs" globs.');
  return { ok: true, viewer: { key, actor, onBehalfOf: actor } };
}

function refused(message: string): Authentication {
  return { ok: false, reason: 'ACTOR_REFUSED', message };
}
