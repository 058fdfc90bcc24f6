import { chmod, copyFile, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  // No memory of what was read before the damage.
  gateway = await startGateway({ settings: { WEIR_CACHE: '1' } });
});
afterAll(() => gateway.close());

const LINES = Array.from({ length: 40 }, (_, n) => `line ${n} of the file that is damaged\n`);
const changed = (line: number): string => LINES.with(line, 'changed\n').join('');

interface Made {
  readonly repo: string;
  readonly repoId: number;
  /** The only object of the pack. */
  readonly blob: string;
  readonly pack: string;
  /** Commits: the one that holds the blob, and what came after it on main and on `side`. */
  readonly base: string;
  readonly main: string;
  readonly side: string;
}

async function packsOf(repoId: number): Promise<string[]> {
  const { directory } = await gateway.app.storage.packsOf(repoId);
  return (await readdir(directory)).filter((name) => name.endsWith('.pack')).map((name) => join(directory, name));
}

async function checkpoint(repo: string, branch: string, write: Json): Promise<string> {
  const { createCheckpoint } = await gateway.data(
    'mutation ($input: CreateCheckpointInput!) { createCheckpoint(input: $input) { __typename ... on CreateCheckpointSuccess { checkpoint { oid } } ... on Problem { message } } }',
    { input: { repo, branch, message: 'Work', changes: [{ write: { path: 'file.txt', ...write } }] } },
  );
  return createCheckpoint.checkpoint.oid;
}

/** A repository in which `file.txt` of the base lies in a pack of its own, and two branches that change it in different places, one proposed into the other. */
async function make(repo: string): Promise<Made> {
  await gateway.data('mutation ($input: CreateRepoInput!) { createRepo(input: $input) { __typename } }', { input: { name: repo, files: [{ path: 'other.txt', text: 'fine\n' }] } });
  const repoId = (await gateway.app.storage.reader().repoByName(repo))?.id ?? 0;
  const before = await packsOf(repoId);
  const { oid: blob }: Json = await (await gateway.fetch(`/blobs/${repo}`, { method: 'POST', body: LINES.join('') })).json();
  const [pack = ''] = (await packsOf(repoId)).filter((path) => !before.includes(path));
  const base = await checkpoint(repo, 'main', { blob });
  await gateway.data('mutation ($input: CreateBranchInput!) { createBranch(input: $input) { __typename ... on Problem { message } } }', { input: { repo, name: 'side', from: 'main' } });
  const side = await checkpoint(repo, 'side', { text: changed(2) });
  const main = await checkpoint(repo, 'main', { text: changed(37) });
  const opened = await gateway.data('mutation ($input: OpenProposalInput!) { openProposal(input: $input) { __typename ... on Problem { message } } }', { input: { repo, source: 'side', target: 'main', title: 'Work' } });
  expect(opened.openProposal.__typename).toBe('OpenProposalSuccess');
  const review = { repo, number: 1, head: side, verdict: 'APPROVE' };
  const { reviewProposal } = await gateway.data('mutation ($input: ReviewProposalInput!) { reviewProposal(input: $input) { __typename ... on Problem { message } } }', { input: review }, await gateway.createKey());
  expect(reviewProposal.__typename).toBe('ReviewProposalSuccess');
  return { repo, repoId, blob, pack, base, main, side };
}

/** Ways to lose what was stored. */
const DAMAGES = {
  flipped: async ({ pack }: Made): Promise<void> => {
    const bytes = await readFile(pack);
    for (let at = 16; at < bytes.length - 24; at += 7) bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    await chmod(pack, 0o644);
    await writeFile(pack, bytes);
  },
  truncated: async ({ pack }: Made): Promise<void> => {
    const bytes = await readFile(pack);
    await chmod(pack, 0o644);
    await writeFile(pack, bytes.subarray(0, bytes.length - 40));
  },
  gone: ({ pack }: Made): Promise<void> => rm(pack),
  /** By another pack of the same repository: whole, but without the blob. */
  replaced: async ({ pack, repoId }: Made): Promise<void> => {
    const other = (await packsOf(repoId)).find((path) => path !== pack) ?? '';
    for (const ending of ['.pack', '.idx']) {
      const target = pack.replace(/\.pack$/u, ending);
      await chmod(target, 0o644);
      await copyFile(other.replace(/\.pack$/u, ending), target);
    }
  },
} as const;

interface Told {
  readonly code: string;
  readonly message: string;
}

