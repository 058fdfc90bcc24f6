import type { CommitGraph } from '../git/history/commit-graph.js';
import type { IndexedCommit } from '../git/history/index-commits.js';
import type { ReplayedCommit } from '../git/merge/replay.js';
import { encodeCommit, readCommit, type Signature } from '../git/objects/commit.js';
import type { Oid } from '../git/objects/object-source.js';
import type { StagedObjects } from '../git/objects/staged-objects.js';
import { parseTrailers } from '../git/objects/trailers.js';
import { COMMITTER } from './commit-draft.js';

/**
 * Stages the commits of a rebase on top of `target`, one on another: author and message, trailers included, are those of the
 * originals, the committer is the gateway. Answers their graph rows with their trailers, oldest first.
 *
 * Texts of another encoding become UTF-8, and what no commit may hold (control characters in an author's name, a NUL in a
 * message, an impossible time zone) is left out: old histories have such, and they must still be replayable.
 */
export async function stageReplayed(staged: StagedObjects, graph: CommitGraph, target: Oid, replayed: readonly ReplayedCommit[], at: Date): Promise<IndexedCommit[]> {
  const seconds = Math.floor(at.getTime() / 1000);
  const rows: IndexedCommit[] = [];
  let parent = target;
  let generation = graph.generationOf(target);
  for (const { commit, tree } of replayed) {
    const original = await readCommit(staged, commit);
    const message = original.message.replaceAll('\0', '');
    const content = encodeCommit({
      tree,
      parents: [parent],
      author: writable(original.author),
      committer: { ...COMMITTER, seconds, zone: '+0000' },
      message,
    });
    const oid = staged.put('commit', content);
    rows.push({ oid, tree, parents: [parent], generation: ++generation, seconds, trailers: parseTrailers(message) });
    parent = oid;
  }
  return rows;
}

// oxlint-disable-next-line no-control-regex -- control characters are what is left out
const UNWRITABLE = /[<>\u0000-\u001f\u007f]/gu;

function writable({ name, email, seconds, zone }: Signature): Signature {
  return {
    name: name.replaceAll(UNWRITABLE, '').trim(),
    email: email.replaceAll(UNWRITABLE, '').trim(),
    seconds: Number.isSafeInteger(seconds) && seconds > 0 ? seconds : 0,
    zone: /^[+-]\d{4}$/u.test(zone) ? zone : '+0000',
  };
}
