import type { OwnSettings, RepoSettings } from './repo-settings.js';

/** The verbs that the log knows; one value a mutation, fixed by the public schema. */
export type OperationKind =
  | 'CREATE_REPO' | 'UPDATE_REPO' | 'ARCHIVE_REPO' | 'UNARCHIVE_REPO' | 'DELETE_REPO' | 'RESTORE_REPO' | 'FORK_REPO' | 'IMPORT_REPO' | 'CANCEL_IMPORT'
  | 'CREATE_BRANCH' | 'DELETE_BRANCH' | 'RESTORE_BRANCH' | 'REFRESH_BRANCH' | 'MERGE_BRANCH'
  | 'CREATE_CHECKPOINT' | 'PUSH' | 'UNDO' | 'REDO' | 'RESTORE' | 'REVERT_RUN'
  | 'OPEN_PROPOSAL' | 'UPDATE_PROPOSAL' | 'REVIEW_PROPOSAL' | 'COMMENT' | 'MERGE_PROPOSAL' | 'REJECT_PROPOSAL'
  | 'CLOSE_PROPOSAL' | 'REOPEN_PROPOSAL' | 'RESOLVE_THREAD'
  | 'CREATE_KEY' | 'ROTATE_KEY' | 'REVOKE_KEY' | 'CREATE_WEBHOOK' | 'DELETE_WEBHOOK' | 'REDELIVER_WEBHOOK' | 'SET_MIRROR' | 'REMOVE_MIRROR' | 'PUSH_MIRROR' | 'RETENTION' | 'PURGE' | 'DIFF';

/** One reference that an operation moved; null before: created, null after: deleted. */
export interface RefChange {
  readonly branchName: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What an operation was about, as a node: its type name and local id. */
export interface Subject {
  readonly type: 'Repo' | 'Branch' | 'Checkpoint' | 'Proposal' | 'Review' | 'Thread' | 'Comment' | 'Webhook' | 'ImportJob' | 'ApiKey';
  readonly id: number | string;
}

/** The stream of the log that rows without a repository go to: keys and other server-wide operations. */
export const SERVER_STREAM = 0;

/** One row of the log. `stream` is the repository's id, or {@link SERVER_STREAM}. Hashes are lowercase hex of SHA-256. */
export interface OperationRecord {
  readonly stream: number;
  readonly seq: number;
  readonly kind: OperationKind;
  readonly actor: string;
  readonly keyId: string;
  readonly keyName: string;
  readonly at: Date;
  readonly requestId: string;
  readonly runId: string | null;
  readonly refs: readonly RefChange[];
  readonly subject: Subject | null;
  readonly events: readonly EventPayload[];
  /** Why, where nobody asked for it: the rule that had it done. */
  readonly reason?: string;
  readonly previousHash: string;
  readonly hash: string;
  /** How long the client waited, in milliseconds; null until measured. */
  readonly durationMs: number | null;
}

/** The kinds of event that subscribers see; one operation may carry several. */
export type EventKind =
  | 'REPO_CREATED' | 'REPO_UPDATED' | 'REPO_DELETED' | 'BRANCH_CREATED' | 'BRANCH_MOVED' | 'BRANCH_DELETED'
  | 'PROPOSAL_OPENED' | 'PROPOSAL_UPDATED' | 'PROPOSAL_REVISED' | 'PROPOSAL_REVIEWED' | 'PROPOSAL_COMMENTED'
  | 'PROPOSAL_MERGED' | 'PROPOSAL_REJECTED' | 'PROPOSAL_CLOSED' | 'PROPOSAL_REOPENED';

/** What of a repository can change by itself; sections of its settings as `settings.<section>`. */
export type RepoMember = 'name' | 'description' | 'labels' | 'defaultBranch' | 'archived' | 'mirror' | `settings.${keyof RepoSettings}`;

/** An event as the log keeps it: enough to filter and authorize without another row, and the ids from which the rest resolves. */
export interface EventPayload {
  readonly kind: EventKind;
  readonly repoName: string;
  readonly branchId?: number;
  readonly branchName?: string;
  readonly before?: string | null;
  readonly after?: string | null;
  readonly version?: number;
  readonly checkpointId?: number | null;
  readonly proposalId?: number;
  readonly proposalNumber?: number;
  /** The proposal's source branch, for keys that may read some branches only. */
  readonly sourceName?: string;
  readonly reviewId?: number;
  readonly commentId?: number;
  readonly commit?: string | null;
  readonly reason?: string;
  /** What of the repository changed, and for the audit the sections of its settings that were set, and the name that it had. */
  readonly changed?: readonly RepoMember[];
  readonly settings?: OwnSettings;
  readonly previousName?: string;
  /** For the audit: the repository that this one was made from, and what it was called then. */
  readonly forkedFrom?: { readonly repoId: number; readonly repoName: string };
}