async function asked(query: string): Promise<Told | Json> {
  const { data, errors } = await gateway.gql(query);
  return errors === undefined ? data : { code: errors[0]?.extensions.code ?? '', message: errors[0]?.message ?? '' };
}

async function fetched(path: string): Promise<Told | string> {
  const response = await gateway.fetch(path);
  const text = await response.text();
  if (response.status === 200) return text;
  const { errors }: Json = JSON.parse(text);
  return { code: errors[0].extensions.code, message: errors[0].message };
}

async function merged(mutation: string, input: Json): Promise<Told | Json> {
  const type = mutation.replace(/^./u, (letter) => letter.toUpperCase());
  const data = await gateway.data(`mutation ($input: ${type}Input!) { ${mutation}(input: $input) { __typename ... on Problem { code message } } }`, { input });
  return data[mutation];
}

/** Every door through which the bytes of a blob leave, or decide what is written. */
const DOORS: readonly (readonly [door: string, ask: (made: Made) => Promise<Told | Json>])[] = [
  ['a file', ({ repo, base }) => asked(`{ repo(name: "${repo}") { file(rev: "${base}", path: "file.txt") { blob { text } } } }`)],
  ['the hunks of a diff', ({ repo, base, main }) => asked(`{ repo(name: "${repo}") { diff(from: "${base}", to: "${main}") { files(first: 9) { edges { node { hunks(first: 9) { edges { node { lines { text } } } } } } } } } }`)],
  ['the counts of a diff', ({ repo, base, main }) => asked(`{ repo(name: "${repo}") { diff(from: "${base}", to: "${main}") { stats { additions deletions } } } }`)],
  ['the patch of a file', ({ repo, base, main }) => asked(`{ repo(name: "${repo}") { diff(from: "${base}", to: "${main}") { files(first: 9) { edges { node { patch } } } } } }`)],
  ['raw bytes', ({ repo, base }) => fetched(`/raw/${repo}/-/${base}/file.txt`)],
  ['a merge that is looked at', ({ repo, main, side }) => asked(`{ repo(name: "${repo}") { mergePreview(from: "${side}", into: "${main}") { conflicts(first: 9) { edges { node { path } } } } } }`)],
  ['the merge of a proposal', ({ repo, side }) => merged('mergeProposal', { repo, number: 1, expectedHead: side })],
  ['the merge of a branch', ({ repo }) => merged('mergeBranch', { repo, from: 'side', into: 'main' })],
];

async function rawPatch({ repo, base, main }: Made): Promise<Response> {
  const { repo: found } = await gateway.data(`{ repo(name: "${repo}") { diff(from: "${base}", to: "${main}") { patchUrl } } }`);
  return gateway.fetch(new URL(found.diff.patchUrl, 'http://gateway.test').pathname + new URL(found.diff.patchUrl, 'http://gateway.test').search);
}

describe.each(['flipped', 'truncated', 'gone', 'replaced'] as const)('a blob whose pack is %s', (how) => {
  let made: Made;
  let sound: Made;
  beforeAll(async () => {
    made = await make(`broken-${how}`);
    sound = await make(`sound-${how}`);
    gateway.app.storage.objects.close();
    await DAMAGES[how](made);
  });

  it.each(DOORS)('is named at the door of %s, and nothing is answered in its place', async (_door, ask) => {
    const told = await ask(made);
    // A live pack that cannot be read may have held it. Verbs have one refusal for both.
    expect(told.code, `${JSON.stringify(told)}`).toBe(how === 'replaced' && told.__typename === undefined ? 'OBJECT_MISSING' : 'OBJECT_CORRUPT');
    expect(told.message).toContain(made.blob);
  });

  it('ends the stream of a patch before anything wrong is in it', async () => {
    const read = rawPatch(made).then(async (response) => ({ status: response.status, text: await response.text() }));
    const { status, text } = await read.catch(() => ({ status: 0, text: '' }));
    expect(status).not.toBe(200);
    expect(text).not.toContain('+changed');
  });

  it('moves no branch', async () => {
    const { repo } = await gateway.data(`{ repo(name: "${made.repo}") { branch(name: "main") { headOid } } }`);
    expect(repo.branch.headOid).toBe(made.main);
  });

  it.each(DOORS)('leaves %s of another repository as it was', async (_door, ask) => {
    const told = await ask(sound);
    expect(JSON.stringify(told)).not.toMatch(/OBJECT_|"code"/u);
  });

  it('leaves the patch of another repository whole', async () => {
    const response = await rawPatch(sound);
    expect([response.status, (await response.text()).includes('+changed')]).toEqual([200, true]);
  });
});
