import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import type { RejectProposalInput } from '../../src/operations/inputs.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { rejectProposal } from '../../src/operations/proposal/reject-proposal.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

function reject(repo: string, more: Partial<RejectProposalInput> = {}, key?: Parameters<VerbWorld['as']>[1]): ReturnType<typeof rejectProposal> {
  return rejectProposal(world.as('reviewer', key), { repo, number: 1, reason: 'Not wanted', ...more });
}

describe('rejecting a proposal', () => {
  it.each(['OPEN', 'APPROVED', 'CHANGES_REQUESTED'] as const)('ends one that is %s, and keeps why and by whom', async (state) => {
    const { repo, repoId, proposalId, head } = await world.proposed();
    if (state !== 'OPEN') receiptOf(await reviewProposal(world.as('reviewer'), { repo, number: 1, verdict: state === 'APPROVED' ? 'APPROVE' : 'REQUEST_CHANGES', head }));
    expect((await world.proposal(proposalId)).state).toBe(state);
    const { operation } = receiptOf(await reject(repo, { reason: 'Not\nwanted' }));
    const proposal = await world.proposal(proposalId);
    expect(proposal).toMatchObject({ state: 'REJECTED', reason: 'Not\nwanted', closedBy: 'reviewer', head, mergeCommit: null });
    expect(proposal.closedAt).toBeInstanceOf(Date);
    expect(await world.branch(repoId, 'session/1')).toMatchObject({ head, deletedAt: null, mergedAt: null });
    expect(await world.operation(operation)).toMatchObject({
      kind: 'REJECT_PROPOSAL', actor: 'reviewer', refs: [], subject: { type: 'Proposal', id: proposalId },
      events: [{ kind: 'PROPOSAL_REJECTED', repoName: repo, proposalId, proposalNumber: 1, sourceName: 'session/1', reason: 'Not\nwanted' }],
    });
    await world.expectWholeLog(repoId);
  });

  it('takes the branch away when asked, in the same operation', async () => {
    const { repo, repoId, head } = await world.proposed();
    const { operation } = receiptOf(await reject(repo, { deleteSource: true }));
    expect(await world.app.storage.reader().branchByName(repoId, 'session/1')).toBeNull();
    const row = await world.operation(operation);
    expect(row.refs).toEqual([{ branchName: 'session/1', before: head, after: null }]);
    expect(row.events).toMatchObject([{ kind: 'BRANCH_DELETED', branchName: 'session/1', version: 3 }, { kind: 'PROPOSAL_REJECTED' }]);
  });

  it('freezes it: the branch goes on without it, and can be proposed again', async () => {
    const { repo, proposalId, head } = await world.proposed();
    receiptOf(await reject(repo));
    await world.put('agent', repo, 'session/1', 'better', 'better');
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'REJECTED', head });
    receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', title: 'Again' }));
    expect(await world.app.storage.reader().proposalByNumber((await world.proposal(proposalId)).repoId, 2)).toMatchObject({ state: 'OPEN' });
  });

  it('is done once when the call is repeated', async () => {
    const { repo } = await world.proposed();
    const input = { deleteSource: true, idempotencyKey: repo };
    const first = receiptOf(await reject(repo, input));
    expect(await world.withoutTrace(() => reject(repo, input))).toEqual({ ok: true, replayed: true, receipt: first });
  });
});

describe('a proposal is not rejected', () => {
  it.each(['', ' \n', 'a\0b'])('without a reason that can be read: %j', async (reason) => {
    const { repo } = await world.proposed();
    expect(problemOf(await world.withoutTrace(() => reject(repo, { reason })))).toMatchObject({ code: 'INVALID_INPUT', field: 'reason' });
  });

  it('once it has ended', async () => {
    const { repo } = await world.proposed();
    receiptOf(await reject(repo));
    expect(problemOf(await world.withoutTrace(() => reject(repo)))).toMatchObject({ code: 'INVALID_STATE', actualState: 'REJECTED' });
    const merged = await world.approved();
    receiptOf(await mergeProposal(world.as('owner'), { repo: merged.repo, number: 1, expectedHead: merged.head }));
    expect(problemOf(await world.withoutTrace(() => reject(merged.repo)))).toMatchObject({ code: 'INVALID_STATE', actualState: 'MERGED' });
  });

  it('without the right to see it, to review it, or to delete what is to be deleted', async () => {
    const { repo } = await world.proposed();
    const refusal = (key: Parameters<VerbWorld['as']>[1], more: Partial<RejectProposalInput> = {}) => world.withoutTrace(() => reject(repo, more, key));
    expect(problemOf(await refusal({ repos: ['x'] })).code).toBe('NOT_FOUND');
    expect(problemOf(await refusal({ readBranches: ['main'] })).code).toBe('NOT_FOUND');
    expect(problemOf(await refusal({}, { number: 2 })).code).toBe('NOT_FOUND');
    expect(problemOf(await refusal({ scopes: ['READ', 'WRITE', 'PROPOSE', 'MERGE'] }))).toMatchObject({ code: 'FORBIDDEN', needs: 'REVIEW' });
    expect(problemOf(await refusal({ scopes: ['READ', 'REVIEW'] }, { deleteSource: true }))).toMatchObject({ code: 'FORBIDDEN', needs: 'WRITE' });
    expect(problemOf(await refusal({ branches: ['other'] }, { deleteSource: true }))).toMatchObject({ code: 'FORBIDDEN', needs: null });
  });

  it('together with the default branch', async () => {
    const { repo } = await world.repo();
    await world.worked(repo, 'release');
    await world.put('owner', repo, 'main', 'x', 'x');
    receiptOf(await openProposal(world.as('owner'), { repo, source: 'main', target: 'release', title: 'Back' }));
    expect(problemOf(await world.withoutTrace(() => reject(repo, { deleteSource: true }))).code).toBe('PROTECTED_BRANCH');
  });
});

describe('rejecting at the same time', () => {
  it('is done by one of several callers', async () => {
    const { repo, repoId } = await world.proposed();
    const outcomes = await Promise.all([true, false, true, false].map((deleteSource) => reject(repo, { deleteSource })));
    expect(tally(outcomes)).toEqual({ done: 1, refused: ['INVALID_STATE', 'INVALID_STATE', 'INVALID_STATE'] });
    await world.expectWholeLog(repoId);
  });

  it('with the branch, loses no checkpoint that was acknowledged', async () => {
    for (let round = 0; round < 4; round++) {
      const { repo, repoId, proposalId } = await world.proposed();
      const { id } = await world.branch(repoId, 'session/1');
      const [rejected, written] = await Promise.all([
        reject(repo, { deleteSource: true }),
        createCheckpoint(world.as('agent'), { repo, branch: 'session/1', message: 'Race', changes: [{ write: { path: 'race', text: 'race' } }] }),
      ]);
      receiptOf(rejected);
      const branch = await world.branchById(id);
      expect(branch.deletedAt).not.toBeNull();
      expect('race' in (await world.files(repoId, branch.head))).toBe(written.ok);
      expect(await world.proposal(proposalId)).toMatchObject({ state: 'REJECTED', head: branch.head });
      await world.expectWholeLog(repoId);
    }
  });
});
