import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commentOnProposal } from '../../src/operations/proposal/comment-on-proposal.js';
import type { CommentOnProposalInput } from '../../src/operations/inputs.js';
import { rejectProposal } from '../../src/operations/proposal/reject-proposal.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

function comment(repo: string, more: Partial<CommentOnProposalInput> = {}, key?: Parameters<VerbWorld['as']>[1], actor = 'reviewer'): ReturnType<typeof commentOnProposal> {
  return commentOnProposal(world.as(actor, key), { repo, number: 1, body: 'Why?', ...more });
}

const LINE = { path: 'src/a.txt', side: 'NEW', line: 2 } as const;

describe('commenting', () => {
  it('on the whole, a file or a line begins a thread there, at the very commit that was read', async () => {
    const { repo, repoId, proposalId, head } = await world.proposed();
    const { base } = await world.proposal(proposalId);
    const reader = world.app.storage.reader();
    const threadOf = async (more: Partial<CommentOnProposalInput>) => reader.thread(receiptOf(await comment(repo, more)).threadId);
    const begun = { proposalId, revision: 1, createdBy: 'reviewer', resolvedAt: null, resolvedBy: null };
    expect(await threadOf({})).toMatchObject({ ...begun, path: null, side: null, line: null, commit: null });
    expect(await threadOf({ path: 'README.md' })).toMatchObject({ ...begun, path: 'README.md', side: 'NEW', line: null, commit: head });
    expect(await threadOf(LINE)).toMatchObject({ ...begun, ...LINE, commit: head });
    expect(await threadOf({ ...LINE, side: 'OLD' })).toMatchObject({ ...begun, ...LINE, side: 'OLD', commit: base });
    await world.expectWholeLog(repoId);
  });

  it('is a row of the log and an event; what was said is in neither, but its digest is in the log', async () => {
    const { repo, proposalId } = await world.proposed();
    const { operation, commentId } = receiptOf(await comment(repo, { body: 'a private remark' }));
    const row = await world.operation(operation);
    expect(row).toMatchObject({ kind: 'COMMENT', actor: 'reviewer', subject: { type: 'Comment', id: commentId }, events: [{ kind: 'PROPOSAL_COMMENTED', proposalId, commentId, sourceName: 'session/1' }] });
    const spoken = await world.count((sql) => sql`select count(*) from operation where position('private remark' in convert_from(payload, 'UTF8')) > 0`);
    const digested = await world.count((sql) => sql`select count(*) from operation, comment_body b where b.comment_id = ${commentId} and position(encode(sha256(b.salt || convert_to(b.text, 'UTF8')), 'hex') in convert_from(payload, 'UTF8')) > 0`);
    expect([spoken, digested]).toEqual([0, 1]);
    expect(await world.app.storage.reader().commentBody(commentId)).toBe('a private remark');
  });

  it('in reply stays in its thread, in the order in which it was said', async () => {
    const { repo } = await world.proposed();
    const first = receiptOf(await comment(repo, LINE));
    const thread = `Thread:${first.threadId}`;
    const replies = [receiptOf(await comment(repo, { thread, body: 'Because' }, { scopes: ['READ', 'PROPOSE'] }, 'agent')), receiptOf(await comment(repo, { thread, body: 'I see' }))];
    expect(replies.map(({ threadId }) => threadId)).toEqual([first.threadId, first.threadId]);
    const page = await world.app.storage.reader().comments(first.threadId, { count: 10, after: null, backward: false });
    expect(page.edges.map(({ node }) => [node.id, node.actor])).toEqual([[first.commentId, 'reviewer'], [replies[0]?.commentId, 'agent'], [replies[1]?.commentId, 'reviewer']]);
  });

  it('judges nothing, needs no particular head, and goes on after the end', async () => {
    const { repo, proposalId, head } = await world.approved();
    receiptOf(await comment(repo));
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'APPROVED', version: 2, head });
    receiptOf(await rejectProposal(world.as('reviewer'), { repo, number: 1, reason: 'no' }));
    receiptOf(await comment(repo, LINE));
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'REJECTED', version: 3 });
  });

  it('of several at once keeps them all; the same call repeated is said once', async () => {
    const { repo, repoId } = await world.proposed();
    expect(tally(await Promise.all([1, 2, 3, 4].map((n) => comment(repo, { body: `${n}` })))).done).toBe(4);
    const first = receiptOf(await comment(repo, { idempotencyKey: repo }));
    expect(await world.withoutTrace(() => comment(repo, { idempotencyKey: repo }))).toEqual({ ok: true, replayed: true, receipt: first });
    await world.expectWholeLog(repoId);
  });
});

