import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { answers, startReceiver, TAKES, type Receiver } from '../support/webhook-receiver.js';

const PATIENCE = { timeout: 20_000, interval: 20 };
/** What a test of a time limit waits for an attempt to end. */
const TIMEOUT_MS = 600;

let gateway: TestGateway;
let receiver: Receiver;
let repos = 0;

beforeAll(async () => {
  gateway = await startGateway({ webhooks: true, settings: { WEIR_WEBHOOK_TIMEOUT: `${TIMEOUT_MS}ms`, WEIR_WEBHOOK_RETRY: '5s' } });
});
afterAll(() => gateway.close());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

const CREATE = 'mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { ... on CreateWebhookSuccess { secret webhook { id } } ... on Problem { code message } } }';
const WEBHOOK = `query ($id: ID!) { node(id: $id) { ... on Webhook { state note lastDeliveredAt deliveries { nodes { id eventId state redelivery attempts status note durationMs nextAttemptAt settledAt } } } } }`;

async function webhook(input: Record<string, unknown>, key?: string): Promise<{ readonly id: string; readonly secret: string }> {
  const { createWebhook } = await gateway.data(CREATE, { input: { url: receiver.url, ...input } }, key);
  return { id: createWebhook.webhook.id, secret: createWebhook.secret };
}

async function shown(id: string): Promise<Json> {
  const { node } = await gateway.data(WEBHOOK, { id });
  return node;
}

async function makeRepo(): Promise<string> {
  const name = `hooks/r${++repos}`;
  await gateway.data('mutation ($name: String!) { createRepo(input: { name: $name }) { ... on CreateRepoSuccess { repo { id } } } }', { name });
  return name;
}

async function branches(repo: string, ...names: readonly string[]): Promise<void> {
  for (const name of names) await gateway.data('mutation ($repo: String!, $name: String!) { createBranch(input: { repo: $repo, name: $name }) { __typename } }', { repo, name });
}

const redeliver = (input: Record<string, unknown>): Promise<Json> =>
  gateway.data('mutation ($input: RedeliverWebhookInput!) { redeliverWebhook(input: $input) { ... on RedeliverWebhookSuccess { delivery { id redelivery } webhook { state } } ... on Problem { code } } }', { input });

/** The branches that a receiver was told of, in order, repeats included. */
function told(to = receiver): string[] {
  return to.received.map(({ body }) => body.data.branchName);
}

describe('a delivery', () => {
  it('is signed as Standard Webhooks has it, and tells the event as the API does', async () => {
    const repo = await makeRepo();
    const { secret } = await webhook({ filter: { repos: [repo], kinds: ['BRANCH_CREATED'] } });
    await branches(repo, 'session/1');
    await vi.waitFor(() => expect(receiver.received).toHaveLength(1), PATIENCE);
    const [one] = receiver.received;
    if (one === undefined) throw new TypeError('nothing was received');
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/u);
    receiver.verify(secret, one);
    expect(() => receiver.verify(`whsec_${Buffer.alloc(32).toString('base64')}`, one)).toThrow(/signature/u);
    expect(() => receiver.verify(secret, { ...one, text: one.text.replace('session/1', 'session/2') })).toThrow(/signature/u);
    expect(one.headers).toMatchObject({ 'content-type': 'application/json', host: `127.0.0.1:${receiver.port}`, 'user-agent': 'weir-webhooks' });
    expect(one.body).toMatchObject({ type: 'BRANCH_CREATED', data: { __typename: 'BranchCreated', kind: 'BRANCH_CREATED', repoName: repo, repo: { name: repo }, branchName: 'session/1', before: null, version: 1, branch: { kind: 'SESSION' } } });
    const { node } = await gateway.data('query ($id: ID!) { node(id: $id) { ... on Event { cursor at actor } } }', { id: one.body.data.id });
    expect(one.body.data).toMatchObject(node);
    expect(one.body.timestamp).toBe(one.body.data.at);
    expect(one.headers['webhook-id']).toBe(`evt_${String(one.body.data.id).split(':').slice(1).join('_')}`);
  });

  it('tells a proposal, a review and a comment with all that a page shows of them', async () => {
    const repo = await makeRepo();
    await webhook({ filter: { repos: [repo], kinds: ['PROPOSAL_OPENED', 'PROPOSAL_COMMENTED'] } });
    await gateway.data('mutation ($repo: String!) { createBranch(input: { repo: $repo, name: "session/1" }) { __typename } createCheckpoint(input: { repo: $repo, branch: "session/1", message: "m", changes: [{ write: { path: "a", text: "a" } }] }) { __typename } openProposal(input: { repo: $repo, source: "session/1", title: "The title" }) { __typename } commentOnProposal(input: { repo: $repo, number: 1, body: "Why so?" }) { __typename } }', { repo });
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2), PATIENCE);
    expect(receiver.received.map(({ body }) => body.data)).toMatchObject([
      { __typename: 'ProposalOpened', proposal: { number: 1, title: 'The title', sourceName: 'session/1', targetName: 'main', head: { oid: expect.stringMatching(/^[0-9a-f]{40}$/u) } } },
      { __typename: 'ProposalCommented', comment: { body: 'Why so?' } },
    ]);
  });

  it('is logged with its status, its attempts and its duration, and neither with what was sent nor with what came back', async () => {
    const repo = await makeRepo();
    const { id } = await webhook({ filter: { repos: [repo], kinds: ['BRANCH_CREATED'] } });
    await branches(repo, 'session/secret-word');
    await vi.waitFor(async () => expect((await shown(id)).deliveries.nodes).toMatchObject([{ state: 'DELIVERED', attempts: 1, status: 204, note: null, redelivery: false, nextAttemptAt: null, settledAt: expect.any(String) }]), PATIENCE);
    expect((await shown(id)).lastDeliveredAt).not.toBeNull();
    expect(JSON.stringify(await shown(id))).not.toContain('secret-word');
    expect(await (await gateway.fetch('/metrics')).text()).toMatch(/weir_webhook_deliveries_total\{result="delivered"\} [1-9]/u);
  });
});

