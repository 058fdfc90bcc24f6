import { builder } from './builder.js';
import { IDEMPOTENCY_KEY, REPO } from './descriptions.js';
import { FileMode } from './enums/branch.js';
import { DiffComparison, DiffWhitespace } from './enums/diff.js';
import { CONTENTS } from './texts.js';

/** A key and a value. */
export const LabelInput = builder.inputType('LabelInput', {
  description: 'A flat pair of text.',
  fields: (t) => ({
    key: t.string({ required: true, description: 'The key: letters, digits and `-`, 64 at most.' }),
    value: t.string({ required: true, description: 'The value, one line.' }),
  }),
});

/** Who wrote a commit. */
export const SignatureInput = builder.inputType('SignatureInput', {
  description: 'Who wrote a commit. The time is the server’s, and the committer is always the server.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The name, one line without `<` and `>`.' }),
    email: t.string({ required: true, description: 'The mail address; it need not exist.' }),
  }),
});

/** A proposal by its repository and number. */
export const ProposalInput = builder.inputType('ProposalInput', {
  description: 'A proposal.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    number: t.int({ required: true, description: 'The number of the proposal.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

/** How a diff is made. */
export const DiffOptions = builder.inputType('DiffOptions', {
  description: 'How a diff is made. The defaults are those of `git diff A...B`.',
  fields: (t) => ({
    comparison: t.field({ type: DiffComparison, defaultValue: 'MERGE_BASE', description: 'What `to` is compared with. Diffs of one commit, checkpoint or proposal have a base of their own and pay no heed to it.' }),
    paths: t.stringList({ description: 'Only these files, directories with all beneath them, or globs whose `*` also matches `/`.' }),
    context: t.int({ defaultValue: 3, description: 'Unchanged lines around each change.' }),
    whitespace: t.field({ type: DiffWhitespace, defaultValue: 'SHOW', description: 'How white space counts.' }),
    renames: t.boolean({ defaultValue: true, description: 'Whether a deleted and an added file of like content are shown as one that moved.' }),
    renameThreshold: t.int({ defaultValue: 50, description: 'How much of its content, in percent, a moved file must have kept.' }),
  }),
});

/** One file to write. */
export const WriteFile = builder.inputType('WriteFile', {
  description: 'A file to write, new or in place of what is there. Exactly one of `text`, `base64` and `blob`.',
  fields: (t) => ({
    path: t.string({ required: true, description: 'The path from the root; directories are made as needed.' }),
    text: t.string({ extensions: CONTENTS, description: 'The content as text, written in UTF-8 exactly as given.' }),
    base64: t.string({ description: 'The content as bytes in base64.' }),
    blob: t.field({ type: 'GitObjectID', description: 'Content that was streamed to `/blobs/REPO` before, by the id it answered.' }),
    mode: t.field({ type: FileMode, defaultValue: 'FILE', description: 'FILE, EXECUTABLE or SYMLINK; a link’s content is its target, relative and within the repository.' }),
  }),
});

/** A path to delete. */
export const DeletePath = builder.inputType('DeletePath', {
  description: 'A path to delete.',
  fields: (t) => ({ path: t.string({ required: true, description: 'A file, or a directory with all beneath it.' }) }),
});

const MovePath = builder.inputType('MovePath', {
  description: 'A path to move, content and mode kept.',
  fields: (t) => ({
    from: t.string({ required: true, description: 'Where it is: a file, or a directory with all beneath it.' }),
    to: t.string({ required: true, description: 'Where it goes.' }),
  }),
});

const TextReplacement = builder.inputType('TextReplacement', {
  description: 'One replacement within a file. Refused unless the text is found exactly once.',
  fields: (t) => ({
    find: t.string({ extensions: CONTENTS, required: true, description: 'The text to find, lines and all.' }),
    with: t.string({ extensions: CONTENTS, required: true, description: 'What stands there instead.' }),
  }),
});

const EditFile = builder.inputType('EditFile', {
  description: 'An existing text file to edit without sending all of it.',
  fields: (t) => ({
    path: t.string({ required: true, description: 'The file.' }),
    replace: t.field({ type: [TextReplacement], required: true, description: 'Replacements, applied one after the other.' }),
  }),
});

/** One change to the files of a branch. */
export const FileChange = builder.inputType('FileChange', {
  description: 'One change; exactly one member. The changes of a checkpoint apply in order.',
  isOneOf: true,
  fields: (t) => ({
    write: t.field({ type: WriteFile, description: 'Write a file.' }),
    delete: t.field({ type: DeletePath, description: 'Delete a path.' }),
    move: t.field({ type: MovePath, description: 'Move a path.' }),
    edit: t.field({ type: EditFile, description: 'Replace parts of a file.' }),
  }),
});

/** A key, named by what a client has of it. */
export const ApiKeyInput = builder.inputType('ApiKeyInput', {
  description: 'A key.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The node id of the key, or the id within the key itself.' }),
  }),
});
