import { MODE_EXECUTABLE, MODE_FILE, MODE_SUBMODULE } from '../objects/tree.js';
import { ObjectCorrupt } from '../objects/errors.js';
import type { ConflictHunk, ConflictKind, Version } from './conflict.js';
import { mergeLinesSteps, type MergeLabels } from './merge-lines.js';
import type { MergeScope } from './path-state.js';

/** The file on all three sides, and the name that each side has for it. */
export interface ContentTriple {
  readonly base: Version | null;
  readonly ours: Version;
  readonly theirs: Version;
  readonly names: { readonly base: string; readonly ours: string; readonly theirs: string };
}

/**
 * One file, merged: what stands in the result (null: nothing, which only a virtual merge base may say), and why it conflicts
 * where it does (`conflict` is null when clean).
 */
export interface ContentMerge {
  readonly version: Version | null;
  readonly conflict: Extract<ConflictKind, 'CONTENT' | 'MODE' | 'BINARY' | 'SUBMODULE'> | null;
  readonly markers: Buffer | null;
  readonly hunks: readonly ConflictHunk[];
}

const MARKER_SIZE = 7;
/** Each level of virtual merge base makes markers this much longer, as git does, so that nested ones can be told apart. */
const MARKER_GROWTH = 2;
/** A NUL among this many first bytes makes content binary, as everywhere in git. */
const BINARY_PROBE_BYTES = 8000;
const NO_BYTES = Buffer.alloc(0);

/** True when both modes are regular files (the executable bit aside), both symlinks, or both submodules. */
export function sameType(a: Version, b: Version): boolean {
  return (a.mode & 0o170000) === (b.mode & 0o170000);
}

/** True for a file with lines or bytes of its own: neither a symlink nor a submodule. */
export function isRegular(version: Version): boolean {
  return version.mode === MODE_FILE || version.mode === MODE_EXECUTABLE;
}

/**
 * Merges mode and content of a file that is of one type on both sides. What only one side changed is taken; regular files
 * that both changed are merged by lines; of anything else ours stays (in a virtual merge base: what the base had) and it conflicts.
 * `nesting` lengthens markers where the outcome will itself be merged once more.
 */
export async function mergeContent(scope: MergeScope, triple: ContentTriple, nesting = 0): Promise<ContentMerge> {
  const { base, ours, theirs } = triple;
  const mode = mergeModes(base, ours, theirs);
  const chosen = unchangedChoice(triple);
  if (chosen !== null) return { version: { mode: mode.mode, oid: chosen }, conflict: mode.clean ? null : 'MODE', markers: null, hunks: [] };
  if (isRegular(ours)) return mergeRegular(scope, triple, mode, nesting);
  const conflict = ours.mode === MODE_SUBMODULE ? 'SUBMODULE' : 'CONTENT';
  return { version: scope.depth > 0 ? base : { mode: mode.mode, oid: ours.oid }, conflict, markers: null, hunks: [] };
}

interface MergedMode {
  readonly mode: number;
  readonly clean: boolean;
}

function mergeModes(base: Version | null, ours: Version, theirs: Version): MergedMode {
  if (ours.mode === theirs.mode || ours.mode === base?.mode) return { mode: theirs.mode, clean: true };
  return { mode: ours.mode, clean: theirs.mode === base?.mode };
}

/** The content to take where at most one side changed it; null where both did. */
function unchangedChoice({ base, ours, theirs }: ContentTriple): string | null {
  if (ours.oid === theirs.oid) return ours.oid;
  if (base === null || !sameType(base, ours)) return null;
  if (ours.oid === base.oid) return theirs.oid;
  return theirs.oid === base.oid ? ours.oid : null;
}

async function mergeRegular(scope: MergeScope, triple: ContentTriple, { mode, clean }: MergedMode, nesting: number): Promise<ContentMerge> {
  const { base, ours, theirs } = triple;
  const before = base !== null && isRegular(base) ? await readBlob(scope, base) : NO_BYTES;
  const mine = await readBlob(scope, ours);
  const other = await readBlob(scope, theirs);
  if ([before, mine, other].some(isBinary)) {
    const oid = scope.depth > 0 ? scope.staged.put('blob', before) : ours.oid;
    return { version: { mode, oid }, conflict: 'BINARY', markers: null, hunks: [] };
  }
  const markerSize = MARKER_SIZE + scope.depth * MARKER_GROWTH + nesting;
  const merged = await scope.effort.run(mergeLinesSteps(before, mine, other, { labels: namedLabels(scope.labels, triple), markerSize }));
  const version = { mode, oid: scope.staged.put('blob', merged.content) };
  if (merged.clean) return { version, conflict: clean ? null : 'MODE', markers: null, hunks: [] };
  return { version, conflict: 'CONTENT', markers: merged.content, hunks: merged.hunks };
}

/** Where the sides know the file by different names, each label carries its side's. */
function namedLabels(labels: MergeLabels, { base, names }: ContentTriple): MergeLabels {
  if (names.ours === names.theirs && (base === null || names.base === names.ours)) return labels;
  return { ours: `${labels.ours}:${names.ours}`, theirs: `${labels.theirs}:${names.theirs}` };
}

async function readBlob(scope: MergeScope, version: Version): Promise<Buffer> {
  const object = await scope.staged.read(version.oid);
  if (object.type !== 'blob') throw new ObjectCorrupt(version.oid, `expected a blob, found a ${object.type}`);
  return object.content;
}

function isBinary(content: Buffer): boolean {
  return content.subarray(0, BINARY_PROBE_BYTES).includes(0);
}
