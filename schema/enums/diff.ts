import { builder } from '../builder.js';

/** The enum DiffComparison: what `to` is compared with. */
export const DiffComparison = builder.enumType('DiffComparison', {
  description: 'What `to` is compared with.',
  values: {
    MERGE_BASE: { description: 'The merge base of both, as `git diff A...B`: what `to` added since it left `from`.' },
    DIRECT: { description: '`from` itself, as `git diff A B`.' },
  },
});

/** The enum DiffWhitespace: how white space counts when lines are compared. */
export const DiffWhitespace = builder.enumType('DiffWhitespace', {
  description: 'How white space counts when lines are compared.',
  values: {
    SHOW: { description: 'Every difference counts.' },
    IGNORE_CHANGE: { description: 'Amounts of white space do not count, nor white space at the end of a line (`git diff -b`).' },
    IGNORE_ALL: { description: 'White space does not count at all (`git diff -w`).' },
  },
});

/** The enum DiffStatus: how a file differs. */
export const DiffStatus = builder.enumType('DiffStatus', {
  description: 'How a file differs.',
  values: {
    ADDED: { description: 'It is new.' },
    MODIFIED: { description: 'Its content, its executable bit or both changed.' },
    DELETED: { description: 'It is gone.' },
    RENAMED: { description: 'It moved here from `oldPath`.' },
    COPIED: { description: 'It was copied from `oldPath`.' },
    TYPE_CHANGED: { description: 'It changed between file, symbolic link and submodule.' },
  },
});

/** The enum DiffOmission: why a changed file has no hunks. */
export const DiffOmission = builder.enumType('DiffOmission', {
  description: 'Why a changed file has no hunks.',
  values: {
    BINARY: { description: 'One side has a NUL among its first 8000 bytes.' },
    TOO_LARGE: { description: 'Comparing it would exceed the limits `diffBytes` or `diffMs`.' },
    SUBMODULE: { description: 'It is a commit of another repository.' },
  },
});

/** The enum DiffLineKind: what a line of a hunk is. */
export const DiffLineKind = builder.enumType('DiffLineKind', {
  description: 'What a line of a hunk is.',
  values: {
    CONTEXT: { description: 'Unchanged.' },
    ADDED: { description: 'Only in the new file.' },
    DELETED: { description: 'Only in the old file.' },
  },
});

/** The enum MergeStrategy: how a merge is written. */
export const MergeStrategy = builder.enumType('MergeStrategy', {
  description: 'How a merge is written.',
  values: {
    MERGE: { description: 'A commit with two parents, always, also where a fast-forward would do.' },
    SQUASH: { description: 'One commit on the target that holds all of it. Merging on from the same branch later works.' },
    REBASE: { description: 'Each commit that the target lacks, merges aside, again on top of it, author and message kept; a conflict names the commit. Where the source is a line of commits on the target’s head, the target only moves to it. Merging on from the same branch later works.' },
    FAST_FORWARD_ONLY: { description: 'The target moves to the source; refused where both have commits of their own.' },
  },
});

/** The enum MergeSide: a side of a conflict. */
export const MergeSide = builder.enumType('MergeSide', {
  description: 'A side of a conflict.',
  values: {
    BASE: { description: 'As it was before both changed it.' },
    OURS: { description: 'As the branch that is written has it.' },
    THEIRS: { description: 'As what comes in has it.' },
  },
});

/** The enum MergeOutcome: how a merge comes out. */
export const MergeOutcome = builder.enumType('MergeOutcome', {
  description: 'How a merge comes out.',
  values: {
    UP_TO_DATE: { description: 'The target has it all already; nothing is written.' },
    FAST_FORWARD: { description: 'The target only moves forward to the source.' },
    MERGED: { description: 'Both sides were combined without a conflict.' },
    CONFLICTED: { description: 'Both sides changed the same places. A preview says which; a merge refuses instead, but for a proposal whose resolutions must be reviewed first.' },
  },
});

/** The enum ConflictKind: what kept a path from merging. */
export const ConflictKind = builder.enumType('ConflictKind', {
  description: 'What kept a path from merging.',
  values: {
    CONTENT: { description: 'Both sides changed the same lines, or the same symbolic link.' },
    ADD_ADD: { description: 'Both sides added a file here, with different content.' },
    MODIFY_DELETE: { description: 'One side changed what the other deleted.' },
    RENAME_DELETE: { description: 'One side renamed what the other deleted.' },
    RENAME_RENAME: { description: 'Both sides renamed the same file, to different paths.' },
    FILE_DIRECTORY: { description: 'One side has a file where the other has a directory, or added to a directory that the other renamed.' },
    MODE: { description: 'File, link and submodule met at one path, or modes that differ both ways.' },
    BINARY: { description: 'Both sides changed a file that has no lines.' },
    SUBMODULE: { description: 'Both sides moved a submodule.' },
  },
});

/** The enum RestAction: what becomes of what was not accepted of a proposal. */
export const RestAction = builder.enumType('RestAction', {
  description: 'What becomes of what was not accepted of a proposal.',
  values: {
    DECLINE: { description: 'It is declined: recorded with the reason, and the proposal ends as merged.' },
    KEEP_OPEN: { description: 'It stays proposed: changes are requested, and the proposal shows the rest alone.' },
  },
});

/** The enum DiffSide: which side of a diff. */
export const DiffSide = builder.enumType('DiffSide', {
  description: 'Which side of a diff.',
  values: {
    OLD: { description: 'What was there before: the base of the proposal.' },
    NEW: { description: 'What is there now: its head.' },
  },
});
