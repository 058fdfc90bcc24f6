import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeProposal } from '../../src/operations/proposal/close-proposal.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

const AUTHOR = { scopes: ['READ', 'PROPOSE'] } as const;

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

function close(repo: string, actor = 'agent', key: Parameters<VerbWorld['as']>[1] = AUTHOR): ReturnType<typeof closeProposal> {
  return closeProposal(world.as(actor, key), { repo, number: 1 });
}

describe('closing a proposal', () => {
  it.each(['OPEN', 'APPROVED', 'CHANGES_REQUESTED'] as const)('ends one that is %s without a verdict, and keeps by whom', async (state) => {
    const { repo, repoId, proposalId, head } = await world.proposed();
    if (state !== 'OPEN') receiptOf(await reviewProposal(world.as('reviewer'), { repo, number: 1, verdict: state === 'APPROVED' ? 'APPROVE' : 'REQUEST_CHANGES', head }));
    const { operation } = receiptOf(await close(repo));
    const proposal = await world.proposal(proposalId);
    expect(proposal).toMatchObject({ state: 'CLOSED', closedBy: 'agent', reason: null, mergeCommit: null, head, revision: 1 });
    expect(proposal.closedAt).toBeInstanceOf(Date);
    expect(await world.operation(operation)).toMatchObject({
      kind: 'CLOSE_PROPOSAL', actor: 'agent', refs: [], subject: { type: 'Proposal', id: proposalId },
      events: [{ kind: 'PROPOSAL_CLOSED', repoName: repo, proposalId, proposalNumber: 1, sourceName: 'session/1' }],
    });
    await world.expectWholeLog(repoId);
  });

  it('leaves the branch, which goes on without it and can be proposed again', async () => {
    const { repo, repoId, proposalId, head } = await world.proposed();
    receiptOf(await close(repo));
    expect(await world.branch(repoId, 'session/1')).toMatchObject({ head, deletedAt: null, mergedAt: null });
    await world.put('agent', repo, 'session/1', 'more', 'more');
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'CLOSED', head, revision: 1 });
    receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', title: 'Again' }));
  });

  it('is for whoever opened it, by actor or by key, and for reviewers', async () => {
    const byActor = await world.proposed();
    receiptOf(await close(byActor.repo, 'agent', { ...AUTHOR, id: 'anotherkey00' }));
    const byKey = await world.proposed();
    receiptOf(await close(byKey.repo, 'somebody', { ...AUTHOR, id: world.as('agent').viewer.key.id }));
    const byReviewer = await world.proposed();
    receiptOf(await close(byReviewer.repo, 'reviewer', { scopes: ['READ', 'PROPOSE', 'REVIEW'] }));
    const foreign = await world.proposed();
    expect(problemOf(await world.withoutTrace(() => close(foreign.repo, 'somebody')))).toMatchObject({ code: 'FORBIDDEN', needs: 'REVIEW' });
  });

  it('is done once when the call is repeated', async () => {
    const { repo } = await world.proposed();
    const input = { repo, number: 1, idempotencyKey: repo };
    const first = receiptOf(await closeProposal(world.as('agent'), input));
    expect(await world.withoutTrace(() => closeProposal(world.as('agent'), input))).toEqual({ ok: true, replayed: true, receipt: first });
  });

  it('is done by one of several callers', async () => {
    const { repo, repoId } = await world.proposed();
    expect(tally(await Promise.all([1, 2, 3, 4].map(() => close(repo))))).toEqual({ done: 1, refused: ['INVALID_STATE', 'INVALID_STATE', 'INVALID_STATE'] });
    await world.expectWholeLog(repoId);
  });

  it('and a checkpoint at the same time leave either a revision of it or none, never half of one', async () => {
    for (let round = 0; round < 4; round++) {
      const { repo, repoId, proposalId, head } = await world.proposed();
      const [closed, written] = await Promise.all([
        close(repo),
        createCheckpoint(world.as('agent'), { repo, branch: 'session/1', message: 'Race', changes: [{ write: { path: 'race', text: 'race' } }] }),
      ]);
      receiptOf(closed);
      receiptOf(written);
      const proposal = await world.proposal(proposalId);
      expect(proposal.state).toBe('CLOSED');
      expect(proposal.head).toBe(proposal.revision === 1 ? head : await world.head(repoId, 'session/1'));
      await world.expectWholeLog(repoId);
    }
  });
});

describe('a proposal is not closed', () => {
  it('once it has ended, and what it was stays', async () => {
    const { repo } = await world.proposed();
    receiptOf(await close(repo));
    expect(problemOf(await world.withoutTrace(() => close(repo)))).toMatchObject({ code: 'INVALID_STATE', actualState: 'CLOSED' });
    const merged = await world.approved();
    receiptOf(await mergeProposal(world.as('owner'), { repo: merged.repo, number: 1, expectedHead: merged.head }));
    expect(problemOf(await world.withoutTrace(() => close(merged.repo)))).toMatchObject({ code: 'INVALID_STATE', actualState: 'MERGED' });
  });

  it('without the right to see it, or to propose', async () => {
    const { repo } = await world.proposed();
    expect(problemOf(await world.withoutTrace(() => close(repo, 'agent', { repos: ['x'] }))).code).toBe('NOT_FOUND');
    expect(problemOf(await world.withoutTrace(() => close(repo, 'agent', { readBranches: ['main'] }))).code).toBe('NOT_FOUND');
    expect(problemOf(await world.withoutTrace(() => closeProposal(world.as('agent'), { repo, number: 2 }))).code).toBe('NOT_FOUND');
    expect(problemOf(await world.withoutTrace(() => close(repo, 'agent', { scopes: ['READ', 'REVIEW', 'WRITE', 'MERGE'] })))).toMatchObject({ code: 'FORBIDDEN', needs: 'PROPOSE' });
  });
});
