import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROPOSAL_TRANSITIONS, type ReviewVerdict } from '../../src/domain/proposal.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import type { ReviewProposalInput } from '../../src/operations/inputs.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { rejectProposal } from '../../src/operations/proposal/reject-proposal.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

const VERDICTS: readonly ReviewVerdict[] = ['APPROVE', 'REQUEST_CHANGES', 'COMMENT'];

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

describe('a review', () => {
  it.each(VERDICTS)('of %s is kept with its head and its words, and moves the proposal as the table says', async (verdict) => {
    const { repo, repoId, proposalId, head } = await world.proposed();
    const { reviewId, operation } = receiptOf(await reviewProposal(world.as('reviewer'), { repo, number: 1, verdict, head, body: 'Looks *fine*' }));
    expect(await world.app.storage.reader().review(reviewId)).toMatchObject({ proposalId, verdict, body: 'Looks *fine*', actor: 'reviewer', headOid: head });
    expect(await world.proposal(proposalId)).toMatchObject({ state: PROPOSAL_TRANSITIONS.OPEN[verdict], version: 2, head, closedAt: null });
    expect(await world.operation(operation)).toMatchObject({
      kind: 'REVIEW_PROPOSAL', actor: 'reviewer', refs: [], subject: { type: 'Review', id: reviewId },
      events: [{ kind: 'PROPOSAL_REVIEWED', repoName: repo, proposalId, proposalNumber: 1, sourceName: 'session/1', reviewId }],
    });
    await world.expectWholeLog(repoId);
  });

  it('moves a pending proposal between its states, every step by the table', async () => {
    const { repo, proposalId, head } = await world.proposed();
    let state = (await world.proposal(proposalId)).state;
    // A walk that takes every verdict from every pending state.
    for (const verdict of ['COMMENT', 'APPROVE', 'APPROVE', 'COMMENT', 'REQUEST_CHANGES', 'REQUEST_CHANGES', 'COMMENT', 'APPROVE', 'REQUEST_CHANGES'] as const) {
      const next = PROPOSAL_TRANSITIONS[state][verdict];
      receiptOf(await reviewProposal(world.as('reviewer'), { repo, number: 1, verdict, head }));
      expect([state, verdict, (await world.proposal(proposalId)).state]).toEqual([state, verdict, next]);
      state = (await world.proposal(proposalId)).state;
    }
  });

  it('is made once when the call is repeated', async () => {
    const { repo, proposalId, head } = await world.proposed();
    const input: ReviewProposalInput = { repo, number: 1, verdict: 'APPROVE', head, idempotencyKey: `review-${repo}` };
    const first = receiptOf(await reviewProposal(world.as('reviewer'), input));
    expect(await world.withoutTrace(() => reviewProposal(world.as('reviewer'), input))).toEqual({ ok: true, replayed: true, receipt: first });
    const reviews = await world.app.storage.reader().reviews(proposalId, { count: 10, after: null, backward: false });
    expect(reviews.edges).toHaveLength(1);
  });

  it('of several reviewers at the same time is kept from each of them', async () => {
    const { repo, repoId, proposalId, head } = await world.proposed();
    const outcomes = await Promise.all([1, 2, 3, 4].map((n) => reviewProposal(world.as(`reviewer${n}`), { repo, number: 1, verdict: 'APPROVE', head })));
    expect(tally(outcomes)).toEqual({ done: 4, refused: [] });
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'APPROVED', version: 5 });
    await world.expectWholeLog(repoId);
  });
});

