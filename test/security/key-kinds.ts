import type { ApiKeyRecord, Scope } from '../../src/domain/api-key.js';
import type { Viewer } from '../../src/auth/viewer.js';

/** What a test key has of its own; everything else reaches everywhere. */
export type KeyTraits = Partial<Pick<ApiKeyRecord, 'id' | 'name' | 'hash' | 'scopes' | 'repos' | 'branches' | 'readBranches' | 'paths' | 'actor' | 'actAs' | 'previousHash' | 'lineage'>>;

/** A live key with these traits. */
export function keyWith(traits: KeyTraits): ApiKeyRecord {
  return {
    id: 'AAAAAAAAAAAA', name: 'test', hash: '0'.repeat(64), scopes: [], repos: ['**'], branches: ['**'], readBranches: ['**'], paths: ['**'], actor: 'tester', actAs: [], labels: [],
    createdAt: new Date(0), createdBy: 'root', expiresAt: null, revokedAt: null, lastUsedAt: null, previousHash: null, previousUntil: null, lineage: [], ...traits,
  };
}

/** Who asks with such a key, for themselves. */
export function viewerWith(traits: KeyTraits): Viewer {
  const key = keyWith(traits);
  return { key, actor: key.actor, onBehalfOf: null };
}

const one = (scope: Scope): KeyTraits => ({ name: `${scope} alone`, scopes: [scope] });
const WORKER: readonly Scope[] = ['READ', 'CREATE_REPO', 'WRITE', 'PROPOSE', 'REVIEW', 'MERGE', 'AUDIT'];

/** The kinds of key that every field, mutation and route is tried with: each scope alone, each glob narrowed on a key that may else do everything, and none at all. */
export const KEY_KINDS: Readonly<Record<string, KeyTraits>> = {
  reader: one('READ'),
  creator: one('CREATE_REPO'),
  writer: one('WRITE'),
  proposer: one('PROPOSE'),
  reviewer: one('REVIEW'),
  merger: one('MERGE'),
  actor: one('ACT_AS'),
  auditor: one('AUDIT'),
  admin: one('ADMIN'),
  worker: { name: 'worker', scopes: WORKER },
  foreign: { name: 'foreign', scopes: WORKER, repos: ['elsewhere/**'] },
  sessionWriter: { name: 'session writer', scopes: WORKER, branches: ['session/**'] },
  sessionReader: { name: 'session reader', scopes: WORKER, readBranches: ['session/**'] },
  docsWriter: { name: 'docs writer', scopes: WORKER, paths: ['docs/**'] },
  mainReader: { name: 'main reader', scopes: WORKER, readBranches: ['main'] },
  nothing: { name: 'no scope at all' },
};
