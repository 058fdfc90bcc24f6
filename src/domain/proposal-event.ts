import type { EventKind, EventPayload } from './operation.js';
import type { ProposalRecord } from './proposal.js';
import type { RepoRecord } from './repo.js';

/** The kinds of event that tell of a proposal. */
export type ProposalEventKind = Extract<EventKind, `PROPOSAL_${string}`>;

/** The event that tells of a proposal: with its source branch, by which it is decided who may see it. */
export function proposalEvent(kind: ProposalEventKind, repo: RepoRecord, proposal: ProposalRecord, more: Partial<EventPayload> = {}): EventPayload {
  return { kind, repoName: repo.name, proposalId: proposal.id, proposalNumber: proposal.number, sourceName: proposal.sourceName, ...more };
}
