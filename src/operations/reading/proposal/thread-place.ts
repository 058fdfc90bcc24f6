import type { ThreadRecord } from '../../../domain/thread.js';
import { diffFile } from '../../../git/diff/file-diff.js';
import type { FileChange } from '../../../git/diff/file-change.js';
import { mapLine } from '../../../git/diff/map-line.js';
import { decodeName } from '../../../git/objects/tree.js';
import type { Request } from '../../request.js';
import type { DiffSpec } from '../comparing/diff-spec.js';
import { gitRead } from '../query-error.js';
import { comparing, diffObjects, directDiff, readChanges } from '../comparing/read-diff.js';
import { present } from '../readable-repo.js';

/** Where a thread is by now. An outdated one is where it began: what it is about is no longer there. */
export interface ThreadPlace {
  readonly path: string | null;
  readonly line: number | null;
  readonly outdated: boolean;
}

/** Worked out once a row, whichever fields ask: rows are the reader's own, so they go with the request. */
const places = new WeakMap<ThreadRecord, Promise<ThreadPlace>>();

/**
 * Where a thread is in the present revision of its proposal: its file followed through renames, its line through what was added and taken away
 * above it, from the commit on which it began straight to the head (or, on the OLD side, to the base) of now. A line that was changed or
 * deleted since, or whose file was, is outdated; so is one in a file too large to compare.
 */
export function threadPlace(request: Request, thread: ThreadRecord): Promise<ThreadPlace> {
  const known = places.get(thread) ?? placeOf(request, thread);
  places.set(thread, known);
  return known;
}

async function placeOf(request: Request, thread: ThreadRecord): Promise<ThreadPlace> {
  const { path, line, commit } = thread;
  const here = { path, line, outdated: false };
  if (path === null || commit === null) return here;
  const proposal = present(await request.reader.proposal(thread.proposalId), 'proposal');
  const now = thread.side === 'OLD' ? proposal.base : proposal.head;
  if (now === commit) return here;
  if (now === null) return { ...here, outdated: true };
  const spec = directDiff(proposal.repoId, commit, now, null);
  const change = (await readChanges(request, spec)).find((each) => nameBefore(each) === path);
  if (change === undefined) return here;
  return (await carried(request, spec, change, line)) ?? { ...here, outdated: true };
}

/** What a changed file was called; null for one that was not there. */
function nameBefore({ status, path, oldPath }: FileChange): string | null {
  if (status === 'ADDED' || status === 'COPIED') return null;
  return decodeName(oldPath ?? path);
}

async function carried(request: Request, spec: DiffSpec, change: FileChange, line: number | null): Promise<ThreadPlace | null> {
  if (change.status === 'DELETED') return null;
  const path = decodeName(change.path);
  if (line === null) return { path, line, outdated: false };
  const { text } = await gitRead(async () => diffFile(await diffObjects(request, spec), change, comparing(request, spec)));
  const mapped = text === null ? null : mapLine(text.changes, line);
  return mapped === null ? null : { path, line: mapped, outdated: false };
}
