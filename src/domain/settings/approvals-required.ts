import { rulesOf } from '../violation.js';
import type { SettingsSection } from './section.js';

/** More approvals than any review has reviewers. */
const MAX_APPROVALS = 20;

const broken = rulesOf('approvals-required');

/** How many approvals by actors who did not contribute a proposal needs before it can be merged; one unless set, and none with 0. */
export const APPROVALS_REQUIRED: SettingsSection<number> = {
  fallback: 1,
  read: (given) => (typeof given === 'number' && Number.isSafeInteger(given) ? given : 1),
  fault: (value) =>
    value >= 0 && value <= MAX_APPROVALS ? null : { at: '', violation: broken('range', `${value} approvals cannot be asked for.`, `Use a whole number from 0 to ${MAX_APPROVALS}.`) },
};
