import { describe, expect, it } from 'vitest';
import { actorViolation, emailViolation, personNameViolation } from '../../src/domain/commit-data.js';
import { actorAsAuthor, authorityTrailers, COMMITTER, stageCommit, type CommitDraft } from '../../src/domain/commit-draft.js';
import { CommitGraph } from '../../src/git/history/commit-graph.js';
import { parseCommit } from '../../src/git/objects/commit.js';
import { StagedObjects } from '../../src/git/objects/staged-objects.js';
import { parseTrailers } from '../../src/git/objects/trailers.js';
import { EMPTY_TREE } from '../../src/git/objects/tree.js';
import { git, makeRepository, removeRepository } from '../support/git-binary.js';
import { MemoryObjects } from '../support/memory-objects.js';

const draft: CommitDraft = { tree: EMPTY_TREE, parents: [], author: { name: 'Ada', email: 'ada@example.org' }, message: 'Begin', trailers: [], at: new Date(1_700_000_000_999) };

function staging(): { readonly staged: StagedObjects; readonly graph: CommitGraph } {
  return { staged: new StagedObjects(new MemoryObjects()), graph: new CommitGraph() };
}

describe('the author that an actor becomes', () => {
  it.each([
    ['agent-7', 'agent-7@weir.invalid'], ['Ada Lovelace', 'Ada-Lovelace@weir.invalid'], ['user/42', 'user-42@weir.invalid'], ['ada@example.org', 'ada-example.org@weir.invalid'], ['日本', 'actor@weir.invalid'], ['--', 'actor@weir.invalid'],
  ])('%s has the address %s', (actor, email) => {
    expect(actorAsAuthor(actor)).toEqual({ name: actor, email });
  });

  it('passes the rules of commit data whenever the actor’s name does', () => {
    for (const actor of ['a', '.', 'a b', 'ü', '"x"', 'a,b;c', '日本', 'x'.repeat(200)]) {
      expect([actor, actorViolation(actor)]).toEqual([actor, null]);
      const { name, email } = actorAsAuthor(actor);
      expect([actor, personNameViolation(name), emailViolation(email)]).toEqual([actor, null, null]);
    }
  });
});

describe('the trailers that carry authority', () => {
  it('come in a fixed order, and what is not known is left out', () => {
    expect(authorityTrailers({ runId: 'r', sessionId: 's', actor: 'a', checkpoint: '1@main' })).toEqual([
      { key: 'Weir-Run', value: 'r' }, { key: 'Weir-Session', value: 's' }, { key: 'Weir-Actor', value: 'a' }, { key: 'Weir-Checkpoint', value: '1@main' },
    ]);
    expect(authorityTrailers({ runId: null, sessionId: null, actor: 'a', checkpoint: null })).toEqual([{ key: 'Weir-Actor', value: 'a' }]);
  });
});

describe('staging a commit', () => {
  it('names the server as the committer, and takes whole seconds of UTC', async () => {
    const { staged, graph } = staging();
    const row = stageCommit(staged, graph, draft);
    const commit = parseCommit(row.oid, (await staged.read(row.oid)).content);
    expect(commit).toMatchObject({ tree: EMPTY_TREE, parents: [], message: 'Begin\n', author: { ...draft.author, seconds: 1_700_000_000, zone: '+0000' }, committer: { ...COMMITTER, seconds: 1_700_000_000, zone: '+0000' } });
    expect(row).toEqual({ oid: row.oid, tree: EMPTY_TREE, parents: [], generation: 1, seconds: 1_700_000_000, trailers: [] });
  });

  it('counts its generation from the highest of its parents', () => {
    const { staged, graph } = staging();
    const rows = [stageCommit(staged, graph, draft)];
    graph.append(rows);
    for (let n = 0; n < 3; n++) {
      const row = stageCommit(staged, graph, { ...draft, parents: [rows.at(-1)?.oid ?? ''], message: `${n}` });
      graph.append([row]);
      rows.push(row);
    }
    const merged = stageCommit(staged, graph, { ...draft, parents: [rows[0]?.oid ?? '', rows[3]?.oid ?? ''] });
    expect(merged).toMatchObject({ generation: 5, parents: [rows[0]?.oid, rows[3]?.oid] });
  });

  it('sets the trailers apart from the message, so that git reads the same ones', async () => {
    const directory = makeRepository();
    try {
      for (const message of ['Subject', 'Subject\n', 'Subject\n\nBody', 'Subject\n\nBody: not a trailer here\nmore', 'Subject\n\nReviewed-by: Eve']) {
        const { staged, graph } = staging();
        const trailers = [{ key: 'Model', value: 'm: 1' }, ...authorityTrailers({ runId: 'run', sessionId: null, actor: 'ada', checkpoint: '1@main' })];
        const { oid } = stageCommit(staged, graph, { ...draft, message, trailers });
        const { content } = await staged.read(oid);
        git(directory, ['hash-object', '-t', 'tree', '-w', '--stdin']);
        expect(git(directory, ['hash-object', '-t', 'commit', '-w', '--stdin'], content)).toBe(oid);
        const read = git(directory, ['log', '-1', '--format=%(trailers:only,unfold)', oid]).split('\n').filter(Boolean);
        const mine = parseTrailers(parseCommit(oid, content).message).map(({ key, value }) => `${key}: ${value}`);
        expect(mine).toEqual(read);
        expect(read.slice(-4)).toEqual(['Model: m: 1', 'Weir-Run: run', 'Weir-Actor: ada', 'Weir-Checkpoint: 1@main']);
      }
    } finally {
      removeRepository(directory);
    }
  });
});
