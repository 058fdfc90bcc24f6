import { expect, test } from 'vitest';
import { stageReplayed } from '../../src/domain/replayed-commits.js';
import { CommitGraph } from '../../src/git/history/commit-graph.js';
import { readCommit } from '../../src/git/objects/commit.js';
import { StagedObjects } from '../../src/git/objects/staged-objects.js';
import { EMPTY_TREE } from '../../src/git/objects/tree.js';
import { MemoryObjects } from '../support/memory-objects.js';

const AT = new Date(1_700_000_000_500);

async function replayed(author: string, rest: Buffer | string): Promise<{ readonly author: object; readonly message: string; readonly committer: object }> {
  const objects = new MemoryObjects();
  const staged = new StagedObjects(objects);
  const body = Buffer.concat([Buffer.from(`tree ${EMPTY_TREE}\nauthor ${author}\ncommitter Old <old@example.org> 5 +0100\n`), Buffer.from(rest)]);
  const commit = staged.put('commit', body);
  const target = 'a'.repeat(40);
  const graph = new CommitGraph([{ oid: target, parents: [], generation: 1, seconds: 1, tree: null }]);
  const rows = await stageReplayed(staged, graph, target, [{ commit, tree: EMPTY_TREE }, { commit, tree: EMPTY_TREE }], AT);
  expect(rows.map(({ parents, generation, seconds }) => ({ parents, generation, seconds }))).toEqual([
    { parents: [target], generation: 2, seconds: 1_700_000_000 },
    { parents: [rows[0]?.oid], generation: 3, seconds: 1_700_000_000 },
  ]);
  return readCommit(staged, rows[0]?.oid ?? '');
}

test('a replayed commit keeps its author to the zone, and its message to the byte', async () => {
  const { author, message, committer } = await replayed('Ada L <ada@example.org> 1600000000 +0530', '\n  Title \n\nbody\n\nTicket: 1\n\n');
  expect(author).toEqual({ name: 'Ada L', email: 'ada@example.org', seconds: 1_600_000_000, zone: '+0530' });
  expect(message).toBe('  Title \n\nbody\n\nTicket: 1\n\n');
  expect(committer).toMatchObject({ name: 'Weir', seconds: 1_700_000_000 });
});

test('texts of another encoding become UTF-8', async () => {
  const { message } = await replayed('Ada <a@b> 1 +0000', Buffer.from('encoding ISO-8859-1\n\ncaf\xe9\n', 'latin1'));
  expect(message).toBe('café\n');
});

test.each([
  ['no mail at all', { name: 'no mail at all', email: '', seconds: 0, zone: '+0000' }],
  ['Tab\tbed <a\x01@b > -5 +0000', { name: 'Tabbed', email: 'a@b', seconds: 0, zone: '+0000' }],
  ['Ada <a <b>> 7 +1', { name: 'Ada', email: 'a b', seconds: 7, zone: '+0000' }],
])('an author that no commit may hold, %j, loses what cannot be written', async (author, expected) => {
  expect((await replayed(author, '\nnul \0 inside\n')).author).toEqual(expected);
});