describe('no review is taken', () => {
  it('of another head than the proposal has now', async () => {
    const { repo, repoId, head } = await world.proposed();
    await world.put('agent', repo, 'session/1', 'more', 'more');
    const problem = problemOf(await world.withoutTrace(() => reviewProposal(world.as('reviewer'), { repo, number: 1, verdict: 'APPROVE', head })));
    expect(problem).toMatchObject({ code: 'STALE_HEAD', expectedHead: head, actualHead: await world.head(repoId, 'session/1') });
  });

  it('as an approval by an actor or a key that had a hand in the work; requests and comments of theirs are', async () => {
    const { repo, head } = await world.proposed();
    const own = world.as('agent').viewer.key.id;
    const approve = { repo, number: 1, verdict: 'APPROVE', head } as const;
    for (const [actor, key] of [['agent', {}], ['agent', { id: 'another00000' }], ['somebody', { id: own }]] as const) {
      const problem = problemOf(await world.withoutTrace(() => reviewProposal(world.as(actor, key), approve)));
      expect(problem).toMatchObject({ code: 'FORBIDDEN', needs: null });
    }
    // Whoever leaves a single checkpoint on the source has had a hand in it.
    await world.put('helper', repo, 'session/1', 'help', 'help');
    const moved = (await world.app.storage.reader().proposalByNumber((await world.app.storage.reader().repoByName(repo))?.id ?? 0, 1))?.head ?? '';
    expect(problemOf(await reviewProposal(world.as('helper'), { ...approve, head: moved })).code).toBe('FORBIDDEN');
    receiptOf(await reviewProposal(world.as('helper'), { ...approve, head: moved, verdict: 'COMMENT' }));
    receiptOf(await reviewProposal(world.as('agent'), { ...approve, head: moved, verdict: 'REQUEST_CHANGES' }));
    receiptOf(await reviewProposal(world.as('reviewer'), { ...approve, head: moved }));
  });

  it.each(VERDICTS)('%s once the proposal has ended', async (verdict) => {
    const rejected = await world.proposed();
    receiptOf(await rejectProposal(world.as('reviewer'), { repo: rejected.repo, number: 1, reason: 'no' }));
    const merged = await world.approved();
    receiptOf(await mergeProposal(world.as('owner'), { repo: merged.repo, number: 1, expectedHead: merged.head }));
    for (const [ended, actualState] of [[rejected, 'REJECTED'], [merged, 'MERGED']] as const) {
      const problem = problemOf(await world.withoutTrace(() => reviewProposal(world.as('reviewer'), { repo: ended.repo, number: 1, verdict, head: ended.head })));
      expect(problem).toMatchObject({ code: 'INVALID_STATE', actualState });
    }
  });

  it('without the scope, of what the key cannot see, or with half a character', async () => {
    const { repo, head } = await world.proposed();
    const input = { repo, number: 1, verdict: 'APPROVE', head } as const;
    expect(problemOf(await world.withoutTrace(() => reviewProposal(world.as('reviewer', { scopes: ['READ', 'MERGE'] }), input)))).toMatchObject({ code: 'FORBIDDEN', needs: 'REVIEW' });
    const hidden = problemOf(await world.withoutTrace(() => reviewProposal(world.as('reviewer', { readBranches: ['main'] }), input)));
    const absent = problemOf(await world.withoutTrace(() => reviewProposal(world.as('reviewer', { readBranches: ['main'] }), { ...input, number: 2 })));
    expect(hidden).toEqual({ ...absent, message: absent.message.replace('2', '1') });
    expect(problemOf(await reviewProposal(world.as('reviewer', { repos: ['x'] }), input)).code).toBe('NOT_FOUND');
    expect(problemOf(await reviewProposal(world.as('reviewer'), { ...input, body: '\uDC00' }))).toMatchObject({ code: 'INVALID_INPUT', field: 'body' });
  });
});

describe('approving while the head moves', () => {
  it('never leaves an approval on a head that was not judged', async () => {
    for (let round = 0; round < 6; round++) {
      const { repo, repoId, proposalId, head } = await world.proposed();
      const [reviewed, written] = await Promise.all([
        reviewProposal(world.as('reviewer'), { repo, number: 1, verdict: 'APPROVE', head }),
        createCheckpoint(world.as('agent'), { repo, branch: 'session/1', message: 'Race', changes: [{ write: { path: 'race', text: 'race' } }] }),
      ]);
      receiptOf(written);
      // First the review, then the move that takes it back; or the move, and the review is stale.
      expect(tally([reviewed]).refused.every((code) => code === 'STALE_HEAD')).toBe(true);
      const moved = await world.head(repoId, 'session/1');
      expect(await world.proposal(proposalId)).toMatchObject({ state: 'OPEN', head: moved });
      expect(problemOf(await mergeProposal(world.as('owner'), { repo, number: 1, expectedHead: moved })).code).toBe('RULES_UNMET');
      await world.expectWholeLog(repoId);
    }
  });
});
