import { diffFile, type FileDiff } from '../git/diff/file-diff.js';
import type { FileChange } from '../git/diff/file-change.js';
import type { Hunk } from '../git/diff/hunks.js';
import { takeHunks } from '../git/diff/take-hunks.js';
import { diffTrees } from '../git/diff/tree-diff.js';
import { applyTreeChanges, type TreeChange } from '../git/objects/edit-tree.js';
import { BudgetExceeded, PathClash } from '../git/objects/errors.js';
import type { Oid } from '../git/objects/object-source.js';
import type { StagedObjects } from '../git/objects/staged-objects.js';
import { decodeName, encodeName } from '../git/objects/tree.js';
import type { AcceptInput } from './accept-input.js';
import { ChangeList, isOfChange } from './change-list.js';
import { decodeHunkId, encodeHunkId, type HunkFacts } from './hunk-id.js';
import { exceeds, type Limits } from './limits.js';
import * as violations from './part-violations.js';
import { brokenRule, Refused } from './tree-draft.js';

/** What is left of one changed file; `hunks` null where nothing of it was taken. */
export interface LeftOver {
  readonly path: string;
  readonly hunks: readonly string[] | null;
}

/** The base with what was accepted on top of it, and what of the changes is not in it. */
export interface AcceptedPart {
  readonly tree: Oid;
  /** In git's order; empty when everything was accepted. */
  readonly rest: readonly LeftOver[];
}

/** What a part is taken from, and within which bounds. */
export interface PartGround {
  readonly staged: StagedObjects;
  /** The trees between which the changes lie. */
  readonly base: Oid;
  readonly head: Oid;
  readonly limits: Limits;
}

/** The hunks that were taken of one file; null for all that there is of it. */
type Taken = { readonly diff: FileDiff; readonly hunks: ReadonlySet<Hunk>; readonly context: number } | null;

/**
 * Takes files and hunks of the change from `base` to `head`, and nothing else. Any hunk brings its file's rename or mode along. Hunks
 * may come from a diff with whatever context and rename options, as long as white space is shown. Stages trees and blobs.
 *
 * Throws {@link Refused} (InvalidInput with the path, LimitExceeded); BudgetExceeded for a file that takes too long to compare.
 */
export async function acceptPart(ground: PartGround, only: readonly AcceptInput[]): Promise<AcceptedPart> {
  const { staged, base, head, limits } = ground;
  const tooMany = exceeds(limits, 'changesPerCheckpoint', only.length);
  if (tooMany !== null) throw new Refused(tooMany);
  if (only.length === 0) throw brokenRule('only', violations.nothingChosen());
  const changes = new ChangeList(await diffTrees(staged, base, head));
  const taken = new Map<FileChange, Taken>();
  // Hunks first: they may say that a renamed file was looked at as two.
  const chosen = [...only.entries()].sort(([, a], [, b]) => Number(isWhole(a)) - Number(isWhole(b)));
  for (const [index, each] of chosen) {
    const field = `only[${index}]`;
    const [change, hunks] = isWhole(each) ? [wholeFile(changes, each.path, field), null] : await someHunks(ground, changes, each, field);
    if (taken.has(change)) throw brokenRule(`${field}.path`, violations.chosenTwice(each.path));
    taken.set(change, hunks);
  }
  requireApart(changes, taken, only);
  return { tree: await treeWith(ground, taken), rest: changes.all().flatMap((change) => leftOver(change, taken)) };
}

/** Refuses a renamed file that was chosen both as one and as the two that it was before and after. */
function requireApart(changes: ChangeList, taken: ReadonlyMap<FileChange, Taken>, only: readonly AcceptInput[]): void {
  const all = new Set(changes.all());
  for (const change of taken.keys()) {
    if (all.has(change)) continue;
    const index = only.findIndex(({ path }) => encodeName(path) === change.path);
    throw brokenRule(`only[${Math.max(index, 0)}].path`, violations.chosenTwice(decodeName(change.path)));
  }
}

function isWhole({ hunks }: AcceptInput): boolean {
  return hunks === null || hunks === undefined;
}

