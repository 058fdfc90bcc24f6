import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticate } from '../../src/auth/authenticate.js';
import { authorize } from '../../src/auth/authorize.js';
import { ACTIONS, type Action } from '../../src/auth/actions.js';
import { DERIVED_DEPTH, SCOPES, type ApiKeyRecord } from '../../src/domain/api-key.js';
import type { Problem } from '../../src/domain/problem.js';
import { createApiKey } from '../../src/operations/api-key/create-api-key.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { deriveApiKey } from '../../src/operations/api-key/derive-api-key.js';
import type { DeriveApiKeyInput } from '../../src/operations/inputs.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { readApiKey } from '../../src/operations/reading/admin/read-keys.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { revokeApiKey } from '../../src/operations/api-key/revoke-api-key.js';
import { updateProposal } from '../../src/operations/proposal/update-proposal.js';
import type { Request } from '../../src/operations/request.js';
import { fc } from '../support/fast-check.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

const HOUR_MS = 3_600_000;
/** The same for all, since no derived key may outlive the one it comes from. */
const SOON = new Date(Date.now() + HOUR_MS);
const NARROW: Partial<ApiKeyRecord> = { scopes: ['READ', 'WRITE', 'ACT_AS'], repos: ['team/*'], branches: ['session/**'], readBranches: ['main', 'session/**'], paths: ['src/**'], actAs: ['user/*'] };

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

function input(more: Partial<DeriveApiKeyInput> = {}): DeriveApiKeyInput {
  return { name: 'run', scopes: ['READ'], expiresAt: SOON, ...more };
}

/** A key in the database, and a request by it. */
async function parent(traits: Partial<ApiKeyRecord> = NARROW): Promise<ApiKeyRecord> {
  const { scopes = ['READ'], repos = ['**'], branches = ['**'], readBranches = ['**'], paths = ['**'], actAs = [], actor = 'parent', labels = [], expiresAt = null } = traits;
  const { outcome } = await createApiKey(world.as('admin', { scopes: ['ADMIN'] }), { name: 'parent', scopes, repos, branches, readBranches, paths, actAs, actor, labels, expiresAt });
  return stored(receiptOf(outcome).keyId);
}

async function stored(id: string): Promise<ApiKeyRecord> {
  const key = await world.app.storage.reader().apiKey(id);
  if (key === null) throw new TypeError(`the key ${id} is not there`);
  return key;
}

function by(key: ApiKeyRecord, actor = key.actor): Request {
  return world.as(actor, key);
}

async function derived(from: ApiKeyRecord, more: Partial<DeriveApiKeyInput> = {}, actor = from.actor): Promise<ApiKeyRecord> {
  return stored(receiptOf((await deriveApiKey(by(from, actor), input(more))).outcome).keyId);
}

async function refusalOf(from: ApiKeyRecord, more: Partial<DeriveApiKeyInput>): Promise<Problem> {
  const { outcome, secret } = await world.withoutTrace(() => deriveApiKey(by(from), input(more)));
  expect(secret).toBeNull();
  return problemOf(outcome);
}

