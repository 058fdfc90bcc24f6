import type { Label } from './label.js';

/** What a key may do; none implies another, but ADMIN implies all. */
export type Scope = 'READ' | 'CREATE_REPO' | 'WRITE' | 'PROPOSE' | 'REVIEW' | 'MERGE' | 'ACT_AS' | 'AUDIT' | 'ADMIN';

/** Every scope, in the order of the public schema. */
export const SCOPES: readonly Scope[] = ['READ', 'CREATE_REPO', 'WRITE', 'PROPOSE', 'REVIEW', 'MERGE', 'ACT_AS', 'AUDIT', 'ADMIN'];

/**
 * A key as stored. The secret is not: only its SHA-256 (`hash`, lowercase hex) is. Globs: `*` within a segment, `**` across;
 * `repos` limit everything, `branches` and `paths` limit writes, `readBranches` limit reading.
 */
export interface ApiKeyRecord {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  readonly scopes: readonly Scope[];
  readonly repos: readonly string[];
  readonly branches: readonly string[];
  readonly readBranches: readonly string[];
  readonly paths: readonly string[];
  /** For whom the key speaks in the log and in the rules of review. */
  readonly actor: string;
  readonly actAs: readonly string[];
  readonly labels: readonly Label[];
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  /** The hash of the secret before the last rotation; null where there is none, and in a live key that is asked for once it has stopped working. */
  readonly previousHash: string | null;
  /** When the secret before the last rotation stops working, or stopped; null where there was none to go on. */
  readonly previousUntil: Date | null;
  /** The ids of the keys that it was derived from, the first of them first; empty for a key that was created. */
  readonly lineage: readonly string[];
}

/** What is stored of a new key. */
export type NewApiKey = Omit<ApiKeyRecord, 'createdAt' | 'revokedAt' | 'lastUsedAt' | 'previousHash' | 'previousUntil' | 'lineage'>;

/** How often keys may be derived from derived keys: an orchestrator, its agents, and theirs, with room. */
export const DERIVED_DEPTH = 8;

/**
 * Under which key's id work is kept: a key and all that is derived from it are one where it matters whose work something is, so that
 * nobody approves what they wrote by deriving another key. The log names the very key.
 */
export function keyFamily(key: Pick<ApiKeyRecord, 'id' | 'lineage'>): string {
  return key.lineage[0] ?? key.id;
}
