import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeProposal } from '../../src/operations/proposal/close-proposal.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { rejectProposal } from '../../src/operations/proposal/reject-proposal.js';
import { reopenProposal } from '../../src/operations/proposal/reopen-proposal.js';
import { restoreBranch } from '../../src/operations/branch/restore-branch.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

const AUTHOR = { scopes: ['READ', 'PROPOSE'] } as const;

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

function reopen(repo: string, actor = 'agent', key?: Parameters<VerbWorld['as']>[1]): ReturnType<typeof reopenProposal> {
  return reopenProposal(world.as(actor, key), { repo, number: 1 });
}

async function closed(): ReturnType<VerbWorld['proposed']> {
  const made = await world.proposed();
  receiptOf(await closeProposal(world.as('agent'), { repo: made.repo, number: 1 }));
  return made;
}

describe('reopening a proposal', () => {
  it('takes it up at the head that its source has by now, as a new revision', async () => {
    const { repo, repoId, proposalId, head } = await closed();
    await world.put('agent', repo, 'session/1', 'more', 'more');
    const moved = await world.head(repoId, 'session/1');
    const { operation } = receiptOf(await reopen(repo, 'agent', AUTHOR));
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'OPEN', head: moved, revision: 2, closedAt: null, closedBy: null, reason: null });
    expect(await world.operation(operation)).toMatchObject({
      kind: 'REOPEN_PROPOSAL',
      subject: { type: 'Proposal', id: proposalId },
      events: [{ kind: 'PROPOSAL_REOPENED', proposalNumber: 1 }, { kind: 'PROPOSAL_REVISED', before: head, after: moved, branchName: 'session/1' }],
    });
    // It follows its source again.
    await world.put('agent', repo, 'session/1', 'still', 'more');
    expect(await world.proposal(proposalId)).toMatchObject({ head: await world.head(repoId, 'session/1'), revision: 3 });
    await world.expectWholeLog(repoId);
  });

  it('forgets every approval from before, even of the very same head', async () => {
    const { repo, proposalId, head } = await world.approved();
    receiptOf(await rejectProposal(world.as('other'), { repo, number: 1, reason: 'no' }));
    receiptOf(await reopen(repo, 'other'));
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'OPEN', head, reason: null });
    expect(problemOf(await mergeProposal(world.as('owner'), { repo, number: 1, expectedHead: head })).code).toBe('RULES_UNMET');
    receiptOf(await reviewProposal(world.as('reviewer'), { repo, number: 1, verdict: 'APPROVE', head }));
    receiptOf(await mergeProposal(world.as('owner'), { repo, number: 1, expectedHead: head }));
  });

  it('compares with the base that it has by now', async () => {
    const { repo, repoId, proposalId } = await closed();
    const before = await world.proposal(proposalId);
    await world.put('owner', repo, 'main', 'main.txt', 'main');
    receiptOf(await mergeBranch(world.as('agent'), { repo, from: 'main', into: 'session/1' }));
    receiptOf(await reopen(repo));
    const after = await world.proposal(proposalId);
    expect(after.base).toBe(await world.head(repoId, 'main'));
    expect(after.base).not.toBe(before.base);
  });

  it('follows a source that came back under another name', async () => {
    const { repo, repoId, proposalId } = await closed();
    const { id } = await world.branch(repoId, 'session/1');
    receiptOf(await deleteBranch(world.as('agent'), { repo, name: 'session/1' }));
    expect(problemOf(await world.withoutTrace(() => reopen(repo)))).toMatchObject({ code: 'INVALID_STATE', actualState: 'SOURCE_GONE' });
    receiptOf(await restoreBranch(world.as('agent'), { id: `Branch:${id}`, name: 'session/again' }));
    expect(problemOf(await world.withoutTrace(() => reopen(repo, 'agent', { readBranches: ['session/1', 'main'] }))).code).toBe('NOT_FOUND');
    receiptOf(await reopen(repo));
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'OPEN', sourceName: 'session/again' });
  });

  it('is for the author where the author closed it, and for reviewers where it was rejected', async () => {
    const own = await closed();
    receiptOf(await reopen(own.repo, 'agent', AUTHOR));
    const foreign = await closed();
    expect(problemOf(await world.withoutTrace(() => reopen(foreign.repo, 'somebody', AUTHOR)))).toMatchObject({ code: 'FORBIDDEN', needs: 'REVIEW' });
    const rejected = await world.proposed();
    receiptOf(await rejectProposal(world.as('reviewer'), { repo: rejected.repo, number: 1, reason: 'no' }));
    expect(problemOf(await world.withoutTrace(() => reopen(rejected.repo, 'agent', AUTHOR)))).toMatchObject({ code: 'FORBIDDEN', needs: 'REVIEW' });
    receiptOf(await reopen(rejected.repo, 'reviewer', { scopes: ['READ', 'PROPOSE', 'REVIEW'] }));
  });

  it('is done once when the call is repeated, and by one of several callers', async () => {
    const { repo } = await closed();
    const input = { repo, number: 1, idempotencyKey: repo };
    const first = receiptOf(await reopenProposal(world.as('agent'), input));
    expect(await world.withoutTrace(() => reopenProposal(world.as('agent'), input))).toEqual({ ok: true, replayed: true, receipt: first });
    const raced = await closed();
    expect(tally(await Promise.all([1, 2, 3].map(() => reopen(raced.repo))))).toEqual({ done: 1, refused: ['INVALID_STATE', 'INVALID_STATE'] });
  });
});

