import type { ApiKeyRecord } from '../domain/api-key.js';
import { globCovers } from '../domain/glob.js';
import type { Problem } from '../domain/problem.js';
import { forbidden, keyReachesFurther, notFound, type KeyGlobs } from '../domain/problems.js';
import { holdsScope } from './scopes.js';
import type { Viewer } from './viewer.js';

/** What of a key says how far it reaches. */
export type KeyReach = Pick<ApiKeyRecord, 'scopes' | 'repos' | 'branches' | 'readBranches' | 'paths'>;

const GLOBS = ['repos', 'branches', 'readBranches', 'paths'] as const satisfies readonly KeyGlobs[];

/**
 * The refusal to make a key that reaches further than the viewer's own, or null: scopes must be held, globs covered. For whom the
 * new key speaks and acts is for ADMIN to say: whoever may name any `actor` gains nothing by an `actAs`.
 */
export function creationRefusal(viewer: Viewer, wanted: KeyReach): Problem | null {
  return furtherThan(viewer, wanted, GLOBS);
}

/**
 * The refusal to derive such a key, or null: the same for keys without ADMIN, whose `actAs` must be covered too. ADMIN itself is not
 * handed on: a key that makes keys would leave some behind that outlive it.
 */
export function derivationRefusal(viewer: Viewer, wanted: KeyReach & Pick<ApiKeyRecord, 'actAs'>): Problem | null {
  return furtherThan(viewer, wanted, [...GLOBS, 'actAs']);
}

function furtherThan<G extends KeyGlobs>({ key }: Viewer, wanted: Pick<ApiKeyRecord, 'scopes' | G>, compared: readonly G[]): Problem | null {
  const missing = wanted.scopes.find((scope) => !holdsScope(key, scope));
  if (missing !== undefined) return forbidden(missing);
  const further = compared.find((globs) => !globCovers(key[globs], wanted[globs]));
  return further === undefined ? null : keyReachesFurther(further);
}

/** True when the key was derived from the viewer's own, directly or not. */
export function isDerivedFrom(viewer: Viewer, key: Pick<ApiKeyRecord, 'lineage'>): boolean {
  return key.lineage.includes(viewer.key.id);
}

/**
 * The refusal to see or end another key with the right to do so in general, or null: a key that reaches further than the viewer's own is
 * as if absent. What was derived from it never does.
 */
export function keyManagementRefusal(viewer: Viewer, key: ApiKeyRecord): Problem | null {
  if (viewer.key.id === key.id || isDerivedFrom(viewer, key)) return null;
  return creationRefusal(viewer, key) === null ? null : notFound('API key', key.id);
}
