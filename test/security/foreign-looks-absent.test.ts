import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cursorBinding, encodePageCursor } from '../../src/domain/cursor.js';
import { matchesAnyGlob } from '../../src/domain/glob.js';
import { KEY_KINDS, keyWith } from './key-kinds.js';
import { schema } from '../../schema/index.js';
import { mayRead, verdict } from './model.js';
import { REPO } from './names.js';
import { ASKED, titleOf, type Asked } from './verbs-asked.js';
import { fill, openMatrixWorld, textAt, type MatrixWorld } from './world.js';

/** What of the world a kind of key cannot see, and a thing of the same form that nobody can, as nothing has its name. */
interface Pair {
  readonly kind: string;
  readonly hidden: string;
  readonly absent: string;
}

const NO_OID = 'fedcba9876543210fedcba9876543210fedcba98';

let world: MatrixWorld;

beforeAll(async () => {
  world = await openMatrixWorld();
});
afterAll(() => world.close());

/** Runs a document with a name in place of `$name`; what comes back has every form of that name taken out. With it what was read to say so, since that takes time. */
async function bodyWith(kind: string, document: string, name: string): Promise<string> {
  const { data, errors } = await world.ask(kind, document, { name });
  const body = JSON.stringify({ data, errors: errors?.map(({ message, path, extensions }) => ({ message, path, extensions })) });
  // The id of a key is 72 random bits: nobody comes to ask for a foreign one.
  const reads = name.startsWith('ApiKey:') ? [] : world.reads();
  return `${body.replaceAll(JSON.stringify(name).slice(1, -1), 'NAME')} after ${reads.join(', ')}`;
}

/** What tells the hidden thing of a pair from the absent one; also when nobody at all is answered otherwise, since the question is idle then. */
async function toldApart(document: string, pairs: readonly Pair[]): Promise<string[]> {
  const found: string[] = [];
  for (const { kind, hidden, absent } of pairs) {
    const [ours, theirs] = [await bodyWith(kind, document, hidden), await bodyWith(kind, document, absent)];
    if (ours !== theirs) found.push(`${kind}, ${hidden}: ${ours} and not ${theirs}`);
    if ((await bodyWith('admin', document, hidden)).split(' after ')[0] === ours.split(' after ')[0]) found.push(`${kind}, ${hidden}: even an administrator is answered ${ours}`);
  }
  return found;
}

const IN_REPO = (selection: string): string => `query ($name: String!) { repo(name: "${REPO}") { id ${selection} } }`;
const BY_ID = 'query ($name: ID!) { node(id: $name) { __typename id } nodes(ids: [$name, $name]) { id } }';

function hiddenRepo(): Pair[] {
  return ['foreign', 'writer', 'nothing'].flatMap((kind) => [{ kind, hidden: REPO, absent: 'canary-repo/none' }, { kind, hidden: world.words['repoId'] ?? '', absent: 'Repo:999999' }]);
}

function hiddenBranch(): Pair[] {
  return [{ kind: 'sessionReader', hidden: 'main', absent: 'none' }, { kind: 'sessionReader', hidden: world.words['mainId'] ?? '', absent: 'Branch:999999' }];
}

describe('a repository that the key may not read', () => {
  test.each([
    ['repo', 'query ($name: String!) { repo(name: $name) { id name branches { edges { node { name } } } } }'],
    ['events', 'query ($name: String!) { events(filter: { repos: [$name] }) { edges { node { id repoName } } pageInfo { hasNextPage } } }'],
  ])('looks absent to Query.%s', async (_field, document) => {
    expect(await toldApart(document, hiddenRepo())).toEqual([]);
  });
});

test('the log is not even looked through for a key that may read nothing of it', async () => {
  const document = '{ events { edges { node { id } } pageInfo { endCursor } } }';
  const beginning = textAt((await world.ask('admin', '{ events(first: 0) { pageInfo { endCursor } } }')).data, 'events.pageInfo.endCursor');
  expect(await world.ask('writer', document)).toEqual({ data: { events: { edges: [], pageInfo: { endCursor: beginning } } } });
});

