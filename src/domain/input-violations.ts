import { quote, type Violation } from './violation.js';

/** A change names a file that must be there and is not. */
export function pathAbsent(path: string): Violation {
  return { rule: 'path/absent', message: `There is no file at ${quote(path)}.`, hint: 'Check the path against the tree of the branch’s head; an earlier change of the same request may have moved it.' };
}

/** A move meets something that is already there. */
export function pathOccupied(path: string): Violation {
  return { rule: 'path/occupied', message: `There is already something at ${quote(path)}.`, hint: 'Delete or move that first, in the same request if you like: changes apply in order.' };
}

/** A path would be a file and a directory at once. */
export function fileDirectoryClash(path: string): Violation {
  return { rule: 'path/file-directory', message: `${quote(path)} would be a file and a directory at once.`, hint: 'Delete the one before writing the other.' };
}

/** An edit's `find` occurs not at all, or more than once. */
export function textNotUnique(path: string, find: string, occurrences: number): Violation {
  return {
    rule: occurrences === 0 ? 'edit/not-found' : 'edit/not-unique',
    message: `${quote(find)} occurs ${occurrences === 0 ? 'nowhere' : 'more than once'} in ${quote(path)}; an edit replaces what occurs exactly once.`,
    hint: occurrences === 0 ? 'Read the file at the branch’s head, and copy the text exactly.' : 'Take in more of the text around it.',
  };
}

/** An edit needs text, and the file is not UTF-8. */
export function notText(path: string): Violation {
  return { rule: 'edit/not-text', message: `${quote(path)} is not UTF-8 text, so it cannot be edited by text.`, hint: 'Write the whole file.' };
}

/** A change that is none of the four, or several at once. */
export function oneChange(): Violation {
  return { rule: 'change/one-kind', message: 'A change needs exactly one of "write", "delete", "move" and "edit".', hint: 'Send several changes as several members of the list.' };
}

/** A write has no content, or more than one. */
export function oneContent(path: string): Violation {
  return { rule: 'write/one-content', message: `The write of ${quote(path)} needs exactly one of "text", "base64" and "blob".`, hint: 'Give one of the three.' };
}

/** `base64` that is not. */
export function notBase64(path: string): Violation {
  return { rule: 'write/base64', message: `The content of ${quote(path)} is not base64.`, hint: 'Use the alphabet of RFC 4648, section 4, with padding.' };
}

/** A file mode that a write cannot make. */
export function modeNotWritable(path: string): Violation {
  return { rule: 'write/mode', message: `${quote(path)} can be written as FILE, EXECUTABLE or SYMLINK only.`, hint: 'Directories come with the files in them; submodules come by push.' };
}

/** `blob` names bytes that this key did not stream in, or no longer holds, and cannot read. */
export function blobUnknown(oid: string): Violation {
  return { rule: 'write/blob', message: `This key has no blob ${quote(oid)}.`, hint: 'Stream the bytes to /blobs/REPO with this key first; they are kept for 24 hours.' };
}

/** A checkpoint has neither `changes` nor `patch`, or both. */
export function changesOrPatch(): Violation {
  return { rule: 'checkpoint/one-source', message: 'A checkpoint needs exactly one of "changes" and "patch".', hint: 'Give one of the two.' };
}

/** A patch that does not apply; `hunk` counts from 1, null when the file as a whole is the reason. */
export function patchRefused(path: string, hunk: number | null, reason: string): Violation {
  const where = hunk === null ? quote(path) : `hunk ${hunk} of ${quote(path)}`;
  return { rule: 'patch/refused', message: `The patch does not apply at ${where}: ${reason}.`, hint: 'Make the patch against the branch’s head; a unified diff with three lines of context does best.' };
}

/** A source and a target that are the same branch. */
export function sameBranch(name: string): Violation {
  return { rule: 'branch/same', message: `${quote(name)} is both source and target.`, hint: 'Name two branches.' };
}

/** A side or a line without the file it is of. */
export function placeWithoutPath(): Violation {
  return { rule: 'place/no-path', message: 'A side or a line needs the path of its file.', hint: 'Name the path too, or none of the three to speak of the whole.' };
}

/** A line, without the side of the diff that counts it. */
export function lineWithoutSide(): Violation {
  return { rule: 'place/no-side', message: 'A line needs a side.', hint: 'Use NEW for a line of the head, OLD for one of the base.' };
}

/** A file that is not there, on the side that was named or on either. */
export function pathNotThere(path: string, side: 'OLD' | 'NEW' | null): Violation {
  const where = side === null ? 'neither in the head nor in the base' : side === 'NEW' ? 'not in the head' : 'not in the base';
  return { rule: 'place/no-file', message: `The file ${quote(path)} is ${where} of the proposal.`, hint: 'Take path and side from the diff of the proposal.' };
}

/** A line that the file does not have; of a file without comparable lines, every line. */
export function noSuchLine(path: string, line: number, lines: number): Violation {
  return { rule: 'place/no-line', message: `${quote(path)} has ${lines} lines on this side, so there is no line ${line} to speak of.`, hint: 'Take the number from a line of the diff, or leave side and line out to speak of the file.' };
}

/** A reply that names a place of its own. */
export function replyWithPlace(): Violation {
  return { rule: 'place/reply', message: 'A reply is where its thread is; it has no place of its own.', hint: 'Leave out path, side and line, or leave out the thread to begin another.' };
}