describe('what a webhook is told', () => {
  it('is what its filter says and its key may read, from the moment of its creation', async () => {
    const [mine, others] = [await makeRepo(), await makeRepo()];
    await branches(mine, 'session/before');
    const key = await gateway.createKey({ scopes: ['ADMIN'], repos: [mine], branches: ['**'], readBranches: ['session/open/**'] });
    const { id } = await webhook({ filter: { kinds: ['BRANCH_CREATED'] } }, key);
    await branches(mine, 'session/open/1', 'session/closed/1');
    await branches(others, 'session/open/2');
    await branches(mine, 'session/open/3');
    await vi.waitFor(() => expect(told()).toEqual(['session/open/1', 'session/open/3']), PATIENCE);
    // What the key may not read is not even owed: the list of deliveries would name it.
    expect((await shown(id)).deliveries.nodes).toHaveLength(2);
  });

  it('begins after a cursor where one is given, so that another webhook goes on where one was deleted', async () => {
    const repo = await makeRepo();
    const { eventCursor } = await gateway.data('{ eventCursor }');
    await branches(repo, 'session/1', 'session/2');
    await webhook({ filter: { repos: [repo], kinds: ['BRANCH_CREATED'] }, after: eventCursor });
    await vi.waitFor(() => expect(told()).toEqual(['session/1', 'session/2']), PATIENCE);
  });

  it('is not begun again by a look at what is owed that was answered before it ended', async () => {
    const [repo, other] = [await makeRepo(), await makeRepo()];
    const held: ServerResponse[] = [];
    receiver.answer((_received, response) => void held.push(response));
    const { id } = await webhook({ filter: { repos: [repo, other], kinds: ['BRANCH_CREATED'] } });
    await branches(repo, 'session/1');
    await vi.waitFor(() => expect(held).toHaveLength(1), PATIENCE);
    receiver.answer(TAKES);
    const { webhooks } = gateway.app.storage;
    const due = webhooks.due.bind(webhooks);
    const spy = vi.spyOn(webhooks, 'due').mockImplementationOnce(async (...args) => {
      const heads = await due(...args);
      held[0]?.writeHead(204).end();
      // Settled in the database, and then known to be where it was made.
      await vi.waitFor(async () => expect((await shown(id)).deliveries.nodes.some(({ state }: Json) => state === 'DELIVERED')).toBe(true), PATIENCE);
      await new Promise((resolve) => { setImmediate(resolve); });
      return heads;
    });
    await branches(other, 'session/2');
    await branches(repo, 'session/3');
    await vi.waitFor(() => expect(told().toSorted()).toEqual(['session/1', 'session/2', 'session/3']), PATIENCE);
    expect(spy).toHaveBeenCalled();
    spy.mockRestore();
  });

  it('ends when the key that made it is revoked, with a note that says so', async () => {
    const repo = await makeRepo();
    const key = await gateway.createKey({ scopes: ['ADMIN'] });
    const { id } = await webhook({ filter: { repos: [repo], kinds: ['BRANCH_CREATED'] } }, key);
    await branches(repo, 'session/1');
    await vi.waitFor(() => expect(told()).toEqual(['session/1']), PATIENCE);
    await gateway.data('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { __typename } }', { id: key.split('_')[1] });
    await branches(repo, 'session/2');
    await vi.waitFor(async () => expect(await shown(id)).toMatchObject({ state: 'STOPPED', note: expect.stringContaining('revoked') }), PATIENCE);
    expect(told()).toEqual(['session/1']);
    expect(await redeliver({ id })).toMatchObject({ redeliverWebhook: { code: 'INVALID_STATE' } });
  });

  it('ends when it is deleted', async () => {
    const [repo, other] = [await makeRepo(), await startReceiver()];
    const { id } = await webhook({ filter: { repos: [repo], kinds: ['BRANCH_CREATED'] } });
    await webhook({ url: other.url, filter: { repos: [repo], kinds: ['BRANCH_CREATED'] } });
    await gateway.data('mutation ($id: ID!) { deleteWebhook(input: { id: $id }) { __typename } }', { id });
    await branches(repo, 'session/1');
    await vi.waitFor(() => expect(told(other)).toEqual(['session/1']), PATIENCE);
    expect(receiver.received).toEqual([]);
    await other.close();
  });
});

