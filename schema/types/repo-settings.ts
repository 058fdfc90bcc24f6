import { builder } from '../builder.js';
import { RepoSettings } from '../refs.js';
import { RetentionPolicyInput, RetentionPolicyType } from './retention-policy.js';

RepoSettings.implement({
  description: 'What a repository decides for itself, by section; a section that it has not set has its default.',
  fields: (t) => ({
    approvalsRequired: t.exposeInt('approvalsRequired', { description: 'Approvals by actors who did not contribute that a proposal needs before it can be merged; 1 unless set.' }),
    idleAfter: t.expose('idleAfter', { type: 'Duration', nullable: true, description: 'After how long without a move a branch is IDLE; null unless set: as `server.limits` says.' }),
    retention: t.expose('retention', { type: RetentionPolicyType, description: 'What becomes of the branches that nobody needs any more; nothing unless set.' }),
  }),
});

/** Sections of the settings of a repository to set. */
export const RepoSettingsInput = builder.inputType('RepoSettingsInput', {
  description: 'Sections of the settings to set, each as a whole: within a section, what is left out takes its default. A section that is left out, or null, stays as it is.',
  fields: (t) => ({
    approvalsRequired: t.int({ description: 'Approvals by actors who did not contribute that a proposal needs before it can be merged, from 0 to 20.' }),
    idleAfter: t.field({ type: 'Duration', description: 'After how long without a move a branch is IDLE: an hour at least, ten years at most.' }),
    retention: t.field({ type: RetentionPolicyInput, description: 'What becomes of the branches that nobody needs any more.' }),
  }),
});
