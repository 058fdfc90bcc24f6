import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import { closeProposal } from '../../src/operations/proposal/close-proposal.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import type { FileChangeInput, MergeStrategyName } from '../../src/operations/inputs.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { updateRepo } from '../../src/operations/repo/update-repo.js';
import { fc } from '../support/fast-check.js';
import { receiptOf } from '../support/operations.js';
import { openSchemaGateway, type Answer, type SchemaGateway } from '../contract/schema-gateway.js';

const LINES = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`);

let gateway: SchemaGateway;
let made = 0;

beforeAll(async () => {
  gateway = await openSchemaGateway();
});
afterAll(() => gateway.close());

/** The text of `a.txt` with these lines replaced. */
function text(changed: Readonly<Record<number, string>> = {}): string {
  return `${LINES.map((line, at) => changed[at + 1] ?? line).join('\n')}\n`;
}

function write(path: string, content: string): FileChangeInput {
  return { write: { path, text: content } };
}

/** A repository whose proposals need no approval. */
async function makeRepo(): Promise<string> {
  const repo = `rivals/r${++made}`;
  receiptOf(await createRepo(gateway.as('ada'), { name: repo, files: [{ path: 'a.txt', text: text() }, { path: 'b.txt', text: text() }, { path: 'dir/c.txt', text: 'c\n' }] }));
  receiptOf(await updateRepo(gateway.as('root', { scopes: ['ADMIN'] }), { repo, settings: { approvalsRequired: 0 } }));
  return repo;
}

async function work(repo: string, branch: string, ...changes: readonly FileChangeInput[]): Promise<string> {
  receiptOf(await createCheckpoint(gateway.as('agent'), { repo, branch, message: 'Work', changes }));
  return (await gateway.run('ada', 'query ($repo: String!, $branch: String!) { repo(name: $repo) { branch(name: $branch) { headOid } } }', { repo, branch })).text('repo.branch.headOid');
}

async function propose(repo: string, source: string, changes: readonly FileChangeInput[], { from, target }: { readonly from?: string; readonly target?: string } = {}): Promise<string> {
  receiptOf(await createBranch(gateway.as('agent'), { repo, name: source, from: from ?? null }));
  const head = await work(repo, source, ...changes);
  receiptOf(await openProposal(gateway.as('agent'), { repo, source, title: source, target: target ?? null }));
  return head;
}

const RIVALS = `query ($repo: String!, $number: Int!, $first: Int, $after: String) { repo(name: $repo) { proposal(number: $number) {
  rivals(first: $first, after: $after) { edges { node { proposal { number } paths bothCanLand } } pageInfo { hasNextPage endCursor } } } } }`;

async function ask(repo: string, number: number, page: Readonly<Record<string, unknown>> = {}, key: Partial<ApiKeyRecord> = {}): Promise<Answer> {
  return gateway.run('rita', RIVALS, { repo, number, ...page }, key);
}

/** Number, paths and verdict of each rival. */
function listed(answer: Answer): readonly unknown[] {
  const edges = answer.at('repo.proposal.rivals.edges');
  return Array.isArray(edges) ? edges.map(({ node }) => [node.proposal.number, node.paths, node.bothCanLand]) : [];
}

async function rivals(repo: string, number: number, key?: Partial<ApiKeyRecord>): Promise<readonly unknown[]> {
  return listed(await ask(repo, number, {}, key));
}

async function merge(repo: string, number: number, expectedHead: string, strategy: MergeStrategyName = 'MERGE'): Promise<string> {
  const outcome = await mergeProposal(gateway.as('merger'), { repo, number, expectedHead, strategy });
  return outcome.ok ? 'landed' : outcome.problem.code;
}

describe('rivals', () => {
  test('are the open proposals into the same target on the same paths, newest first, with what they share', async () => {
    const repo = await makeRepo();
    await propose(repo, 's/1', [write('a.txt', text({ 2: 'two' })), write('b.txt', text({ 2: 'two' }))]);
    await propose(repo, 's/2', [write('a.txt', text({ 11: 'eleven' })), write('new.txt', 'new\n')]);
    await propose(repo, 's/3', [write('elsewhere.txt', 'x\n')]);
    await propose(repo, 's/4', [write('b.txt', text({ 2: 'zwei' })), write('a.txt', text({ 7: 'seven' }))]);
    expect(await rivals(repo, 1)).toEqual([[4, ['a.txt', 'b.txt'], false], [2, ['a.txt'], true]]);
    expect(await rivals(repo, 2)).toEqual([[4, ['a.txt'], true], [1, ['a.txt'], true]]);
    expect(await rivals(repo, 3)).toEqual([]);
  });

  test('come by pages, each as long as asked for', async () => {
    const repo = await makeRepo();
    for (let n = 1; n <= 5; n++) await propose(repo, `s/${n}`, [write(n === 3 ? 'other.txt' : 'a.txt', text({ [n]: 'mine' }))]);
    const first = await ask(repo, 1, { first: 2 });
    expect([listed(first), first.at('repo.proposal.rivals.pageInfo.hasNextPage')]).toEqual([[[5, ['a.txt'], true], [4, ['a.txt'], true]], true]);
    const second = await ask(repo, 1, { first: 2, after: first.text('repo.proposal.rivals.pageInfo.endCursor') });
    expect([listed(second).length, second.at('repo.proposal.rivals.pageInfo.hasNextPage')]).toEqual([1, false]);
    expect(second.at('repo.proposal.rivals.edges.0.node.proposal.number')).toBe(2);
  });

  test('meet where one deletes or moves what the other changes, and where one has a file and the other a directory', async () => {
    const repo = await makeRepo();
    await propose(repo, 's/1', [{ move: { from: 'a.txt', to: 'moved.txt' } }, { delete: { path: 'dir/c.txt' } }, write('dir2', 'file\n')]);
    await propose(repo, 's/2', [write('a.txt', text({ 5: 'five' }))]);
    await propose(repo, 's/3', [write('dir2/inner.txt', 'inner\n')]);
    await propose(repo, 's/4', [write('dir/c.txt', 'changed\n')]);
    expect(await rivals(repo, 1)).toEqual([[4, ['dir/c.txt'], false], [3, ['dir2/inner.txt'], false], [2, ['a.txt'], true]]);
    expect(await rivals(repo, 3)).toEqual([[1, ['dir2'], false]]);
  });

  test('are none once either has ended, and none of another target', async () => {
    const repo = await makeRepo();
    receiptOf(await createBranch(gateway.as('agent'), { repo, name: 'next' }));
    for (const [n, target] of ['main', 'main', 'next'].entries()) await propose(repo, `s/${n + 1}`, [write('a.txt', text({ 2: `${n}` }))], { target });
    expect(await rivals(repo, 1)).toEqual([[2, ['a.txt'], false]]);
    expect(await rivals(repo, 3)).toEqual([]);
    receiptOf(await closeProposal(gateway.as('agent'), { repo, number: 2 }));
    expect(await rivals(repo, 1)).toEqual([]);
    expect(await rivals(repo, 2)).toEqual([]);
  });

  test('follow what the branches and the target come to', async () => {
    const repo = await makeRepo();
    await propose(repo, 's/1', [write('a.txt', text({ 2: 'one' }))]);
    await propose(repo, 's/2', [write('a.txt', text({ 11: 'two' }))]);
    expect(await rivals(repo, 1)).toEqual([[2, ['a.txt'], true]]);
    await work(repo, 's/2', write('a.txt', text({ 2: 'two' })));
    expect(await rivals(repo, 1)).toEqual([[2, ['a.txt'], false]]);
    await work(repo, 's/2', write('a.txt', text({ 11: 'two' })));
    await work(repo, 'main', write('a.txt', text({ 11: 'main' })));
    expect(await rivals(repo, 1)).toEqual([[2, ['a.txt'], false]]);
  });

  test('of a stack land with what they are built on', async () => {
    const repo = await makeRepo();
    await propose(repo, 's/1', [write('a.txt', text({ 2: 'one' }))]);
    await propose(repo, 's/2', [write('a.txt', text({ 2: 'two' }))], { from: 's/1' });
    expect(await rivals(repo, 1)).toEqual([[2, ['a.txt'], true]]);
    expect(await rivals(repo, 2)).toEqual([[1, ['a.txt'], true]]);
  });

  test('that worked on after a squash land from where it left them', async () => {
    const repo = await makeRepo();
    const head = await propose(repo, 's/1', [write('a.txt', text({ 2: 'one' }))]);
    expect(await merge(repo, 1, head, 'SQUASH')).toBe('landed');
    await work(repo, 's/1', write('a.txt', text({ 2: 'one more' })));
    receiptOf(await openProposal(gateway.as('agent'), { repo, source: 's/1', title: 'More' }));
    await propose(repo, 's/2', [write('a.txt', text({ 2: 'one', 11: 'eleven' }))], { from: 'main' });
    expect(await rivals(repo, 2)).toEqual([[3, ['a.txt'], true]]);
  });

  test('are only those that the key may read, and say nothing of a target that it may not', async () => {
    const repo = await makeRepo();
    for (const n of [1, 2]) await propose(repo, `s/${n}`, [write('a.txt', text({ [n]: 'mine' }))]);
    await propose(repo, 'hidden/3', [write('a.txt', text({ 12: 'hidden' }))]);
    expect(await rivals(repo, 1, { readBranches: ['s/*', 'main'] })).toEqual([[2, ['a.txt'], expect.any(Boolean)]]);
    expect(await rivals(repo, 1, { readBranches: ['s/*'] })).toEqual([[2, ['a.txt'], null]]);
  });

  test('land as they say: what happens to every pair is what was told before', async () => {
    const change = fc.dictionary(fc.constantFrom('2', '5', '9', '10'), fc.constantFrom('x', 'y'), { minKeys: 1, maxKeys: 2 });
    await fc.assert(
      fc.asyncProperty(change, change, async (mine, theirs) => {
        const repo = await makeRepo();
        const heads = [await propose(repo, 's/1', [write('a.txt', text(mine))]), await propose(repo, 's/2', [write('a.txt', text(theirs))])];
        const told = (await ask(repo, 1)).at('repo.proposal.rivals.edges.0.node.bothCanLand');
        const landed = [await merge(repo, 1, heads[0] ?? ''), await merge(repo, 2, heads[1] ?? '')];
        expect({ told, landed }).toEqual({ told, landed: told === true ? ['landed', 'landed'] : ['landed', 'MERGE_CONFLICTED'] });
      }),
      { numRuns: 12 },
    );
  });

  test('whose target is gone may not be judged', async () => {
    const repo = await makeRepo();
    receiptOf(await createBranch(gateway.as('agent'), { repo, name: 'next' }));
    for (const n of [1, 2]) await propose(repo, `s/${n}`, [write('a.txt', text({ [n * 5]: 'mine' }))], { target: 'next' });
    receiptOf(await deleteBranch(gateway.as('agent'), { repo, name: 'next' }));
    expect(await rivals(repo, 1)).toEqual([[2, ['a.txt'], null]]);
  });
});

test('two proposals for one task are compared side by side, one against the other', async () => {
  const repo = await makeRepo();
  await propose(repo, 's/1', [write('a.txt', text({ 2: 'mine' })), write('only-1.txt', '1\n')]);
  await work(repo, 'main', write('b.txt', text({ 1: 'main' })));
  await propose(repo, 's/2', [write('a.txt', text({ 2: 'theirs' })), write('only-2.txt', '2\n')]);
  const answer = await gateway.run(
    'rita',
    `query ($repo: String!) { repo(name: $repo) { diff(from: "proposal:1", to: "proposal:2", options: { comparison: DIRECT }) {
      files { edges { node { path status hunks { edges { node { lines { kind text } } } } } } } } } }`,
    { repo },
  );
  const edges = answer.at('repo.diff.files.edges');
  expect(Array.isArray(edges) ? edges.map(({ node }) => [node.path, node.status]) : edges).toEqual([['a.txt', 'MODIFIED'], ['b.txt', 'MODIFIED'], ['only-1.txt', 'DELETED'], ['only-2.txt', 'ADDED']]);
  const lines = answer.at('repo.diff.files.edges.0.node.hunks.edges.0.node.lines');
  expect(Array.isArray(lines) ? lines.filter(({ kind }) => kind !== 'CONTEXT') : lines).toEqual([{ kind: 'DELETED', text: 'mine' }, { kind: 'ADDED', text: 'theirs' }]);
});
