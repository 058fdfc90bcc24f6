import type { ProposalViewQuery } from './documents.js';

/** A proposal as the page reads it. */
export type ReadProposal = NonNullable<NonNullable<ProposalViewQuery['repo']>['proposal']>;
