import type { EventKind } from '../src/domain/operation.js';
import type { NodeView } from '../src/operations/reading/read-node.js';

/** The type of each kind of event. */
export const EVENT_TYPES = {
  REPO_CREATED: 'RepoCreated',
  REPO_UPDATED: 'RepoUpdated',
  REPO_DELETED: 'RepoDeleted',
  BRANCH_CREATED: 'BranchCreated',
  BRANCH_MOVED: 'BranchMoved',
  BRANCH_DELETED: 'BranchDeleted',
  PROPOSAL_OPENED: 'ProposalOpened',
  PROPOSAL_UPDATED: 'ProposalUpdated',
  PROPOSAL_REVISED: 'ProposalRevised',
  PROPOSAL_REVIEWED: 'ProposalReviewed',
  PROPOSAL_COMMENTED: 'ProposalCommented',
  PROPOSAL_MERGED: 'ProposalMerged',
  PROPOSAL_REJECTED: 'ProposalRejected',
  PROPOSAL_CLOSED: 'ProposalClosed',
  PROPOSAL_REOPENED: 'ProposalReopened',
} as const satisfies Readonly<Record<EventKind, string>>;

/** What stands behind a field of type Node: the view with the name of its type, by which the interface resolves. */
export function nodeSource(view: NodeView | null): ({ readonly __typename: string } & NodeView['value']) | null {
  if (view === null) return null;
  return { ...view.value, __typename: view.type === 'Event' ? EVENT_TYPES[view.value.payload.kind] : view.type };
}
