import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';
import { behindMain, BRANCH, REPEATABLE_VERBS, undone, workedOn, type RepeatableVerb } from './support/repeatable-verbs.js';
import { callVerb, inputMembers, mutations, type Input, type Told } from './support/verb-caller.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld({ settings: { WEIR_IMPORT_HOSTS: 'source.example', WEIR_MIRROR_HOSTS: 'mirror.example' } });
});
afterAll(() => world.close());

const MISMATCH = { __typename: 'InvalidInput', code: 'INVALID_INPUT', field: 'idempotencyKey', rule: 'idempotency-key/mismatch' };

let keys = 0;

function logLength(): Promise<number> {
  return world.count((sql) => sql`select count(*) from operation`);
}

function remembered(idempotencyKey: unknown): Promise<number> {
  return world.count((sql) => sql`select count(*) from idempotency where idempotency_key = ${String(idempotencyKey)}`);
}

/** All that an answer tells but the secret, which is told once. */
function withoutSecret({ secret: _told, ...rest }: Told): Told {
  return rest;
}

/** What a call came to, as a row of the table says it: work of its own, nothing left to do, or the code of a refusal. */
function cameTo({ code, operation }: Told, first: Told): unknown {
  if (code !== undefined) return code;
  if (operation === null) return 'nothing';
  return JSON.stringify(operation) === JSON.stringify(first['operation']) ? 'replayed' : 'own';
}

function repeat({ mutation, actor = 'agent', key }: RepeatableVerb, input: Input, other = false): Promise<Told> {
  return callVerb(world, actor, mutation, input, other ? { ...key, id: 'anotherkey00' } : key);
}

/** An input that succeeds, under an idempotency key that nobody has used. */
async function prepared(verb: RepeatableVerb): Promise<Input> {
  return { ...(await verb.prepare(world)), idempotencyKey: `${verb.mutation}-${++keys}` };
}

const ROWS = REPEATABLE_VERBS.map((verb) => [verb.mutation, verb] as const);

describe('an idempotency key', () => {
  it('is tried on every mutation that takes one', () => {
    const takers = Object.keys(mutations()).filter((name) => inputMembers(name).includes('idempotencyKey'));
    expect(REPEATABLE_VERBS.map(({ mutation }) => mutation).sort()).toEqual(takers.sort());
    expect(takers.length).toBeGreaterThan(20);
  });

  it.each(ROWS)('makes %s happen once, however often and at once it is called', async (_name, verb) => {
    const input = await prepared(verb);
    const { anew, logs = 1 } = verb;
    const before = await logLength();
    const [first = {}, rival = {}] = await Promise.all([repeat(verb, input), repeat(verb, input)]);
    expect(first['__typename']).toMatch(/Success$/u);
    expect(first['operation']).toMatchObject({ __typename: 'Operation' });
    expect(withoutSecret(rival)).toEqual(withoutSecret(first));
    expect(await logLength()).toBe(before + logs);
    const state = await world.census();
    expect(withoutSecret(await repeat(verb, input))).toEqual(withoutSecret(first));
    expect(await repeat(verb, { ...input, ...verb.other })).toMatchObject(MISMATCH);
    expect(await world.census()).toEqual(state);

    const own = await repeat(verb, input, true);
    expect(cameTo(own, first)).toBe(anew);
    expect(await logLength()).toBe(before + (anew === 'own' ? 2 : 1) * logs);
    // Neither a refusal nor an answer without work is kept.
    expect(await remembered(input['idempotencyKey'])).toBe(anew === 'own' ? 2 : 1);
    expect(withoutSecret(await repeat(verb, input))).toEqual(withoutSecret(first));
  });

  it('does not make two mutations of one', async () => {
    const { repo } = await world.proposed();
    const input = { repo, number: 1, idempotencyKey: 'of-two-verbs' };
    expect(await callVerb(world, 'agent', 'closeProposal', input)).toMatchObject({ __typename: 'CloseProposalSuccess' });
    expect(await callVerb(world, 'agent', 'reopenProposal', input)).toMatchObject(MISMATCH);
  });

  it('has a secret told once, and to one of two that call at once', async () => {
    const [verb] = REPEATABLE_VERBS.filter(({ mutation }) => mutation === 'createApiKey');
    if (verb === undefined) throw new TypeError('no row for createApiKey');
    const input = await prepared(verb);
    const told = await Promise.all([repeat(verb, input), repeat(verb, input)]);
    expect(told.filter(({ secret }) => typeof secret === 'string' && secret !== '')).toHaveLength(1);
    expect(told.filter(({ secret }) => secret === null)).toHaveLength(1);
    expect(await repeat(verb, input)).toMatchObject({ __typename: 'CreateApiKeySuccess', secret: null });
    const secret = told.map((answer) => answer['secret']).find((value) => value !== null);
    expect(await world.count((sql) => sql`select count(*) from idempotency as t where position(${String(secret)} in t::text) > 0`)).toBe(0);
  });

  it('answers with the first outcome where that is committed while the repeated call is already at work', async () => {
    const { repo } = await workedOn(world);
    const input = { repo, name: BRANCH, idempotencyKey: 'overtaken' };
    let firstReceipt: unknown;
    const request = world.as('agent');
    const storage = new Proxy(request.gateway.storage, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        if (name !== 'replay') return member.bind(target);
        return async (...call: unknown[]) => {
          const known: unknown = await Reflect.apply(member, target, call);
          // The repeated call has seen no outcome; from here on there is one.
          firstReceipt ??= receiptOf(await deleteBranch(world.as('agent'), input));
          return known;
        };
      },
    });
    const late = await deleteBranch({ ...request, gateway: { ...request.gateway, storage } }, input);
    expect(late).toEqual({ ok: true, replayed: true, receipt: firstReceipt });
  });

  it('keeps no refusal: once its cause is gone, the same call succeeds', async () => {
    const { repo } = await workedOn(world);
    const input = { repo, name: BRANCH, idempotencyKey: 'refused-first' };
    const refused = await world.withoutTrace(() => callVerb(world, 'agent', 'createBranch', input));
    expect(refused).toMatchObject({ code: 'NAME_TAKEN' });
    expect(await callVerb(world, 'agent', 'deleteBranch', { repo, name: BRANCH })).toMatchObject({ __typename: 'DeleteBranchSuccess' });
    const done = await callVerb(world, 'agent', 'createBranch', input);
    expect(done).toMatchObject({ __typename: 'CreateBranchSuccess' });
    expect(await callVerb(world, 'agent', 'createBranch', input)).toEqual(done);
  });

  it('is remembered for 7 days, and forgotten then', async () => {
    const { repo } = await world.proposed();
    const input = { repo, number: 1, body: 'Why?', idempotencyKey: 'aged' };
    const age = (hours: number): Promise<number> => world.count((sql) => sql`update idempotency set created_at = now() - ${hours} * interval '1 hour' where idempotency_key = 'aged' returning 1 as count`);
    const first = await callVerb(world, 'reviewer', 'commentOnProposal', input);
    expect(await age(7 * 24 - 1)).toBe(1);
    expect(await callVerb(world, 'reviewer', 'commentOnProposal', input)).toEqual(first);
    expect(await age(7 * 24)).toBe(1);
    const anew = await callVerb(world, 'reviewer', 'commentOnProposal', input);
    expect(cameTo(anew, first)).toBe('own');
    // Remembered from its own moment on.
    expect(await callVerb(world, 'reviewer', 'commentOnProposal', input)).toEqual(anew);
    expect(await age(7 * 24)).toBe(1);
    expect(await callVerb(world, 'reviewer', 'commentOnProposal', { ...input, body: 'Other' })).toMatchObject({ __typename: 'CommentOnProposalSuccess' });
  });
});

