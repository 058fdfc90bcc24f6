import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { encodeEventCursor } from '../../src/domain/cursor.js';
import { framesOf } from '../support/event-stream.js';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { seedBranch, seedCheckpoint, seedProposal, seedRepo } from './support/seed.js';

let gateway: TestGateway;
let url: string;
/** A cursor before everything that the tests make. */
let beginning: string;
const ids: Record<string, string> = {};

/** Waits until this is the last event: events get their place in the stream a moment after what they tell of. */
async function placed(repoName: string, kind: string): Promise<void> {
  await vi.waitUntil(
    async () => {
      const { events } = await gateway.data('query ($after: String) { events(after: $after, first: 100) { edges { node { repoName kind } } } }', { after: beginning });
      const last = events.edges.at(-1)?.node;
      return last?.repoName === repoName && last.kind === kind;
    },
    { timeout: 20_000 },
  );
}

beforeAll(async () => {
  gateway = await startGateway();
  url = `${(await gateway.listen()).url}/graphql`;
  beginning = (await gateway.data('{ eventCursor }')).eventCursor;
  for (const repo of ['one', 'two']) {
    await seedRepo(gateway, repo);
    await seedBranch(gateway, repo, 'session/a');
    await seedCheckpoint(gateway, repo, 'session/a', { path: 'a.txt', text: 'a\n' });
    await seedProposal(gateway, repo, 'session/a');
  }
  // Order is promised within a repository: what one repository tells after another is known only once that has its place.
  await placed('two', 'PROPOSAL_OPENED');
  await seedBranch(gateway, 'one', 'session/b');
  await seedCheckpoint(gateway, 'one', 'session/b', { path: 'b.txt', text: 'b\n' });
  await seedProposal(gateway, 'one', 'session/b');
  const other = await gateway.createKey({ actor: 'other' });
  await gateway.data('mutation { updateProposal(input: { repo: "one", number: 1, title: "Told anew" }) { __typename } }', {}, other);
  await gateway.data('mutation { createCheckpoint(input: { repo: "two", branch: "session/a", message: "m", runId: "run-7", changes: [{ write: { path: "r.txt", text: "r" } }] }) { __typename } }', {}, other);
  const { one, two } = await gateway.data('{ one: repo(name: "one") { id branch(name: "session/a") { id } } two: repo(name: "two") { id } }');
  Object.assign(ids, { one: one.id, two: two.id, branch: one.branch.id });
  await gateway.data('mutation { updateRepo(input: { repo: "two", name: "two-now" }) { __typename } }');
  await placed('two-now', 'REPO_UPDATED');
});
afterAll(() => gateway.close());

const SEEN = 'kind repoName ... on ProposalEvent { proposal { number } } ... on BranchMoved { branchName }';

async function openSse(query: string, variables: Record<string, unknown>, { headers = {}, key = gateway.adminKey }: { readonly headers?: Record<string, string>; readonly key?: string } = {}): Promise<Response> {
  const parameters = new URLSearchParams({ query, variables: JSON.stringify(variables) });
  return fetch(`${url}?${parameters}`, { headers: { accept: 'text/event-stream', authorization: `Bearer ${key}`, ...headers } });
}

/** The first results of a subscription, then hangs up. */
async function take(count: number, query: string, variables: Record<string, unknown>, options: Parameters<typeof openSse>[2] = {}): Promise<{ readonly id: string | undefined; readonly result: Json }[]> {
  const taken: { id: string | undefined; result: Json }[] = [];
  const enough = new AbortController();
  for await (const frame of framesOf(await openSse(query, variables, options), enough.signal)) {
    if (frame['event'] === 'next') taken.push({ id: frame['id'], result: JSON.parse(frame['data'] ?? 'null') });
    if (taken.length === count) enough.abort();
  }
  return taken.slice(0, count);
}

const brief = (event: Json): string => `${event.repoName} ${event.kind}${event.proposal === undefined ? '' : ` #${event.proposal.number}`}${event.branchName === undefined ? '' : ` ${event.branchName}`}`;

