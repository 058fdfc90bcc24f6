import type { TrailerMatches } from '../../../domain/ports/storage.js';
import type { CommitGraph } from '../../../git/history/commit-graph.js';
import type { Oid } from '../../../git/objects/object-source.js';
import { Pace } from '../../../git/objects/pace.js';

/** Commits of a history of which one statement says which carry a common trailer. */
const CHUNK = 1000;

/**
 * Of the commits of {@link CommitGraph.log} from `tips` those that match, in its order, lazily. `visit` is called once in a while
 * and may throw to end the walk. Few matches are marked in the graph and found by numbers; many are asked for chunk by chunk.
 */
export async function* carryingInLog(graph: CommitGraph, tips: readonly Oid[], matches: TrailerMatches, visit: () => void): AsyncGenerator<Oid, void, undefined> {
  if (matches.all === null) return yield* carrying(graph.log(tips), matches, visit);
  const pace = new Pace();
  for (const oid of graph.logOf(tips, matches.all)) {
    visit();
    if (oid !== null) yield oid;
    else if (pace.due()) await pace.breathe();
  }
}

/** Of these commits those that match, in their order, lazily; `visit` as above. */
export async function* carrying(commits: Iterable<Oid> | AsyncIterable<Oid>, matches: TrailerMatches, visit: () => void): AsyncGenerator<Oid, void, undefined> {
  const { all } = matches;
  if (all?.size === 0) return;
  let chunk: Oid[] = [];
  for await (const oid of commits) {
    visit();
    if (all !== null) {
      if (all.has(oid)) yield oid;
      continue;
    }
    chunk.push(oid);
    if (chunk.length < CHUNK) continue;
    yield* await matching(chunk, matches);
    chunk = [];
  }
  if (chunk.length > 0) yield* await matching(chunk, matches);
}

async function matching(chunk: readonly Oid[], matches: TrailerMatches): Promise<readonly Oid[]> {
  const found = await matches.among(chunk);
  return chunk.filter((oid) => found.has(oid));
}
