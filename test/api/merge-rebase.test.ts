import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTrailers } from '../../src/git/objects/trailers.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import type { CreateCheckpointInput, MergeBranchInput } from '../../src/operations/inputs.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { readConflicts } from '../../src/operations/reading/comparing/read-conflicts.js';
import { previewDiff, previewMerge } from '../../src/operations/reading/comparing/read-merge-preview.js';
import { readChanges } from '../../src/operations/reading/comparing/read-diff.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { openSchemaGateway } from '../contract/schema-gateway.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const ADA = { name: 'Ada', email: 'ada@example.org' };

async function checkpoint(repo: string, branch: string, path: string, text: string, more: Partial<CreateCheckpointInput> = {}): Promise<void> {
  receiptOf(await createCheckpoint(world.as('agent'), { repo, branch, message: `Write ${path}`, changes: [{ write: { path, text } }], ...more }));
}

/** Two commits on session/1 and one on main, in different files. */
async function diverged(): Promise<{ readonly repo: string; readonly repoId: number; readonly ours: string; readonly theirs: string }> {
  const { repo, repoId } = await world.repo();
  receiptOf(await createBranch(world.as('agent'), { repo, name: 'session/1' }));
  await checkpoint(repo, 'session/1', 'first', 'first\n', { author: ADA, message: 'First\n\nWith a body', metadata: [{ key: 'Ticket', value: 'T-1' }], runId: 'run-1' });
  await checkpoint(repo, 'session/1', 'second', 'second\n');
  await world.put('owner', repo, 'main', 'ours', 'ours\n');
  return { repo, repoId, ours: await world.head(repoId, 'main'), theirs: await world.head(repoId, 'session/1') };
}

function rebase(repo: string, more: Partial<MergeBranchInput> = {}): ReturnType<typeof mergeBranch> {
  return mergeBranch(world.as('owner'), { repo, from: 'session/1', into: 'main', strategy: 'REBASE', ...more });
}

/** The messages' first lines from a commit back along first parents, newest first, down to (without) `end`. */
async function line(repoId: number, from: string, end: string): Promise<string[]> {
  const found: string[] = [];
  for (let at = from; at !== end; ) {
    const commit = await world.commit(repoId, at);
    found.push(commit.message.split('\n')[0] ?? '');
    at = commit.parents[0] ?? end;
  }
  return found;
}

