import * as violations from '../../domain/input-violations.js';
import * as problems from '../../domain/problems.js';
import type { ProposalRecord } from '../../domain/proposal.js';
import type { DiffSide, ThreadAnchor } from '../../domain/thread.js';
import { isBinaryContent } from '../../git/diff/text-diff.js';
import { readCommit } from '../../git/objects/commit.js';
import type { ObjectSource } from '../../git/objects/object-source.js';
import { MODE_DIRECTORY, MODE_SUBMODULE, type TreeEntry } from '../../git/objects/tree.js';
import { entryAt } from '../../git/objects/walk-tree.js';
import type { Violation } from '../../domain/violation.js';
import type { Request } from '../request.js';
import type { Found } from '../targets.js';

/** A place as a client names it. */
export interface NamedPlace {
  readonly path?: string | null | undefined;
  readonly side?: DiffSide | null | undefined;
  readonly line?: number | null | undefined;
}

const LINE_FEED = 0x0a;

/**
 * The place that a comment is on, in the present revision of a proposal: a line of one side, a file, or (null) the proposal as a whole. Refuses
 * a place that is not there: half of one, a path that neither side has, a line beyond the end of its file.
 */
export async function anchorOf(request: Request, proposal: ProposalRecord, place: NamedPlace, field = ''): Promise<Found<ThreadAnchor | null>> {
  const { path = null, side = null, line = null } = place;
  const broken = (member: string, violation: Violation): Found<never> => ({ ok: false, problem: problems.invalidInput(`${field}${member}`, violation) });
  if (path === null) return side === null && line === null ? { ok: true, value: null } : broken('path', violations.placeWithoutPath());
  if (line !== null && side === null) return broken('side', violations.lineWithoutSide());
  const objects = request.gateway.storage.objects.open(proposal.repoId);
  for (const tried of side === null ? (['NEW', 'OLD'] as const) : [side]) {
    const commit = tried === 'NEW' ? proposal.head : proposal.base;
    const entry = commit === null ? null : await entryAt(objects, (await readCommit(objects, commit)).tree, path);
    if (commit === null || entry === null || entry.mode === MODE_DIRECTORY) continue;
    if (line !== null) {
      const lines = await linesOf(objects, entry, request.gateway.limits.diffBytes);
      if (line < 1 || line > lines) return broken('line', violations.noSuchLine(path, line, lines));
    }
    return { ok: true, value: { path, side: tried, line, commit } };
  }
  return broken('path', violations.pathNotThere(path, side));
}

/** How many lines a file has that can be pointed at: none where it is no text, or too large to be compared by lines. */
async function linesOf(objects: ObjectSource, entry: TreeEntry, maxBytes: number): Promise<number> {
  if (entry.mode === MODE_SUBMODULE || (await objects.header(entry.oid)).size > maxBytes) return 0;
  const { content } = await objects.read(entry.oid);
  if (isBinaryContent(content)) return 0;
  let lines = content.length > 0 && content.at(-1) !== LINE_FEED ? 1 : 0;
  for (let at = content.indexOf(LINE_FEED); at >= 0; at = content.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}