describe('a derived key', () => {
  it('is what it comes from, but for what was narrowed, and its secret is answered once', async () => {
    const from = await parent();
    const expiresAt = new Date(Date.now() + HOUR_MS);
    const { outcome, secret } = await deriveApiKey(by(from), input({ branches: ['session/7'], labels: [{ key: 'Run', value: '7' }], expiresAt }));
    const { keyId, operation } = receiptOf(outcome);
    expect(await stored(keyId)).toMatchObject({
      name: 'run', scopes: ['READ'], repos: ['team/*'], branches: ['session/7'], readBranches: ['main', 'session/**'], paths: ['src/**'], actAs: [], actor: 'parent', createdBy: 'parent', expiresAt,
      labels: [{ key: 'Run', value: '7' }], lineage: [from.id],
    });
    const admitted = await authenticate({ key: secret, actor: null }, world.app.storage);
    expect(admitted).toMatchObject({ ok: true, viewer: { key: { id: keyId }, actor: 'parent' } });
    expect(await world.operation(operation)).toMatchObject({ stream: 0, kind: 'CREATE_KEY', actor: 'parent', keyId: from.id, subject: { type: 'ApiKey', id: keyId } });
    expect(JSON.stringify([await stored(keyId), outcome])).not.toContain(secret?.slice(-43));
    await world.expectWholeLog(0);
  });

  it('speaks for the person that the asking key acts for', async () => {
    const from = await parent();
    expect(await derived(from, {}, 'user/ada')).toMatchObject({ actor: 'user/ada', createdBy: 'user/ada' });
  });

  it('is made once when the call is repeated, and its secret is not told again', async () => {
    const from = await parent();
    const call = input({ idempotencyKey: 'derive-1' });
    const first = await deriveApiKey(by(from), call);
    expect(await world.withoutTrace(() => deriveApiKey(by(from), call))).toEqual({ outcome: { ok: true, replayed: true, receipt: receiptOf(first.outcome) }, secret: null });
  });

  it('may derive others in turn, so often and no more', async () => {
    let key = await parent();
    for (let depth = 0; depth < DERIVED_DEPTH; depth++) key = await derived(key);
    expect(await refusalOf(key, {})).toMatchObject({ code: 'INVALID_INPUT', field: 'scopes' });
  });

  it('ends with the key it comes from, and no other', async () => {
    const [from, other] = [await parent(), await parent()];
    const keys = [await derived(from), await derived(await derived(from)), await derived(other)];
    receiptOf(await revokeApiKey(world.as('admin', { scopes: ['ADMIN'] }), { id: from.id }));
    expect(await Promise.all(keys.map(async ({ id }) => (await world.app.storage.liveKey(id)) !== null))).toEqual([false, false, true]);
    const { outcome } = await world.withoutTrace(() => deriveApiKey(by(from), input()));
    expect(problemOf(outcome).code).toBe('NOT_FOUND');
  });

  it('is seen and ended by the key it comes from, without ADMIN, and by no other', async () => {
    const [from, other] = [await parent(), await parent()];
    const key = await derived(await derived(from));
    expect([(await readApiKey(by(from), key.id))?.id, await readApiKey(by(other), key.id), await readApiKey(by(key), from.id)]).toEqual([key.id, null, null]);
    for (const each of [by(other), by(await derived(from))]) expect(problemOf(await revokeApiKey(each, { id: key.id }))).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
    receiptOf(await revokeApiKey(by(from), { id: key.id }));
    expect(await world.app.storage.liveKey(key.id)).toBeNull();
    expect(problemOf(await revokeApiKey(by(from), { id: from.id }))).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
  });
});

describe('no key is derived', () => {
  it.each<readonly [string, Partial<DeriveApiKeyInput>]>([
    ['repos', { repos: ['**'] }],
    ['branches', { branches: ['main'] }],
    ['readBranches', { readBranches: ['**'] }],
    ['paths', { paths: ['src/**', 'docs/**'] }],
    ['actAs', { actAs: ['root'] }],
  ])('whose %s reach further', async (globs, more) => {
    const problem = await refusalOf(await parent(), more);
    expect(problem).toMatchObject({ code: 'FORBIDDEN', needs: null });
    expect(problem.message).toContain(`"${globs}"`);
  });

  it.each(SCOPES.filter((scope) => !(NARROW.scopes ?? []).includes(scope)))('with %s, which the asking key does not hold', async (scope) => {
    expect(await refusalOf(await parent(), { scopes: ['READ', scope] })).toMatchObject({ code: 'FORBIDDEN', needs: scope });
  });

  it('without READ, whatever else the asking key holds', async () => {
    expect(await refusalOf(await parent({ scopes: ['WRITE', 'REVIEW'] }), { scopes: ['WRITE'] })).toMatchObject({ code: 'FORBIDDEN', needs: 'READ' });
  });

  it('with ADMIN, even by a key that holds it', async () => {
    expect(await refusalOf(await parent({ scopes: ['ADMIN'] }), { scopes: ['ADMIN'] })).toMatchObject({ code: 'INVALID_INPUT', field: 'scopes' });
  });

  it('that lives longer than the asking key, or than the server allows, or not at all', async () => {
    const soon = new Date(Date.now() + HOUR_MS / 2);
    expect(await refusalOf(await parent({ ...NARROW, expiresAt: soon }), {})).toMatchObject({ code: 'INVALID_INPUT', field: 'expiresAt' });
    expect((await derived(await parent({ ...NARROW, expiresAt: soon }), { expiresAt: soon })).expiresAt).toEqual(soon);
    const from = await parent();
    for (const expiresAt of [new Date(Date.now() + 8 * 24 * HOUR_MS), new Date(Date.now() - 1)]) expect(await refusalOf(from, { expiresAt })).toMatchObject({ code: 'INVALID_INPUT', field: 'expiresAt' });
  });

  it.each<readonly [string, Partial<DeriveApiKeyInput>, string]>([
    ['without a name', { name: '' }, 'name'],
    ['without a scope', { scopes: [] }, 'scopes'],
    ['with an empty glob', { branches: [''] }, 'branches[0]'],
    ['with more globs than a request should try', { paths: Array.from({ length: 101 }, () => 'src/a') }, 'paths'],
    ['with a label twice', { labels: [{ key: 'a', value: '' }, { key: 'a', value: '' }] }, 'labels[1].key'],
  ])('%s', async (_, more, field) => {
    expect(await refusalOf(await parent(), more)).toMatchObject({ code: 'INVALID_INPUT', field });
  });
});

