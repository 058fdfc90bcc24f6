import type { LogPlace } from './outcome.js';

/** How a merge came out; CONFLICTED is a preview's answer, and mergeProposal's where resolutions need a review first. Verbs refuse otherwise. */
export type MergeOutcomeName = 'UP_TO_DATE' | 'FAST_FORWARD' | 'MERGED' | 'CONFLICTED';

/** createRepo, import. */
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

/** mergeBranch; `operation` null when the target had it all already. */
export interface MergeReceipt {
  readonly repoId: number;
  readonly branchId: number;
  readonly outcome: MergeOutcomeName;
  readonly commit: string | null;
  readonly operation: LogPlace | null;
}

/** openProposal, rejectProposal. */
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

/** mergeProposal; `commit` null where its resolutions became a revision instead. */
export interface ProposalMergeReceipt {
  readonly repoId: number;
  readonly proposalId: number;
  readonly branchId: number;
  readonly outcome: MergeOutcomeName;
  readonly commit: string | null;
  readonly operation: LogPlace;
}

/** createApiKey, revokeApiKey. The secret is handed over beside the receipt, never in it: receipts are stored. */
export interface ApiKeyReceipt {
  readonly keyId: string;
  readonly operation: LogPlace;
}
