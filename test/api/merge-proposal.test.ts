import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import type { MergeProposalInput } from '../../src/operations/inputs.js';
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

function merge(made: { readonly repo: string; readonly head: string }, more: Partial<MergeProposalInput> = {}, key?: Parameters<VerbWorld['as']>[1]): ReturnType<typeof mergeProposal> {
  return mergeProposal(world.as('owner', key), { repo: made.repo, number: 1, expectedHead: made.head, ...more });
}

describe('merging a proposal', () => {
  it('writes the merge, ends the proposal and logs both in one row', async () => {
    const made = await world.approved();
    const { repo, repoId, proposalId, head } = made;
    await world.put('owner', repo, 'main', 'ours', 'ours');
    const before = await world.head(repoId, 'main');
    const receipt = receiptOf(await merge(made, { expectedTarget: before }));
    expect(receipt).toMatchObject({ outcome: 'MERGED', proposalId });
    const target = await world.branch(repoId, 'main');
    expect(target).toMatchObject({ id: receipt.branchId, head: receipt.commit, version: 3 });
    const commit = await world.commit(repoId, target.head);
    expect(commit.parents).toEqual([before, head]);
    expect(commit.message).toMatch(/^Work\n\nMerge proposal 1 from session\/1 into main\n/u);
    const proposal = await world.proposal(proposalId);
    expect(proposal).toMatchObject({ state: 'MERGED', head, mergeCommit: target.head, closedBy: 'owner', version: 3 });
    expect(proposal.closedAt).toBeInstanceOf(Date);
    expect(await world.operation(receipt.operation)).toMatchObject({
      kind: 'MERGE_PROPOSAL', actor: 'owner', refs: [{ branchName: 'main', before, after: target.head }], subject: { type: 'Proposal', id: proposalId },
      events: [{ kind: 'BRANCH_MOVED', branchName: 'main' }, { kind: 'PROPOSAL_MERGED', proposalId, proposalNumber: 1, sourceName: 'session/1', commit: target.head }],
    });
    await world.expectWholeLog(repoId);
  });

  it.each([
    ['MERGE', 'MERGED', 2], ['SQUASH', 'MERGED', 1], ['FAST_FORWARD_ONLY', 'FAST_FORWARD', 1],
  ] as const)('by %s comes out as %s with %d parents', async (strategy, outcome, parents) => {
    const made = await world.approved();
    const receipt = receiptOf(await merge(made, { strategy }));
    expect(receipt.outcome).toBe(outcome);
    expect((await world.commit(made.repoId, receipt.commit ?? '')).parents).toHaveLength(parents);
    expect(receipt.commit === made.head).toBe(strategy === 'FAST_FORWARD_ONLY');
    expect(await world.files(made.repoId, await world.head(made.repoId, 'main'))).toHaveProperty(['session/1.txt']);
  });

  it('takes the source away when asked; without it, the branch stays and counts as merged', async () => {
    const gone = await world.approved();
    const { events, refs } = await world.operation(receiptOf(await merge(gone, { deleteSource: true })).operation);
    expect(events.map(({ kind }) => kind)).toEqual(['BRANCH_MOVED', 'BRANCH_DELETED', 'PROPOSAL_MERGED']);
    expect(refs[1]).toEqual({ branchName: 'session/1', before: gone.head, after: null });
    expect(await world.app.storage.reader().branchByName(gone.repoId, 'session/1')).toBeNull();
    const kept = await world.approved();
    receiptOf(await merge(kept));
    expect((await world.branch(kept.repoId, 'session/1')).mergedAt).toBeInstanceOf(Date);
  });

  it('works when the source has been deleted: what was reviewed is still there', async () => {
    const made = await world.approved();
    receiptOf(await deleteBranch(world.as('agent'), { repo: made.repo, name: 'session/1' }));
    receiptOf(await merge(made, { deleteSource: true }));
    expect(await world.files(made.repoId, await world.head(made.repoId, 'main'))).toHaveProperty(['session/1.txt']);
  });

  it('ends the proposal when its work has got into the target by another way', async () => {
    const made = await world.approved();
    receiptOf(await openProposal(world.as('agent'), { repo: made.repo, source: 'session/1', target: await otherTarget(made.repo), title: 'Elsewhere' }));
    receiptOf(await merge(made));
    const head = await world.head(made.repoId, 'main');
    // main goes into the other target: the second proposal has nothing left to bring.
    await world.worked(made.repo, 'carrier', 'main');
    receiptOf(await openProposal(world.as('agent'), { repo: made.repo, source: 'carrier', target: 'release', title: 'All' }));
    for (const number of [3, 2]) {
      const proposal = await world.app.storage.reader().proposalByNumber(made.repoId, number);
      receiptOf(await reviewProposal(world.as('reviewer'), { repo: made.repo, number, verdict: 'APPROVE', head: proposal?.head ?? '' }));
      const receipt = receiptOf(await merge(made, { number, expectedHead: proposal?.head ?? '' }));
      expect([number, receipt.outcome]).toEqual([number, number === 2 ? 'UP_TO_DATE' : 'MERGED']);
    }
    expect(await world.app.storage.reader().proposalByNumber(made.repoId, 2)).toMatchObject({ state: 'MERGED', mergeCommit: await world.head(made.repoId, 'release') });
    expect(await world.head(made.repoId, 'main')).toBe(head);
    await world.expectWholeLog(made.repoId);
  });

  it('is done once when the call is repeated', async () => {
    const made = await world.approved();
    const first = receiptOf(await merge(made, { idempotencyKey: made.repo }));
    expect(await world.withoutTrace(() => merge(made, { idempotencyKey: made.repo }))).toEqual({ ok: true, replayed: true, receipt: first });
  });
});