function wholeFile(changes: ChangeList, path: string, field: string): FileChange {
  const change = changes.at(encodeName(path));
  if (change === null) throw brokenRule(`${field}.path`, violations.notChanged(path));
  return change;
}

async function someHunks({ staged, limits }: PartGround, changes: ChangeList, { path, hunks }: AcceptInput, field: string): Promise<[FileChange, Taken]> {
  const facts = (hunks ?? []).map((id, index) => factsOf(id, path, `${field}.hunks[${index}]`));
  const [first] = facts;
  if (first === undefined) throw brokenRule(`${field}.hunks`, violations.noHunksChosen(path));
  const change = changes.named(first);
  if (change === null) throw brokenRule(`${field}.hunks[0]`, violations.hunkUnknown(path));
  const { context } = first;
  const diff = await diffFile(staged, change, { context, budget: { maxBytes: limits.diffBytes, maxMillis: limits.diffMs } });
  if (diff.omitted === 'TOO_LARGE') throw new BudgetExceeded('diffMs', limits.diffMs, limits.diffMs);
  const found = new Set<Hunk>();
  for (const [index, fact] of facts.entries()) {
    const at = `${field}.hunks[${index}]`;
    if (!isOfChange(change, fact)) throw brokenRule(at, violations.hunkUnknown(path));
    if (fact.context !== context) throw brokenRule(at, violations.hunksMixed(path));
    const hunk = diff.hunks.find((each) => isHunk(each, fact));
    if (hunk === undefined) throw brokenRule(at, violations.hunkUnknown(path));
    found.add(hunk);
  }
  return [change, found.size === diff.hunks.length ? null : { diff, hunks: found, context }];
}

function factsOf(id: string, path: string, field: string): HunkFacts {
  const facts = decodeHunkId(id);
  if (facts === null || ![facts.path, facts.oldPath].includes(encodeName(path))) throw brokenRule(field, violations.hunkUnknown(path));
  if (facts.whitespace !== 'SHOW') throw brokenRule(field, violations.hunkWithoutWhitespace(path));
  return facts;
}

function isHunk(hunk: Hunk, facts: HunkFacts): boolean {
  return hunk.oldStart === facts.oldStart && hunk.oldLines === facts.oldLines && hunk.newStart === facts.newStart && hunk.newLines === facts.newLines;
}

async function treeWith({ staged, base }: PartGround, taken: ReadonlyMap<FileChange, Taken>): Promise<Oid> {
  const entries = new Map<string, TreeChange | null>();
  // What goes away comes first, so that another file may have come in its place.
  for (const { status, path, oldPath } of taken.keys()) {
    if (status === 'DELETED') entries.set(readable(path), null);
    if (status === 'RENAMED' && oldPath !== null) entries.set(readable(oldPath), null);
  }
  for (const [{ path, newMode, newOid }, part] of taken) {
    if (newMode === null || newOid === null) continue;
    const oid = part?.diff.text ? staged.put('blob', takeHunks(part.diff.text, [...part.hunks])) : newOid;
    entries.set(readable(path), { mode: newMode, oid });
  }
  try {
    return await applyTreeChanges(staged, base, entries);
  } catch (error) {
    if (error instanceof PathClash) throw brokenRule('only', violations.doesNotFit(error.path));
    throw error;
  }
}

function readable(path: string): string {
  const text = decodeName(path);
  if (encodeName(text) !== path) throw brokenRule('only', violations.pathUnreadable(text));
  return text;
}

function leftOver(change: FileChange, all: ReadonlyMap<FileChange, Taken>): LeftOver[] {
  const path = decodeName(change.path);
  const part = all.get(change);
  if (part === undefined) return [{ path, hunks: null }];
  if (part === null) return [];
  const { oldOid, newOid, oldPath } = change;
  const { context } = part;
  const left = part.diff.hunks.filter((hunk) => !part.hunks.has(hunk));
  return [{ path, hunks: left.map((hunk) => encodeHunkId({ oldOid, newOid, oldPath, path: change.path, whitespace: 'SHOW', context, oldStart: hunk.oldStart, oldLines: hunk.oldLines, newStart: hunk.newStart, newLines: hunk.newLines })) }];
}