describe('whatever is derived', () => {
  const glob = fc.constantFrom('**', 'a', 'a/*', 'a/**', 'a/b', '*', 'b');
  const globs = fc.array(glob, { minLength: 1, maxLength: 2 });
  const reach = fc.record({ scopes: fc.subarray([...SCOPES], { minLength: 2 }), repos: globs, branches: globs, readBranches: globs, paths: globs, actAs: globs });
  // Left out, narrowed, or something else altogether: about every fifth may be derived.
  const other = (list: readonly string[]): fc.Arbitrary<readonly string[] | null> => fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 2, arbitrary: fc.subarray([...list], { minLength: 1 }) }, globs);
  const pair = reach.chain((of) =>
    fc.tuple(fc.constant(of), fc.record({ scopes: fc.subarray([...of.scopes], { minLength: 1 }), repos: other(of.repos), branches: other(of.branches), readBranches: other(of.readBranches), paths: other(of.paths) })),
  );
  const target = fc.record({ repoName: glob, branchName: glob, paths: fc.array(glob, { maxLength: 1 }) });
  const actions = fc.constantFrom<Action>(...(Object.keys(ACTIONS).filter((name): name is Action => name in ACTIONS)));

  it('may do nothing that the asking key may not', async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(pair, fc.array(fc.tuple(actions, target), { minLength: 20, maxLength: 20 }), async ([of, wanted], tries) => {
        const from = await parent(of);
        const { outcome } = await deriveApiKey(by(from), input(wanted));
        if (!outcome.ok) return;
        made += 1;
        const key = await stored(outcome.receipt.keyId);
        const allowed = (who: ApiKeyRecord): boolean[] => tries.map(([action, where]) => authorize(by(who).viewer, action, where) === null);
        const before = allowed(from);
        expect(allowed(key).filter((may, at) => may && before[at] !== true)).toEqual([]);
      }),
      { numRuns: 100 },
    );
    expect(made).toBeGreaterThan(10);
  });
});

describe('work', () => {
  it('is one key’s with all that is derived from it: nobody approves their own under another name', async () => {
    const { repo, proposalId } = await world.proposed();
    const from = await parent({ scopes: ['READ', 'WRITE', 'PROPOSE', 'REVIEW', 'ACT_AS'], actAs: ['user/*'] });
    const [writer, reviewer] = [await derived(from, { scopes: ['READ', 'WRITE', 'PROPOSE'] }, 'user/ada'), await derived(from, { scopes: ['READ', 'REVIEW'] }, 'user/bob')];
    receiptOf(await createCheckpoint(by(writer), { repo, branch: 'session/1', message: 'More', changes: [{ write: { path: 'more.txt', text: 'more\n' } }] }));
    const { head } = await world.proposal(proposalId);
    for (const each of [by(reviewer), by(from, 'user/eve'), by(writer, 'user/eve')]) {
      expect(problemOf(await reviewProposal(world.as(each.viewer.actor, { ...each.viewer.key, scopes: ['READ', 'REVIEW'] }), { repo, number: 1, verdict: 'APPROVE', head }))).toMatchObject({ code: 'FORBIDDEN' });
    }
    receiptOf(await reviewProposal(world.as('reviewer'), { repo, number: 1, verdict: 'APPROVE', head }));
  });

  it('can be tended by another key of the same family, and the log names the very key', async () => {
    const made = await world.repo();
    await world.worked(made.repo, 'session/1');
    const from = await parent({ scopes: ['READ', 'PROPOSE', 'ACT_AS'], actAs: ['user/*'] });
    const [first, second] = [await derived(from, { scopes: ['READ', 'PROPOSE'] }, 'user/ada'), await derived(from, { scopes: ['READ', 'PROPOSE'] }, 'user/bob')];
    const { operation } = receiptOf(await openProposal(by(first), { repo: made.repo, source: 'session/1', title: 'Work' }));
    expect(await world.operation(operation)).toMatchObject({ actor: 'user/ada', keyId: first.id });
    receiptOf(await updateProposal(by(second), { repo: made.repo, number: 1, title: 'Better' }));
    const stranger = await derived(await parent({ scopes: ['READ', 'PROPOSE'], actor: 'eve' }), { scopes: ['READ', 'PROPOSE'] });
    expect(problemOf(await updateProposal(by(stranger), { repo: made.repo, number: 1, title: 'Worse' }))).toMatchObject({ code: 'FORBIDDEN' });
  });
});