async function otherTarget(repo: string): Promise<string> {
  receiptOf(await createBranch(world.as('owner'), { repo, name: 'release' }));
  return 'release';
}

describe('a proposal is not merged', () => {
  it('before another actor has approved it, and the refusal says which rules stand open', async () => {
    const made = await world.proposed();
    expect(problemOf(await world.withoutTrace(() => merge(made)))).toMatchObject({
      code: 'RULES_UNMET', rules: [{ rule: 'approvals', satisfied: false }, { rule: 'no-changes-requested', satisfied: true }],
    });
  });

  it('while a reviewer asks for changes, however many others approve, until that reviewer does', async () => {
    const made = await world.approved();
    const review = { repo: made.repo, number: 1, head: made.head } as const;
    receiptOf(await reviewProposal(world.as('strict'), { ...review, verdict: 'REQUEST_CHANGES' }));
    receiptOf(await reviewProposal(world.as('third'), { ...review, verdict: 'APPROVE' }));
    expect(problemOf(await world.withoutTrace(() => merge(made)))).toMatchObject({
      code: 'RULES_UNMET', rules: [{ rule: 'approvals', satisfied: true }, { rule: 'no-changes-requested', satisfied: false }],
    });
    receiptOf(await reviewProposal(world.as('strict'), { ...review, verdict: 'APPROVE' }));
    receiptOf(await merge(made));
  });

  it('on an approval of an actor or key that adds to it afterwards', async () => {
    const made = await world.approved();
    await world.put('reviewer', made.repo, 'session/1', 'more', 'more');
    const head = await world.head(made.repoId, 'session/1');
    expect(problemOf(await merge({ ...made, head })).code).toBe('RULES_UNMET');
  });

  it('when its head or its target is not the one that the caller expects', async () => {
    const made = await world.approved();
    const elsewhere = 'e'.repeat(40);
    expect(problemOf(await world.withoutTrace(() => merge(made, { expectedHead: elsewhere })))).toMatchObject({ code: 'STALE_HEAD', expectedHead: elsewhere, actualHead: made.head });
    expect(problemOf(await world.withoutTrace(() => merge(made, { expectedTarget: elsewhere })))).toMatchObject({ code: 'STALE_HEAD', actualHead: await world.head(made.repoId, 'main') });
  });

  it('once it has ended', async () => {
    const merged = await world.approved();
    receiptOf(await merge(merged));
    expect(problemOf(await world.withoutTrace(() => merge(merged)))).toMatchObject({ code: 'INVALID_STATE', actualState: 'MERGED' });
    const rejected = await world.approved();
    receiptOf(await rejectProposal(world.as('reviewer'), { repo: rejected.repo, number: 1, reason: 'no' }));
    expect(problemOf(await world.withoutTrace(() => merge(rejected)))).toMatchObject({ code: 'INVALID_STATE', actualState: 'REJECTED' });
  });

  it('where it conflicts with its target, or cannot be fast-forwarded', async () => {
    const made = await world.approved();
    await world.put('owner', made.repo, 'main', 'session/1.txt', 'ours\n');
    expect(problemOf(await world.withoutTrace(() => merge(made)))).toMatchObject({ code: 'MERGE_CONFLICTED', conflicts: [{ path: 'session/1.txt', kind: 'ADD_ADD' }] });
    expect(problemOf(await world.withoutTrace(() => merge(made, { strategy: 'FAST_FORWARD_ONLY' })))).toMatchObject({ code: 'INVALID_STATE', actualState: 'DIVERGED' });
    expect(await world.proposal(made.proposalId)).toMatchObject({ state: 'APPROVED' });
  });

  it('into a branch that has only the name of its target', async () => {
    const { repo, repoId } = await world.repo();
    await otherTarget(repo);
    const { head } = await world.worked(repo, 'session/1');
    receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', target: 'release', title: 'Work' }));
    receiptOf(await reviewProposal(world.as('reviewer'), { repo, number: 1, verdict: 'APPROVE', head }));
    receiptOf(await deleteBranch(world.as('owner'), { repo, name: 'release' }));
    expect(problemOf(await world.withoutTrace(() => merge({ repo, head }))).code).toBe('NOT_FOUND');
    await otherTarget(repo);
    const before = await world.head(repoId, 'release');
    expect(problemOf(await world.withoutTrace(() => merge({ repo, head }))).code).toBe('NOT_FOUND');
    expect(await world.head(repoId, 'release')).toBe(before);
  });

  it('with a message that forges a trailer', async () => {
    expect(problemOf(await merge(await world.approved(), { message: 'x\n\nWeir-Actor: boss' }))).toMatchObject({ code: 'INVALID_INPUT', field: 'message' });
  });

  it('without the right to see it, to merge, to write its target or to delete its source', async () => {
    const made = await world.approved();
    const code = async (key: Parameters<VerbWorld['as']>[1], more: Partial<MergeProposalInput> = {}): Promise<string> => problemOf(await world.withoutTrace(() => merge(made, more, key))).code;
    expect(await code({ repos: ['x'] })).toBe('NOT_FOUND');
    expect(await code({}, { number: 9 })).toBe('NOT_FOUND');
    expect(await code({ readBranches: ['main'] })).toBe('NOT_FOUND');
    expect(await code({ readBranches: ['session/*'] })).toBe('NOT_FOUND');
    expect(await code({ scopes: ['READ', 'REVIEW'] })).toBe('FORBIDDEN');
    expect(await code({ branches: ['session/*'] })).toBe('FORBIDDEN');
    expect(await code({ branches: ['main'] }, { deleteSource: true })).toBe('FORBIDDEN');
  });
});

