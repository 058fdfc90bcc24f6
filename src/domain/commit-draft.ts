import type { CommitGraph } from '../git/history/commit-graph.js';
import type { IndexedCommit } from '../git/history/index-commits.js';
import { encodeCommit } from '../git/objects/commit.js';
import type { Oid } from '../git/objects/object-source.js';
import type { StagedObjects } from '../git/objects/staged-objects.js';
import { appendTrailers, parseTrailers } from '../git/objects/trailers.js';
import type { Label } from './label.js';

/** Who a commit names; names and mails have passed the rules of commit data before. */
export interface Person {
  readonly name: string;
  readonly email: string;
}

/** A commit to be made. Times come from the server's clock, in whole seconds and UTC. */
export interface CommitDraft {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly author: Person;
  readonly message: string;
  readonly trailers: readonly Label[];
  readonly at: Date;
}

/** Every commit that the gateway makes names it as the committer; the author is who asked for it. */
export const COMMITTER: Person = { name: 'Weir', email: 'weir@weir.invalid' };

/** The author of a commit for which none was given: the actor, with an address that cannot exist (RFC 2606). */
export function actorAsAuthor(actor: string): Person {
  const local = actor.replaceAll(/[^A-Za-z0-9._+-]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return { name: actor, email: `${local === '' ? 'actor' : local}@weir.invalid` };
}

/** The trailers that carry authority, in their fixed order; clients cannot write these keys themselves. */
export function authorityTrailers(facts: { readonly runId: string | null; readonly sessionId: string | null; readonly actor: string; readonly checkpoint: string | null }): Label[] {
  const trailers: Label[] = [];
  if (facts.runId !== null) trailers.push({ key: 'Weir-Run', value: facts.runId });
  if (facts.sessionId !== null) trailers.push({ key: 'Weir-Session', value: facts.sessionId });
  trailers.push({ key: 'Weir-Actor', value: facts.actor });
  if (facts.checkpoint !== null) trailers.push({ key: 'Weir-Checkpoint', value: facts.checkpoint });
  return trailers;
}

/** Stages the commit and answers its id with the graph row, and the trailers of its message, that go into the same transaction. */
export function stageCommit(staged: StagedObjects, graph: CommitGraph, draft: CommitDraft): IndexedCommit {
  const seconds = Math.floor(draft.at.getTime() / 1000);
  const message = appendTrailers(draft.message.endsWith('\n') ? draft.message : `${draft.message}\n`, draft.trailers);
  const content = encodeCommit({
    tree: draft.tree,
    parents: draft.parents,
    author: { ...draft.author, seconds, zone: '+0000' },
    committer: { ...COMMITTER, seconds, zone: '+0000' },
    message,
  });
  const oid = staged.put('commit', content);
  const generation = 1 + Math.max(0, ...draft.parents.map((parent) => graph.generationOf(parent)));
  return { oid, tree: draft.tree, parents: draft.parents, generation, seconds, trailers: parseTrailers(message) };
}
