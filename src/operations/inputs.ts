import type { Scope } from '../domain/api-key.js';
import type { ReviewVerdict } from '../domain/proposal.js';
import type { Label } from '../domain/label.js';
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

/** A new repository: its name, and the files of its first commit, if any. `settings` not given are the usual ones. */
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

/** A repository to be made from another, `repo`, given by name or node id. */
export interface ForkRepoInput {
  readonly repo: string;
  readonly name: string;
  readonly description?: Maybe<string>;
  readonly labels?: Maybe<readonly Label[]>;
  readonly defaultBranch?: Maybe<string>;
  readonly idempotencyKey?: Maybe<string>;
}

/** What is to change of a repository; what is left out, or null, stays. */
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

/** Which repository, by name or node id, for verbs that take no more: delete, archive, unarchive. */
export interface RepoInput {
  readonly repo: string;
  readonly expectedVersion?: Maybe<number>;
  readonly idempotencyKey?: Maybe<string>;
}

/** A deleted repository, by node id, as its name may be another's now; `name` gives it a new one. */
export interface RestoreRepoInput {
  readonly id: string;
  readonly name?: Maybe<string>;
  readonly idempotencyKey?: Maybe<string>;
}

/** A new branch, at the head of the default branch unless `from` names a rev. */
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

/** Which branch, by exact name or node id; refused with StaleHead where an expected head or version is not the real one. */
export interface DeleteBranchInput {
  readonly repo: string;
  readonly name: string;
  readonly expectedHead?: Maybe<string>;
  readonly expectedVersion?: Maybe<number>;
  readonly idempotencyKey?: Maybe<string>;
}

/** Changes of files that become one commit of a branch, with what asked for them. */
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

/** Which branch goes `into` which, how it is written, and how conflicts are settled. */
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

/** Which branch is proposed for which; the default branch unless a target is given. */
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

/** What is to change of a pending proposal; what is left out, or null, stays. */
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

/** A verdict on one exact head, with words on it and on lines. */
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

/** A comment: in a thread that is there, or the first of a new one on a line, a file or the whole. */
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

/** A thread, and whether it is resolved or open again. */
export interface ResolveThreadInput {
  readonly thread: string;
  readonly resolved: boolean;
  readonly idempotencyKey?: Maybe<string>;
}

/** The exact head that is merged, whole or `only` in part, and what becomes of the rest. */
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

/** A no, with its reason. */
export interface RejectProposalInput {
  readonly repo: string;
  readonly number: number;
  readonly reason: string;
  readonly deleteSource?: Maybe<boolean>;
  readonly idempotencyKey?: Maybe<string>;
}

/** A new key: what it may do (scopes), where (globs of repositories, branches and paths), in whose name and until when. */
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

/** A key that gets a new secret, by node id, and how long the old one works on. */
export interface RotateApiKeyInput {
  readonly id: string;
  /** How long the secret before works on, in milliseconds; as the server's settings say unless given. */
  readonly graceMs?: number;
  readonly idempotencyKey?: Maybe<string>;
}

/** A key that is to end, by node id, with those derived from it. */
export interface RevokeApiKeyInput {
  readonly id: string;
  readonly idempotencyKey?: Maybe<string>;
}

/** A repository whose retention rules are to be applied now. */
export interface RunRetentionInput {
  readonly repo: string;
  readonly dryRun?: Maybe<boolean>;
  /** Branches at most. */
  readonly limit?: Maybe<number>;
  readonly idempotencyKey?: Maybe<string>;
}

/** A public repository to fetch, and the name that it is to have here. */
export interface ImportFromUrlInput {
  readonly name: string;
  readonly url: string;
  readonly description?: Maybe<string>;
  readonly idempotencyKey?: Maybe<string>;
}

/** An import to call off, by the node id of its job. */
export interface CancelImportInput {
  readonly id: string;
  readonly idempotencyKey?: Maybe<string>;
}

/** Where events are to be sent, and which. */
export interface CreateWebhookInput {
  readonly url: string;
  readonly description?: Maybe<string>;
  readonly filter?: Maybe<EventFilterInput>;
  /** The cursor behind which it begins; now unless given. */
  readonly after?: Maybe<string>;
  readonly idempotencyKey?: Maybe<string>;
}

/** Where a repository is to be pushed after each change. */
export interface SetMirrorInput {
  readonly repo: string;
  readonly url: string;
  readonly username?: Maybe<string>;
  readonly password?: Maybe<string>;
  readonly idempotencyKey?: Maybe<string>;
}

/** The mirror of which repository. */
export interface MirrorInput {
  readonly repo: string;
  readonly idempotencyKey?: Maybe<string>;
}

/** Which webhook, by node id. */
export interface WebhookInput {
  readonly id: string;
  readonly idempotencyKey?: Maybe<string>;
}

/** A webhook that is to send one delivery once more, or, without one, all that it owes from now on. */
export interface RedeliverWebhookInput extends WebhookInput {
  readonly delivery?: Maybe<string>;
}
