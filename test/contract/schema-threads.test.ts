import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import type { FileChangeInput } from '../../src/operations/inputs.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { refreshBranch } from '../../src/operations/branch/refresh-branch.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { receiptOf } from '../support/operations.js';
import { openSchemaGateway, type SchemaGateway } from './schema-gateway.js';

const LINES = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`);

let gateway: SchemaGateway;
let made = 0;

beforeAll(async () => {
  gateway = await openSchemaGateway();
});
afterAll(() => gateway.close());

function text(...lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

async function write(repo: string, branch: string, ...changes: readonly FileChangeInput[]): Promise<void> {
  receiptOf(await createCheckpoint(gateway.as('agent'), { repo, branch, message: 'Work', changes }));
}

async function proposed(): Promise<string> {
  const repo = `threads/r${++made}`;
  receiptOf(await createRepo(gateway.as('ada'), { name: repo, files: [{ path: 'a.txt', text: text(...LINES) }, { path: 'old.txt', text: text(...LINES) }] }));
  receiptOf(await createBranch(gateway.as('agent'), { repo, name: 'session/1' }));
  await write(repo, 'session/1', { write: { path: 'a.txt', text: text('mine', ...LINES) } }, { delete: { path: 'old.txt' } });
  receiptOf(await openProposal(gateway.as('agent'), { repo, source: 'session/1', title: 'Work' }));
  return repo;
}

const COMMENT = `mutation ($input: CommentOnProposalInput!) { commentOnProposal(input: $input) {
  ... on CommentOnProposalSuccess { thread { id } comment { id body actor } proposal { number } operation { kind subject { __typename id } } } ... on Problem { message } } }`;

async function comment(repo: string, place: Readonly<Record<string, unknown>> = {}, body = 'Why?'): Promise<string> {
  return (await gateway.run('rita', COMMENT, { input: { repo, number: 1, body, ...place } })).text('commentOnProposal.thread.id');
}

async function place(thread: string): Promise<unknown> {
  return (await gateway.run('rita', 'query ($id: ID!) { node(id: $id) { ... on Thread { path line outdated } } }', { id: thread })).at('node');
}

describe('a thread', () => {
  test('stays on its line while others come and go above it, and says so when the line is changed', async () => {
    const repo = await proposed();
    const thread = await comment(repo, { path: 'a.txt', side: 'NEW', line: 6 });
    expect(await place(thread)).toEqual({ path: 'a.txt', line: 6, outdated: false });
    await write(repo, 'session/1', { write: { path: 'a.txt', text: text('mine', 'yours', 'theirs', ...LINES) } });
    expect(await place(thread)).toEqual({ path: 'a.txt', line: 8, outdated: false });
    await write(repo, 'session/1', { write: { path: 'a.txt', text: text(...LINES.slice(2)) } });
    expect(await place(thread)).toEqual({ path: 'a.txt', line: 3, outdated: false });
    await write(repo, 'session/1', { write: { path: 'a.txt', text: text(...LINES.map((line) => (line === 'line 5' ? 'changed' : line))) } });
    expect(await place(thread)).toEqual({ path: 'a.txt', line: 6, outdated: true });
    // An undo brings the line back, and the thread with it.
    receiptOf(await undo(gateway.as('agent'), { repo, branch: 'session/1' }));
    expect(await place(thread)).toEqual({ path: 'a.txt', line: 3, outdated: false });
  });

  test('follows its file through a rename, and is outdated when the file is gone', async () => {
    const repo = await proposed();
    const line = await comment(repo, { path: 'a.txt', side: 'NEW', line: 6 });
    const file = await comment(repo, { path: 'a.txt' });
    await write(repo, 'session/1', { move: { from: 'a.txt', to: 'moved/b.txt' } }, { edit: { path: 'moved/b.txt', replace: [{ find: 'mine', with: 'mine\nmore' }] } });
    expect(await place(line)).toEqual({ path: 'moved/b.txt', line: 7, outdated: false });
    expect(await place(file)).toEqual({ path: 'moved/b.txt', line: null, outdated: false });
    await write(repo, 'session/1', { delete: { path: 'moved/b.txt' } });
    expect(await place(line)).toEqual({ path: 'a.txt', line: 6, outdated: true });
    expect(await place(file)).toEqual({ path: 'a.txt', line: null, outdated: true });
  });

  test('on the old side follows the base, whatever the head does', async () => {
    const repo = await proposed();
    const thread = await comment(repo, { path: 'old.txt', side: 'OLD', line: 3 });
    const whole = await comment(repo, { path: 'old.txt' });
    await write(repo, 'main', { write: { path: 'old.txt', text: text('first', ...LINES) } });
    expect(await place(thread)).toEqual({ path: 'old.txt', line: 3, outdated: false });
    receiptOf(await refreshBranch(gateway.as('agent'), { repo, name: 'session/1', resolutions: [{ delete: { path: 'old.txt' } }] }));
    expect(await place(thread)).toEqual({ path: 'old.txt', line: 4, outdated: false });
    expect(await place(whole)).toEqual({ path: 'old.txt', line: null, outdated: false });
  });

  test('about the whole has no place and is never outdated; one in a file that became binary is', async () => {
    const repo = await proposed();
    const whole = await comment(repo);
    const line = await comment(repo, { path: 'a.txt', side: 'NEW', line: 2 });
    await write(repo, 'session/1', { write: { path: 'a.txt', base64: Buffer.from('\0\0\0').toString('base64') } });
    expect(await place(whole)).toEqual({ path: null, line: null, outdated: false });
    expect(await place(line)).toEqual({ path: 'a.txt', line: 2, outdated: true });
  });

  test('shows what was said, who resolved it, and tells subscribers', async () => {
    const repo = await proposed();
    const answer = await gateway.run('rita', COMMENT, { input: { repo, number: 1, body: 'Why *this*?' } });
    expect(answer.at('commentOnProposal')).toMatchObject({ comment: { body: 'Why *this*?', actor: 'rita' }, proposal: { number: 1 }, operation: { kind: 'COMMENT', subject: { __typename: 'Comment', id: answer.text('commentOnProposal.comment.id') } } });
    const thread = answer.text('commentOnProposal.thread.id');
    await gateway.run('agent', COMMENT, { input: { repo, number: 1, body: 'Because.', thread } });
    const resolved = await gateway.run('rita', 'mutation ($input: ResolveThreadInput!) { resolveThread(input: $input) { ... on ResolveThreadSuccess { thread { id resolved resolvedBy } proposal { number } operation { kind subject { id } } } ... on Problem { message } } }', { input: { thread, resolved: true } });
    expect(resolved.at('resolveThread')).toMatchObject({ thread: { id: thread, resolved: true, resolvedBy: 'rita' }, proposal: { number: 1 }, operation: { kind: 'RESOLVE_THREAD', subject: { id: thread } } });
    const read = (key = {}) => gateway.tryRun('rita', `query ($repo: String!) { repo(name: $repo) { proposal(number: 1) { threads { nodes { id side revision resolved comments { nodes { body actor } } } } } } }`, { repo }, key);
    expect((await read()).at('repo.proposal.threads.nodes')).toEqual([{ id: thread, side: null, revision: 1, resolved: true, comments: { nodes: [{ body: 'Why *this*?', actor: 'rita' }, { body: 'Because.', actor: 'agent' }] } }]);
    expect((await read({ readBranches: ['main'] })).at('repo.proposal')).toBeNull();
    await gateway.app.storage.events.place();
    const told = await gateway.run('rita', 'query ($repo: String!) { events(filter: { repos: [$repo], kinds: [PROPOSAL_COMMENTED] }) { nodes { ... on ProposalCommented { comment { body } proposal { number } } } } }', { repo });
    expect(told.at('events.nodes')).toEqual([{ comment: { body: 'Why *this*?' }, proposal: { number: 1 } }, { comment: { body: 'Because.' }, proposal: { number: 1 } }]);
  });
});
