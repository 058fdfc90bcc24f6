import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedBranch, seedCheckpoint, seedRepo } from '../api/support/seed.js';
import { startGateway, type TestGateway } from '../support/gateway.js';

/** So many pairs for each question; `npm run soak -- timing` asks two thousand and holds the medians to a twentieth. */
const PAIRS = Number(process.env['WEIR_TEST_RUNS'] ?? 12);
/** Medians of two thousand pairs say what a client could learn; of a dozen only whether one side does much more than the other. */
const TOLERANCE = PAIRS >= 2_000 ? 0.05 : 2;

/** What is foreign to a key, and what nobody has, in the same form. */
interface Pair {
  readonly foreign: string;
  readonly absent: string;
}
interface Question {
  readonly names: Pair;
  readonly ask: (name: string) => Promise<Response>;
}

const THEIRS = 'theirs/kept';
const NO_OID = 'fedcba9876543210fedcba9876543210fedcba98';
/** Beyond every row; as long as an id can be here. */
const NO_ID = '9';

let gateway: TestGateway;
let mine: string;
let limited: string;
const questions: Record<string, Question> = {};

function post(document: string, variables: Record<string, unknown>, key: string): Promise<Response> {
  return gateway.fetch('/graphql', { method: 'POST', key, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: document, variables }) });
}

beforeAll(async () => {
  gateway = await startGateway({ settings: { WEIR_MUTATION_LIMIT: '0', WEIR_GIT_RATE_LIMIT: '0', WEIR_ADDRESS_RATE_LIMIT: '0' } });
  await seedRepo(gateway, THEIRS);
  await seedRepo(gateway, 'mine/own');
  await seedBranch(gateway, THEIRS, 'session/theirs');
  await seedBranch(gateway, 'mine/own', 'secret/one');
  const hidden = await seedCheckpoint(gateway, 'mine/own', 'secret/one', { path: 'secret.txt', text: 'secret\n' });
  const { repo } = await gateway.data('query ($name: String!) { repo(name: $name) { id branch(name: "session/theirs") { id } } }', { name: THEIRS });
  [mine, limited] = await Promise.all([gateway.createKey({ repos: ['mine/**'] }), gateway.createKey({ repos: ['mine/**'], readBranches: ['main'] })]);
  const repos: Pair = { foreign: THEIRS, absent: 'theirs/none' };
  const name = (document: string, names: Pair, key: () => string): Question => ({ names, ask: (value) => post(document, { name: value }, key()) });
  const branches: Pair = { foreign: 'secret/one', absent: 'secret/two' };
  Object.assign(questions, {
    'a repository by its name': name('query ($name: String!) { repo(name: $name) { id description } }', repos, () => mine),
    'a repository by its id': name('query ($name: ID!) { node(id: $name) { id } }', byId(repo.id), () => mine),
    'a branch by its id': name('query ($name: ID!) { node(id: $name) { id } }', byId(repo.branch.id), () => mine),
    'a branch in a repository': name('mutation ($name: String!) { createBranch(input: { repo: $name, name: "session/new" }) { __typename } }', repos, () => mine),
    'a checkpoint in a repository': name('mutation ($name: String!) { createCheckpoint(input: { repo: $name, branch: "session/theirs", message: "m", changes: [] }) { __typename } }', repos, () => mine),
    'the refs for git': { names: repos, ask: (value: string) => gateway.fetch(`/git/${value}.git/info/refs?service=git-upload-pack`, { key: mine }) },
    'a file by its path': { names: repos, ask: (value: string) => gateway.fetch(`/raw/${value}/-/main/README.md`, { key: mine }) },
    'an archive': { names: repos, ask: (value: string) => gateway.fetch(`/archive/${value}/-/main.zip`, { key: mine }) },
    'a hidden branch by its name': name('query ($name: String!) { repo(name: "mine/own") { branch(name: $name) { id } } }', branches, () => limited),
    'a diff with a hidden branch': name('query ($name: String!) { repo(name: "mine/own") { diff(from: "main", to: $name) { stats { files } } } }', branches, () => limited),
    'a hidden commit by its id': name('query ($name: String!) { repo(name: "mine/own") { commit(rev: $name) { oid } } }', { foreign: hidden, absent: NO_OID }, () => limited),
    'a hidden commit by an abbreviation': name('query ($name: String!) { repo(name: "mine/own") { commit(rev: $name) { oid } } }', { foreign: hidden.slice(0, 12), absent: NO_OID.slice(0, 12) }, () => limited),
  } satisfies Record<string, Question>);
});
afterAll(() => gateway.close());

/** The same id with a number that no row has. */
function byId(id: string): Pair {
  return { foreign: id, absent: id.replaceAll(/\d/gu, NO_ID) };
}

/** Milliseconds until the whole answer is there, and the answer. */
async function timed({ ask }: Question, name: string): Promise<{ readonly ms: number; readonly answer: string }> {
  const began = process.hrtime.bigint();
  const response = await ask(name);
  const text = await response.text();
  return { ms: Number(process.hrtime.bigint() - began) / 1e6, answer: `${response.status} ${text.replaceAll(name, 'NAME')}` };
}

/** The median; of a few the least, which a busy machine does not make longer. */
function typical(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length < 2_000 ? 0 : times.length >> 1] ?? Number.NaN;
}

const TITLES = [
  'a repository by its name', 'a repository by its id', 'a branch by its id', 'a branch in a repository', 'a checkpoint in a repository', 'the refs for git', 'a file by its path', 'an archive',
  'a hidden branch by its name', 'a diff with a hidden branch', 'a hidden commit by its id', 'a hidden commit by an abbreviation',
];

describe('what a key may not see', () => {
  it.each(TITLES)('takes as long to be absent as what is absent, asked for as %s', { timeout: 60_000 + 50 * PAIRS }, async (title) => {
    const question = questions[title];
    if (question === undefined) throw new TypeError(`nobody asks for ${title}`);
    const { names: { foreign, absent } } = question;
    const times: { foreign: number[]; absent: number[] } = { foreign: [], absent: [] };
    const answers = new Set<string>();
    for (let warm = 0; warm < 3; warm++) for (const name of [foreign, absent]) answers.add((await timed(question, name)).answer.replaceAll(/[0-9a-f-]{36}/gu, 'REQUEST'));
    for (let pair = 0; pair < PAIRS; pair++) {
      // Whoever comes second finds warm caches: each side does as often.
      for (const side of pair % 2 === 0 ? (['foreign', 'absent'] as const) : (['absent', 'foreign'] as const)) times[side].push((await timed(question, question.names[side])).ms);
    }
    expect([...answers]).toHaveLength(1);
    const ratio = typical(times.foreign) / typical(times.absent);
    if (PAIRS >= 2_000) process.stdout.write(`${title}: ${typical(times.foreign).toFixed(3)} ms foreign, ${typical(times.absent).toFixed(3)} ms absent, ratio ${ratio.toFixed(3)}\n`);
    expect(ratio).toBeGreaterThan(1 / (1 + TOLERANCE));
    expect(ratio).toBeLessThan(1 + TOLERANCE);
  });
});
