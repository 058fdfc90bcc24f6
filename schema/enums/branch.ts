import { builder } from '../builder.js';

/** The enum BranchKind: what a branch is for, read from its name by the naming rules (`server.namingRules`). */
export const BranchKind = builder.enumType('BranchKind', {
  description: 'What a branch is for, read from its name by the naming rules (`server.namingRules`).',
  values: {
    DEFAULT: { description: 'The default branch of the repository.' },
    SESSION: { description: 'A working branch of one session: `session/<id>`.' },
    PROPOSAL: { description: 'A branch that carries a proposal: `proposal/<feature>-<run-id>`.' },
    OTHER: { description: 'Any other name.' },
  },
});

/** The enum NamingMode: how much a naming policy asks for. */
export const NamingMode = builder.enumType('NamingMode', {
  description: 'How much a naming policy asks for.',
  values: {
    OPEN: { description: 'Any well-formed name.' },
    STRICT: { description: 'The default branch, and names that fit one of the patterns.' },
  },
});

/** The enum BranchState: where a branch stands in its life. */
export const BranchState = builder.enumType('BranchState', {
  description: 'Where a branch stands in its life.',
  values: {
    ACTIVE: { description: 'It has moved lately: within the last 14 days, unless the deployment or the repository counts differently.' },
    IDLE: { description: 'It has not moved for that long; the longer it rests, the likelier its merge conflicts.' },
    MERGED: { description: 'It went into its base.' },
    DELETED: { description: 'Its name is free again; its checkpoints stay readable.' },
  },
});

/** The enum CheckpointOrigin: which verb moved the branch forward. */
export const CheckpointOrigin = builder.enumType('CheckpointOrigin', {
  description: 'Which verb moved the branch forward.',
  values: {
    API: { description: 'Made by createCheckpoint, or from the first files of a new repository.' },
    PUSH: { description: 'A git push.' },
    IMPORT: { description: 'The import of an existing repository.' },
    MERGE: { description: 'Made by mergeBranch or mergeProposal.' },
    REFRESH: { description: 'The base was brought in.' },
    RESTORE: { description: 'An earlier content was brought back.' },
    REVERT: { description: 'The changes of a run were taken out.' },
  },
});

/** The enum CheckpointState: where a checkpoint stands in the timeline of its branch. */
export const CheckpointState = builder.enumType('CheckpointState', {
  description: 'Where a checkpoint stands in the timeline of its branch.',
  values: {
    CURRENT: { description: 'The head of the branch.' },
    BEHIND: { description: 'In the past of the head.' },
    UNDONE: { description: 'Undone; redo leads to it.' },
    ABANDONED: { description: 'Left behind by a move after an undo; restorable.' },
  },
});

/** The enum FileMode: what an entry of a tree is. */
export const FileMode = builder.enumType('FileMode', {
  description: 'What an entry of a tree is.',
  values: {
    FILE: { description: 'An ordinary file (100644).' },
    EXECUTABLE: { description: 'A file that may be run (100755).' },
    SYMLINK: { description: 'A symbolic link; its content is the target (120000).' },
    DIRECTORY: { description: 'A directory (040000).' },
    SUBMODULE: { description: 'A commit of another repository (160000).' },
  },
});

/** The enum RepoOrderField: what repositories are ordered by. */
export const RepoOrderField = builder.enumType('RepoOrderField', {
  description: 'What repositories are ordered by.',
  values: {
    NAME: { description: 'By name, in byte order.' },
    UPDATED_AT: { description: 'By the instant of the last operation.' },
    CREATED_AT: { description: 'By the instant of creation.' },
  },
});

/** The enum BranchOrderField: what branches are ordered by. */
export const BranchOrderField = builder.enumType('BranchOrderField', {
  description: 'What branches are ordered by.',
  values: {
    NAME: { description: 'By name, in byte order.' },
    LAST_ACTIVITY: { description: 'By the instant of the last move: ascending, the idle ones first.' },
    CREATED_AT: { description: 'By the instant of creation.' },
  },
});

/** The enum OrderDirection: the direction of an order. */
export const OrderDirection = builder.enumType('OrderDirection', {
  description: 'The direction of an order.',
  values: { ASC: { description: 'Smallest, first or oldest first.' }, DESC: { description: 'Largest, last or newest first.' } },
});
