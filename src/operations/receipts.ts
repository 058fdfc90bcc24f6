import type { RetentionVerdict } from '../domain/retention.js';
import type { LogPlace } from './outcome.js';

/** How a merge came out; CONFLICTED is a preview's answer, and mergeProposal's where resolutions need a review first. Verbs refuse otherwise. */
export type MergeOutcomeName = 'UP_TO_DATE' | 'FAST_FORWARD' | 'MERGED' | 'CONFLICTED';

/** createRepo, import, updateRepo, archiveRepo, unarchiveRepo, deleteRepo, restoreRepo, forkRepo. */
export interface RepoReceipt {
  readonly repoId: number;
  readonly operation: LogPlace;
}

/** createBranch, deleteBranch. */
export interface BranchReceipt {
  readonly repoId: number;
  readonly branchId: number;
  readonly operation: LogPlace;
}

/** createCheckpoint. */
export interface CheckpointReceipt {
  readonly repoId: number;
  readonly branchId: number;
  readonly checkpointId: number;
  readonly operation: LogPlace;
}

/** undo, redo, restore, revertRun, refreshBranch; `operation` null where nothing was written: a dry run, or nothing to do. */
export interface TimelineReceipt {
  readonly repoId: number;
  readonly branchId: number;
  /** Where the branch is by it, null at the fork point; for a dry run the checkpoint it would step to, null where a new one would be made. */
  readonly checkpointId: number | null;
  readonly diff: MoveDiff;
  readonly operation: LogPlace | null;
}

/** What a move changes: straight from commit to commit, limited to `paths` where those are all that it may change. */
export interface MoveDiff {
  readonly from: string;
  readonly to: string;
  readonly paths?: readonly string[];
  /** The tree that is compared with `from` instead of the one of `to`: what merging `to` into `from` gives, in a dry run. */
  readonly mergedTree?: string;
  /** How that was worked out, where not plainly; a code as ids of diffs carry it. */
  readonly mergedBy?: string;
}

/** mergeBranch; `operation` null when the target had it all already. */
export interface MergeReceipt {
  readonly repoId: number;
  readonly branchId: number;
  readonly outcome: MergeOutcomeName;
  readonly commit: string | null;
  readonly operation: LogPlace | null;
}

/** openProposal, updateProposal, closeProposal, reopenProposal, rejectProposal. */
export interface ProposalReceipt {
  readonly repoId: number;
  readonly proposalId: number;
  readonly operation: LogPlace;
}

/** reviewProposal. */
export interface ReviewReceipt {
  readonly repoId: number;
  readonly proposalId: number;
  readonly reviewId: number;
  readonly operation: LogPlace;
}

/** resolveThread. */
export interface ThreadReceipt {
  readonly repoId: number;
  readonly proposalId: number;
  readonly threadId: number;
  readonly operation: LogPlace;
}

/** commentOnProposal. */
export interface CommentReceipt extends ThreadReceipt {
  readonly commentId: number;
}

/** mergeProposal; `commit` null where its resolutions became a revision instead. */
export interface ProposalMergeReceipt {
  readonly repoId: number;
  readonly proposalId: number;
  readonly branchId: number;
  readonly outcome: MergeOutcomeName;
  readonly commit: string | null;
  readonly operation: LogPlace;
}

/** One branch that retention takes on. */
export interface RetentionStep {
  readonly branchId: number;
  readonly action: RetentionVerdict['action'];
  /** null: the branch has expired. */
  readonly rule: string | null;
  readonly reason: string;
  /** Milliseconds since the epoch: receipts are stored as JSON. */
  readonly since: number;
}

/** runRetention; `operation` null for a dry run, and where there was nothing to do. */
export interface RetentionReceipt {
  readonly repoId: number;
  readonly steps: readonly RetentionStep[];
  /** Whether there were branches beyond the limit. */
  readonly more: boolean;
  readonly operation: LogPlace | null;
}

/** createApiKey, deriveApiKey, rotateApiKey, revokeApiKey. The secret is handed over beside the receipt, never in it: receipts are stored. */
export interface ApiKeyReceipt {
  readonly keyId: string;
  readonly operation: LogPlace;
}

/** importRepo, cancelImport. */
export interface ImportReceipt {
  readonly jobId: number;
  readonly operation: LogPlace;
}

/** createWebhook, deleteWebhook. The secret is handed over beside the receipt, as a key is. */
export interface WebhookReceipt {
  readonly webhookId: number;
  readonly operation: LogPlace;
}

/** redeliverWebhook; `deliveryId` null where the webhook was to begin again. */
export interface RedeliveryReceipt extends WebhookReceipt {
  readonly deliveryId: number | null;
}
