import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commentOnProposal } from '../../src/operations/proposal/comment-on-proposal.js';
import { resolveThread } from '../../src/operations/proposal/resolve-thread.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const PROPOSER = { scopes: ['READ', 'PROPOSE'] } as const;

/** A thread of the reviewer's on a proposal of the agent's. */
async function discussed(): Promise<{ readonly repo: string; readonly repoId: number; readonly threadId: number; readonly thread: string; readonly proposalId: number }> {
  const { repo, repoId, proposalId } = await world.proposed();
  const { threadId } = receiptOf(await commentOnProposal(world.as('reviewer'), { repo, number: 1, body: 'Why?' }));
  return { repo, repoId, proposalId, threadId, thread: `Thread:${threadId}` };
}

function resolve(thread: string, resolved: boolean, actor = 'reviewer', key?: Parameters<VerbWorld['as']>[1]): ReturnType<typeof resolveThread> {
  return resolveThread(world.as(actor, key), { thread, resolved });
}

describe('resolving a thread', () => {
  it('settles it, and can be taken back', async () => {
    const { thread, threadId, proposalId, repoId } = await discussed();
    const { operation } = receiptOf(await resolve(thread, true));
    const row = await world.app.storage.reader().thread(threadId);
    expect(row).toMatchObject({ resolvedBy: 'reviewer' });
    expect(row?.resolvedAt).toBeInstanceOf(Date);
    expect(await world.operation(operation)).toMatchObject({ kind: 'RESOLVE_THREAD', subject: { type: 'Thread', id: threadId }, events: [{ kind: 'PROPOSAL_UPDATED', proposalId }] });
    receiptOf(await resolve(thread, false));
    expect(await world.app.storage.reader().thread(threadId)).toMatchObject({ resolvedAt: null, resolvedBy: null });
    await world.expectWholeLog(repoId);
  });

  it('is for reviewers, for the author of the proposal, and for who began it', async () => {
    const byAuthor = await discussed();
    receiptOf(await resolve(byAuthor.thread, true, 'agent', PROPOSER));
    const byBeginner = await discussed();
    receiptOf(await resolve(byBeginner.thread, true, 'reviewer', { ...PROPOSER, id: 'anotherkey00' }));
    const foreign = await discussed();
    expect(problemOf(await world.withoutTrace(() => resolve(foreign.thread, true, 'somebody', PROPOSER)))).toMatchObject({ code: 'FORBIDDEN', needs: 'REVIEW' });
    receiptOf(await resolve(foreign.thread, true, 'somebody', { scopes: ['READ', 'REVIEW'] }));
  });

  it('is done by one of several callers, and once when the call is repeated', async () => {
    const { thread, repo } = await discussed();
    expect(tally(await Promise.all([1, 2, 3].map(() => resolve(thread, true))))).toEqual({ done: 1, refused: ['INVALID_STATE', 'INVALID_STATE'] });
    const input = { thread, resolved: false, idempotencyKey: repo };
    const first = receiptOf(await resolveThread(world.as('reviewer'), input));
    expect(await world.withoutTrace(() => resolveThread(world.as('reviewer'), input))).toEqual({ ok: true, replayed: true, receipt: first });
  });
});

describe('a thread is not resolved', () => {
  it('twice, nor opened while it is open', async () => {
    const { thread } = await discussed();
    expect(problemOf(await world.withoutTrace(() => resolve(thread, false)))).toMatchObject({ code: 'INVALID_STATE', actualState: 'OPEN' });
    receiptOf(await resolve(thread, true));
    expect(problemOf(await world.withoutTrace(() => resolve(thread, true)))).toMatchObject({ code: 'INVALID_STATE', actualState: 'RESOLVED' });
  });

  it('by who cannot see it, in the same words as if it were absent', async () => {
    const { thread, threadId } = await discussed();
    const absent = problemOf(await resolve('Thread:999999', true));
    for (const key of [{ repos: ['x'] }, { readBranches: ['main'] }]) {
      const hidden = problemOf(await world.withoutTrace(() => resolve(thread, true, 'reviewer', key)));
      expect({ ...hidden, message: hidden.message.replace(String(threadId), '999999') }).toEqual(absent);
    }
    expect(problemOf(await world.withoutTrace(() => resolve('Proposal:1', true))).code).toBe('NOT_FOUND');
    expect(problemOf(await world.withoutTrace(() => resolve(thread, true, 'reviewer', { scopes: ['READ', 'MERGE'] })))).toMatchObject({ code: 'FORBIDDEN', needs: 'REVIEW' });
  });
});