describe('a receiver that fails', () => {
  it('is told again until it takes the event, and of later ones of that repository only then', async () => {
    const [repo, other] = [await makeRepo(), await makeRepo()];
    receiver.answer(({ body }, response) => void response.writeHead(body.data.branchName === 'session/1' && told().filter((name) => name === 'session/1').length < 2 ? 500 : 200).end());
    await webhook({ filter: { repos: [repo, other], kinds: ['BRANCH_CREATED'] } });
    await branches(repo, 'session/1', 'session/2', 'session/3');
    await branches(other, 'session/other');
    await vi.waitFor(() => expect(told()).toHaveLength(5), PATIENCE);
    expect(told().filter((name) => name !== 'session/other')).toEqual(['session/1', 'session/1', 'session/2', 'session/3']);
    expect(told().indexOf('session/other')).toBeLessThan(told().indexOf('session/2'));
    expect(new Set(receiver.ids()).size).toBe(4);
  });

  it.each([
    ['redirects', answers(302, { location: 'http://127.0.0.1:1/' }), 302, 'redirect'],
    ['refuses', answers(401), 401, '401'],
    ['never answers', () => undefined, null, 'in time'],
    ['cuts the connection', (_received: unknown, response: { destroy(): void }) => void response.destroy(), null, 'connection failed'],
  ] as const)('and %s is logged as such, and no redirect is followed', async (_does, answering, status, note) => {
    const repo = await makeRepo();
    receiver.answer(answering);
    const { id } = await webhook({ filter: { repos: [repo], kinds: ['BRANCH_CREATED'] } });
    await branches(repo, 'session/1');
    await vi.waitFor(async () => expect((await shown(id)).deliveries.nodes).toMatchObject([{ state: 'PENDING', status, note: expect.stringContaining(note), nextAttemptAt: expect.any(String) }]), PATIENCE);
  });

  it('that answers and then holds the body back has taken the event', async () => {
    const repo = await makeRepo();
    receiver.answer((_received, response) => void response.writeHead(200).write('and'));
    const { id } = await webhook({ filter: { repos: [repo], kinds: ['BRANCH_CREATED'] } });
    await branches(repo, 'session/1', 'session/2');
    await vi.waitFor(async () => expect((await shown(id)).deliveries.nodes).toMatchObject([{ state: 'DELIVERED', attempts: 1 }, { state: 'DELIVERED', attempts: 1 }]), PATIENCE);
  });

  it('with everything for the whole time is stopped with a note, owes it all, and begins again when told to', async () => {
    const repo = await makeRepo();
    receiver.answer(answers(503));
    const { id } = await webhook({ filter: { repos: [repo], kinds: ['BRANCH_CREATED'] } });
    await branches(repo, 'session/1', 'session/2');
    await vi.waitFor(async () => expect(await shown(id)).toMatchObject({ state: 'STOPPED', note: expect.stringContaining('503'), deliveries: { nodes: [{ state: 'PENDING', attempts: 0 }, { state: 'PENDING' }] } }), PATIENCE);
    const before = receiver.received.length;
    expect(before).toBeGreaterThan(1);
    receiver.answer(TAKES);
    await branches(repo, 'session/3');
    expect(await redeliver({ id })).toMatchObject({ redeliverWebhook: { delivery: null, webhook: { state: 'ACTIVE' } } });
    await vi.waitFor(() => expect(told().slice(before)).toEqual(['session/1', 'session/2', 'session/3']), PATIENCE);
  });

  it('with one event alone gives that up, and the rest of the repository goes on', async () => {
    const [repo, other] = [await makeRepo(), await makeRepo()];
    receiver.answer(({ body }, response) => void response.writeHead(body.data.branchName === 'session/poison' ? 500 : 200).end());
    const { id } = await webhook({ filter: { repos: [repo, other], kinds: ['BRANCH_CREATED'] } });
    await branches(repo, 'session/poison', 'session/2');
    await vi.waitFor(() => expect(told()).toContain('session/poison'), PATIENCE);
    await branches(other, 'session/alive');
    await vi.waitFor(() => expect(told()).toContain('session/2'), PATIENCE);
    const { state, deliveries } = await shown(id);
    expect([state, deliveries.nodes.find((each: Json) => each.state === 'FAILED')]).toMatchObject(['ACTIVE', { status: 500 }]);
  });

  it('with 410 is asked no more', async () => {
    const repo = await makeRepo();
    receiver.answer(answers(410));
    const { id } = await webhook({ filter: { repos: [repo], kinds: ['BRANCH_CREATED'] } });
    await branches(repo, 'session/1');
    await vi.waitFor(async () => expect(await shown(id)).toMatchObject({ state: 'STOPPED', note: expect.stringContaining('410') }), PATIENCE);
    expect(receiver.received).toHaveLength(1);
  });

  it('by never answering does not hold back another one', async () => {
    const names = Array.from({ length: 20 }, (_, number) => `session/${number}`);
    const [repo, other] = [await makeRepo(), await startReceiver()];
    receiver.answer(() => undefined);
    await Promise.all(Array.from({ length: 30 }, () => webhook({ filter: { repos: [repo], kinds: ['BRANCH_CREATED'] } })));
    await webhook({ url: other.url, filter: { repos: [repo], kinds: ['BRANCH_CREATED'] } });
    await branches(repo, ...names);
    await vi.waitFor(() => expect(told(other)).toEqual(names), { timeout: 10_000, interval: 20 });
    await other.close();
  });
});