const branch = BRANCH;

/** The verbs of one branch, on the branch that they expect to stand where it stood; the input but for what is expected. */
const EXPECTING: Readonly<Record<string, { readonly make: typeof workedOn; readonly input: Input }>> = {
  createCheckpoint: { make: workedOn, input: { branch, message: 'late', changes: [{ write: { path: 'late', text: 'late' } }] } },
  deleteBranch: { make: workedOn, input: { name: BRANCH } },
  undo: { make: workedOn, input: { branch } },
  redo: { make: undone, input: { branch } },
  restore: { make: workedOn, input: { branch, to: `checkpoint:1@${BRANCH}` } },
  revertRun: { make: workedOn, input: { branch, runId: 'run-1' } },
  refreshBranch: { make: behindMain, input: { name: BRANCH } },
};

describe('a branch that has moved since the caller looked', () => {
  it('is tried with every verb that expects a head and a version', () => {
    const takers = Object.keys(mutations()).filter((name) => ['expectedHead', 'expectedVersion'].every((member) => inputMembers(name).includes(member)));
    expect(Object.keys(EXPECTING).sort()).toEqual(takers.sort());
  });

  it.each(Object.entries(EXPECTING))('is told to %s with its head, its version and what moved it', async (mutation, { make, input }) => {
    const { repo, repoId } = await make(world);
    const seen = await world.branch(repoId, BRANCH);
    await world.put('rival', repo, BRANCH, 'rival', 'rival\n');
    const now = await world.branch(repoId, BRANCH);
    const moved = { edges: [{ node: { kind: 'CREATE_CHECKPOINT', refs: [{ branchName: BRANCH, before: seen.head, after: now.head }] } }] };
    const stale = { __typename: 'StaleHead', code: 'STALE_HEAD', actualHead: now.head, actualVersion: now.version, since: moved };
    const byHead = await world.withoutTrace(() => callVerb(world, 'agent', mutation, { repo, ...input, expectedHead: seen.head }));
    expect(byHead).toMatchObject({ ...stale, expectedHead: seen.head, expectedVersion: null });
    const byVersion = await world.withoutTrace(() => callVerb(world, 'agent', mutation, { repo, ...input, expectedVersion: seen.version }));
    expect(byVersion).toMatchObject({ ...stale, expectedHead: null, expectedVersion: seen.version });
  });
});