describe('merging by REBASE', () => {
  it('replays each commit onto the target with author, message and trailers, in one pack and one checkpoint', async () => {
    const { repo, repoId, ours, theirs } = await diverged();
    const packs = (): Promise<number> => world.count((sql) => sql`select count(*) from pack where repo_id = ${repoId}`);
    const before = await packs();
    const receipt = receiptOf(await rebase(repo, { message: 'Bring it in' }));
    expect(receipt.outcome).toBe('MERGED');
    const second = await world.commit(repoId, receipt.commit ?? '');
    const first = await world.commit(repoId, second.parents[0] ?? '');
    const [oldSecond, oldFirst] = [await world.commit(repoId, theirs), await world.commit(repoId, (await world.commit(repoId, theirs)).parents[0] ?? '')];
    expect(first).toMatchObject({ parents: [ours], author: oldFirst.author, message: oldFirst.message, committer: { name: 'Weir' } });
    expect(first.author).toMatchObject(ADA);
    expect(parseTrailers(first.message)).toEqual(expect.arrayContaining([{ key: 'Ticket', value: 'T-1' }, { key: 'Weir-Run', value: 'run-1' }, { key: 'Weir-Checkpoint', value: '1@session/1' }]));
    expect(second).toMatchObject({ parents: [first.oid], author: oldSecond.author, message: oldSecond.message });
    expect(await world.files(repoId, first.oid)).not.toHaveProperty('second');
    expect(await world.files(repoId, second.oid)).toMatchObject({ first: 'first\n', second: 'second\n', ours: 'ours\n' });
    expect(await packs()).toBe(before + 1);
    const target = await world.branch(repoId, 'main');
    expect(target).toMatchObject({ head: second.oid, version: 3, nextCheckpoint: 4 });
    expect(await world.app.storage.reader().checkpoint(target.checkpointId ?? 0)).toMatchObject({ number: 3, origin: 'MERGE', before: ours, message: 'Bring it in' });
    expect((await world.app.storage.graph(repoId)).row(first.oid)).toMatchObject({ parents: [ours], generation: 3, tree: first.tree });
    await world.expectWholeLog(repoId);
  });

  it('lets the branch go on: the next merge by any strategy brings only what is new', async () => {
    const told = { REBASE: ['Write first'], SQUASH: ['Merge session/1 into main'], MERGE: ['Merge session/1 into main'] };
    for (const strategy of ['REBASE', 'SQUASH', 'MERGE'] as const) {
      const { repo, repoId } = await diverged();
      const { commit: landed } = receiptOf(await rebase(repo));
      expect(receiptOf(await rebase(repo))).toMatchObject({ outcome: 'UP_TO_DATE', operation: null });
      await checkpoint(repo, 'session/1', 'first', 'first, better\n');
      await world.put('owner', repo, 'main', 'second', 'second, by main\n');
      const target = await world.head(repoId, 'main');
      const { commit } = receiptOf(await rebase(repo, { strategy }));
      expect(await world.files(repoId, commit ?? '')).toMatchObject({ first: 'first, better\n', second: 'second, by main\n', ours: 'ours\n' });
      expect(await line(repoId, commit ?? '', target)).toEqual(told[strategy]);
      expect(landed).not.toBe(commit);
    }
  });

  it('lets it go on also where it has taken in an older state of the target since', async () => {
    const { repo, repoId } = await world.repo();
    await world.put('owner', repo, 'main', 'shared', '1\n2\n3\n');
    receiptOf(await createBranch(world.as('agent'), { repo, name: 'session/1' }));
    await checkpoint(repo, 'session/1', 'work', 'work\n');
    await world.put('owner', repo, 'main', 'shared', '1\nmain\n3\n');
    receiptOf(await createBranch(world.as('owner'), { repo, name: 'older', from: 'main' }));
    receiptOf(await rebase(repo, { strategy: 'SQUASH' }));
    receiptOf(await mergeBranch(world.as('owner'), { repo, from: 'older', into: 'session/1' }));
    await world.put('owner', repo, 'main', 'shared', '1\nmain, again\n3\n');
    await checkpoint(repo, 'session/1', 'work', 'work, better\n');
    const { commit } = receiptOf(await rebase(repo, { strategy: 'MERGE' }));
    expect(await world.files(repoId, commit ?? '')).toMatchObject({ shared: '1\nmain, again\n3\n', work: 'work, better\n' });
  });

  it('only moves the target where the source is a line of commits on its head', async () => {
    const { repo, repoId } = await world.repo();
    const { head } = await world.worked(repo, 'session/1');
    expect(receiptOf(await rebase(repo))).toMatchObject({ outcome: 'FAST_FORWARD', commit: head });
    expect(await world.head(repoId, 'main')).toBe(head);
  });

  it('leaves merges out, and keeps commits that never changed anything', async () => {
    const { repo, repoId, ours } = await diverged();
    receiptOf(await createBranch(world.as('agent'), { repo, name: 'side', from: 'session/1' }));
    await checkpoint(repo, 'side', 'side', 'side\n');
    await checkpoint(repo, 'session/1', 'third', 'third\n');
    receiptOf(await mergeBranch(world.as('agent'), { repo, from: 'side', into: 'session/1' }));
    await checkpoint(repo, 'session/1', 'first', 'first\n', { message: 'Nothing' });
    const { commit } = receiptOf(await rebase(repo));
    const replayed = await line(repoId, commit ?? '', ours);
    expect(replayed.toSorted()).toEqual(['First', 'Nothing', 'Write second', 'Write side', 'Write third']);
    expect(replayed[0]).toBe('Nothing');
    expect(await world.files(repoId, commit ?? '')).toMatchObject({ first: 'first\n', second: 'second\n', third: 'third\n', side: 'side\n' });
  });

  it('leaves out commits whose change the target has, and answers UP_TO_DATE when it has them all', async () => {
    const { repo, repoId } = await diverged();
    await world.put('owner', repo, 'main', 'first', 'first\n');
    const target = await world.head(repoId, 'main');
    const { commit } = receiptOf(await rebase(repo));
    expect(await line(repoId, commit ?? '', target)).toEqual(['Write second']);

    const all = await diverged();
    await world.write('owner', all.repo, 'main', { write: { path: 'first', text: 'first\n' } }, { write: { path: 'second', text: 'second\n' } });
    expect(await world.withoutTrace(() => rebase(all.repo))).toMatchObject({ ok: true, receipt: { outcome: 'UP_TO_DATE', operation: null } });
  });

  it('loses none of six branches that are rebased onto one at the same time', async () => {
    const { repo, repoId } = await world.repo();
    const names = Array.from({ length: 6 }, (_, n) => `session/${n}`);
    for (const name of names) await world.worked(repo, name);
    const root = await world.head(repoId, 'main');
    const outcomes = await Promise.all(names.map((from, n) => mergeBranch(world.as(`owner${n}`), { repo, from, into: 'main', strategy: 'REBASE' })));
    expect(tally(outcomes)).toEqual({ done: 6, refused: [] });
    const head = await world.head(repoId, 'main');
    expect(await line(repoId, head, root)).toHaveLength(6);
    expect(Object.keys(await world.files(repoId, head))).toEqual(expect.arrayContaining(names.map((name) => `${name}.txt`)));
    await world.expectWholeLog(repoId);
  });

  it('merges proposals too, by exactly what was reviewed', async () => {
    const { repo, repoId, ours, theirs } = await diverged();
    const { proposalId } = receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', title: 'Work' }));
    receiptOf(await reviewProposal(world.as('reviewer'), { repo, number: 1, verdict: 'APPROVE', head: theirs }));
    const { commit } = receiptOf(await mergeProposal(world.as('owner'), { repo, number: 1, expectedHead: theirs, strategy: 'REBASE' }));
    expect(await line(repoId, commit ?? '', ours)).toEqual(['Write second', 'First']);
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'MERGED', mergeCommit: commit });
  });
});

