import type { Scope } from '../domain/api-key.js';
import type { ReviewVerdict } from '../domain/proposal.js';
import type { Label } from '../domain/repo.js';
import type { RepoSettingsInput } from '../domain/repo-settings.js';
import type { ConflictResolutionInput } from '../domain/conflict-resolution.js';
import type { AcceptInput } from '../domain/accept-input.js';
import type { FileChangeInput, WriteFile } from '../domain/file-changes.js';
import type { DiffSide } from '../domain/thread.js';
import type { EventFilterInput } from './reading/read-events.js';
import type { MergeStrategy } from '../domain/merge-plan.js';

export type { AcceptInput, ConflictResolutionInput, FileChangeInput, WriteFile };

/** An optional member as a client may send it: left out, or null. */
type Maybe<T> = T | null | undefined;

/** How a merge is written. */
export type MergeStrategyName = MergeStrategy;

export interface CreateRepoInput {
  readonly name: string;
  readonly description?: Maybe<string>;
  readonly labels?: Maybe<readonly Label[]>;
  readonly defaultBranch?: Maybe<string>;
  readonly files?: Maybe<readonly WriteFile[]>;
  readonly message?: Maybe<string>;
  readonly settings?: Maybe<RepoSettingsInput>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface ForkRepoInput {
  readonly repo: string;
  readonly name: string;
  readonly description?: Maybe<string>;
  readonly labels?: Maybe<readonly Label[]>;
  readonly defaultBranch?: Maybe<string>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface UpdateRepoInput {
  readonly repo: string;
  readonly name?: Maybe<string>;
  readonly description?: Maybe<string>;
  readonly labels?: Maybe<readonly Label[]>;
  readonly defaultBranch?: Maybe<string>;
  readonly settings?: Maybe<RepoSettingsInput>;
  readonly expectedVersion?: Maybe<number>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface RepoInput {
  readonly repo: string;
  readonly expectedVersion?: Maybe<number>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface RestoreRepoInput {
  readonly id: string;
  readonly name?: Maybe<string>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface CreateBranchInput {
  readonly repo: string;
  readonly name: string;
  readonly from?: Maybe<string>;
  readonly runId?: Maybe<string>;
  readonly sessionId?: Maybe<string>;
  readonly metadata?: Maybe<readonly Label[]>;
  readonly expiresAt?: Maybe<Date>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface DeleteBranchInput {
  readonly repo: string;
  readonly name: string;
  readonly expectedHead?: Maybe<string>;
  readonly expectedVersion?: Maybe<number>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface CreateCheckpointInput {
  readonly repo: string;
  readonly branch: string;
  readonly changes?: Maybe<readonly FileChangeInput[]>;
  readonly patch?: Maybe<string>;
  readonly message: string;
  readonly prompt?: Maybe<string>;
  readonly author?: Maybe<{ readonly name: string; readonly email: string }>;
  readonly runId?: Maybe<string>;
  readonly sessionId?: Maybe<string>;
  readonly metadata?: Maybe<readonly Label[]>;
  readonly expectedHead?: Maybe<string>;
  readonly expectedVersion?: Maybe<number>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface MergeBranchInput {
  readonly repo: string;
  readonly from: string;
  readonly into: string;
  readonly message?: Maybe<string>;
  readonly strategy?: Maybe<MergeStrategyName>;
  readonly expectedFrom?: Maybe<string>;
  readonly expectedInto?: Maybe<string>;
  readonly resolutions?: Maybe<readonly ConflictResolutionInput[]>;
  readonly deleteSource?: Maybe<boolean>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface OpenProposalInput {
  readonly repo: string;
  readonly source: string;
  readonly target?: Maybe<string>;
  readonly title: string;
  readonly body?: Maybe<string>;
  readonly runId?: Maybe<string>;
  readonly metadata?: Maybe<readonly Label[]>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface UpdateProposalInput {
  readonly repo: string;
  readonly number: number;
  readonly title?: Maybe<string>;
  readonly body?: Maybe<string>;
  readonly target?: Maybe<string>;
  readonly idempotencyKey?: Maybe<string>;
}

/** closeProposal, reopenProposal. */
export interface ProposalInput {
  readonly repo: string;
  readonly number: number;
  readonly idempotencyKey?: Maybe<string>;
}

export interface ReviewProposalInput {
  readonly repo: string;
  readonly number: number;
  readonly verdict: ReviewVerdict;
  readonly head: string;
  readonly body?: Maybe<string>;
  readonly comments?: Maybe<readonly ReviewCommentInput[]>;
  readonly idempotencyKey?: Maybe<string>;
}

/** A comment that comes with a review: on a line of the head that it judges, or of its base. */
export interface ReviewCommentInput {
  readonly path: string;
  readonly side: DiffSide;
  readonly line: number;
  readonly body: string;
}

export interface CommentOnProposalInput {
  readonly repo: string;
  readonly number: number;
  readonly body: string;
  readonly thread?: Maybe<string>;
  readonly path?: Maybe<string>;
  readonly side?: Maybe<DiffSide>;
  readonly line?: Maybe<number>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface ResolveThreadInput {
  readonly thread: string;
  readonly resolved: boolean;
  readonly idempotencyKey?: Maybe<string>;
}

export interface MergeProposalInput {
  readonly repo: string;
  readonly number: number;
  readonly expectedHead: string;
  readonly expectedTarget?: Maybe<string>;
  readonly strategy?: Maybe<MergeStrategyName>;
  readonly message?: Maybe<string>;
  readonly resolutions?: Maybe<readonly ConflictResolutionInput[]>;
  readonly only?: Maybe<readonly AcceptInput[]>;
  readonly rest?: Maybe<RestAction>;
  readonly declineReason?: Maybe<string>;
  readonly deleteSource?: Maybe<boolean>;
  readonly idempotencyKey?: Maybe<string>;
}

/** What becomes of what was not accepted: refused for good, or left open for more work. */
export type RestAction = 'DECLINE' | 'KEEP_OPEN';

export interface RejectProposalInput {
  readonly repo: string;
  readonly number: number;
  readonly reason: string;
  readonly deleteSource?: Maybe<boolean>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface CreateApiKeyInput {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly repos: readonly string[];
  readonly branches: readonly string[];
  readonly readBranches?: Maybe<readonly string[]>;
  readonly paths?: Maybe<readonly string[]>;
  readonly actor?: Maybe<string>;
  readonly actAs?: Maybe<readonly string[]>;
  readonly labels?: Maybe<readonly Label[]>;
  readonly expiresAt?: Maybe<Date>;
  readonly idempotencyKey?: Maybe<string>;
}

/** Globs that are left out are those of the key that it is derived from. */
export interface DeriveApiKeyInput {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly repos?: Maybe<readonly string[]>;
  readonly branches?: Maybe<readonly string[]>;
  readonly readBranches?: Maybe<readonly string[]>;
  readonly paths?: Maybe<readonly string[]>;
  readonly actAs?: Maybe<readonly string[]>;
  readonly labels?: Maybe<readonly Label[]>;
  readonly expiresAt: Date;
  readonly idempotencyKey?: Maybe<string>;
}

export interface RotateApiKeyInput {
  readonly id: string;
  /** How long the secret before works on, in milliseconds; as the server's settings say unless given. */
  readonly graceMs?: number;
  readonly idempotencyKey?: Maybe<string>;
}

export interface RevokeApiKeyInput {
  readonly id: string;
  readonly idempotencyKey?: Maybe<string>;
}

export interface RunRetentionInput {
  readonly repo: string;
  readonly dryRun?: Maybe<boolean>;
  /** Branches at most. */
  readonly limit?: Maybe<number>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface ImportFromUrlInput {
  readonly name: string;
  readonly url: string;
  readonly description?: Maybe<string>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface CancelImportInput {
  readonly id: string;
  readonly idempotencyKey?: Maybe<string>;
}

export interface CreateWebhookInput {
  readonly url: string;
  readonly description?: Maybe<string>;
  readonly filter?: Maybe<EventFilterInput>;
  /** The cursor behind which it begins; now unless given. */
  readonly after?: Maybe<string>;
  readonly idempotencyKey?: Maybe<string>;
}

export interface WebhookInput {
  readonly id: string;
  readonly idempotencyKey?: Maybe<string>;
}

export interface RedeliverWebhookInput extends WebhookInput {
  readonly delivery?: Maybe<string>;
}
