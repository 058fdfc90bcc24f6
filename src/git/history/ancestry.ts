import type { GraphArrays } from './graph-arrays.js';

const OURS = 1;
const THEIRS = 2;
const BOTH = OURS | THEIRS;
const STALE = 4;

/** How many commits each of two histories has that the other lacks. */
export interface AheadBehind {
  readonly ahead: number;
  readonly behind: number;
}

/**
 * The best common ancestors of two commits: those that no other common ancestor descends from. Because parents are
 * numbered before children, a commit's flags are final when the scan reaches it, so what is found needs no second pass.
 * Each side is what one or more commits reach: several stand for a commit that does not exist and would have them as parents.
 * Answers numbers in descending order; {@link orderedBases} puts them in git's order.
 */
export function bestCommonAncestors(graph: GraphArrays, ours: readonly number[], theirs: readonly number[]): number[] {
  return graph.withFlags((flags) => {
    const found: number[] = [];
    // Commits still to be scanned that may lead to an answer: everything but ancestors of answers.
    let open = 0;
    let lowest = graph.size;
    let highest = -1;
    const start = (commit: number, mark: number): void => {
      if (flags[commit] === 0) open++;
      flags[commit] = (flags[commit] ?? 0) | mark;
      lowest = Math.min(lowest, commit);
      highest = Math.max(highest, commit);
    };
    for (const commit of ours) start(commit, OURS);
    for (const commit of theirs) start(commit, THEIRS);
    for (let at = highest; at >= 0 && open > 0; at--) {
      let mark = flags[at] ?? 0;
      if (mark === 0) continue;
      if ((mark & STALE) === 0) {
        open--;
        if (mark === BOTH) {
          found.push(at);
          mark = BOTH | STALE;
        }
      }
      const end = graph.firstEdge(at + 1);
      for (let edge = graph.firstEdge(at); edge < end; edge++) {
        const parent = graph.edgeAt(edge);
        const before = flags[parent] ?? 0;
        const after = before | mark;
        flags[parent] = after;
        if (before === 0 && (after & STALE) === 0) open++;
        else if (before !== 0 && (before & STALE) === 0 && (after & STALE) !== 0) open--;
        if (parent < lowest) lowest = parent;
      }
    }
    return { value: found, lowest };
  });
}

/** True when `ancestor` can be reached from `descendant`; a commit is its own ancestor. */
export function reaches(graph: GraphArrays, ancestor: number, descendants: readonly number[]): boolean {
  const floor = graph.generationAt(ancestor);
  return graph.withFlags((flags) => {
    let top = -1;
    for (const descendant of descendants) {
      if (descendant < ancestor) continue;
      flags[descendant] = 1;
      top = Math.max(top, descendant);
    }
    for (let at = top; at > ancestor; at--) {
      if (flags[at] !== 1 || graph.generationAt(at) <= floor) continue;
      const end = graph.firstEdge(at + 1);
      for (let edge = graph.firstEdge(at); edge < end; edge++) {
        const parent = graph.edgeAt(edge);
        if (parent >= ancestor) flags[parent] = 1;
      }
      if (flags[ancestor] === 1) break;
    }
    return { value: flags[ancestor] === 1, lowest: ancestor };
  });
}

/** Counts what is reachable from one commit and not from the other, both ways; ends where only common history is left. */
export function countAheadBehind(graph: GraphArrays, ours: number, theirs: number): AheadBehind {
  if (ours === theirs) return { ahead: 0, behind: 0 };
  return graph.withFlags((flags) => {
    flags[ours] = OURS;
    flags[theirs] = THEIRS;
    let ahead = 0;
    let behind = 0;
    let open = 2;
    let lowest = Math.min(ours, theirs);
    for (let at = Math.max(ours, theirs); at >= 0 && open > 0; at--) {
      const mark = flags[at] ?? 0;
      if (mark === 0) continue;
      if (mark === OURS) ahead++;
      else if (mark === THEIRS) behind++;
      if (mark !== BOTH) open--;
      const end = graph.firstEdge(at + 1);
      for (let edge = graph.firstEdge(at); edge < end; edge++) {
        const parent = graph.edgeAt(edge);
        const before = flags[parent] ?? 0;
        const after = before | mark;
        flags[parent] = after;
        if (before === 0 && after !== BOTH) open++;
        else if (before !== 0 && before !== BOTH && after === BOTH) open--;
        if (parent < lowest) lowest = parent;
      }
    }
    return { value: { ahead, behind }, lowest };
  });
}

/** One byte a commit: 1 where the commit can be reached from `tips`. The array is the caller's to keep. */
export function reachableFrom(graph: GraphArrays, tips: readonly number[]): Uint8Array {
  const reached = new Uint8Array(graph.size);
  let top = -1;
  for (const tip of tips) {
    reached[tip] = 1;
    top = Math.max(top, tip);
  }
  for (let at = top; at >= 0; at--) {
    if (reached[at] !== 1) continue;
    const end = graph.firstEdge(at + 1);
    for (let edge = graph.firstEdge(at); edge < end; edge++) reached[graph.edgeAt(edge)] = 1;
  }
  return reached;
}