describe('redelivery', () => {
  it('sends one event once more under the same id, whatever became of it', async () => {
    const repo = await makeRepo();
    const { id } = await webhook({ filter: { repos: [repo], kinds: ['BRANCH_CREATED'] } });
    await branches(repo, 'session/1', 'session/2');
    await vi.waitFor(async () => expect((await shown(id)).deliveries.nodes).toMatchObject([{ state: 'DELIVERED' }, { state: 'DELIVERED' }]), PATIENCE);
    const delivery = (await shown(id)).deliveries.nodes[1].id;
    expect(await redeliver({ id, delivery })).toMatchObject({ redeliverWebhook: { delivery: { redelivery: true } } });
    await vi.waitFor(() => expect(told()).toEqual(['session/1', 'session/2', 'session/1']), PATIENCE);
    const [first, , again] = receiver.ids();
    expect(again).toBe(first);
  });

  it('of what is owed anyway is refused', async () => {
    const repo = await makeRepo();
    receiver.answer(answers(500));
    const { id } = await webhook({ filter: { repos: [repo], kinds: ['BRANCH_CREATED'] } });
    await branches(repo, 'session/1');
    await vi.waitFor(async () => expect((await shown(id)).deliveries.nodes).toHaveLength(1), PATIENCE);
    expect(await redeliver({ id, delivery: (await shown(id)).deliveries.nodes[0].id })).toMatchObject({ redeliverWebhook: { code: 'INVALID_STATE' } });
  });
});
