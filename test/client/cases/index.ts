import { APPROVAL_FLOW } from './approval-flow.js';
import { PROBLEMS } from './problems.js';
import type { ClientCase } from './site.js';
import { SUBSCRIPTIONS } from './subscriptions.js';
import { WHOLE_DIFF } from './whole-diff.js';

/** All that a client has to do, in Node and in a page. */
export const CLIENT_CASES: readonly ClientCase[] = [...APPROVAL_FLOW, ...PROBLEMS, ...SUBSCRIPTIONS, ...WHOLE_DIFF];
