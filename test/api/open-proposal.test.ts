import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenProposalInput } from '../../src/operations/inputs.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { rejectProposal } from '../../src/operations/proposal/reject-proposal.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { importOrphan, openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

describe('opening a proposal', () => {
  it('writes the proposal, its first revision and a row of the log with the event', async () => {
    const { repo, repoId } = await world.repo();
    const fork = await world.head(repoId, 'main');
    const { head, id } = await world.worked(repo, 'session/1');
    const receipt = receiptOf(
      await openProposal(world.as('agent'), { repo, source: 'session/1', title: 'Work', body: 'As *asked*', runId: 'run-7', metadata: [{ key: 'Ticket', value: '12' }] }),
    );
    expect(await world.proposal(receipt.proposalId)).toMatchObject({
      number: 1, title: 'Work', body: 'As *asked*', state: 'OPEN', sourceBranchId: id, sourceName: 'session/1', targetName: 'main', head, base: fork, version: 1,
      createdBy: 'agent', runId: 'run-7', metadata: [{ key: 'Ticket', value: '12' }], closedAt: null, mergeCommit: null, reason: null,
    });
    const revisions = await world.app.storage.reader().revisions(receipt.proposalId, { count: 10, after: null, backward: false });
    expect(revisions.edges.map(({ node }) => node)).toMatchObject([{ number: 1, head, base: fork }]);
    expect(await world.operation(receipt.operation)).toMatchObject({
      kind: 'OPEN_PROPOSAL', actor: 'agent', keyName: 'agent', runId: 'run-7', refs: [], subject: { type: 'Proposal', id: receipt.proposalId },
      events: [{ kind: 'PROPOSAL_OPENED', repoName: repo, proposalId: receipt.proposalId, proposalNumber: 1, sourceName: 'session/1', branchName: 'session/1', after: head }],
    });
    await world.expectWholeLog(repoId);
  });

  it('takes the run of its source when none is named', async () => {
    const { repo } = await world.repo();
    receiptOf(await createBranch(world.as('agent'), { repo, name: 'session/1', runId: 'run-1' }));
    await world.put('agent', repo, 'session/1', 'x', 'x');
    const { proposalId } = receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', title: 'Work' }));
    expect(await world.proposal(proposalId)).toMatchObject({ runId: 'run-1' });
  });

  it('aims at the default branch unless another is named, and counts the proposals of the repository', async () => {
    const { repo } = await world.repo();
    await world.worked(repo, 'release');
    await world.worked(repo, 'session/1', 'release');
    const { proposalId } = receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', title: 'Work' }));
    expect(await world.proposal(proposalId)).toMatchObject({ targetName: 'main', number: 1 });
    const named = receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', target: 'release', title: 'Work' }));
    expect(await world.proposal(named.proposalId)).toMatchObject({ targetName: 'release', number: 2 });
  });

  it('follows its source: every checkpoint is a revision more', async () => {
    const { repo, repoId, proposalId, head } = await world.proposed();
    await world.put('agent', repo, 'session/1', 'more', '1');
    const second = await world.head(repoId, 'session/1');
    const revisions = await world.app.storage.reader().revisions(proposalId, { count: 10, after: null, backward: false });
    expect(revisions.edges.map(({ node }) => [node.number, node.head])).toEqual([[1, head], [2, second]]);
    expect(await world.proposal(proposalId)).toMatchObject({ head: second, state: 'OPEN' });
  });

  it('answers a repeated call with the first proposal', async () => {
    const { repo } = await world.repo();
    await world.worked(repo, 'session/1');
    const input = { repo, source: 'session/1', title: 'Work', idempotencyKey: 'open' };
    const first = receiptOf(await openProposal(world.as('agent'), input));
    expect(await world.withoutTrace(() => openProposal(world.as('agent'), input))).toEqual({ ok: true, replayed: true, receipt: first });
    expect(problemOf(await openProposal(world.as('agent'), { ...input, title: 'Else' }))).toMatchObject({ code: 'INVALID_INPUT', field: 'idempotencyKey' });
  });
});

describe('what is not opened', () => {
  let repo: string;
  const input = (more: Partial<OpenProposalInput> = {}): OpenProposalInput => ({ repo, source: 'session/1', title: 'Work', ...more });

  beforeAll(async () => {
    ({ repo } = await world.repo());
    await world.worked(repo, 'session/1');
  });

  it.each<readonly [string, Partial<OpenProposalInput>, string]>([
    ['an empty title', { title: ' ' }, 'title'],
    ['a title of two lines', { title: 'a\nb' }, 'title'],
    ['a title that forges a trailer', { title: 'Weir-Actor: boss' }, 'title'],
    ['a body with half a character', { body: '\uD800' }, 'body'],
    ['a proposal into itself', { target: 'session/1' }, 'source'],
    ['a run of two lines', { runId: 'a\nb' }, 'runId'],
    ['metadata that only the server writes', { metadata: [{ key: 'Weir-Run', value: '1' }] }, 'metadata[0].key'],
  ])('%s', async (_, more, field) => {
    expect(problemOf(await world.withoutTrace(() => openProposal(world.as('agent'), input(more))))).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it('a source or target that is not there, or that the key cannot read', async () => {
    const refusals = [
      await openProposal(world.as('agent'), input({ repo: 'absent' })),
      await openProposal(world.as('agent'), input({ source: 'absent' })),
      await openProposal(world.as('agent'), input({ target: 'absent' })),
      await openProposal(world.as('agent', { repos: ['other/*'] }), input()),
      await openProposal(world.as('agent', { readBranches: ['main'] }), input()),
      await openProposal(world.as('agent', { readBranches: ['session/*'] }), input({ target: 'main' })),
    ];
    expect(tally(refusals)).toEqual({ done: 0, refused: Array.from({ length: 6 }, () => 'NOT_FOUND') });
  });

  it('without the scope', async () => {
    expect(problemOf(await world.withoutTrace(() => openProposal(world.as('agent', { scopes: ['READ', 'WRITE'] }), input())))).toMatchObject({ code: 'FORBIDDEN', needs: 'PROPOSE' });
  });

  it('a source that has nothing the target lacks', async () => {
    receiptOf(await createBranch(world.as('agent'), { repo, name: 'idle' }));
    const problem = problemOf(await world.withoutTrace(() => openProposal(world.as('agent'), input({ source: 'idle' }))));
    expect(problem).toMatchObject({ code: 'INVALID_STATE', actualState: 'UP_TO_DATE' });
  });

  it('a history without a commit in common', async () => {
    const { name } = await importOrphan(world);
    const problem = problemOf(await world.withoutTrace(() => openProposal(world.as('agent'), { repo: name, source: 'orphan', target: 'main', title: 'Work' })));
    expect(problem).toMatchObject({ code: 'INVALID_STATE', actualState: 'UNRELATED' });
  });

  it('twice into the same target while the first is pending, whoever asks', async () => {
    receiptOf(await openProposal(world.as('agent'), input()));
    const problem = problemOf(await world.withoutTrace(() => openProposal(world.as('other'), input())));
    expect(problem).toMatchObject({ code: 'INVALID_STATE', actualState: 'PROPOSED' });
    expect(problem.message).toContain('proposal 1');
    receiptOf(await rejectProposal(world.as('reviewer'), { repo, number: 1, reason: 'no' }));
    receiptOf(await openProposal(world.as('agent'), input()));
  });

  it('more than once by callers at the same time: exactly one wins', async () => {
    for (let round = 0; round < 4; round++) {
      const { repo: contended } = await world.repo();
      await world.worked(contended, 'session/1');
      const outcomes = await Promise.all([1, 2, 3, 4].map((n) => openProposal(world.as(`agent${n}`), { repo: contended, source: 'session/1', title: 'Work' })));
      expect(tally(outcomes)).toEqual({ done: 1, refused: ['INVALID_STATE', 'INVALID_STATE', 'INVALID_STATE'] });
    }
  });
});