describe('a comment is refused', () => {
  it.each<[string, Partial<CommentOnProposalInput>, string]>([
    ['that says nothing', { body: ' \n' }, 'body'],
    ['that is too long', { body: 'x'.repeat(64 * 1024 + 1) }, 'body'],
    ['that cannot be kept', { body: 'a\0b' }, 'body'],
    ['on a line of no file', { side: 'NEW', line: 1 }, 'path'],
    ['on a line of no side', { path: 'src/a.txt', line: 1 }, 'side'],
    ['on a line before the first', { ...LINE, line: 0 }, 'line'],
    ['on a line after the last', { ...LINE, line: 4 }, 'line'],
    ['on a file that is not there', { path: 'none' }, 'path'],
    ['on a directory', { path: 'src' }, 'path'],
    ['on a side that has no such file', { path: 'session/1.txt', side: 'OLD', line: 1 }, 'path'],
    ['on a place of its own in reply', { ...LINE, thread: 'Thread:1' }, 'thread'],
  ])('%s', async (_name, more, field) => {
    const { repo } = await world.proposed();
    expect(problemOf(await world.withoutTrace(() => comment(repo, more)))).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it('on a line of a binary file, or of an empty one', async () => {
    const { repo } = await world.proposed();
    await world.write('agent', repo, 'session/1', { write: { path: 'blob', base64: Buffer.from('a\0b\n').toString('base64') } }, { write: { path: 'empty', text: '' } }, { write: { path: 'open', text: 'a\nb' } });
    for (const path of ['blob', 'empty']) expect(problemOf(await comment(repo, { path, side: 'NEW', line: 1 }))).toMatchObject({ code: 'INVALID_INPUT', field: 'line' });
    receiptOf(await comment(repo, { path: 'blob' }));
    receiptOf(await comment(repo, { path: 'open', side: 'NEW', line: 2 }));
    expect(problemOf(await comment(repo, { path: 'open', side: 'NEW', line: 3 })).code).toBe('INVALID_INPUT');
  });

  it('in a thread of another proposal, or of none', async () => {
    const { repo } = await world.proposed();
    const elsewhere = await world.proposed();
    const { threadId } = receiptOf(await comment(elsewhere.repo));
    for (const thread of [`Thread:${threadId}`, 'Thread:999999', 'nonsense']) expect(problemOf(await world.withoutTrace(() => comment(repo, { thread }))).code).toBe('NOT_FOUND');
  });

  it('without the right to see the proposal, or to judge or propose', async () => {
    const { repo } = await world.proposed();
    expect(problemOf(await world.withoutTrace(() => comment(repo, {}, { repos: ['x'] }))).code).toBe('NOT_FOUND');
    expect(problemOf(await world.withoutTrace(() => comment(repo, {}, { readBranches: ['main'] }))).code).toBe('NOT_FOUND');
    expect(problemOf(await world.withoutTrace(() => comment(repo, { number: 2 }))).code).toBe('NOT_FOUND');
    expect(problemOf(await world.withoutTrace(() => comment(repo, {}, { scopes: ['READ', 'WRITE', 'MERGE'] })))).toMatchObject({ code: 'FORBIDDEN', needs: 'REVIEW' });
  });
});

describe('a review with comments', () => {
  it('brings them with the verdict, each a thread of its own', async () => {
    const { repo, proposalId, head } = await world.proposed();
    const comments = [{ ...LINE, body: 'one' }, { path: 'README.md', side: 'OLD', line: 1, body: 'two' }] as const;
    const { operation } = receiptOf(await reviewProposal(world.as('reviewer'), { repo, number: 1, verdict: 'REQUEST_CHANGES', head, comments }));
    expect((await world.operation(operation)).events.map(({ kind }) => kind)).toEqual(['PROPOSAL_REVIEWED', 'PROPOSAL_COMMENTED', 'PROPOSAL_COMMENTED']);
    const page = await world.app.storage.reader().threads(proposalId, { count: 10, after: null, backward: false });
    expect(page.edges.map(({ node }) => [node.path, node.side, node.line, node.createdBy])).toEqual([['src/a.txt', 'NEW', 2, 'reviewer'], ['README.md', 'OLD', 1, 'reviewer']]);
  });

  it('comes whole or not at all', async () => {
    const { repo, head } = await world.proposed();
    const review = (comments: readonly { readonly path: string; readonly line: number; readonly body: string }[]) =>
      world.withoutTrace(() => reviewProposal(world.as('reviewer'), { repo, number: 1, verdict: 'APPROVE', head, comments: comments.map((each) => ({ side: 'NEW', ...each })) }));
    const good = { path: 'src/a.txt', line: 1, body: 'good' };
    expect(problemOf(await review([good, { ...good, line: 9 }]))).toMatchObject({ code: 'INVALID_INPUT', field: 'comments[1].line' });
    expect(problemOf(await review([{ ...good, body: '' }]))).toMatchObject({ code: 'INVALID_INPUT', field: 'comments[0].body' });
    expect(problemOf(await review(Array.from({ length: 101 }, () => good)))).toMatchObject({ code: 'INVALID_INPUT', field: 'comments' });
  });
});
