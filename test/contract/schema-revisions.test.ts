import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { refreshBranch } from '../../src/operations/branch/refresh-branch.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { updateProposal } from '../../src/operations/proposal/update-proposal.js';
import { receiptOf } from '../support/operations.js';
import { openSchemaGateway, type SchemaGateway } from './schema-gateway.js';

const LINES = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`);

let gateway: SchemaGateway;
let made = 0;

beforeAll(async () => {
  gateway = await openSchemaGateway();
});
afterAll(() => gateway.close());

/** The text of a file of 30 lines, some of them changed. */
function text(changed: Readonly<Record<number, string>> = {}): string {
  return `${LINES.map((line, index) => changed[index + 1] ?? line).join('\n')}\n`;
}

async function write(actor: string, repo: string, branch: string, files: Readonly<Record<string, string>>): Promise<void> {
  const changes = Object.entries(files).map(([path, content]) => ({ write: { path, text: content } }));
  receiptOf(await createCheckpoint(gateway.as(actor), { repo, branch, message: 'Work', changes }));
}

/** A repository whose branch `session/1` changes line 3 of a.txt, proposed into main. */
async function proposed(): Promise<string> {
  const repo = `revisions/r${++made}`;
  receiptOf(await createRepo(gateway.as('ada'), { name: repo, files: [{ path: 'a.txt', text: text() }, { path: 'b.txt', text: 'b\n' }] }));
  receiptOf(await createBranch(gateway.as('agent'), { repo, name: 'session/1' }));
  await write('agent', repo, 'session/1', { 'a.txt': text({ 3: 'mine' }) });
  receiptOf(await openProposal(gateway.as('agent'), { repo, source: 'session/1', title: 'Work' }));
  return repo;
}

async function refresh(repo: string, resolutions?: Parameters<typeof refreshBranch>[1]['resolutions']): Promise<void> {
  receiptOf(await refreshBranch(gateway.as('agent'), { repo, name: 'session/1', resolutions }));
}

interface Shown {
  readonly id: string;
  readonly unmerged: readonly string[] | null;
  readonly patchUrl: string;
  readonly patch: string;
}

const DIFF = 'id unmerged patchUrl patch stats { files additions deletions } base { oid } from { oid } to { oid } files { nodes { path additions deletions oldBlob { text url } hunks { nodes { lines { kind text } } } } }';

async function diff(repo: string, args: string, actor = 'reviewer'): Promise<Shown> {
  const answer = await gateway.run(actor, `query ($repo: String!) { repo(name: $repo) { proposal(number: 1) { diff${args} { ${DIFF} } } } }`, { repo });
  return answer.at('repo.proposal.diff') as Shown;
}

/** The lines that a patch takes away and adds, signs first. */
function changed({ patch }: Shown): string[] {
  return patch.split('\n').filter((line) => /^[+-](?![+-]{2} )/u.test(line));
}

async function review(repo: string, actor: string): Promise<void> {
  const head = (await gateway.run(actor, 'query ($repo: String!) { repo(name: $repo) { proposal(number: 1) { head { oid } } } }', { repo })).text('repo.proposal.head.oid');
  receiptOf(await reviewProposal(gateway.as(actor), { repo, number: 1, verdict: 'COMMENT', head }));
}

/** What revision 2 added where it merely brought the target in. */
async function crossing(): Promise<Shown> {
  const repo = await proposed();
  await write('ada', repo, 'main', { 'd.txt': 'd\n' });
  await refresh(repo);
  return diff(repo, '(revision: 2)');
}

async function idOf(id: string, key = {}): Promise<unknown> {
  return (await gateway.run('reviewer', 'query ($id: ID!) { node(id: $id) { id } }', { id }, key)).at('node');
}

describe('what a revision added', () => {
  test('is the checkpoint’s own change, and of the first all over the base', async () => {
    const repo = await proposed();
    await write('agent', repo, 'session/1', { 'c.txt': 'c\n' });
    expect(changed(await diff(repo, '(revision: 1)'))).toEqual(['-line 3', '+mine']);
    expect(changed(await diff(repo, '(revision: 2)'))).toEqual(['+c']);
    expect(changed(await diff(repo, ''))).toEqual(['-line 3', '+mine', '+c']);
    expect(await diff(repo, '(revision: 3)')).toBeNull();
    expect(await diff(repo, '(revision: 0)')).toBeNull();
  });

  test('is nothing when the target was merely brought in, in the same file or in others', async () => {
    const repo = await proposed();
    await write('ada', repo, 'main', { 'a.txt': text({ 20: 'theirs' }), 'b.txt': 'theirs\n', 'd.txt': 'd\n' });
    await refresh(repo);
    expect(await diff(repo, '(revision: 2)')).toMatchObject({ patch: '', unmerged: [], stats: { files: 0, additions: 0, deletions: 0 } });
    expect(changed(await diff(repo, ''))).toEqual(['-line 3', '+mine']);
  });

  test('is what its author slipped in while bringing the target in', async () => {
    const repo = await proposed();
    await write('ada', repo, 'main', { 'b.txt': 'theirs\n' });
    await refresh(repo, undefined);
    await write('agent', repo, 'session/1', { 'a.txt': text({ 3: 'mine', 28: 'more' }) });
    expect(changed(await diff(repo, '(revision: 3)'))).toEqual(['-line 28', '+more']);
    // By a merge and a change at once, as a push or a conflict's resolution can make it.
    const other = await proposed();
    await write('ada', other, 'main', { 'a.txt': text({ 3: 'theirs', 20: 'quiet' }), 'd.txt': 'd\n' });
    await refresh(other, [{ content: { path: 'a.txt', text: text({ 3: 'both', 20: 'quiet', 29: 'slipped in' }) } }]);
    const shown = await diff(other, '(revision: 2)');
    expect(changed(shown)).toEqual(['-mine', '+both', '-line 29', '+slipped in']);
    expect(shown.unmerged).toEqual(['a.txt']);
    expect(shown).toMatchObject({ files: { nodes: [{ path: 'a.txt', oldBlob: { text: text({ 3: 'mine', 20: 'quiet' }), url: null } }] } });
  });

  test('shows a whole file as it was reviewed where its sides have no lines to merge', async () => {
    const repo = await proposed();
    await write('agent', repo, 'session/1', { 'b.txt': 'mine\n' });
    receiptOf(await createCheckpoint(gateway.as('ada'), { repo, branch: 'main', message: 'Drop', changes: [{ delete: { path: 'b.txt' } }] }));
    await refresh(repo, [{ delete: { path: 'b.txt' } }]);
    const shown = await diff(repo, '(revision: 3)');
    expect(changed(shown)).toEqual(['-mine']);
    expect(shown.unmerged).toEqual(['b.txt']);
  });

  test('is all that another target would get besides', async () => {
    const repo = await proposed();
    receiptOf(await createBranch(gateway.as('ada'), { repo, name: 'release', from: 'main' }));
    await write('ada', repo, 'main', { 'd.txt': 'd\n' });
    await refresh(repo);
    receiptOf(await updateProposal(gateway.as('agent'), { repo, number: 1, target: 'release' }));
    // Into main it had one change; into release, which has no d.txt, it brings that along.
    expect(changed(await diff(repo, '(revision: 3)'))).toEqual(['+d']);
    expect(changed(await diff(repo, ''))).toEqual(['-line 3', '+mine', '+d']);
  });
});

describe('what is new since a review', () => {
  test('is the author’s work since that reviewer’s own, the target left out, and everything for who has not reviewed', async () => {
    const repo = await proposed();
    await review(repo, 'reviewer');
    expect(changed(await diff(repo, '(sinceReview: true)'))).toEqual([]);
    await write('agent', repo, 'session/1', { 'c.txt': 'c\n' });
    await write('ada', repo, 'main', { 'a.txt': text({ 20: 'theirs' }), 'd.txt': 'd\n' });
    await refresh(repo);
    await write('agent', repo, 'session/1', { 'a.txt': text({ 3: 'mine', 20: 'theirs', 28: 'more' }) });
    expect(changed(await diff(repo, '(sinceReview: true)'))).toEqual(['-line 28', '+more', '+c']);
    expect(changed(await diff(repo, '(sinceReview: true)', 'other'))).toEqual(['-line 3', '+mine', '-line 28', '+more', '+c']);
    expect(changed(await diff(repo, '(sinceReview: false)'))).toEqual(['-line 3', '+mine', '-line 28', '+more', '+c']);
    await review(repo, 'reviewer');
    expect(changed(await diff(repo, '(sinceReview: true)'))).toEqual([]);
  });

  test('is not asked together with a revision', async () => {
    const repo = await proposed();
    const answer = await gateway.tryRun('reviewer', 'query ($repo: String!) { repo(name: $repo) { proposal(number: 1) { diff(sinceReview: true, revision: 1) { id } } } }', { repo });
    expect(answer.code).toBe('INVALID_ARGUMENT');
  });
});

describe('a diff between revisions on different bases', () => {
  test('is itself by its node id and at its address, and so is each of its files', async () => {
    const repo = await proposed();
    await review(repo, 'reviewer');
    await write('ada', repo, 'main', { 'd.txt': 'd\n' });
    await refresh(repo);
    await write('agent', repo, 'session/1', { 'c.txt': 'c\n' });
    const shown = await diff(repo, '(sinceReview: true)');
    const again = await gateway.run('reviewer', `query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Diff { ${DIFF} file(path: "c.txt") { id patch } } } }`, { ids: [shown.id] });
    expect(again.at('nodes.0')).toMatchObject({ ...shown });
    const file = again.text('nodes.0.file.id');
    expect((await gateway.run('reviewer', 'query ($id: ID!) { node(id: $id) { id ... on DiffFile { patch } } }', { id: file })).at('node')).toEqual({ id: file, patch: again.at('nodes.0.file.patch') });
    expect(new URL(shown.patchUrl, 'http://weir').searchParams.get('over')).toMatch(/^[0-9a-f]{40}$/u);
  });

  test('is hidden from who cannot read one of its commits, and malformed ids name nothing', async () => {
    const shown = await crossing();
    expect(await idOf(shown.id)).toEqual({ id: shown.id });
    expect(await idOf(shown.id, { readBranches: ['main'] })).toBeNull();
    expect(await idOf(shown.id.replace('~', '~0'))).toBeNull();
    expect(await idOf(shown.id.replace(/~([0-9a-f]{40})/u, '~$1~$1'))).toBeNull();
    expect(await idOf(shown.id.replace(/:([0-9a-f]{40}):/u, ':-:'))).toBeNull();
    expect(await idOf(shown.id.replace(/~[0-9a-f]{40}/u, `~${'0'.repeat(40)}`))).toBeNull();
  });
});
