import type { CommitGraph, ReachableSet } from '../git/history/commit-graph.js';
import type { Oid } from '../git/objects/object-source.js';

/** Where a squash, a rebase or a merge of a part landed, which ancestry does not tell. */
export interface LandingRecord {
  readonly sourceHead: Oid;
  readonly targetCommit: Oid;
  /** What later merges of the source start from. */
  readonly base: Oid;
}

/**
 * The base of the newest landing that merges of `sources` into `targets` use (commits, or the parents of one to come): the target reaches
 * its commit, the source reaches its head but not its commit, nor the target the source's head: whoever has taken the other one in has
 * real ancestry again. Or the other way round, where the branch that was landed takes in the one on which it was: a base serves both
 * directions. `landings` are those of the repository, newest first. null where there is none.
 */
export function landingBaseOf(landings: readonly LandingRecord[], graph: CommitGraph, sources: readonly Oid[], targets: readonly Oid[]): Oid | null {
  if (landings.length === 0) return null;
  const ofSource = graph.reachable(sources);
  const ofTarget = graph.reachable(targets);
  const landed = (from: ReachableSet, into: ReachableSet) =>
    landings.find((each) => into.has(each.targetCommit) && !into.has(each.sourceHead) && from.has(each.sourceHead) && !from.has(each.targetCommit));
  return (landed(ofSource, ofTarget) ?? landed(ofTarget, ofSource))?.base ?? null;
}

/** More commits than this on both sides: then the landings of the repository are fewer to look through. */
const NEAR = 1000;

/**
 * Commits of which any landing that {@link landingBaseOf} could find has one, as its source's head or as its own: those of the side that has fewer that
 * the other has not, since a landing has one of the two on either side. null where that is more than 1,000.
 */
export function commitsOfLandings(graph: CommitGraph, sources: readonly Oid[], targets: readonly Oid[]): readonly Oid[] | null {
  return few(graph.log(sources, { exclude: targets })) ?? few(graph.log(targets, { exclude: sources }));
}

function few(commits: Iterable<Oid>): readonly Oid[] | null {
  const found: Oid[] = [];
  for (const oid of commits) {
    if (found.length === NEAR) return null;
    found.push(oid);
  }
  return found;
}
