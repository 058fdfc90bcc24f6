import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import type { UpdateProposalInput } from '../../src/operations/inputs.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { rejectProposal } from '../../src/operations/proposal/reject-proposal.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { updateProposal } from '../../src/operations/proposal/update-proposal.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { importOrphan, openWorld, tally, type VerbWorld } from '../support/verbs.js';

const AUTHOR = { scopes: ['READ', 'PROPOSE'] } as const;

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

function update(repo: string, more: Partial<UpdateProposalInput>, actor = 'agent', key: Parameters<VerbWorld['as']>[1] = AUTHOR): ReturnType<typeof updateProposal> {
  return updateProposal(world.as(actor, key), { repo, number: 1, ...more });
}

/** The same with a branch `release` off main that has a commit of its own. */
async function withRelease(approve = false): Promise<Awaited<ReturnType<VerbWorld['proposed']>> & { readonly release: string }> {
  const made = await (approve ? world.approved() : world.proposed());
  const { head } = await world.worked(made.repo, 'release', 'main');
  return { ...made, release: head };
}

describe('updating a proposal', () => {
  it('changes its words, each by itself, and nothing of what was judged', async () => {
    const { repo, repoId, proposalId, head } = await world.approved();
    const { operation } = receiptOf(await update(repo, { title: 'Better' }));
    expect(await world.proposal(proposalId)).toMatchObject({ title: 'Better', body: '', state: 'APPROVED', head, revision: 1, version: 3 });
    receiptOf(await update(repo, { body: 'Why\nand how' }));
    expect(await world.proposal(proposalId)).toMatchObject({ title: 'Better', body: 'Why\nand how' });
    receiptOf(await update(repo, { body: '' }));
    expect(await world.proposal(proposalId)).toMatchObject({ title: 'Better', body: '', state: 'APPROVED' });
    expect(await world.operation(operation)).toMatchObject({ kind: 'UPDATE_PROPOSAL', actor: 'agent', refs: [], subject: { type: 'Proposal', id: proposalId }, events: [{ kind: 'PROPOSAL_UPDATED', proposalNumber: 1, sourceName: 'session/1' }] });
    receiptOf(await mergeProposal(world.as('owner'), { repo, number: 1, expectedHead: head }));
    await world.expectWholeLog(repoId);
  });

  it('to another target is another question: a new revision with another base, and no approval of the old one counts', async () => {
    const { repo, repoId, proposalId, head, release } = await withRelease(true);
    const { operation } = receiptOf(await update(repo, { target: 'release' }));
    const base = (await world.commit(repoId, release)).parents[0];
    expect(await world.proposal(proposalId)).toMatchObject({ targetName: 'release', state: 'OPEN', head, base, revision: 2, judgedFrom: 2 });
    expect((await world.operation(operation)).events).toMatchObject([{ kind: 'PROPOSAL_UPDATED' }, { kind: 'PROPOSAL_REVISED', before: head, after: head }]);
    expect(problemOf(await mergeProposal(world.as('owner'), { repo, number: 1, expectedHead: head })).code).toBe('RULES_UNMET');
    // And back: what was approved before the detour was approved by nobody since.
    receiptOf(await update(repo, { target: 'main' }));
    expect(problemOf(await mergeProposal(world.as('owner'), { repo, number: 1, expectedHead: head })).code).toBe('RULES_UNMET');
    receiptOf(await reviewProposal(world.as('reviewer'), { repo, number: 1, verdict: 'APPROVE', head }));
    receiptOf(await mergeProposal(world.as('owner'), { repo, number: 1, expectedHead: head }));
    expect(await world.head(repoId, 'release')).toBe(release);
  });

  it('to the target that it has changes nothing that was judged', async () => {
    const { repo, proposalId } = await world.approved();
    receiptOf(await update(repo, { target: 'main' }));
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'APPROVED', revision: 1 });
  });

  it('takes a branch that is gone for no obstacle: its head is still proposed', async () => {
    const { repo, repoId, proposalId } = await withRelease();
    const { id } = await world.branch(repoId, 'release');
    receiptOf(await deleteBranch(world.as('agent'), { repo, name: 'session/1' }));
    receiptOf(await update(repo, { target: `Branch:${id}` }));
    expect(await world.proposal(proposalId)).toMatchObject({ targetName: 'release' });
  });

  it('is done once when the call is repeated, and never lost among callers at once', async () => {
    const { repo, proposalId, repoId } = await world.proposed();
    const input = { repo, number: 1, title: 'Once', idempotencyKey: repo };
    const first = receiptOf(await updateProposal(world.as('agent'), input));
    expect(await world.withoutTrace(() => updateProposal(world.as('agent'), input))).toEqual({ ok: true, replayed: true, receipt: first });
    const outcomes = await Promise.all([update(repo, { title: 'A' }), update(repo, { body: 'B' }), reviewProposal(world.as('reviewer'), { repo, number: 1, verdict: 'APPROVE', head: (await world.proposal(proposalId)).head })]);
    expect(tally(outcomes)).toEqual({ done: 3, refused: [] });
    expect(await world.proposal(proposalId)).toMatchObject({ title: 'A', body: 'B', state: 'APPROVED' });
    await world.expectWholeLog(repoId);
  });
});

