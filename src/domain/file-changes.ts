import type { Oid } from '../git/objects/object-source.js';
import { MODE_DIRECTORY, MODE_EXECUTABLE, MODE_FILE, MODE_SUBMODULE, MODE_SYMLINK } from '../git/objects/tree.js';
import { pathViolation, specialContentViolation, symlinkViolation } from './path.js';
import * as violations from './input-violations.js';
import type { Problem } from './problem.js';
import * as problems from './problems.js';
import { brokenRule, pathRules, refuseIf, Refused, TreeDraft, type ChangedTree, type ChangeGround } from './tree-draft.js';
import type { WritableMode, WriteFile } from './write-file.js';

export type { ChangedTree, ChangeGround } from './tree-draft.js';
export type { WriteFile } from './write-file.js';

type Maybe<T> = T | null | undefined;

/** Replaces texts in one file, in order; each must be found exactly once. */
export interface EditFile {
  readonly path: string;
  readonly replace: readonly { readonly find: string; readonly with: string }[];
}

/** One change to a tree; exactly one member. */
export interface FileChangeInput {
  readonly write?: Maybe<WriteFile>;
  readonly delete?: Maybe<{ readonly path: string }>;
  readonly move?: Maybe<{ readonly from: string; readonly to: string }>;
  readonly edit?: Maybe<EditFile>;
}

const MODES: Readonly<Record<WritableMode, number | null>> = { FILE: MODE_FILE, EXECUTABLE: MODE_EXECUTABLE, SYMLINK: MODE_SYMLINK, DIRECTORY: null, SUBMODULE: null };

/** Names whose content git reads itself (`.gitmodules`, `.gitattributes`, in the disguises of NTFS and HFS too); only their blobs are looked into. */
const SPECIAL_NAME = /(?:^|\/)(?:\.git|git~)/iu;

/**
 * Applies the changes in order, each seeing what the earlier ones did, and stages the resulting tree. All or nothing: the first
 * refusal is the answer, with the field that caused it (`changes[3].write.path`).
 */
export async function applyFileChanges(ground: ChangeGround, changes: readonly FileChangeInput[], field: string): Promise<ChangedTree | Problem> {
  const { limits } = ground;
  if (changes.length > limits.changesPerCheckpoint) return problems.limitExceeded('changesPerCheckpoint', limits.changesPerCheckpoint, changes.length);
  const draft = new TreeDraft(ground);
  try {
    for (const [index, change] of changes.entries()) await applyChange(draft, ground, change, `${field}[${index}]`);
    return await draft.finish(field);
  } catch (error) {
    if (error instanceof Refused) return error.problem;
    throw error;
  }
}

async function applyChange(draft: TreeDraft, ground: ChangeGround, change: FileChangeInput, field: string): Promise<void> {
  const members = [change.write, change.delete, change.move, change.edit].filter((member) => member !== null && member !== undefined);
  if (members.length !== 1) throw brokenRule(field, violations.oneChange());
  if (change.write) await write(draft, ground, change.write, `${field}.write`);
  if (change.delete) await remove(draft, change.delete.path, `${field}.delete.path`);
  if (change.move) await move(draft, ground, change.move.from, change.move.to, `${field}.move`);
  if (change.edit) await edit(draft, ground, change.edit, `${field}.edit`);
}

async function write(draft: TreeDraft, ground: ChangeGround, file: WriteFile, field: string): Promise<void> {
  refuseIf(`${field}.path`, pathViolation(file.path, pathRules(ground)));
  const staged = await stageFile(ground, file, field);
  draft.wrote((await ground.staged.header(staged.oid)).size);
  await draft.put(file.path, staged, `${field}.path`);
}

/**
 * Stages one file's content and answers it with its mode. Its path is not judged, since it may be there already; what of the
 * content depends on the path is. Throws {@link Refused} with the field that broke a rule.
 */