/** The second of three commits conflicts with the target, in `clash`; the third changes the same line once more. */
async function clashing(): Promise<{ readonly repo: string; readonly repoId: number; readonly ours: string; readonly theirs: string; readonly second: string }> {
  const { repo, repoId } = await world.repo();
  await world.put('owner', repo, 'main', 'clash', 'a\nb\nc\n');
  receiptOf(await createBranch(world.as('agent'), { repo, name: 'session/1' }));
  await checkpoint(repo, 'session/1', 'first', 'first\n');
  await checkpoint(repo, 'session/1', 'clash', 'a\ntheirs\nc\n');
  const second = await world.head(repoId, 'session/1');
  await checkpoint(repo, 'session/1', 'clash', 'a\ntheirs, better\nc\n');
  await world.put('owner', repo, 'main', 'clash', 'a\nours\nc\n');
  return { repo, repoId, ours: await world.head(repoId, 'main'), theirs: await world.head(repoId, 'session/1'), second };
}

describe('a rebase that conflicts', () => {
  it('names the commit, shows its sides, writes nothing, and is previewed alike', async () => {
    const { repo, repoId, ours, theirs, second } = await clashing();
    const problem = problemOf(await world.withoutTrace(() => rebase(repo)));
    expect(problem).toMatchObject({ code: 'MERGE_CONFLICTED', rebase: true, conflicts: [{ path: 'clash', kind: 'CONTENT' }] });
    const request = world.as('owner');
    const { edges } = await readConflicts(request, { repoId, ours, theirs, rebase: true }, { count: 10, after: null, backward: false });
    const parent = (await world.commit(repoId, second)).parents[0];
    expect(edges.map(({ node }) => [node.conflict.path, node.commit, node.at])).toEqual([['clash', second, { base: parent, ours: null, theirs: second }]]);
    expect(edges[0]?.node.conflict.markers?.toString()).toBe(`a\n<<<<<<< ${ours}\nours\n=======\ntheirs\n>>>>>>> ${second}\nc\n`);
    expect(await previewMerge(request, { repoId, ours, theirs }, 'REBASE')).toMatchObject({ outcome: 'CONFLICTED', tree: null, conflicts: [{ path: 'clash' }] });
  });

  it('takes resolutions commit by commit, several for one path in order', async () => {
    const { repo, repoId, ours, theirs } = await clashing();
    const once = [{ content: { path: 'clash', text: 'a\ndecided\nc\n' } }];
    expect(problemOf(await rebase(repo, { resolutions: once }))).toMatchObject({ code: 'MERGE_CONFLICTED', conflicts: [{ path: 'clash' }] });
    const twice = [...once, { take: { path: 'clash', side: 'THEIRS' as const } }];
    const view = await previewMerge(world.as('owner'), { repoId, ours, theirs, resolutions: twice }, 'REBASE');
    const { commit } = receiptOf(await rebase(repo, { resolutions: twice }));
    const last = await world.commit(repoId, commit ?? '');
    expect(await world.files(repoId, last.oid)).toMatchObject({ clash: 'a\ntheirs, better\nc\n' });
    expect(await world.files(repoId, last.parents[0] ?? '')).toMatchObject({ clash: 'a\ndecided\nc\n' });
    expect(view).toMatchObject({ outcome: 'MERGED', tree: last.tree });
    const diff = previewDiff(view, null);
    expect(diff === null ? [] : (await readChanges(world.as('owner'), diff)).map(({ path }) => path)).toEqual(['clash', 'first']);
    expect(problemOf(await rebase((await clashing()).repo, { resolutions: [...twice, ...once] }))).toMatchObject({ code: 'INVALID_INPUT', field: 'resolutions[2]', rule: 'resolution/twice' });
  });
});