describe('a proposal is not reopened', () => {
  it('while it is pending, and never once it is merged', async () => {
    const { repo } = await world.proposed();
    expect(problemOf(await world.withoutTrace(() => reopen(repo)))).toMatchObject({ code: 'INVALID_STATE', actualState: 'OPEN' });
    const merged = await world.approved();
    receiptOf(await mergeProposal(world.as('owner'), { repo: merged.repo, number: 1, expectedHead: merged.head }));
    expect(problemOf(await world.withoutTrace(() => reopen(merged.repo)))).toMatchObject({ code: 'INVALID_STATE', actualState: 'MERGED' });
  });

  it('when its target is gone', async () => {
    const { repo } = await world.repo();
    await world.worked(repo, 'release');
    await world.worked(repo, 'session/1', 'main');
    receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', target: 'release', title: 'Work' }));
    receiptOf(await closeProposal(world.as('agent'), { repo, number: 1 }));
    receiptOf(await deleteBranch(world.as('agent'), { repo, name: 'release' }));
    expect(problemOf(await world.withoutTrace(() => reopen(repo)))).toMatchObject({ code: 'INVALID_STATE', actualState: 'TARGET_GONE' });
  });

  it('when the target has all of it by now, or another proposal has taken its place', async () => {
    const landed = await closed();
    receiptOf(await mergeBranch(world.as('owner'), { repo: landed.repo, from: 'session/1', into: 'main' }));
    expect(problemOf(await world.withoutTrace(() => reopen(landed.repo)))).toMatchObject({ code: 'INVALID_STATE', actualState: 'UP_TO_DATE' });
    const replaced = await closed();
    receiptOf(await openProposal(world.as('agent'), { repo: replaced.repo, source: 'session/1', title: 'Again' }));
    expect(problemOf(await world.withoutTrace(() => reopen(replaced.repo)))).toMatchObject({ code: 'INVALID_STATE', actualState: 'PROPOSED' });
  });

  it('beside one that is opened at the same time: one of the two goes on', async () => {
    for (let round = 0; round < 4; round++) {
      const { repo, repoId } = await closed();
      const outcomes = await Promise.all([reopen(repo), openProposal(world.as('agent'), { repo, source: 'session/1', title: 'Again' })]);
      expect(tally(outcomes)).toEqual({ done: 1, refused: ['INVALID_STATE'] });
      await world.expectWholeLog(repoId);
    }
  });

  it('without the right to see it, or to propose', async () => {
    const { repo } = await closed();
    expect(problemOf(await world.withoutTrace(() => reopen(repo, 'agent', { repos: ['x'] }))).code).toBe('NOT_FOUND');
    expect(problemOf(await world.withoutTrace(() => reopen(repo, 'agent', { readBranches: ['main'] }))).code).toBe('NOT_FOUND');
    expect(problemOf(await world.withoutTrace(() => reopen(repo, 'agent', { scopes: ['READ', 'REVIEW'] })))).toMatchObject({ code: 'FORBIDDEN', needs: 'PROPOSE' });
  });
});