describe('a branch that the key may not read', () => {
  test.each([
    ['branch', 'branch(name: $name) { id name }'],
    ['checkpoint', 'checkpoint(branch: $name, number: 2) { id }'],
    ['commit', 'commit(rev: $name) { id }'],
    ['commits', 'commits(rev: $name) { edges { node { id } } }'],
    ['file', 'file(rev: $name, path: "canary-main.txt") { id }'],
    ['tree', 'tree(rev: $name) { id }'],
    ['diff, old side', 'diff(from: $name, to: "session/1") { id }'],
    ['diff, new side', 'diff(from: "session/1", to: $name) { id }'],
    ['mergePreview, from', 'mergePreview(from: $name, into: "session/1") { id }'],
    ['mergePreview, into', 'mergePreview(from: "session/1", into: $name) { id }'],
    ['branch.aheadBehind', 'branch(name: "session/1") { aheadBehind(of: $name) { ahead } }'],
    ['branch.diff', 'branch(name: "session/1") { diff(against: $name) { id } }'],
    ['branch.mergePreview', 'branch(name: "session/1") { mergePreview(into: $name) { id } }'],
    ['proposals, source', 'proposals(filter: { target: $name }) { edges { node { id } } }'],
    ['commit.checkpoint', 'commit(rev: "tag:v1") { checkpoint(branch: $name) { id } }'],
  ])('looks absent to Repo.%s', async (_field, selection) => {
    expect(await toldApart(IN_REPO(selection), hiddenBranch())).toEqual([]);
  });
});

describe('a commit that no branch of the key reaches', () => {
  test.each([
    ['commit', 'commit(rev: $name) { id }'],
    ['commits', 'commits(rev: $name) { edges { node { id } } }'],
    ['file', 'file(rev: $name, path: "canary-main.txt") { id }'],
    ['tree', 'tree(rev: $name) { id }'],
    ['diff', 'diff(from: "tag:v1", to: $name) { id }'],
    ['mergePreview', 'mergePreview(from: $name, into: "session/1") { id }'],
  ])('looks absent to Repo.%s, by id, abbreviation, node id and checkpoint', async (_field, selection) => {
    const { words } = world;
    const [oid, repoId] = [words['mainOid'] ?? '', (words['repoId'] ?? '').replace('Repo:', '')];
    const pairs: (readonly [string, string])[] = [
      [oid, NO_OID], [oid.slice(0, 12), NO_OID.slice(0, 12)], [`Commit:${repoId}:${oid}`, `Commit:${repoId}:${NO_OID}`], ['checkpoint:2@main', 'checkpoint:2@none'], [words['mainCheckpointId'] ?? '', 'Checkpoint:999999'],
    ];
    expect(await toldApart(IN_REPO(selection), pairs.map(([hidden, absent]) => ({ kind: 'sessionReader', hidden, absent })))).toEqual([]);
  });

  test('is no place where a cursor could begin', async () => {
    const { words } = world;
    const oid = words['mainOid'] ?? '';
    const cursor = (name: string): string => encodePageCursor(cursorBinding('Repo.commits', (words['repoId'] ?? '').replace('Repo:', ''), { rev: 'session/1', path: null, trailer: null }), `${name}.${name}`);
    const document = IN_REPO('commits(rev: "session/1", after: $name) { edges { node { oid message } } }');
    const body = await bodyWith('sessionReader', document, cursor(oid));
    expect(body).toBe(await bodyWith('sessionReader', document, cursor(NO_OID)));
    expect(body).toContain('CURSOR_INVALID');
    expect(await bodyWith('worker', document, cursor(oid))).toContain('canary-main');
  });
});

describe('a proposal whose source the key may not read', () => {
  test.each([
    ['commit', 'commit(rev: $name) { id }', 'proposal:1', 'proposal:999'],
    ['diff', 'diff(from: "main", to: $name) { id }', 'proposal:1', 'proposal:999'],
  ])('looks absent to Repo.%s', async (_field, selection, hidden, absent) => {
    const pairs = [{ kind: 'mainReader', hidden, absent }, { kind: 'mainReader', hidden: world.words['proposalId'] ?? '', absent: 'Proposal:999999' }];
    expect(await toldApart(IN_REPO(selection), pairs)).toEqual([]);
  });

  test('looks absent by its number', async () => {
    const asked = async (number: number): Promise<unknown> => (await world.ask('mainReader', `{ repo(name: "${REPO}") { proposal(number: ${number}) { id } } }`)).data;
    expect(await asked(1)).toEqual(await asked(999));
    expect(textAt((await world.ask('worker', `{ repo(name: "${REPO}") { proposal(number: 1) { id } } }`)).data, 'repo.proposal.id')).toMatch(/^Proposal:/u);
  });
});