describe('through the schema', () => {
  it('a client reads the commit, resolves its hunk, previews that and rebases', async () => {
    const gateway = await openSchemaGateway();
    try {
      await gateway.run('owner', 'mutation { createRepo(input: { name: "r", files: [{ path: "f", text: "1\\n2\\n3\\n" }] }) { __typename } }');
      await gateway.run('owner', 'mutation { createBranch(input: { repo: "r", name: "s" }) { __typename } }');
      const write = (branch: string, text: string): Promise<unknown> =>
        gateway.run('owner', 'mutation ($branch: String!, $text: String!) { createCheckpoint(input: { repo: "r", branch: $branch, message: "Edit", changes: [{ write: { path: "f", text: $text } }] }) { __typename } }', { branch, text });
      await write('s', '1\ns\n3\n');
      await write('main', '1\nm\n3\n');
      const merge = 'mutation ($resolutions: [ConflictResolution!]) { mergeBranch(input: { repo: "r", from: "s", into: "main", strategy: REBASE, resolutions: $resolutions }) { __typename ... on MergeBranchSuccess { outcome commit { treeOid } } ... on MergeConflicted { conflicts { edges { node { id path commit { oid } base { blob { text } } ours { blob { text } } theirs { blob { text } } hunks { id ours } } } } } } }';
      const refused = await gateway.run('owner', merge);
      expect(refused.text('mergeBranch.__typename')).toBe('MergeConflicted');
      const conflict = 'mergeBranch.conflicts.edges.0.node';
      const head = await gateway.run('owner', '{ repo(name: "r") { branch(name: "s") { headOid } } }');
      expect(refused.text(`${conflict}.commit.oid`)).toBe(head.text('repo.branch.headOid'));
      expect(['base', 'ours', 'theirs'].map((side) => refused.text(`${conflict}.${side}.blob.text`))).toEqual(['1\n2\n3\n', '1\nm\n3\n', '1\ns\n3\n']);
      const resolutions = [{ hunks: { path: 'f', hunks: [{ take: { id: refused.text(`${conflict}.hunks.0.id`), sides: ['OURS', 'THEIRS'] } }] } }];
      const preview = await gateway.run('owner', 'query ($r: [ConflictResolution!]) { repo(name: "r") { mergePreview(from: "s", into: "main", strategy: REBASE, resolutions: $r) { id outcome treeOid diff { patchUrl files { edges { node { patch newBlob { text } } } } } } } }', { r: resolutions });
      expect(preview.text('repo.mergePreview.outcome')).toBe('MERGED');
      expect(preview.text('repo.mergePreview.diff.files.edges.0.node.newBlob.text')).toBe('1\nm\ns\n3\n');
      const again = await gateway.run('owner', 'query ($id: ID!) { node(id: $id) { ... on MergePreview { treeOid } } }', { id: preview.text('repo.mergePreview.id') });
      expect(again.text('node.treeOid')).toBe(preview.text('repo.mergePreview.treeOid'));
      const done = await gateway.run('owner', merge, { resolutions });
      expect([done.text('mergeBranch.outcome'), done.text('mergeBranch.commit.treeOid')]).toEqual(['MERGED', preview.text('repo.mergePreview.treeOid')]);
    } finally {
      await gateway.close();
    }
  });
});
