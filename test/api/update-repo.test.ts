import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import type { OperationKind } from '../../src/domain/operation.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import type { UpdateRepoInput } from '../../src/operations/inputs.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { updateRepo } from '../../src/operations/repo/update-repo.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const admin = (): ReturnType<VerbWorld['as']> => world.as('admin', { scopes: ['ADMIN'] });
const repoById = (id: number) => world.app.storage.reader().repo(id);

describe('a repository that is changed', () => {
  it('has what it was given and keeps the rest, and counts its version', async () => {
    const { repo, repoId } = await world.repo();
    const { operation } = receiptOf(await updateRepo(admin(), { repo, description: 'An app', labels: [{ key: 'Tier', value: 'gold' }], settings: { approvalsRequired: 2 } }));
    expect(await repoById(repoId)).toMatchObject({ name: repo, description: 'An app', labels: [{ key: 'Tier', value: 'gold' }], defaultBranch: 'main', settings: { approvalsRequired: 2 }, version: 2 });
    expect(await world.operation(operation)).toMatchObject({
      kind: 'UPDATE_REPO', actor: 'admin', refs: [], subject: { type: 'Repo', id: repoId },
      events: [{ kind: 'REPO_UPDATED', repoName: repo, changed: ['description', 'labels', 'settings.approvalsRequired'], settings: { approvalsRequired: 2 } }],
    });
    receiptOf(await updateRepo(admin(), { repo, description: null, labels: null, settings: null }));
    receiptOf(await updateRepo(admin(), { repo, description: '', settings: { approvalsRequired: null } }));
    expect(await repoById(repoId)).toMatchObject({ description: null, labels: [{ key: 'Tier', value: 'gold' }], settings: { approvalsRequired: 2 } });
    await world.expectWholeLog(repoId);
  });

  it('tells subscribers nothing where all is as it was, and still answers', async () => {
    const { repo, repoId } = await world.repo();
    const { operation } = receiptOf(await updateRepo(admin(), { repo, name: repo, description: '', labels: [], defaultBranch: 'main', settings: { approvalsRequired: 1 } }));
    expect((await world.operation(operation)).events).toEqual([]);
    expect(await repoById(repoId)).toMatchObject({ name: repo, description: null, labels: [], defaultBranch: 'main', settings: { approvalsRequired: 1 } });
  });

  it('is the same repository under a new name, and leaves its old one to others', async () => {
    const { repo, repoId } = await world.repo();
    const { operation } = receiptOf(await updateRepo(admin(), { repo: encodeGlobalId({ type: 'Repo', id: repoId }), name: `renamed/${repo}` }));
    expect((await world.operation(operation)).events).toEqual([{ kind: 'REPO_UPDATED', repoName: `renamed/${repo}`, changed: ['name'], previousName: repo }]);
    expect(await world.app.storage.reader().repoByName(repo)).toBeNull();
    await world.worked(`renamed/${repo}`, 'session/1');
    const { repoId: other } = receiptOf(await createRepo(world.as('owner'), { name: repo }));
    expect(other).not.toBe(repoId);
    expect(problemOf(await world.withoutTrace(() => updateRepo(admin(), { repo: `renamed/${repo}`, name: repo })))).toMatchObject({ code: 'NAME_TAKEN', name: repo });
  });

  it('gives one name to one of several that want it at once, new ones included', async () => {
    const rivals = await Promise.all([world.repo(), world.repo(), world.repo()]);
    const outcomes = await Promise.all([...rivals.map(({ repo }) => updateRepo(admin(), { repo, name: 'wanted' })), createRepo(world.as('owner'), { name: 'wanted' })]);
    expect(tally(outcomes)).toEqual({ done: 1, refused: ['NAME_TAKEN', 'NAME_TAKEN', 'NAME_TAKEN'] });
  });

  it('has another default branch, which then cannot be deleted, while the former one can', async () => {
    const { repo, repoId } = await world.repo();
    await world.worked(repo, 'trunk');
    receiptOf(await updateRepo(admin(), { repo, defaultBranch: 'trunk' }));
    expect(await repoById(repoId)).toMatchObject({ defaultBranch: 'trunk' });
    expect(problemOf(await deleteBranch(world.as('owner'), { repo, name: 'trunk' }))).toMatchObject({ code: 'PROTECTED_BRANCH' });
    receiptOf(await deleteBranch(world.as('owner'), { repo, name: 'main' }));
  });

  it('never has a default branch that is deleted, whoever comes first', async () => {
    const { repo, repoId } = await world.repo();
    for (let round = 0; round < 8; round++) {
      const name = `trunk-${round}`;
      receiptOf(await createBranch(world.as('agent'), { repo, name }));
      await Promise.all([updateRepo(admin(), { repo, defaultBranch: name }), deleteBranch(world.as('agent'), { repo, name })]);
      const { defaultBranch } = (await repoById(repoId)) ?? { defaultBranch: '' };
      expect(await world.app.storage.reader().branchByName(repoId, defaultBranch)).not.toBeNull();
    }
  });

  it('lets nothing be committed by the rules that it had before', async () => {
    const { repo, repoId, head } = await world.proposed();
    receiptOf(await updateRepo(admin(), { repo, settings: { approvalsRequired: 0 } }));
    const [merged, raised] = await Promise.all([
      mergeProposal(world.as('owner'), { repo, number: 1, expectedHead: head }),
      updateRepo(admin(), { repo, settings: { approvalsRequired: 1 } }),
    ]);
    expect(raised.ok).toBe(true);
    const kinds = await kindsOf(repoId);
    // The merge is in the log before the raise, or not at all.
    expect(merged.ok ? kinds.indexOf('MERGE_PROPOSAL') < kinds.lastIndexOf('UPDATE_REPO') : merged.problem.code).toBe(merged.ok || 'RULES_UNMET');
  });

  it('is changed once when the call is repeated', async () => {
    const { repo, repoId } = await world.repo();
    const input = { repo, description: 'once', expectedVersion: 1, idempotencyKey: 'once' };
    const first = receiptOf(await updateRepo(admin(), input));
    expect(await world.withoutTrace(() => updateRepo(admin(), input))).toEqual({ ok: true, replayed: true, receipt: first });
    expect(await repoById(repoId)).toMatchObject({ version: 2 });
  });

  it('is changed by one of several callers who expect the same version', async () => {
    const { repo, repoId } = await world.repo();
    const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map((description) => updateRepo(admin(), { repo, description, expectedVersion: 1 })));
    expect(tally(outcomes)).toEqual({ done: 1, refused: ['STALE_HEAD', 'STALE_HEAD', 'STALE_HEAD'] });
    expect(outcomes.find(({ ok }) => !ok)).toMatchObject({ problem: { branchId: null, expectedVersion: 1, actualVersion: 2 } });
    expect(await repoById(repoId)).toMatchObject({ version: 2 });
    await Promise.all(['e', 'f', 'g', 'h'].map(async (description) => receiptOf(await updateRepo(admin(), { repo, description }))));
    expect(await repoById(repoId)).toMatchObject({ version: 6 });
    await world.expectWholeLog(repoId);
  });
});

