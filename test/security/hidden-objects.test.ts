import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedBranch, seedCheckpoint, seedRepo } from '../api/support/seed.js';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';

/** An object that a key reading `main` alone can reach by nothing, by the ids that other keys are told. */
interface Hidden {
  readonly commit: string;
  readonly tree: string;
  readonly blob: string;
}

const REPO = 'group/hidden';
/** Nothing has these ids. */
const ABSENT: Hidden = { commit: '1'.repeat(40), tree: '2'.repeat(40), blob: '3'.repeat(40) };

let gateway: TestGateway;
let main: string;
let limited: string;
let ids: Record<'commit' | 'tree' | 'file', string>;
const objects: Record<string, Hidden> = {};

async function objectsOf(commit: string): Promise<Hidden> {
  const { repo } = await gateway.data('query ($repo: String!, $rev: String!) { repo(name: $repo) { commit(rev: $rev) { id tree { id } file(path: "secret.txt") { id } } } }', { repo: REPO, rev: commit });
  ids = { commit: repo.commit.id, tree: repo.commit.tree.id, file: repo.commit.file.id };
  const { oid }: Json = await (await gateway.fetch(`/blobs/${REPO}`, { method: 'POST', body: `secret of ${commit.slice(0, 1)}` })).json();
  return { commit, tree: /[0-9a-f]{40}/u.exec(repo.commit.tree.id)?.[0] ?? '', blob: oid };
}

beforeAll(async () => {
  gateway = await startGateway();
  main = await seedRepo(gateway, REPO);
  for (const name of ['secret/alive', 'secret/undone', 'secret/deleted']) {
    await seedBranch(gateway, REPO, name);
    objects[name] = await objectsOf(await seedCheckpoint(gateway, REPO, name, { path: 'secret.txt', text: `${name}\n` }));
  }
  await gateway.data('mutation ($repo: String!) { undo(input: { repo: $repo, branch: "secret/undone" }) { ... on Problem { code } } }', { repo: REPO });
  await gateway.data('mutation ($repo: String!) { deleteBranch(input: { repo: $repo, name: "secret/deleted" }) { ... on Problem { code } } }', { repo: REPO });
  limited = await gateway.createKey({ readBranches: ['main', 'own/**'], branches: ['own/**'] });
});
afterAll(() => gateway.close());

type Door = (hidden: Hidden, key: string) => Promise<unknown>;

const graphql = (document: string, variables: (hidden: Hidden) => Record<string, unknown>): Door => async (hidden, key) => {
  const { data, errors } = await gateway.gql(document, { repo: REPO, ...variables(hidden) }, key);
  return { data, errors: errors?.map(({ message, extensions: { code } }) => ({ message, code })) };
};

const http = (path: (hidden: Hidden) => string): Door => async (hidden, key) => {
  const response = await gateway.fetch(path(hidden), { key });
  return { status: response.status, body: response.ok ? 'bytes' : ((await response.json()) as Json).errors };
};

const node = (kind: 'commit' | 'tree' | 'file'): Door => graphql('query ($id: ID!) { node(id: $id) { id } }', ({ commit, tree }) => ({
  // Ids of one commit stand for all: what is in them is the repository, the object and, of a file, its path.
  id: ids[kind].replaceAll(/[0-9a-f]{40}/gu, ids[kind].includes(objects['secret/deleted']?.commit ?? '') ? commit : tree),
}));

let made = 0;
const DOORS: Readonly<Record<string, Door>> = {
  'the node of a commit': node('commit'),
  'the node of a tree': node('tree'),
  'the node of a file': node('file'),
  'a revision by its id': graphql('query ($repo: String!, $rev: String!) { repo(name: $repo) { commit(rev: $rev) { oid } } }', ({ commit }) => ({ rev: commit })),
  'a revision by an abbreviation': graphql('query ($repo: String!, $rev: String!) { repo(name: $repo) { commit(rev: $rev) { oid } } }', ({ commit }) => ({ rev: commit.slice(0, 12) })),
  'a diff': graphql('query ($repo: String!, $rev: String!) { repo(name: $repo) { diff(from: "main", to: $rev) { stats { files } } } }', ({ commit }) => ({ rev: commit })),
  'a preview of a merge': graphql('query ($repo: String!, $rev: String!) { repo(name: $repo) { mergePreview(from: $rev, into: "main") { outcome } } }', ({ commit }) => ({ rev: commit })),
  'the bytes of a file': http(({ commit }) => `/raw/${REPO}/-/${commit}/secret.txt`),
  'a patch': http(({ commit }) => `/raw/${REPO}/-/${main}..${commit}.patch`),
  'an archive': http(({ commit }) => `/archive/${REPO}/-/${commit}.zip`),
  // Last: whoever may do these puts what was hidden where the limited key reads it.
  'the start of a branch': graphql('mutation ($repo: String!, $name: String!, $from: String!) { createBranch(input: { repo: $repo, name: $name, from: $from }) { __typename ... on Problem { code message } } }', ({ commit }) => ({ name: `own/${++made}`, from: commit })),
  'the content of a written file': graphql(
    'mutation ($repo: String!, $blob: GitObjectID!) { createCheckpoint(input: { repo: $repo, branch: "own/work", message: "Take it", changes: [{ write: { path: "mine.txt", blob: $blob } }] }) { __typename ... on Problem { code message } } }',
    ({ blob }) => ({ blob }),
  ),
};

/** An answer without the ids and names that the question itself has said. */
function unsaid(answer: unknown, hidden: Hidden): string {
  const said = [...Object.values(hidden), hidden.commit.slice(0, 12)].sort((a, b) => b.length - a.length);
  return said.reduce((text, word) => text.replaceAll(word, 'OID'), JSON.stringify(answer)).replaceAll(/own\/\d+/gu, 'own/N');
}

describe('what nothing readable reaches', () => {
  beforeAll(() => seedBranch(gateway, REPO, 'own/work'));

  it.each(Object.keys(DOORS))('looks absent to a limited key as %s, and is there for whoever reads every branch', async (name) => {
    const door = DOORS[name];
    if (door === undefined) throw new TypeError(`there is no door ${name}`);
    const absent = unsaid(await door(ABSENT, limited), ABSENT);
    for (const [branch, hidden] of Object.entries(objects)) {
      expect([branch, unsaid(await door(hidden, limited), hidden)]).toEqual([branch, absent]);
      expect(unsaid(await door(hidden, gateway.adminKey), hidden)).not.toBe(absent);
    }
  });
});
