import type { Steps } from '../diff/steps.js';

/** Lines `start … end` (end excluded) of one file. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** One changed place of a line diff: lines of the old file that became lines of the new one; either range may be empty. */
export interface LineEdit {
  readonly old: LineRange;
  readonly new: LineRange;
}

/** Where both sides changed the same place: the lines of all three. `base` is null where refinement cut the place in pieces. */
export interface ConflictRegion {
  readonly base: LineRange | null;
  readonly ours: LineRange;
  readonly theirs: LineRange;
}

/** A place that one side alone changed, or that is in conflict; what both changed alike is no region. In file order. */
export type MergeRegion = { readonly kind: 'OURS' | 'THEIRS' | 'CONFLICT' } & ConflictRegion;

/** Compares two files' lines within a range of each, as suspendable work; edits in order, in whole-file line numbers. */
export type EditFinder = (old: LineRange, next: LineRange) => Steps<readonly LineEdit[]>;

/** A stretch in which edits of the two sides touch each other, in base lines, and the edits that make it up. */
interface Cluster {
  start: number;
  end: number;
  readonly ours: LineEdit[];
  readonly theirs: LineEdit[];
}

const length = (range: LineRange): number => range.end - range.start;

/**
 * Joins two edit scripts of one base into regions (diff3: Khanna, Kunal and Pierce, "A Formal Investigation of Diff3", 2007).
 * Edits of different sides that overlap or touch fall into one region; it is a conflict unless both are the same edit.
 */
export function mergeEdits(ours: readonly LineEdit[], theirs: readonly LineEdit[], same: (ours: LineRange, theirs: LineRange) => boolean): MergeRegion[] {
  const regions: MergeRegion[] = [];
  // How far ours and theirs have grown against the base before the cluster at hand.
  let oursShift = 0;
  let theirsShift = 0;
  for (const cluster of clusters(ours, theirs)) {
    const base = { start: cluster.start, end: cluster.end };
    const oursGrowth = growth(cluster.ours);
    const theirsGrowth = growth(cluster.theirs);
    const mine = { start: base.start + oursShift, end: base.end + oursShift + oursGrowth };
    const other = { start: base.start + theirsShift, end: base.end + theirsShift + theirsGrowth };
    oursShift += oursGrowth;
    theirsShift += theirsGrowth;
    if (cluster.theirs.length === 0) regions.push({ kind: 'OURS', base, ours: mine, theirs: other });
    else if (cluster.ours.length === 0) regions.push({ kind: 'THEIRS', base, ours: mine, theirs: other });
    else if (!sameEdit(cluster) || !same(mine, other)) regions.push({ kind: 'CONFLICT', base, ours: mine, theirs: other });
  }
  return regions;
}

function growth(edits: readonly LineEdit[]): number {
  return edits.reduce((sum, edit) => sum + length(edit.new) - length(edit.old), 0);
}

/** One edit each, of the same base lines. */
function sameEdit({ ours, theirs }: Cluster): boolean {
  const [mine, other] = [ours[0], theirs[0]];
  if (mine === undefined || other === undefined || ours.length !== 1 || theirs.length !== 1) return false;
  return mine.old.start === other.old.start && mine.old.end === other.old.end;
}

/** Groups the edits of both sides, in base order, into stretches that touch. */
function* clusters(ours: readonly LineEdit[], theirs: readonly LineEdit[]): Generator<Cluster, void, undefined> {
  let i = 0;
  let j = 0;
  let cluster: Cluster | null = null;
  for (;;) {
    const mine = ours[i];
    const other = theirs[j];
    if (mine === undefined && other === undefined) break;
    const isMine = other === undefined || (mine !== undefined && mine.old.start <= other.old.start);
    const edit = isMine ? mine : other;
    if (edit === undefined) break;
    if (isMine) i++;
    else j++;
    if (cluster === null || edit.old.start > cluster.end) {
      if (cluster !== null) yield cluster;
      cluster = { start: edit.old.start, end: edit.old.end, ours: [], theirs: [] };
    }
    cluster.end = Math.max(cluster.end, edit.old.end);
    (isMine ? cluster.ours : cluster.theirs).push(edit);
  }
  if (cluster !== null) yield cluster;
}

/**
 * Shrinks conflicts to what really differs: the two sides of each are compared with each other, and lines that they have in
 * common leave the conflict, which may fall into several or vanish. A side without lines is left as it is.
 */
export function* refineConflicts(regions: readonly MergeRegion[], compare: EditFinder): Steps<MergeRegion[]> {
  const refined: MergeRegion[] = [];
  for (const region of regions) {
    if (region.kind !== 'CONFLICT' || length(region.ours) === 0 || length(region.theirs) === 0) {
      refined.push(region);
      continue;
    }
    const edits = yield* compare(region.ours, region.theirs);
    const base = edits.length === 1 ? region.base : null;
    for (const edit of edits) refined.push({ kind: 'CONFLICT', base, ours: edit.old, theirs: edit.new });
  }
  return refined;
}

/** Conflicts with at most this many lines between them read better as one. */
const JOINED_GAP = 3;

/** Joins conflicts that are at most three lines apart, with nothing but shared lines between them: no change of one side. */
export function joinNearConflicts(regions: readonly MergeRegion[]): MergeRegion[] {
  const joined: MergeRegion[] = [];
  for (const region of regions) {
    const last = joined.at(-1);
    const near = last !== undefined && last.kind === 'CONFLICT' && region.kind === 'CONFLICT' && region.ours.start - last.ours.end <= JOINED_GAP;
    if (!near) {
      joined.push(region);
      continue;
    }
    joined[joined.length - 1] = {
      kind: 'CONFLICT',
      base: last.base === null || region.base === null ? null : { start: last.base.start, end: region.base.end },
      ours: { start: last.ours.start, end: region.ours.end },
      theirs: { start: last.theirs.start, end: region.theirs.end },
    };
  }
  return joined;
}
