import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seedRepo } from '../api/support/seed.js';
import { drawsOfTheRun } from '../support/draws.js';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { cloneUrl, gitClient, type GitClient } from '../support/git-client.js';
import { runLoad, type Acknowledged } from '../support/push-load.js';

/** Seconds of load, where the soak says how many; else a few calls of each client. */
const SECONDS = process.env['WEIR_TEST_RUNS'] === undefined ? null : Number(process.env['WEIR_TEST_RUNS']);
const CLIENTS = SECONDS === null ? 2 : 16;
const CALLS = 3;
const REPO = 'under/load';

let gateway: TestGateway;
let client: GitClient;

beforeAll(async () => {
  gateway = await startGateway();
  client = gitClient();
  await seedRepo(gateway, REPO);
});
afterAll(async () => {
  client.remove();
  await gateway.close();
});

/** One row of the log that moved a branch. */
interface Move {
  readonly seq: number;
  readonly kind: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Every page of a connection of the repository, as its selection says. */
async function nodesOf(selection: (page: string) => string, connection: (repo: Json) => Json): Promise<Json[]> {
  const nodes: Json[] = [];
  for (let after: string | null = ''; after !== null;) {
    const page: string = after === '' ? 'first: 100' : `first: 100, after: ${JSON.stringify(after)}`;
    const { repo } = await gateway.data(`query ($repo: String!) { repo(name: $repo) { ${selection(page)} } }`, { repo: REPO });
    const { nodes: found, pageInfo } = connection(repo);
    nodes.push(...found);
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  }
  return nodes;
}

async function movesByBranch(): Promise<{ readonly seqs: readonly number[]; readonly moves: ReadonlyMap<string, readonly Move[]> }> {
  const operations = await nodesOf((page) => `operations(${page}) { nodes { seq kind refs { branchName before after } } pageInfo { hasNextPage endCursor } }`, (repo) => repo.operations);
  const ordered = operations.toSorted((a, b) => a.seq - b.seq);
  const moves = new Map<string, Move[]>();
  for (const { seq, kind, refs } of ordered) {
    for (const { branchName, before, after } of refs) moves.set(branchName, [...(moves.get(branchName) ?? []), { seq, kind, before, after }]);
  }
  return { seqs: ordered.map(({ seq }) => seq), moves };
}

/** The places in the log of what was told, each of a row of its own. */
function placesOf(acknowledged: readonly Acknowledged[], moves: ReadonlyMap<string, readonly Move[]>): (Acknowledged & { readonly place: number })[] {
  return acknowledged.map((one) => {
    const row = (moves.get(one.branch) ?? []).find(({ seq, after, kind }) => after === one.oid && (one.seq === null ? kind === 'PUSH' : seq === one.seq));
    expect(row, `the log has the head ${one.oid} of ${one.branch}`).toBeDefined();
    return { ...one, place: row?.seq ?? 0 };
  });
}

it('loses no acknowledged head to pushes and GraphQL writers that work on one repository, side by side', async () => {
  const draw = drawsOfTheRun();
  const { acknowledged, counts, unexpected } = await runLoad(gateway, client, { repo: REPO, clients: CLIENTS, draw, goesOn: (calls, milliseconds) => (SECONDS === null ? calls < CALLS : milliseconds < SECONDS * 1000) });
  if (SECONDS !== null) process.stdout.write(`${SECONDS} s of ${CLIENTS} git clients and ${CLIENTS} GraphQL writers: ${[...counts].sort().map(([what, count]) => `${what} ${count}`).join(', ')}\n`);
  expect(unexpected).toEqual([]);
  expect(counts.get('push')).toBeGreaterThan(0);

  const { seqs, moves } = await movesByBranch();
  expect(seqs).toEqual(seqs.map((_, at) => at + 1));
  for (const [branch, rows] of moves) expect([branch, rows.slice(1).map(({ before }) => before)]).toEqual([branch, rows.slice(0, -1).map(({ after }) => after)]);
  const placed = placesOf(acknowledged, moves).sort((a, b) => a.place - b.place);
  expect(new Set(placed.map(({ place }) => place)).size).toBe(acknowledged.length);
  // What was told before something else was asked for is before it on the log.
  let latest = 0;
  for (const { asked, told, place } of placed) {
    expect(told, `the order of operation ${place}`).toBeGreaterThan(latest);
    latest = Math.max(latest, asked);
  }
  expect([...moves.values()].flat().filter(({ kind }) => kind === 'PUSH')).toHaveLength(counts.get('push') ?? 0);

  await expectWholeMirror(acknowledged);
  await expectCheckpoints(acknowledged, moves);
  const repo = await gateway.app.storage.reader().repoByName(REPO);
  expect(await gateway.app.storage.verifyLog(repo?.id ?? 0)).toMatchObject({ ok: true });
  const findings: string[] = [];
  await gateway.app.storage.events.place();
  await gateway.app.examine(({ message }) => findings.push(message));
  expect(findings).toEqual([]);
}, 120_000 + (SECONDS ?? 0) * 4000);

/** A mirror that has fetched every head which was told of, by its id, holds them all and is without a fault. */
async function expectWholeMirror(acknowledged: readonly Acknowledged[]): Promise<void> {
  const mirror = join(client.directory, 'mirror.git');
  await client.git('clone', '-q', '--mirror', await cloneUrl(gateway, REPO), mirror);
  const oids = [...new Set(acknowledged.map(({ oid }) => oid))];
  for (let at = 0; at < oids.length; at += 500) await client.git('-C', mirror, 'fetch', '-q', 'origin', ...oids.slice(at, at + 500).map((oid) => `${oid}:refs/told/${oid}`));
  const told = await client.git('-C', mirror, 'for-each-ref', '--format=%(objectname)', 'refs/told/');
  expect(told.split('\n').sort()).toEqual(oids.sort());
  expect(await client.git('-C', mirror, 'fsck', '--full', '--strict', '--no-progress', '--no-dangling')).toBe('');
}

/** Each head is a checkpoint of its branch, or where the branch began. */
async function expectCheckpoints(acknowledged: readonly Acknowledged[], moves: ReadonlyMap<string, readonly Move[]>): Promise<void> {
  for (const branch of new Set(acknowledged.map((one) => one.branch))) {
    const checkpoints = await nodesOf((page) => `branch(name: ${JSON.stringify(branch)}) { checkpoints(${page}) { nodes { oid } pageInfo { hasNextPage endCursor } } }`, (repo) => repo.branch.checkpoints);
    const known = new Set([moves.get(branch)?.[0]?.after, ...checkpoints.map(({ oid }) => oid)]);
    expect([branch, acknowledged.filter((one) => one.branch === branch && !known.has(one.oid))]).toEqual([branch, []]);
  }
}
