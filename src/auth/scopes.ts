import { SCOPES, type ApiKeyRecord, type Scope } from '../domain/api-key.js';

/** True when the key holds the scope. ADMIN holds every scope; no other implies one. Globs limit ADMIN too. */
export function holdsScope(key: Pick<ApiKeyRecord, 'scopes'>, scope: Scope): boolean {
  return key.scopes.includes(scope) || key.scopes.includes('ADMIN');
}

/** Every scope that the key holds, in the order of the public schema. */
export function heldScopes(key: Pick<ApiKeyRecord, 'scopes'>): readonly Scope[] {
  return SCOPES.filter((scope) => holdsScope(key, scope));
}
