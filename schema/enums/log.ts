import { builder } from '../builder.js';

/** The enum OperationKind: what an operation of the log did. */
export const OperationKind = builder.enumType('OperationKind', {
  description: 'What an operation of the log did.',
  values: {
    CREATE_REPO: { description: 'A repository was created.' },
    UPDATE_REPO: { description: 'Description, labels or settings of a repository changed.' },
    ARCHIVE_REPO: { description: 'A repository became read-only.' },
    UNARCHIVE_REPO: { description: 'A repository became writable again.' },
    DELETE_REPO: { description: 'A repository was deleted.' },
    RESTORE_REPO: { description: 'A deleted repository came back.' },
    FORK_REPO: { description: 'A repository was made from another.' },
    IMPORT_REPO: { description: 'A repository came in from elsewhere.' },
    CREATE_BRANCH: { description: 'A branch was created.' },
    DELETE_BRANCH: { description: 'A branch was deleted.' },
    RESTORE_BRANCH: { description: 'A deleted branch came back.' },
    REFRESH_BRANCH: { description: 'The base was brought into a branch.' },
    MERGE_BRANCH: { description: 'A branch was merged into another.' },
    CREATE_CHECKPOINT: { description: 'A branch moved forward by a checkpoint.' },
    PUSH: { description: 'A git push moved branches.' },
    UNDO: { description: 'A branch went back to an earlier checkpoint.' },
    REDO: { description: 'An undone checkpoint was taken up again.' },
    RESTORE: { description: 'An earlier content was brought back as a new checkpoint.' },
    REVERT_RUN: { description: 'The changes of a run were taken out.' },
    OPEN_PROPOSAL: { description: 'A proposal was opened.' },
    UPDATE_PROPOSAL: { description: 'Title, body or target of a proposal changed.' },
    REVIEW_PROPOSAL: { description: 'A proposal was reviewed.' },
    COMMENT: { description: 'A proposal was commented on.' },
    MERGE_PROPOSAL: { description: 'A proposal was merged.' },
    REJECT_PROPOSAL: { description: 'A proposal was rejected.' },
    CLOSE_PROPOSAL: { description: 'A proposal was closed without a merge.' },
    REOPEN_PROPOSAL: { description: 'A closed proposal was opened again.' },
    RESOLVE_THREAD: { description: 'A thread of comments was resolved, or opened again.' },
    CREATE_KEY: { description: 'An API key was created.' },
    ROTATE_KEY: { description: 'An API key got a new secret.' },
    REVOKE_KEY: { description: 'An API key was revoked.' },
    CANCEL_IMPORT: { description: 'An import was called off.' },
    CREATE_WEBHOOK: { description: 'A webhook was created.' },
    DELETE_WEBHOOK: { description: 'A webhook was deleted.' },
    SET_MIRROR: { description: 'A repository was given a mirror, or another one.' },
    REMOVE_MIRROR: { description: 'A repository is pushed to its mirror no more.' },
    PUSH_MIRROR: { description: 'A repository was to be pushed to its mirror at once.' },
    REDELIVER_WEBHOOK: { description: 'A webhook was to begin again, or to send an event once more.' },
    RETENTION: { description: 'What had outlived its keeping time was removed.' },
    PURGE: { description: 'Content was removed for good on request.' },
    DIFF: { description: 'A diff was read; never in the log, only in `latency`.' },
  },
});