describe('a proposal is not updated', () => {
  it('by nothing, or by words that cannot be kept', async () => {
    const { repo } = await world.proposed();
    const cases: [Partial<UpdateProposalInput>, string][] = [[{}, 'input'], [{ title: '' }, 'title'], [{ title: 'a\nb' }, 'title'], [{ title: 'x'.repeat(600) }, 'title'], [{ body: '\uD800' }, 'body'], [{ body: 'x'.repeat(300_000) }, 'body'], [{ target: 'session/1' }, 'target']];
    for (const [more, field] of cases) expect(problemOf(await world.withoutTrace(() => update(repo, more)))).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it('once it has ended', async () => {
    const { repo } = await world.proposed();
    receiptOf(await rejectProposal(world.as('reviewer'), { repo, number: 1, reason: 'no' }));
    expect(problemOf(await world.withoutTrace(() => update(repo, { title: 'Still' })))).toMatchObject({ code: 'INVALID_STATE', actualState: 'REJECTED' });
  });

  it('into a branch that has it all, has nothing in common, or is proposed to already', async () => {
    const { repo } = await withRelease();
    receiptOf(await createBranch(world.as('agent'), { repo, name: 'ahead', from: 'session/1' }));
    expect(problemOf(await world.withoutTrace(() => update(repo, { target: 'ahead' })))).toMatchObject({ code: 'INVALID_STATE', actualState: 'UP_TO_DATE' });
    receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', target: 'release', title: 'There too' }));
    expect(problemOf(await world.withoutTrace(() => update(repo, { target: 'release' })))).toMatchObject({ code: 'INVALID_STATE', actualState: 'PROPOSED' });
    const orphans = await importOrphan(world);
    await world.worked(orphans.name, 'session/1', 'main');
    receiptOf(await openProposal(world.as('agent'), { repo: orphans.name, source: 'session/1', target: 'main', title: 'Work' }));
    expect(problemOf(await world.withoutTrace(() => update(orphans.name, { target: 'orphan' })))).toMatchObject({ code: 'INVALID_STATE', actualState: 'UNRELATED' });
  });

  it('into the same branch by two at once', async () => {
    for (let round = 0; round < 4; round++) {
      const { repo, repoId } = await withRelease();
      const outcomes = await Promise.all([update(repo, { target: 'release' }), openProposal(world.as('agent'), { repo, source: 'session/1', target: 'release', title: 'Rival' })]);
      expect(tally(outcomes)).toEqual({ done: 1, refused: ['INVALID_STATE'] });
      await world.expectWholeLog(repoId);
    }
  });

  it('without the right to see it or its target, to propose, or to speak for its author', async () => {
    const { repo } = await withRelease();
    const title = 'Mine';
    expect(problemOf(await world.withoutTrace(() => update(repo, { title }, 'agent', { repos: ['x'] }))).code).toBe('NOT_FOUND');
    expect(problemOf(await world.withoutTrace(() => update(repo, { title }, 'agent', { readBranches: ['main'] }))).code).toBe('NOT_FOUND');
    expect(problemOf(await world.withoutTrace(() => update(repo, { target: 'release' }, 'agent', { readBranches: ['main', 'session/**'] }))).code).toBe('NOT_FOUND');
    expect(problemOf(await world.withoutTrace(() => update(repo, { title }, 'agent', { scopes: ['READ', 'REVIEW'] })))).toMatchObject({ code: 'FORBIDDEN', needs: 'PROPOSE' });
    expect(problemOf(await world.withoutTrace(() => update(repo, { title }, 'somebody')))).toMatchObject({ code: 'FORBIDDEN', needs: 'REVIEW' });
    receiptOf(await update(repo, { title }, 'reviewer', { scopes: ['READ', 'PROPOSE', 'REVIEW'] }));
  });
});