describe('a node that the key may not read', () => {
  test('looks like the same id of nothing, whatever its type', async () => {
    // What is deleted is absent to everybody, so nothing can be told apart.
    const { goneRepoId: _gone, ...words } = world.words;
    const ids = Object.values(words).filter((id) => /^[A-Z]\w+:/u.test(id));
    expect(new Set(ids.map((id) => id.split(':')[0])).size).toBe(19);
    const pairs = ids.flatMap((id) => {
      const absent = absentId(id);
      // The log of the server itself is no repository's, and open to AUDIT.
      const kinds = id === words['serverOperationId'] ? ['nothing', 'reader'] : ['nothing', 'foreign'];
      return kinds.map((kind) => ({ kind, hidden: id, absent }));
    });
    expect(await toldApart(BY_ID, pairs)).toEqual([]);
  });
});

/** The same id with another number for a row, or another object for what is made of objects. */
function absentId(id: string): string {
  if (id.startsWith('ApiKey:')) return 'ApiKey:AAAAAAAAAAAA';
  return /[0-9a-f]{40}/u.test(id) ? id.replaceAll(/[0-9a-f]{40}/gu, NO_OID) : id.replace(/\d+$/u, '999999');
}

function absentRepo(name: string, value: unknown): unknown {
  if (name === 'thread') return 'Thread:999999';
  return name === 'repo' ? (value === '<repoId>' ? 'Repo:999999' : 'canary-repo/none') : value;
}

/** The branches that the words stand for. */
const NAMED: Readonly<Record<string, string>> = { '<sessionId>': 'session/1', '<mainId>': 'main' };

/** The same input where what the key may not read is not there at all; what it may read stays. */
function absentFor(name: string, value: unknown, readBranches: readonly string[]): unknown {
  if (name === 'number') return 999;
  if (name === 'thread') return 'Thread:999999';
  if (typeof value !== 'string' || !['branch', 'name', 'from', 'into', 'source', 'target'].includes(name) || matchesAnyGlob(readBranches, NAMED[value] ?? value)) return value;
  return value.startsWith('<') ? 'Branch:999999' : 'none';
}

async function refusal(kind: string, { mutation }: Asked, input: object): Promise<{ readonly code: string; readonly message: string; readonly hint: string; readonly reads: readonly string[] }> {
  const type = String(schema.getMutationType()?.getFields()[mutation]?.args[0]?.type);
  const filled: unknown = JSON.parse(fill(JSON.stringify(input), world.words));
  const { data } = await world.ask(kind, `mutation ($input: ${type}) { ${mutation}(input: $input) { ... on Problem { code message hint } } }`, { input: filled });
  const message = textAt(data, `${mutation}.message`).replaceAll(/"[^"]*"/gu, 'NAME');
  return { code: textAt(data, `${mutation}.code`), message, hint: textAt(data, `${mutation}.hint`), reads: world.reads() };
}

describe('what a key may not touch', () => {
  const calls = ASKED.filter(({ where = 'repo' }) => where === 'repo');

  test.each(calls.map((asked) => [titleOf(asked), asked] as const))('looks absent to %s', async (_title, asked) => {
    for (const [kind, traits] of Object.entries(KEY_KINDS)) {
      const wholeRepo = verdict(traits, { scope: asked.scope, ...(asked.or === undefined ? {} : { or: asked.or }) }) === 'NOT_FOUND';
      // A proposal that the key may read names its target, hidden or not: there is nothing to hide.
      const shown = 'number' in asked.input && mayRead(traits, 'session');
      if (verdict(traits, asked) !== 'NOT_FOUND' || (shown && !wholeRepo)) continue;
      const replaced = Object.fromEntries(Object.entries(asked.input).map(([name, value]) => [name, wholeRepo ? absentRepo(name, value) : absentFor(name, value, keyWith(traits).readBranches)]));
      const [hidden, absent] = [await refusal(kind, asked, asked.input), await refusal(kind, asked, replaced)];
      expect(hidden.code).toBe('NOT_FOUND');
      // The names that were given come back; with them taken out, the two refusals are the same.
      expect(hidden).toEqual(absent);
    }
  });
});
