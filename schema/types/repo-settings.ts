import { builder } from '../builder.js';
import type { BranchNaming as BranchNamingValue } from '../../src/domain/settings/naming.js';
import type { RepoLimits as RepoLimitsValue } from '../../src/domain/settings/limits.js';
import { NamingMode } from '../enums/branch.js';
import { RepoSettings } from '../refs.js';
import { ReviewPolicyInput, ReviewPolicyType } from './review-policy.js';
import { RetentionPolicyInput, RetentionPolicyType } from './retention-policy.js';

const PATTERNS = 'Patterns of branch names such as `feature/<ticket>`: a word in angle brackets stands for one character or more of a segment, all else for itself.';

/** How new branches may be named. */
export const BranchNaming = builder.objectRef<BranchNamingValue>('BranchNaming').implement({
  description: 'How new branches may be named, beyond the rule of every branch name. A branch that is there already keeps its name.',
  fields: (t) => ({
    mode: t.expose('mode', { type: NamingMode, description: 'Whether names must fit a pattern.' }),
    patterns: t.stringList({ description: PATTERNS, resolve: ({ patterns }) => [...patterns] }),
  }),
});

const BranchNamingInput = builder.inputType('BranchNamingInput', {
  description: 'How new branches may be named.',
  fields: (t) => ({
    mode: t.field({ type: NamingMode, description: 'Whether names must fit a pattern; OPEN unless given.' }),
    patterns: t.stringList({ description: `${PATTERNS} \`session/<id>\` and \`proposal/<feature>-<run-id>\` unless given.` }),
  }),
});

const REPO_LIMITS = {
  branchesPerRepo: 'Live branches, 1 at least',
  openProposalsPerRepo: 'Proposals that are neither merged nor closed',
  changesPerCheckpoint: 'File changes in one checkpoint, 1 at least',
  checkpointBytes: 'Bytes of the files that one checkpoint writes, all together, 1 at least',
  repoBytes: 'Bytes on disk of its packs, 1 at least',
} as const;

const RepoLimits = builder.objectRef<RepoLimitsValue>('RepoLimits').implement({
  description: 'Limits that a repository has narrowed for itself, by the names that LimitExceeded quotes; null: as `server.limits` says.',
  fields: (t) => ({
    branchesPerRepo: t.exposeInt('branchesPerRepo', { nullable: true, description: `${REPO_LIMITS.branchesPerRepo}.` }),
    openProposalsPerRepo: t.exposeInt('openProposalsPerRepo', { nullable: true, description: `${REPO_LIMITS.openProposalsPerRepo}.` }),
    changesPerCheckpoint: t.exposeInt('changesPerCheckpoint', { nullable: true, description: `${REPO_LIMITS.changesPerCheckpoint}.` }),
    checkpointBytes: t.expose('checkpointBytes', { type: 'SafeInt', nullable: true, description: `${REPO_LIMITS.checkpointBytes}.` }),
    repoBytes: t.expose('repoBytes', { type: 'SafeInt', nullable: true, description: `${REPO_LIMITS.repoBytes}.` }),
  }),
});

const RepoLimitsInput = builder.inputType('RepoLimitsInput', {
  description: 'Limits of a repository, none of them above what `server.limits` says; what is left out or null is as the server says.',
  fields: (t) => ({
    branchesPerRepo: t.int({ description: `${REPO_LIMITS.branchesPerRepo}.` }),
    openProposalsPerRepo: t.int({ description: `${REPO_LIMITS.openProposalsPerRepo}.` }),
    changesPerCheckpoint: t.int({ description: `${REPO_LIMITS.changesPerCheckpoint}.` }),
    checkpointBytes: t.field({ type: 'SafeInt', description: `${REPO_LIMITS.checkpointBytes}.` }),
    repoBytes: t.field({ type: 'SafeInt', description: `${REPO_LIMITS.repoBytes}.` }),
  }),
});

RepoSettings.implement({
  description: 'What a repository decides for itself, by section; a section that it has not set has its default.',
  fields: (t) => ({
    naming: t.field({ type: BranchNaming, description: 'How new branches may be named. What the server asks for (`server.branchNaming`) holds beside it.', resolve: ({ naming }) => naming }),
    approvalsRequired: t.exposeInt('approvalsRequired', { description: 'Approvals by actors who did not contribute that a proposal needs before it can be merged; 1 unless set.' }),
    idleAfter: t.expose('idleAfter', { type: 'Duration', nullable: true, description: 'After how long without a move a branch is IDLE; null unless set: as `server.limits` says.' }),
    retention: t.expose('retention', { type: RetentionPolicyType, description: 'What becomes of the branches that nobody needs any more; nothing unless set.' }),
    limits: t.field({ type: RepoLimits, description: 'Limits that are narrower here than on the server; `usage.quotas` shows what holds.', resolve: ({ limits }) => limits }),
    review: t.expose('review', { type: ReviewPolicyType, description: 'Who must approve what goes into which branch; `approvalsRequired` alone unless set.' }),
  }),
});

/** Sections of the settings of a repository to set. */
export const RepoSettingsInput = builder.inputType('RepoSettingsInput', {
  description: 'Sections of the settings to set, each as a whole: within a section, what is left out takes its default. A section that is left out, or null, stays as it is.',
  fields: (t) => ({
    naming: t.field({ type: BranchNamingInput, description: 'How new branches may be named.' }),
    approvalsRequired: t.int({ description: 'Approvals by actors who did not contribute that a proposal needs before it can be merged, from 0 to 20.' }),
    idleAfter: t.field({ type: 'Duration', description: 'After how long without a move a branch is IDLE: an hour at least, ten years at most; `PT0S` follows the server again.' }),
    retention: t.field({ type: RetentionPolicyInput, description: 'What becomes of the branches that nobody needs any more.' }),
    limits: t.field({ type: RepoLimitsInput, description: 'Limits that are to be narrower here than on the server.' }),
    review: t.field({ type: ReviewPolicyInput, description: 'Who must approve what goes into which branch, and which branches move by proposals only.' }),
  }),
});
