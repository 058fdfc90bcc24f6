import type { ApiKeyRecord } from '../domain/api-key.js';
import { actorViolation } from '../domain/commit-data.js';
import { matchesAnyGlob } from '../domain/glob.js';
import { hashSecret, parseKey, secretMatches, type KeyParts } from './key-format.js';
import { holdsScope } from './scopes.js';
import type { Viewer } from './viewer.js';

/** What a request shows: the key's text (of `Authorization: Bearer …`, or git's password), and the header `Weir-Actor`. */
export interface Credentials {
  readonly key: string | null;
  readonly actor: string | null;
}

/** Where live keys are looked up: unknown, revoked and expired ones are null alike, by the database's clock. `anew` believes nothing that was known before. */
export interface LiveKeys {
  liveKey(id: string, anew?: boolean): Promise<ApiKeyRecord | null>;
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
  const key = parts === null ? null : await keyShown(parts, keys);
  if (key === null) return { ok: false, reason: 'INVALID', message: 'The API key is unknown, revoked, expired or mistyped.' };
  if (credentials.actor === null) return { ok: true, viewer: { key, actor: key.actor, onBehalfOf: null } };
  return actingFor(key, credentials.actor);
}

/** The live key that was shown, by any of its secrets. Where none fits it is looked up anew: it may have been rotated a moment ago, elsewhere. */
async function keyShown(parts: KeyParts, keys: LiveKeys): Promise<ApiKeyRecord | null> {
  const believed = await keys.liveKey(parts.id);
  // What was not found has been asked for just now.
  return shownAs(parts, believed) ?? shownAs(parts, believed === null ? null : await keys.liveKey(parts.id, true));
}

/** The key as it is if this secret is its own or the one before, which is compared either way; `hash` is then that of the secret shown. */
function shownAs({ secret }: KeyParts, key: ApiKeyRecord | null): ApiKeyRecord | null {
  const isCurrent = secretMatches(secret, key?.hash ?? DUMMY_HASH);
  const isPrevious = secretMatches(secret, key?.previousHash ?? DUMMY_HASH);
  if (key === null || !(isCurrent || isPrevious)) return null;
  return isCurrent ? key : { ...key, hash: key.previousHash ?? key.hash };
}

/** True while the secret that a key was shown by still opens it; `live` is the key as it is now. For connections that outlive their request. */
export function isStillGood(shown: Pick<ApiKeyRecord, 'hash'>, live: ApiKeyRecord | null): boolean {
  return live !== null && (live.hash === shown.hash || live.previousHash === shown.hash);
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
