import { quote, rulesOf, type Violation } from './violation.js';

const violation = rulesOf('part');
const PICK = 'Take paths and hunk ids from a diff of this very head against the base of the proposal, with white space shown.';

/** A selection of nothing. */
export function nothingChosen(): Violation {
  return violation('empty', 'Nothing is chosen, so there is nothing to merge.', 'Name files or hunks, or reject the proposal.');
}

/** A file of which no hunk is chosen. */
export function noHunksChosen(path: string): Violation {
  return violation('no-hunks', `No hunk of ${quote(path)} is chosen.`, 'Leave "hunks" out to take the whole file, or leave the file out.');
}

/** A file that is chosen twice. */
export function chosenTwice(path: string): Violation {
  return violation('twice', `${quote(path)} is chosen twice.`, 'Name each file once, with all of its hunks.');
}

/** A path at which the proposal changes nothing. */
export function notChanged(path: string): Violation {
  return violation('not-changed', `The proposal changes nothing at ${quote(path)}.`, PICK);
}

/** An id that names no hunk of this file: of another file, another version of it, or none at all. */
export function hunkUnknown(path: string): Violation {
  return violation('hunk-unknown', `This is no hunk of what the proposal changes in ${quote(path)} at this head.`, PICK);
}

/** A hunk of a diff that ignores white space: it does not say what the bytes become. */
export function hunkWithoutWhitespace(path: string): Violation {
  return violation('hunk-white-space', `This hunk of ${quote(path)} is of a diff that ignores white space.`, PICK);
}

/** Hunks of one file that are of different diffs. */
export function hunksMixed(path: string): Violation {
  return violation('hunks-mixed', `The hunks of ${quote(path)} are of diffs with different options.`, 'Take all hunks of a file from one diff.');
}

/** A path that is no UTF-8 and cannot be written by itself. */
export function pathUnreadable(path: string): Violation {
  return violation('path-unreadable', `The name ${quote(path)} is no UTF-8, so this file can only be merged with the whole proposal.`, 'Merge the whole proposal.');
}

/** A selection that leaves a file where a directory is needed, or the reverse. */
export function doesNotFit(path: string): Violation {
  return violation('path-clash', `What is chosen would make ${quote(path)} a file and a directory at once.`, 'Choose the other changes at this path as well.');
}

/** A part of a proposal is one commit on the target, which this strategy does not make. */
export function onlyAsOneCommit(strategy: string): Violation {
  return violation('one-commit', `A part of a proposal is merged as one commit, which ${strategy} does not make.`, 'Leave the strategy out.');
}

/** A part whose conflicts are resolved where approvals are required. */
export function resolvedPartNeedsReview(): Violation {
  return violation('needs-review', 'Approvals are required here, and resolutions of a part could be reviewed by nobody.', 'Resolve the conflicts of the whole proposal first; that becomes a revision to review.');
}

/** The source cannot go while the proposal stays open. */
export function sourceStays(): Violation {
  return violation('source-stays', 'The proposal stays open for the rest, which its source branch holds.', 'Leave "deleteSource" out, or decline the rest.');
}
