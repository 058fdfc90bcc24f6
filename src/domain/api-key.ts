import type { Label } from './repo.js';

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
}
