import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mainThreadMs } from '../support/main-thread.js';
import { startGateway, type TestGateway } from '../support/gateway.js';
import type { Attack, AttackRequest } from './attacks/attack.js';
import { DOCUMENT_ATTACKS } from './attacks/documents.js';
import { INPUT_ATTACKS } from './attacks/inputs.js';
import { SELECTION_ATTACKS } from './attacks/selections.js';

/** The list grows: whatever is found to cost much and to be refused late belongs into it. */
const ATTACKS: readonly Attack[] = [...DOCUMENT_ATTACKS, ...SELECTION_ATTACKS, ...INPUT_ATTACKS];

/** How much time of the main thread an attack may take, in operations that ask for nothing. */
const MOST = 20;

/** What a refusal may say; anything else was answered, or broke something. */
const REFUSALS = ['BUDGET_EXCEEDED', 'INVALID_ARGUMENT', 'GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED'];

const NOTHING: AttackRequest = { method: 'POST', path: '/graphql', headers: { 'content-type': 'application/json' }, body: '{"query":"{ __typename }"}' };

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
  for (let warm = 0; warm < 500; warm++) await answer(NOTHING);
});
afterAll(() => gateway.close());

/** Only what the edge does counts, not making the request. */
function request({ method, path, headers, body }: AttackRequest): Request {
  return new Request(`http://gateway.test${path}`, { method, headers: { ...headers, authorization: `Bearer ${gateway.adminKey}` }, body: body === null ? null : Buffer.from(body) });
}

async function answer(attack: AttackRequest): Promise<{ readonly status: number; readonly text: string }> {
  const response = await gateway.server.fetch(request(attack));
  return { status: response.status, text: await response.text() };
}

/** Processor time of the main thread in milliseconds: what others wait for. Garbage is collected beside it. */
async function costOf(work: () => Promise<unknown>): Promise<number> {
  const before = mainThreadMs();
  await work();
  return mainThreadMs() - before;
}

async function median(times: number, measure: () => Promise<number>): Promise<number> {
  const costs: number[] = [];
  for (let at = 0; at < times; at++) costs.push(await measure());
  return costs.toSorted((a, b) => a - b)[times >> 1] ?? 0;
}

/** Measured next to each attack: a machine that is slow now is slow for both. */
function costOfNothing(): Promise<number> {
  return median(3, async () => (await costOf(async () => { for (let at = 0; at < 5; at++) await answer(NOTHING); })) / 5);
}

function attackCost(attack: AttackRequest): Promise<number> {
  return median(5, async () => {
    const made = request(attack);
    return costOf(async () => (await gateway.server.fetch(made)).text());
  });
}

describe('attacks', () => {
  it('are more than 300, each with a name of its own', () => {
    expect(new Set(ATTACKS.map(({ name }) => name)).size).toBe(ATTACKS.length);
    expect(ATTACKS.length).toBeGreaterThan(300);
  });

  it.each(ATTACKS.map(({ name, request: attack }) => [name, attack] as const))('%s', async (_name, attack) => {
    const { status, text } = await answer(attack);
    expect(status).toBeLessThan(500);
    const { data, errors } = JSON.parse(text);
    expect(Object.values(data ?? {}).filter((value) => value !== null)).toEqual([]);
    expect(REFUSALS).toContain(errors[0].extensions.code);
    expect(text.length).toBeLessThan(10_000);
    // A collection of garbage, or a neighbour of the processor's caches, may fall into one measure; not into each.
    let least = Infinity;
    for (let measure = 0; measure < 6 && least > MOST; measure++) least = Math.min(least, (await attackCost(attack)) / (await costOfNothing()));
    expect(least).toBeLessThanOrEqual(MOST);
  });
});
