import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Label } from '../../src/domain/label.js';
import { createApiKey } from '../../src/operations/api-key/create-api-key.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { refreshBranch } from '../../src/operations/branch/refresh-branch.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { revokeApiKey } from '../../src/operations/api-key/revoke-api-key.js';
import { restore } from '../../src/operations/checkpoint/restore.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { updateRepo } from '../../src/operations/repo/update-repo.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => world.close());

/** A repository whose rules protect `release/*`, with such a branch and one checkpoint on it. */
async function released(): Promise<{ readonly repo: string; readonly repoId: number }> {
  const made = await world.repo();
  await world.worked(made.repo, 'release/1');
  await world.worked(made.repo, 'session/1');
  receiptOf(await updateRepo(world.as('admin', { scopes: ['ADMIN'] }), { repo: made.repo, settings: { review: { rules: [{ targets: ['release/*'], approvals: 0, protected: true }] } } }));
  return made;
}

describe('a branch that the settings protect', () => {
  it('refuses whatever would write or delete it directly, and leaves no trace', async () => {
    const { repo } = await released();
    const ada = world.as('ada');
    const branch = 'release/1';
    const calls = {
      createCheckpoint: () => createCheckpoint(ada, { repo, branch, message: 'Write', changes: [{ write: { path: 'x.txt', text: 'x\n' } }] }),
      mergeBranch: () => mergeBranch(ada, { repo, from: 'session/1', into: branch }),
      refreshBranch: () => refreshBranch(ada, { repo, name: branch }),
      restore: () => restore(ada, { repo, branch, to: 'main' }),
      deleteBranch: () => deleteBranch(ada, { repo, name: branch }),
      deleteSource: () => mergeBranch(ada, { repo, from: branch, into: 'main', deleteSource: true }),
    };
    for (const [verb, call] of Object.entries(calls)) expect([verb, problemOf(await world.withoutTrace<Awaited<ReturnType<typeof call>>>(call)).code]).toEqual([verb, 'PROTECTED_BRANCH']);
  });

  it('takes a proposal, and goes only forward when it is undone', async () => {
    const { repo, repoId } = await released();
    const { proposalId } = receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', target: 'release/1', title: 'Work' }));
    const { head } = await world.proposal(proposalId);
    receiptOf(await mergeProposal(world.as('merger'), { repo, number: 1, expectedHead: head }));
    const merged = await world.head(repoId, 'release/1');
    receiptOf(await undo(world.as('ada'), { repo, branch: 'release/1' }));
    expect((await world.commit(repoId, await world.head(repoId, 'release/1'))).parents).toEqual([merged]);
  });

  it('is no other branch: those without a rule are written as ever', async () => {
    const { repo, repoId } = await released();
    const before = await world.branch(repoId, 'session/1');
    await world.put('ada', repo, 'session/1', 'x.txt', 'x\n');
    expect((await world.branch(repoId, 'session/1')).version).toBe(before.version + 1);
    receiptOf(await deleteBranch(world.as('ada'), { repo, name: 'session/1' }));
    expect((await world.branchById(before.id)).deletedAt).not.toBeNull();
  });
});

describe('a target with rules of its own', () => {
  it('takes approvals by labelled keys only, and more of them for the paths that need more', async () => {
    const { repo, head } = await world.proposed();
    const approverLabels = [{ key: 'team', value: 'core' }];
    const admin = world.as('admin', { scopes: ['ADMIN'] });
    receiptOf(await updateRepo(admin, { repo, settings: { review: { rules: [{ targets: ['main'], approvals: 1, approverLabels, paths: [{ globs: ['session/**'], approvals: 2 }] }] } } }));
    const approve = async (actor: string, labels: readonly Label[]): Promise<readonly (readonly [string, boolean])[]> => {
      const { outcome: made } = await createApiKey(admin, { name: actor, actor, scopes: ['READ', 'REVIEW'], repos: ['**'], branches: ['**'], labels });
      receiptOf(await reviewProposal(world.as(actor, { id: receiptOf(made).keyId, labels }), { repo, number: 1, verdict: 'APPROVE', head }));
      const merged = await mergeProposal(world.as('merger'), { repo, number: 1, expectedHead: head });
      if (merged.ok) return [];
      expect(merged.problem.code).toBe('RULES_UNMET');
      return merged.problem.code === 'RULES_UNMET' ? merged.problem.rules.map(({ rule, satisfied }) => [rule, satisfied] as const) : [];
    };
    expect(await approve('bob', [])).toEqual([['approvals', false], ['paths', false], ['no-changes-requested', true]]);
    expect(await approve('cleo', approverLabels)).toEqual([['approvals', true], ['paths', false], ['no-changes-requested', true]]);
    expect(await approve('dan', approverLabels)).toEqual([]);
  });

  it('lets an approval of an earlier revision count where the rule says so', async () => {
    const { repo, proposalId } = await world.approved();
    await world.put('agent', repo, 'session/1', 'more.txt', 'more\n');
    const { head } = await world.proposal(proposalId);
    const merge = () => mergeProposal(world.as('merger'), { repo, number: 1, expectedHead: head });
    expect(problemOf(await merge()).code).toBe('RULES_UNMET');
    receiptOf(await updateRepo(world.as('admin', { scopes: ['ADMIN'] }), { repo, settings: { review: { rules: [{ targets: ['**'], dismissStale: false }] } } }));
    receiptOf(await merge());
  });

  it.each(['revoked', 'expired'])('lets an approval count, with the labels of its key, when the key is %s since', async (end) => {
    const { repo, head } = await world.proposed();
    const admin = world.as('admin', { scopes: ['ADMIN'] });
    const labels = [{ key: 'team', value: 'core' }];
    receiptOf(await updateRepo(admin, { repo, settings: { review: { rules: [{ targets: ['main'], approvals: 1, approverLabels: labels }] } } }));
    const { outcome } = await createApiKey(admin, { name: 'bob', actor: 'bob', scopes: ['READ', 'REVIEW'], repos: ['**'], branches: ['**'], labels });
    const { keyId } = receiptOf(outcome);
    receiptOf(await reviewProposal(world.as('bob', { id: keyId, labels }), { repo, number: 1, verdict: 'APPROVE', head }));
    if (end === 'revoked') receiptOf(await revokeApiKey(admin, { id: keyId }));
    else await world.count((sql) => sql`with ended as (update api_key set expires_at = now() - interval '1 minute' where id = ${keyId} returning 1) select count(*) from ended`);
    expect(await world.app.storage.liveKey(keyId)).toBeNull();
    receiptOf(await mergeProposal(world.as('merger'), { repo, number: 1, expectedHead: head }));
  });
});
