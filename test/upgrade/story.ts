import type { Json } from '../support/gateway.js';

/** Runs a document with a key, the first admin key unless given; rejects with what the server says is wrong with the document. */
export type Ask = (query: string, variables?: Record<string, unknown>, key?: string) => Promise<Json>;

/** The repository that the story is about. */
export const REPO = 'kept/site';
/** The proposals that the story leaves, by what became of them. */
export const PROPOSALS = { merged: 1, open: 2, rejected: 3 } as const;

const LINES = Array.from({ length: 60 }, (_, line) => `line ${line}\n`);

/** The secret of each key that the story makes. */
export interface Secrets {
  readonly agent: string;
  readonly reviewer: string;
}

/**
 * What people and agents do with a server, once: checkpoints with undo and redo, proposals that are merged, open with a review, and
 * rejected, a branch that is deleted, and whatever of the later verbs this release has. Every step has to succeed.
 */
export async function tellStory(ask: Ask): Promise<Secrets> {
  const { __type: mutations } = await ask('{ __type(name: "Mutation") { fields { name } } }');
  const teller = new Teller(ask, new Set(mutations.fields.map(({ name }: { readonly name: string }) => name)));
  await teller.step('createRepo', { name: REPO, description: 'A site', files: [{ path: 'README.md', text: '# Site\n' }, { path: 'src/story.txt', text: LINES.join('') }] });
  const agent = await teller.key({ name: 'agent', actor: 'agent', scopes: ['READ', 'WRITE', 'PROPOSE'], repos: ['kept/**'], branches: ['session/**'] });
  const reviewer = await teller.key({ name: 'reviewer', actor: 'ada', scopes: ['READ', 'REVIEW', 'MERGE'], repos: ['**'], branches: ['**'] });
  const before = await teller.checkpoint('main', 'Say more', 'README.md', '# Site\n\nMore.\n');
  await checkpoints(teller.as(agent));
  await proposals(teller.as(agent), teller.as(reviewer));
  await teller.step('mergeBranch', { repo: REPO, from: 'session/undone', into: 'session/base' });
  await teller.as(agent).branch('session/gone');
  await teller.step('deleteBranch', { repo: REPO, name: 'session/gone' });
  await later(teller, before);
  return { agent, reviewer };
}

async function checkpoints(agent: Teller): Promise<void> {
  await agent.branch('session/base');
  await agent.branch('session/undone');
  for (let turn = 1; turn <= 4; turn++) await agent.checkpoint('session/undone', `Turn ${turn}`, `notes/${turn}.txt`, `note ${turn}\n`, `Write note ${turn}`);
  await agent.step('undo', { repo: REPO, branch: 'session/undone', steps: 2 });
  await agent.step('redo', { repo: REPO, branch: 'session/undone', steps: 1 });
}

async function proposals(agent: Teller, reviewer: Teller): Promise<void> {
  const heads = new Map<number, string>();
  for (const [name, number] of Object.entries(PROPOSALS)) {
    const branch = `session/${name}`;
    await agent.branch(branch);
    const text = LINES.with(number * 10, `line changed by ${name}\n`).join('');
    heads.set(number, await agent.checkpoint(branch, `Tell of ${name}`, 'src/story.txt', text, `Tell it, ${name}`));
    await agent.step('openProposal', { repo: REPO, source: branch, target: 'main', title: `A story of ${name}`, body: 'Better so.' });
  }
  const { merged, open, rejected } = PROPOSALS;
  await reviewer.step('reviewProposal', { repo: REPO, number: merged, head: heads.get(merged), verdict: 'APPROVE', body: 'Good.' });
  await reviewer.step('mergeProposal', { repo: REPO, number: merged, expectedHead: heads.get(merged) });
  await reviewer.step('reviewProposal', { repo: REPO, number: open, head: heads.get(open), verdict: 'REQUEST_CHANGES', body: 'Say why.' });
  await reviewer.step('rejectProposal', { repo: REPO, number: rejected, reason: 'Not now.' });
}

