import type { ApiKeyRecord } from '../domain/api-key.js';

/** Who asks: a live key, and for whom it speaks in this request. */
export interface Viewer {
  readonly key: ApiKeyRecord;
  /** For whom everything of this request is recorded and judged: the person that the key acts for, or else the key's own actor. */
  readonly actor: string;
  /** The person named by the header `Weir-Actor`, when the key may act for them; null when the key speaks for itself. */
  readonly onBehalfOf: string | null;
}

/** The gateway's own work and its operator, who have no key in the database: they may do everything, and the log tells them by `id`. */
export function ownViewer(id: string, name: string, actor: string): Viewer {
  const all = ['**'];
  return {
    actor,
    onBehalfOf: null,
    key: { id, name, hash: '', scopes: ['ADMIN'], repos: all, branches: all, readBranches: all, paths: all, actor, actAs: [], labels: [], createdAt: new Date(0), createdBy: actor, expiresAt: null, revokedAt: null, lastUsedAt: null, previousHash: null, previousUntil: null, lineage: [] },
  };
}