/** The enum EventKind: what an event tells. */
export const EventKind = builder.enumType('EventKind', {
  description: 'What an event tells.',
  values: {
    REPO_CREATED: { description: 'A repository was created or imported.' },
    REPO_UPDATED: { description: 'A repository changed: description, labels, settings, archived or not.' },
    REPO_DELETED: { description: 'A repository was deleted.' },
    BRANCH_CREATED: { description: 'A branch was created.' },
    BRANCH_MOVED: { description: 'A branch has another head, whichever verb moved it.' },
    BRANCH_DELETED: { description: 'A branch was deleted.' },
    PROPOSAL_OPENED: { description: 'A proposal was opened.' },
    PROPOSAL_UPDATED: { description: 'Title, body or target of a proposal changed, or a thread of it was settled or opened again.' },
    PROPOSAL_REVISED: { description: 'A proposal has a new revision: its source moved, its target changed or it was reopened.' },
    PROPOSAL_REVIEWED: { description: 'A proposal was reviewed.' },
    PROPOSAL_COMMENTED: { description: 'A proposal was commented on.' },
    PROPOSAL_MERGED: { description: 'A proposal was merged.' },
    PROPOSAL_REJECTED: { description: 'A proposal was rejected.' },
    PROPOSAL_CLOSED: { description: 'A proposal was closed without a merge.' },
    PROPOSAL_REOPENED: { description: 'A closed proposal was opened again.' },
  },
});

/** The enum Scope: what a key may do. None implies another, but ADMIN implies all. */
export const Scope = builder.enumType('Scope', {
  description: 'What a key may do. None implies another, but ADMIN implies all.',
  values: {
    READ: { description: 'Read repositories, branches, diffs and proposals within the globs of the key.' },
    CREATE_REPO: { description: 'Create repositories whose names the globs of the key reach.' },
    WRITE: { description: 'Create and delete branches, and write checkpoints.' },
    PROPOSE: { description: 'Open proposals.' },
    REVIEW: { description: 'Review and reject proposals.' },
    MERGE: { description: 'Merge branches and proposals.' },
    ACT_AS: { description: 'Name in the header `Weir-Actor` the person for whom the key acts, within its `actAs` globs.' },
    AUDIT: { description: 'Read the log of operations.' },
    ADMIN: { description: 'Manage keys, and everything else within the globs of the key.' },
  },
});

/** The enum ProposalState: where a proposal stands. */
export const ProposalState = builder.enumType('ProposalState', {
  description: 'Where a proposal stands.',
  values: {
    OPEN: { description: 'It waits for a review.' },
    CHANGES_REQUESTED: { description: 'A reviewer asked for changes; a new revision opens it again.' },
    APPROVED: { description: 'The last verdict on its present revision is an approval. A new revision makes it OPEN, also where `dismissStale: false` lets the approval count; whether it may be merged is what `rules` say.' },
    MERGED: { description: 'It went into its target.' },
    REJECTED: { description: 'A reviewer turned it down.' },
    CLOSED: { description: 'It was closed without a merge.' },
  },
});

/** The enum ReviewVerdict: what a reviewer says of one exact head. */
export const ReviewVerdict = builder.enumType('ReviewVerdict', {
  description: 'What a reviewer says of one exact head.',
  values: {
    APPROVE: { description: 'It may be merged.' },
    REQUEST_CHANGES: { description: 'It must change before it may be merged.' },
    COMMENT: { description: 'A remark that decides nothing.' },
  },
});

/** The enum ProblemCode: why a mutation refused. Every code has its own type with what a program needs to go on. */
export const ProblemCode = builder.enumType('ProblemCode', {
  description: 'Why a mutation refused. Every code has its own type with what a program needs to go on.',
  values: {
    INVALID_INPUT: { description: 'A value breaks a rule; see `field` and `rule`.' },
    NOT_FOUND: { description: 'It is absent, or the key may not read it.' },
    FORBIDDEN: { description: 'The key may read it but not do this.' },
    NAME_TAKEN: { description: 'The name is in use.' },
    STALE_HEAD: { description: 'The branch is not where the caller expected it.' },
    MERGE_CONFLICTED: { description: 'Both sides changed the same places.' },
    PROTECTED_BRANCH: { description: 'A rule of the branch forbids it.' },
    RULES_UNMET: { description: 'Rules of review still stand in the way.' },
    INVALID_STATE: { description: 'The state of the thing does not allow it.' },
    LIMIT_EXCEEDED: { description: 'A limit of the server would be exceeded.' },
    OBJECT_CORRUPT: { description: 'A stored object is damaged.' },
    BUSY: { description: 'Too many writers at once; try again after `retryAfterMs`.' },
    UNAVAILABLE: { description: 'Something the server depends on does not answer.' },
  },
});
