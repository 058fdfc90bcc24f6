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
export function derivationRefusal(viewer: Viewer, wanted: KeyReach): Problem | null {
  const missing = wanted.scopes.find((scope) => !holdsScope(viewer.key, scope));
  if (missing !== undefined) return forbidden(missing);
  const further = GLOBS.find((globs) => !globCovers(viewer.key[globs], wanted[globs]));
  return further === undefined ? null : keyReachesFurther(further);
}

/** The refusal to see or revoke another key, or null: a key that reaches further than the viewer's own is as if absent. */
export function keyManagementRefusal(viewer: Viewer, key: ApiKeyRecord): Problem | null {
  if (viewer.key.id === key.id) return null;
  return derivationRefusal(viewer, key) === null ? null : notFound('API key', key.id);
}