/** Verbs that came one by one. */
async function later(teller: Teller, before: string): Promise<void> {
  await teller.step('refreshBranch', { repo: REPO, name: 'session/open' });
  await teller.checkpoint('session/base', 'Say what will be taken back', 'notes/wrong.txt', 'wrong\n', 'Guess');
  await teller.step('revertRun', { repo: REPO, branch: 'session/base', runId: 'run-1' });
  await teller.step('restore', { repo: REPO, branch: 'session/base', to: before });
  await teller.step('commentOnProposal', { repo: REPO, number: PROPOSALS.open, body: 'And the end?' });
  await teller.step('createRepo', { name: 'kept/archive', files: [{ path: 'README.md', text: '# Old\n' }] });
  await teller.step('archiveRepo', { repo: 'kept/archive' }, '', 'RepoInput');
  await teller.step('forkRepo', { repo: REPO, name: 'kept/fork' });
  await teller.step('createWebhook', { url: 'https://hooks.example/weir' });
  await teller.step('setMirror', { repo: REPO, url: 'https://mirror.example/weir.git', username: 'weir', password: 'sealed' });
}

/** Does steps with one key. */
class Teller {
  readonly #ask: Ask;
  /** The mutations that this release has. */
  readonly #known: ReadonlySet<string>;
  readonly #key: string | undefined;

  constructor(ask: Ask, known: ReadonlySet<string>, key?: string) {
    this.#ask = ask;
    this.#known = known;
    this.#key = key;
  }

  as(key: string): Teller {
    return new Teller(this.#ask, this.#known, key);
  }

  /** One mutation, and what it selects beyond its type; null where the release lacks it. A refusal is an error of the story. */
  async step(name: string, input: Record<string, unknown>, selected = '', inputType?: string): Promise<Json> {
    if (!this.#known.has(name)) return null;
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const query = `mutation ($input: ${inputType ?? `${type}Input`}!) { ${name}(input: $input) { __typename ${selected === '' ? '' : `... on ${type}Success { ${selected} }`} ... on Problem { code message } } }`;
    const { [name]: payload } = await this.#ask(query, { input }, this.#key);
    if (payload.__typename !== `${type}Success`) throw new TypeError(`${name}: ${JSON.stringify(payload)}`);
    return payload;
  }

  async branch(name: string): Promise<void> {
    await this.step('createBranch', { repo: REPO, name, sessionId: name });
  }

  /** Answers its commit. */
  async checkpoint(branch: string, message: string, path: string, text: string, prompt?: string): Promise<string> {
    const run = prompt === undefined ? {} : { prompt, runId: 'run-1', sessionId: branch, metadata: [{ key: 'model', value: 'x-1' }] };
    const { checkpoint } = await this.step('createCheckpoint', { repo: REPO, branch, message, changes: [{ write: { path, text } }], ...run }, 'checkpoint { oid }');
    return checkpoint.oid;
  }

  /** Answers its secret. */
  async key(input: Record<string, unknown>): Promise<string> {
    return (await this.step('createApiKey', input, 'secret')).secret;
  }
}

const FACTS = `query ($repo: String!) {
  repo(name: $repo) {
    name description defaultBranchName
    branches(first: 20) { edges { node { name headOid version kind state createdBy sessionId
      checkpoints(first: 20) { edges { node { number oid message prompt runId sessionId state createdBy metadata { key value } parent { number } } } } } } }
    proposals(first: 50) { edges { node { number title body state sourceName createdBy reason head { oid } mergeCommit { oid }
      reviews(first: 50) { edges { node { verdict actor body headOid } } } } } }
    file(rev: "main", path: "src/story.txt") { blob { text } }
    commits(rev: "main", first: 50) { edges { node { oid message } } }
    operations(first: 100) { edges { node { seq kind actor keyName runId hash refs { branchName before after } } } }
  }
  repos(first: 50) { edges { node { name archivedAt } } }
  apiKeys(first: 50) { edges { node { name actor scopes repos branches readBranches revokedAt } } }
  events(first: 100) { edges { node { __typename kind repoName actor at } } }
}`;

/** Everything that the story left, as any release tells it. */
export async function factsOf(ask: Ask): Promise<Json> {
  return ask(FACTS, { repo: REPO });
}
