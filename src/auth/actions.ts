import type { Scope } from '../domain/api-key.js';

/**
 * How far an action reaches, and thus which globs of a key it must be within:
 * SERVER names no repository · NEW_REPO makes one · REPO works on one · READ_BRANCH reads a branch of one · NEW_BRANCH makes one ·
 * WRITE_BRANCH moves or deletes one.
 */
export type Reach = 'SERVER' | 'NEW_REPO' | 'REPO' | 'READ_BRANCH' | 'NEW_BRANCH' | 'WRITE_BRANCH';

/** What an action needs. */
export interface ActionRule {
  readonly scope: Scope;
  /** A scope that does as well as `scope`. */
  readonly or?: Scope;
  readonly reach: Reach;
  /** True when it may be done to an archived repository, because it writes nothing in it. */
  readonly onArchived: boolean;
}

/**
 * Everything that a key can be allowed or denied, in one table: deny by default means that what has no row cannot be asked for.
 * Mutations are named as in the public schema; what is read, by `read…`.
 */
export const ACTIONS = {
  readRepo: { scope: 'READ', reach: 'REPO', onArchived: true },
  readBranch: { scope: 'READ', reach: 'READ_BRANCH', onArchived: true },
  readRaw: { scope: 'READ', reach: 'READ_BRANCH', onArchived: true },
  readEvents: { scope: 'READ', reach: 'SERVER', onArchived: true },
  readAudit: { scope: 'AUDIT', reach: 'REPO', onArchived: true },
  readServerAudit: { scope: 'AUDIT', reach: 'SERVER', onArchived: true },
  readApiKeys: { scope: 'ADMIN', reach: 'SERVER', onArchived: true },
  readDeletedRepos: { scope: 'ADMIN', reach: 'SERVER', onArchived: true },

  createRepo: { scope: 'CREATE_REPO', reach: 'NEW_REPO', onArchived: false },
  updateRepo: { scope: 'ADMIN', reach: 'REPO', onArchived: false },
  archiveRepo: { scope: 'ADMIN', reach: 'REPO', onArchived: true },
  unarchiveRepo: { scope: 'ADMIN', reach: 'REPO', onArchived: true },
  deleteRepo: { scope: 'ADMIN', reach: 'REPO', onArchived: true },
  restoreRepo: { scope: 'ADMIN', reach: 'REPO', onArchived: true },
  forkRepo: { scope: 'CREATE_REPO', reach: 'NEW_REPO', onArchived: false },
  importRepo: { scope: 'ADMIN', reach: 'NEW_REPO', onArchived: false },
  readImports: { scope: 'ADMIN', reach: 'REPO', onArchived: true },
  cancelImport: { scope: 'ADMIN', reach: 'REPO', onArchived: true },
  createBranch: { scope: 'WRITE', reach: 'NEW_BRANCH', onArchived: false },
  deleteBranch: { scope: 'WRITE', reach: 'WRITE_BRANCH', onArchived: false },
  createCheckpoint: { scope: 'WRITE', reach: 'WRITE_BRANCH', onArchived: false },
  push: { scope: 'WRITE', reach: 'REPO', onArchived: false },
  undo: { scope: 'WRITE', reach: 'WRITE_BRANCH', onArchived: false },
  redo: { scope: 'WRITE', reach: 'WRITE_BRANCH', onArchived: false },
  restore: { scope: 'WRITE', reach: 'WRITE_BRANCH', onArchived: false },
  revertRun: { scope: 'WRITE', reach: 'WRITE_BRANCH', onArchived: false },
  refreshBranch: { scope: 'WRITE', reach: 'WRITE_BRANCH', onArchived: false },
  restoreBranch: { scope: 'WRITE', reach: 'WRITE_BRANCH', onArchived: false },
  uploadBlob: { scope: 'WRITE', reach: 'REPO', onArchived: false },
  mergeBranch: { scope: 'MERGE', reach: 'WRITE_BRANCH', onArchived: false },
  openProposal: { scope: 'PROPOSE', reach: 'READ_BRANCH', onArchived: false },
  updateProposal: { scope: 'PROPOSE', reach: 'READ_BRANCH', onArchived: false },
  closeProposal: { scope: 'PROPOSE', reach: 'READ_BRANCH', onArchived: false },
  reopenProposal: { scope: 'PROPOSE', reach: 'READ_BRANCH', onArchived: false },
  reviewProposal: { scope: 'REVIEW', reach: 'READ_BRANCH', onArchived: false },
  commentOnProposal: { scope: 'REVIEW', or: 'PROPOSE', reach: 'READ_BRANCH', onArchived: false },
  resolveThread: { scope: 'REVIEW', or: 'PROPOSE', reach: 'READ_BRANCH', onArchived: false },
  rejectProposal: { scope: 'REVIEW', reach: 'READ_BRANCH', onArchived: false },
  mergeProposal: { scope: 'MERGE', reach: 'WRITE_BRANCH', onArchived: false },
  runRetention: { scope: 'ADMIN', reach: 'REPO', onArchived: false },
  setMirror: { scope: 'ADMIN', reach: 'REPO', onArchived: false },
  removeMirror: { scope: 'ADMIN', reach: 'REPO', onArchived: true },
  pushMirror: { scope: 'ADMIN', reach: 'REPO', onArchived: true },
  readMirror: { scope: 'ADMIN', reach: 'REPO', onArchived: true },
  readWebhooks: { scope: 'ADMIN', reach: 'SERVER', onArchived: true },
  createWebhook: { scope: 'ADMIN', reach: 'SERVER', onArchived: true },
  deleteWebhook: { scope: 'ADMIN', reach: 'SERVER', onArchived: true },
  redeliverWebhook: { scope: 'ADMIN', reach: 'SERVER', onArchived: true },
  createApiKey: { scope: 'ADMIN', reach: 'SERVER', onArchived: true },
  deriveApiKey: { scope: 'READ', reach: 'SERVER', onArchived: true },
  rotateApiKey: { scope: 'ADMIN', reach: 'SERVER', onArchived: true },
  revokeApiKey: { scope: 'ADMIN', reach: 'SERVER', onArchived: true },
} as const satisfies Readonly<Record<string, ActionRule>>;

/** The name of an action. */
export type Action = keyof typeof ACTIONS;

/** The rule of an action. */
export function actionRule(action: Action): ActionRule {
  return ACTIONS[action];
}
