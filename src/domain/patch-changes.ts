import { applyPatch, type AppliedFile, type PatchTarget } from '../git/diff/apply-patch.js';
import { PatchRefused } from '../git/diff/patch-refused.js';
import { decodeName, MODE_DIRECTORY, MODE_SUBMODULE, MODE_SYMLINK } from '../git/objects/tree.js';
import * as violations from './input-violations.js';
import { pathViolation, specialContentViolation, symlinkViolation } from './path.js';
import type { Problem } from './problem.js';
import * as problems from './problems.js';
import { brokenRule, pathRules, refuseIf, Refused, TreeDraft, type ChangedTree, type ChangeGround } from './tree-draft.js';

/**
 * Applies a unified diff, as `git diff` prints it, to a tree, and stages the result: all of it, or a refusal that names the file and
 * the hunk. New files are bound by the same rules as written ones.
 */
export async function applyPatchText(ground: ChangeGround, patch: string, field: string): Promise<ChangedTree | Problem> {
  const draft = new TreeDraft(ground);
  try {
    const files = await applyPatch(Buffer.from(patch, 'utf8'), (path) => readTarget(draft, ground, decodeName(path)), { maxFileBytes: ground.limits.inlineFileBytes });
    if (files.length > ground.limits.changesPerCheckpoint) return problems.limitExceeded('changesPerCheckpoint', ground.limits.changesPerCheckpoint, files.length);
    // Deletions first: a path that is freed by one section may be taken, in another spelling even, by the next.
    for (const file of files) if (file.file === null) await draft.drop(decodeName(file.path));
    for (const file of files) if (file.file !== null) await putFile(draft, ground, file, file.file, field);
    return await draft.finish(field);
  } catch (error) {
    if (error instanceof Refused) return error.problem;
    if (error instanceof PatchRefused) return problems.invalidInput(field, violations.patchRefused(error.path === null ? '' : decodeName(error.path), error.hunk, error.detail));
    throw error;
  }
}

async function readTarget(draft: TreeDraft, { staged }: ChangeGround, path: string): Promise<PatchTarget | null> {
  const entry = await draft.at(path);
  if (entry === null || entry.mode === MODE_DIRECTORY) return null;
  if (entry.mode === MODE_SUBMODULE) return { mode: entry.mode, content: Buffer.from(`Subproject commit ${entry.oid}\n`, 'latin1') };
  return { mode: entry.mode, content: (await staged.read(entry.oid)).content };
}

async function putFile(draft: TreeDraft, ground: ChangeGround, applied: AppliedFile, file: PatchTarget, field: string): Promise<void> {
  const path = decodeName(applied.path);
  if (file.mode === MODE_SUBMODULE) throw brokenRule(field, violations.modeNotWritable(path));
  // What history brought in under an odd name may still be changed; new names keep the rules.
  if ((await draft.at(path)) === null) refuseIf(field, pathViolation(path, pathRules(ground)));
  if (file.mode === MODE_SYMLINK) refuseIf(field, symlinkViolation(path, file.content.toString('utf8')));
  refuseIf(field, specialContentViolation(path, file.content));
  const { inlineFileBytes } = ground.limits;
  if (file.content.length > inlineFileBytes) throw new Refused(problems.limitExceeded('inlineFileBytes', inlineFileBytes, file.content.length));
  draft.wrote(file.content.length);
  await draft.put(path, { mode: file.mode, oid: ground.staged.put('blob', file.content) }, field);
}