describe('a filter', () => {
  const PROPOSED = ['one PROPOSAL_OPENED #1', 'two PROPOSAL_OPENED #1', 'one PROPOSAL_OPENED #2'];
  it.each<[string, () => Record<string, unknown>, readonly string[]]>([
    ['by kind', () => ({ kinds: ['PROPOSAL_OPENED'] }), PROPOSED],
    ['by a repository’s name and kind', () => ({ repos: ['one'], kinds: ['PROPOSAL_OPENED'] }), ['one PROPOSAL_OPENED #1', 'one PROPOSAL_OPENED #2']],
    ['by the node id of a repository that was renamed since', () => ({ repos: [ids['two']], kinds: ['PROPOSAL_OPENED', 'REPO_UPDATED'] }), ['two PROPOSAL_OPENED #1', 'two-now REPO_UPDATED']],
    ['by the name that a repository has now', () => ({ repos: ['two-now'], kinds: ['PROPOSAL_OPENED', 'REPO_UPDATED'] }), ['two PROPOSAL_OPENED #1', 'two-now REPO_UPDATED']],
    ['by the name of a branch, with the proposals that come from it', () => ({ branch: 'session/b', kinds: ['BRANCH_MOVED', 'PROPOSAL_OPENED'] }), ['one BRANCH_MOVED session/b', 'one PROPOSAL_OPENED #2']],
    ['by the node id of a branch, of its repository only', () => ({ branch: ids['branch'], kinds: ['BRANCH_MOVED', 'PROPOSAL_OPENED'] }), ['one BRANCH_MOVED session/a', 'one PROPOSAL_OPENED #1']],
    ['by the number of a proposal', () => ({ repos: ['one'], proposal: 1 }), ['one PROPOSAL_OPENED #1', 'one PROPOSAL_UPDATED #1']],
    ['by the run', () => ({ runId: 'run-7', kinds: ['BRANCH_MOVED'] }), ['two BRANCH_MOVED session/a']],
    ['by the actor', () => ({ actor: 'other', kinds: ['BRANCH_MOVED', 'PROPOSAL_UPDATED'] }), ['one PROPOSAL_UPDATED #1', 'two BRANCH_MOVED session/a']],
  ])('%s is the same for the query and the subscription', async (_what, filter, expected) => {
    const variables = { after: beginning, filter: filter() };
    const { events } = await gateway.data(`query ($after: String, $filter: EventFilter) { events(after: $after, filter: $filter) { edges { node { ${SEEN} } } } }`, variables);
    expect(events.edges.map(({ node }: Json) => brief(node))).toEqual(expected);
    const told = await take(expected.length, `subscription ($after: String, $filter: EventFilter) { events(after: $after, filter: $filter) { ${SEEN} } }`, variables);
    expect(told.map(({ result }) => brief(result.data.events))).toEqual(expected);
  });

  it('of the narrower subscriptions holds as well', async () => {
    const changed = await take(2, `subscription ($after: String) { proposalChanged(repo: "one", number: 1, after: $after) { kind repoName proposal { number } } }`, { after: beginning });
    expect(changed.map(({ result }) => brief(result.data.proposalChanged))).toEqual(['one PROPOSAL_OPENED #1', 'one PROPOSAL_UPDATED #1']);
    const opened = await take(1, `subscription ($after: String) { proposalOpened(repo: "two-now", after: $after) { kind repoName proposal { number } } }`, { after: beginning });
    expect(opened.map(({ result }) => brief(result.data.proposalOpened))).toEqual(['two PROPOSAL_OPENED #1']);
    const moved = await take(1, `subscription ($after: String, $branch: String) { branchMoved(repo: "one", branch: $branch, after: $after) { kind repoName branchName } }`, { after: beginning, branch: ids['branch'] });
    expect(moved.map(({ result }) => brief(result.data.branchMoved))).toEqual(['one BRANCH_MOVED session/a']);
  });

  it('that matches nothing readable tells nothing, and still moves on', async () => {
    const key = await gateway.createKey({ repos: ['two*'] });
    const variables = { after: beginning, filter: { repos: ['one', ids['one'], 'nowhere'] } };
    const { events } = await gateway.data('query ($after: String, $filter: EventFilter) { events(after: $after, filter: $filter) { edges { cursor } pageInfo { endCursor hasNextPage } } }', variables, key);
    expect(events).toMatchObject({ edges: [], pageInfo: { hasNextPage: false } });
    expect(events.pageInfo.endCursor).not.toBe(beginning);
  });
});