describe('merging at the same time', () => {
  it('lets exactly one of several callers merge a proposal', async () => {
    for (const deleteSource of [false, true]) {
      const made = await world.approved();
      const outcomes = await Promise.all([1, 2, 3, 4].map(() => merge(made, { deleteSource })));
      expect(tally(outcomes)).toEqual({ done: 1, refused: ['INVALID_STATE', 'INVALID_STATE', 'INVALID_STATE'] });
      expect(await world.branch(made.repoId, 'main')).toMatchObject({ version: 2 });
      await world.expectWholeLog(made.repoId);
    }
  });

  it('either merges or rejects, never both', async () => {
    for (let round = 0; round < 4; round++) {
      const made = await world.approved();
      const [merged, rejected] = await Promise.all([merge(made), rejectProposal(world.as('reviewer'), { repo: made.repo, number: 1, reason: 'no', deleteSource: round % 2 === 0 })]);
      expect(tally([merged, rejected])).toEqual({ done: 1, refused: ['INVALID_STATE'] });
      expect((await world.proposal(made.proposalId)).state).toBe(merged.ok ? 'MERGED' : 'REJECTED');
      expect((await world.branch(made.repoId, 'main')).version).toBe(merged.ok ? 2 : 1);
    }
  });

  it('merges only what was approved when the agent writes on meanwhile', async () => {
    for (let round = 0; round < 4; round++) {
      const made = await world.approved();
      const [merged] = await Promise.all([
        merge(made),
        createCheckpoint(world.as('agent'), { repo: made.repo, branch: 'session/1', message: 'Race', changes: [{ write: { path: 'race', text: 'race' } }] }),
      ]);
      expect(tally([merged]).refused.every((code) => code === 'STALE_HEAD')).toBe(true);
      expect(await world.files(made.repoId, await world.head(made.repoId, 'main'))).not.toHaveProperty('race');
      await world.expectWholeLog(made.repoId);
    }
  });

  it('merges six proposals into one target without refusing any', async () => {
    const { repo, repoId } = await world.repo();
    const numbers = [1, 2, 3, 4, 5, 6];
    const heads: string[] = [];
    for (const number of numbers) {
      const { head } = await world.worked(repo, `session/${number}`);
      receiptOf(await openProposal(world.as('agent'), { repo, source: `session/${number}`, title: 'Work' }));
      receiptOf(await reviewProposal(world.as('reviewer'), { repo, number, verdict: 'APPROVE', head }));
      heads.push(head);
    }
    const outcomes = await Promise.all(numbers.map((number, index) => merge({ repo, head: heads[index] ?? '' }, { number })));
    expect(tally(outcomes)).toEqual({ done: 6, refused: [] });
    expect(Object.keys(await world.files(repoId, await world.head(repoId, 'main')))).toHaveLength(8);
    await world.expectWholeLog(repoId);
  });
});
