import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import { readProposalCounts, readProposals, type ProposalFilter } from '../../src/operations/reading/read-lists.js';
import { rejectProposal } from '../../src/operations/proposal/reject-proposal.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;
let repos: string[];

/** Four repositories with one proposal each: the first rejected, the second approved, the third sent back by another reviewer, the last open. */
beforeAll(async () => {
  world = await openWorld();
  const made = [await world.proposed(), await world.approved(), await world.proposed(), await world.proposed()];
  repos = made.map(({ repo }) => repo);
  receiptOf(await rejectProposal(world.as('reviewer'), { repo: repos[0] ?? '', number: 1, reason: 'no' }));
  receiptOf(await reviewProposal(world.as('strict'), { repo: repos[2] ?? '', number: 1, verdict: 'REQUEST_CHANGES', head: made[2]?.head ?? '' }));
});
afterAll(() => world.close());

async function counts(filter: ProposalFilter = {}, key: Partial<ApiKeyRecord> = {}): Promise<Record<string, number>> {
  const found = await readProposalCounts(world.as('reader', key), filter);
  return Object.fromEntries(found.map(({ state, count }) => [state, count]));
}

async function listed(filter: ProposalFilter, key: Partial<ApiKeyRecord> = {}): Promise<number[]> {
  const page = await readProposals(world.as('reader', key), null, filter, { count: 100, after: null, backward: false });
  const names = await Promise.all(page.edges.map(async ({ node }) => (await world.app.storage.reader().repo(node.repoId))?.name ?? ''));
  return names.map((name) => repos.indexOf(name)).sort();
}

describe('the inbox', () => {
  it('counts by state what it lists', async () => {
    expect(await counts()).toEqual({ REJECTED: 1, APPROVED: 1, CHANGES_REQUESTED: 1, OPEN: 1 });
    expect(await counts({ states: ['OPEN', 'APPROVED'] })).toEqual({ OPEN: 1, APPROVED: 1 });
    expect(await counts({ createdBy: 'nobody' })).toEqual({});
  });

  it('finds what an actor has reviewed', async () => {
    expect(await listed({ reviewedBy: 'reviewer' })).toEqual([1]);
    expect(await listed({ reviewedBy: 'strict' })).toEqual([2]);
    expect(await counts({ reviewedBy: 'strict' })).toEqual({ CHANGES_REQUESTED: 1 });
  });

  it('finds proposals by age', async () => {
    const reader = world.app.storage.reader();
    const third = await reader.proposalByNumber((await reader.repoByName(repos[2] ?? ''))?.id ?? 0, 1);
    const at = third?.createdAt ?? new Date(0);
    expect(await listed({ openedBefore: at })).toEqual([0, 1]);
    expect(await listed({ openedSince: at })).toEqual([2, 3]);
    expect(await listed({ openedSince: at, openedBefore: at })).toEqual([]);
  });

  it('lists and counts only what the key may read', async () => {
    const own = { repos: [repos[1] ?? ''] };
    expect([await listed({}, own), await counts({}, own)]).toEqual([[1], { APPROVED: 1 }]);
    const blind: Partial<ApiKeyRecord>[] = [{ readBranches: ['main'] }, { scopes: ['PROPOSE'] }];
    for (const key of blind) expect([await listed({}, key), await counts({}, key)]).toEqual([[], {}]);
  });
});