describe('a cursor', () => {
  const OF_ALL = [
    ['the query', 'query ($after: String) { events(after: $after) { edges { cursor } } }'],
    ['the subscription events', 'subscription ($after: String) { events(after: $after) { kind } }'],
    ['the subscription proposalOpened', 'subscription ($after: String) { proposalOpened(after: $after) { kind } }'],
    ['the subscription proposalChanged', 'subscription ($after: String) { proposalChanged(after: $after) { kind } }'],
    ['the subscription branchMoved', 'subscription ($after: String) { branchMoved(repo: "one", after: $after) { kind } }'],
  ] as const;

  it.each(OF_ALL)('that is damaged, of a page, or ahead of the log is refused by %s', async (_what, query) => {
    const { repos } = await gateway.data('{ repos(first: 1) { edges { cursor } } }');
    const wrong = ['', 'nonsense', `${beginning.slice(0, -1)}#`, repos.edges[0].cursor, encodeEventCursor({ position: 10_000_000, index: 0 })];
    for (const after of wrong) {
      const response = await fetch(url, { method: 'POST', headers: { accept: 'text/event-stream, application/json', 'content-type': 'application/json', authorization: `Bearer ${gateway.adminKey}` }, body: JSON.stringify({ query, variables: { after } }) });
      // A stream that was refused ends by itself.
      expect([after, await response.text()]).toEqual([after, expect.stringContaining('"CURSOR_INVALID"')]);
    }
  });

  it('is the id of every event, in its extensions too, and what Last-Event-ID resumes from, whatever "after" says', async () => {
    const query = 'subscription ($after: String) { events(after: $after, filter: { repos: ["one"] }) { cursor kind } }';
    const all = await take(6, query, { after: beginning });
    for (const { id, result } of all) expect([id, result.extensions.cursor]).toEqual([result.data.events.cursor, result.data.events.cursor]);
    const rest = await take(4, query, { after: beginning }, { headers: { 'last-event-id': all[1]?.id ?? '' } });
    expect(rest).toEqual(all.slice(2));
    const refused = await openSse(query, { after: beginning }, { headers: { 'last-event-id': 'nonsense' } });
    expect(await refused.text()).toContain('"CURSOR_INVALID"');
  });
});

describe('a socket', () => {
  it('with 10,000 subscriptions carries a hundred, answers each of the others with a sentence, and goes on', async () => {
    const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
    const refused = new Map<string, string>();
    const answered: string[] = [];
    socket.on('message', (data) => {
      const message: Json = JSON.parse(String(data));
      if (message.type === 'error') refused.set(message.id, JSON.stringify(message.payload));
      // What was written before may still be told.
      else if (message.id === undefined || message.id === 'again') answered.push(message.type);
    });
    await new Promise((resolve) => { socket.once('open', resolve); });
    socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${gateway.adminKey}` } }));
    await expect.poll(() => answered).toEqual(['connection_ack']);
    for (let id = 0; id < 10_000; id++) socket.send(JSON.stringify({ type: 'subscribe', id: String(id), payload: { query: 'subscription { branchMoved(repo: "quiet") { kind } }' } }));
    await expect.poll(() => refused.size, { timeout: 20_000 }).toBe(9_900);
    expect(new Set(refused.values())).toEqual(new Set([expect.stringMatching(/A socket carries at most 100 operations at a time.*RATE_LIMITED/u)]));
    // The last of the hundred may be opened after the last of the others is refused.
    await expect.poll(async () => (await gateway.fetch('/metrics')).text()).toMatch(/^weir_subscriptions_open 100$/mu);
    socket.send(JSON.stringify({ type: 'complete', id: '7' }));
    socket.send(JSON.stringify({ type: 'subscribe', id: 'again', payload: { query: '{ viewer { actor } }' } }));
    await expect.poll(() => answered.slice(1)).toEqual(['next', 'complete']);
    socket.terminate();
    await expect.poll(async () => /^weir_subscriptions_open 0$/mu.test(await (await gateway.fetch('/metrics')).text())).toBe(true);
  });
});