describe('no repository is changed', () => {
  let repo: string;

  beforeAll(async () => {
    ({ repo } = await world.repo());
  });

  it.each<readonly [string, Partial<UpdateRepoInput>, string]>([
    ['to an empty name', { name: '' }, 'name'],
    ['to a name in capitals', { name: 'App' }, 'name'],
    ['to a description of 5,000 bytes', { description: 'x'.repeat(5_000) }, 'description'],
    ['to a label of two lines', { labels: [{ key: 'Tier', value: 'a\nb' }] }, 'labels[0].value'],
    ['to fewer than no approvals', { settings: { approvalsRequired: -1 } }, 'settings.approvalsRequired'],
    ['to more approvals than there are reviewers', { settings: { approvalsRequired: 21 } }, 'settings.approvalsRequired'],
  ])('%s', async (_, more, field) => {
    expect(problemOf(await world.withoutTrace(() => updateRepo(admin(), { repo, ...more })))).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it.each<readonly [string, Partial<UpdateRepoInput>, string]>([
    ['to a default branch that is not there', { defaultBranch: 'absent' }, 'NOT_FOUND'],
    ['that is at another version', { expectedVersion: 7 }, 'STALE_HEAD'],
    ['that is not there', { repo: 'absent' }, 'NOT_FOUND'],
  ])('%s', async (_, more, code) => {
    expect(problemOf(await world.withoutTrace(() => updateRepo(admin(), { repo, ...more })))).toMatchObject({ code });
  });

  it('by a key without ADMIN, or to a name out of its reach', async () => {
    expect(problemOf(await world.withoutTrace(() => updateRepo(world.as('agent'), { repo, description: 'mine' })))).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
    const narrow = world.as('narrow', { scopes: ['ADMIN'], repos: ['repo-*'] });
    expect(problemOf(await world.withoutTrace(() => updateRepo(narrow, { repo, name: 'elsewhere/app' })))).toMatchObject({ code: 'FORBIDDEN', needs: null });
    expect(problemOf(await world.withoutTrace(() => updateRepo(world.as('blind', { scopes: ['ADMIN'], repos: ['other'] }), { repo })))).toMatchObject({ code: 'NOT_FOUND' });
  });
});

/** The kinds of all operations, oldest first. */
async function kindsOf(repoId: number): Promise<readonly OperationKind[]> {
  const page = await world.app.storage.reader().operations({ stream: repoId, repoGlobs: ['**'], server: false, kinds: null, actor: null, keyId: null, branchName: null, proposalId: null, runId: null, since: null, until: null, afterSeq: 0 }, { count: 100, after: null, backward: false });
  return page.edges.map(({ node }) => node.kind);
}
