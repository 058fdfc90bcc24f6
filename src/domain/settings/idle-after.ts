import { rulesOf } from '../violation.js';
import type { SettingsSection } from './section.js';

const HOUR = 3_600_000;
/** Ten years. */
const MOST = 3650 * 24 * HOUR;

const broken = rulesOf('idle-after');

/** After how many milliseconds without a move a branch is IDLE; null, unless set, follows the deployment, and zero is how a client asks for that again: its null leaves a section as it is. */
export const IDLE_AFTER: SettingsSection<number | null> = {
  fallback: null,
  read: (given) => (typeof given === 'number' && Number.isSafeInteger(given) && given !== 0 ? given : null),
  fault: (value) => (value === null || (value >= HOUR && value <= MOST) ? null : { at: '', violation: broken('range', 'A branch is idle after an hour at the earliest and ten years at the latest.', 'Use a duration such as "P14D", or "PT0S" for what the server says.') }),
};