/** An update that names nothing to change. */
export function nothingToUpdate(): Violation {
  return { rule: 'update/empty', message: 'Nothing is to be changed.', hint: 'Name at least one thing that shall be different.' };
}

/** A revision that names nothing this key can read. */
export function revUnknown(rev: string): Violation {
  return { rule: 'rev/unknown', message: `${quote(rev)} names no commit that this key can read.`, hint: 'Use a branch, "tag:NAME", "checkpoint:N@BRANCH", "proposal:N" or an object id.' };
}

/** An abbreviation that fits several objects. */
export function revAmbiguous(rev: string): Violation {
  return { rule: 'rev/ambiguous', message: `${quote(rev)} fits more than one commit.`, hint: 'Use more digits of the id.' };
}

/** An expiry that has passed. */
export function alreadyPast(): Violation {
  return { rule: 'expires-at/past', message: 'The expiry has passed already.', hint: 'Name a time in the future.' };
}

/** A derived key would live longer than it may. */
export function livesTooLong(latest: Date): Violation {
  return { rule: 'expires-at/too-late', message: `A key derived here and now lives until ${latest.toISOString()} at most.`, hint: 'Name an earlier time; a derived key ends with the one it comes from at the latest, and the server limits its life (`derivedKeyMs` in `server.limits`).' };
}

/** ADMIN is not handed on by deriving. */
export function adminNotDerived(): Violation {
  return { rule: 'scopes/admin-derived', message: 'A derived key cannot hold ADMIN.', hint: 'Name the scopes that it needs, or create a key of its own with createApiKey.' };
}

/** Keys were derived from keys too often. */
export function derivedTooDeep(maximum: number): Violation {
  return { rule: 'key/too-deep', message: `Keys are derived from derived keys ${maximum} times at most.`, hint: 'Derive it from a key further up.' };
}

/** A list has more members than are taken at a time. */
export function tooMany(what: string, maximum: number, actual: number): Violation {
  return { rule: 'list/too-long', message: `At most ${maximum} ${what} are taken at a time; these are ${actual}.`, hint: 'Send the rest in another request.' };
}

/** A list of scopes, or of globs that must be named, is empty. */
export function emptyList(what: string): Violation {
  return { rule: 'list/empty', message: `${what} must have at least one member.`, hint: 'Name what is meant; "**" stands for everything where globs are asked for.' };
}

/** A resolution that is none of the four, or several at once. */
export function oneResolution(): Violation {
  return { rule: 'resolution/one-kind', message: 'A resolution needs exactly one of "take", "content", "hunks" and "delete".', hint: 'Send one resolution for each conflicting path.' };
}

/** A hunk's resolution that is neither of the two, or both. */
export function oneHunkChoice(): Violation {
  return { rule: 'resolution/one-choice', message: 'A hunk needs exactly one of "take" and "replace".', hint: 'Name the sides to take, or the text to put in their place.' };
}

/** A resolution for a path at which the merge has no conflict. */
export function noSuchConflict(path: string): Violation {
  return { rule: 'resolution/no-conflict', message: `The merge has no conflict at ${quote(path)}.`, hint: 'Read the paths under "conflicts" of mergePreview, with the same strategy; leave out what merges by itself.' };
}

/** Two resolutions for one conflict. */
export function resolvedTwice(path: string): Violation {
  return { rule: 'resolution/twice', message: `The conflict at ${quote(path)} is resolved twice.`, hint: 'Send one resolution for each conflicting path.' };
}

const UNFIT = {
  NO_SUCH_CONFLICT: 'it has no conflict',
  RESOLVED_TWICE: 'one of its hunks is resolved twice',
  NO_HUNKS: 'its conflict has no hunks',
  NO_SUCH_HUNK: 'it has no such hunk',
  HUNK_WITHOUT_BASE: 'the hunk has no base of its own that could be taken',
  HUNK_LEFT_OVER: 'one of its hunks is left over',
} as const;

/** A resolution that does not fit its conflict; `hunk` is the hunk's id, null where it is not about one. */
export function resolutionUnfit(path: string, reason: keyof typeof UNFIT, hunk: string | null): Violation {
  const which = hunk === null ? '' : ` (${quote(hunk)})`;
  return { rule: `resolution/${reason.toLowerCase().replaceAll('_', '-')}`, message: `${quote(path)} cannot be resolved so: ${UNFIT[reason]}${which}.`, hint: 'Resolve every hunk that the preview lists for this path exactly once, or give the whole content.' };
}

/** Resolutions that need a review come with a strategy that cannot carry them. */
export function revisionByMerge(strategy: string): Violation {
  return { rule: 'resolution/needs-review', message: `Approvals are required here, so resolutions become a new revision, which ${strategy} cannot make.`, hint: 'Resolve with the strategy MERGE; once the revision is approved, any strategy will do.' };
}

/** A list has more members than it may. */
export function listTooLong(maximum: number, actual: number): Violation {
  return { rule: 'list/too-long', message: `The list has ${actual} members, of ${maximum} that are allowed.`, hint: 'Name fewer, or leave it out.' };
}

/** A text that is not the cursor of an event, or of one that this log has not come to. */
export function notAnEventCursor(): Violation {
  return { rule: 'cursor/unknown', message: 'This is not a cursor of an event of this server.', hint: 'Take one from an event, or from "eventCursor"; without one it begins now.' };
}