export async function stageFile(ground: Omit<ChangeGround, 'tree'>, file: WriteFile, field: string): Promise<{ readonly mode: number; readonly oid: Oid }> {
  const mode = MODES[file.mode ?? 'FILE'];
  if (mode === null) throw brokenRule(`${field}.mode`, violations.modeNotWritable(file.path));
  const oid = await contentOf(ground, file, field);
  if (mode === MODE_SYMLINK) {
    const target = (await ground.staged.read(oid)).content.toString('utf8');
    refuseIf(`${field}.text`, symlinkViolation(file.path, target));
  } else if (SPECIAL_NAME.test(file.path)) {
    refuseIf(field, specialContentViolation(file.path, (await ground.staged.read(oid)).content));
  }
  return { mode, oid };
}

async function contentOf(ground: Omit<ChangeGround, 'tree'>, file: WriteFile, field: string): Promise<Oid> {
  const { staged, limits } = ground;
  const { text, base64, blob } = file;
  const given = [text, base64, blob].filter((content) => content !== null && content !== undefined).length;
  if (given !== 1) throw brokenRule(field, violations.oneContent(file.path));
  if (typeof blob === 'string') {
    if (!/^[0-9a-f]{40}$/u.test(blob)) throw brokenRule(`${field}.blob`, violations.blobUnknown(blob));
    if (!(await ground.mayUseBlob(blob))) throw brokenRule(`${field}.blob`, violations.blobUnknown(blob));
    return blob;
  }
  const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : decodeBase64(file.path, base64 ?? '', `${field}.base64`);
  if (bytes.length > limits.inlineFileBytes) throw new Refused(problems.limitExceeded('inlineFileBytes', limits.inlineFileBytes, bytes.length));
  return staged.put('blob', bytes);
}

function decodeBase64(path: string, base64: string, field: string): Buffer {
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/u.test(base64)) {
    throw brokenRule(field, violations.notBase64(path));
  }
  return Buffer.from(base64, 'base64');
}

async function remove(draft: TreeDraft, path: string, field: string): Promise<void> {
  for (const { path: each } of await draft.filesAt(path, field)) await draft.drop(each);
}

async function move(draft: TreeDraft, ground: ChangeGround, from: string, to: string, field: string): Promise<void> {
  refuseIf(`${field}.to`, pathViolation(to, pathRules(ground)));
  if (to === from || to.startsWith(`${from}/`)) throw brokenRule(`${field}.to`, violations.pathOccupied(to));
  const files = await draft.filesAt(from, `${field}.from`);
  if ((await draft.at(to)) !== null) throw brokenRule(`${field}.to`, violations.pathOccupied(to));
  for (const file of files) await draft.drop(file.path);
  for (const file of files) await draft.put(to + file.path.slice(from.length), { mode: file.mode, oid: file.oid }, `${field}.to`);
}

async function edit(draft: TreeDraft, ground: ChangeGround, change: EditFile, field: string): Promise<void> {
  const entry = await draft.at(change.path);
  if (entry === null || entry.mode === MODE_DIRECTORY || entry.mode === MODE_SUBMODULE) throw brokenRule(`${field}.path`, violations.pathAbsent(change.path));
  const { limits, staged } = ground;
  const { size } = await staged.header(entry.oid);
  if (size > limits.inlineFileBytes) throw new Refused(problems.limitExceeded('inlineFileBytes', limits.inlineFileBytes, size));
  const { content } = await staged.read(entry.oid);
  let text = content.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(content)) throw brokenRule(`${field}.path`, violations.notText(change.path));
  for (const [index, { find, with: replacement }] of change.replace.entries()) {
    const at = find === '' ? -1 : text.indexOf(find);
    const where = `${field}.replace[${index}].find`;
    if (at < 0) throw brokenRule(where, violations.textNotUnique(change.path, find, 0));
    if (text.includes(find, at + 1)) throw brokenRule(where, violations.textNotUnique(change.path, find, text.split(find).length - 1));
    text = text.slice(0, at) + replacement + text.slice(at + find.length);
  }
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length > limits.inlineFileBytes) throw new Refused(problems.limitExceeded('inlineFileBytes', limits.inlineFileBytes, bytes.length));
  draft.wrote(bytes.length);
  await draft.put(change.path, { mode: entry.mode, oid: staged.put('blob', bytes) }, `${field}.path`);
}
