import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { rejectProposal } from '../../src/operations/proposal/reject-proposal.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { readCommit } from '../../src/git/objects/commit.js';
import { parseTrailers } from '../../src/git/objects/trailers.js';
import { entryAt } from '../../src/git/objects/walk-tree.js';
import { openOperations, problemOf, receiptOf, type OperationsFixture } from '../support/operations.js';

let fixture: OperationsFixture;

beforeAll(async () => {
  fixture = await openOperations();
});
afterAll(async () => fixture.close());

async function makeRepo(name: string): Promise<number> {
  return receiptOf(await createRepo(fixture.as('owner'), { name, files: [{ path: 'README.md', text: '# Hello\n' }, { path: 'src/a.txt', text: 'one\ntwo\nthree\n' }] })).repoId;
}

async function write(actor: string, repo: string, branch: string, path: string, text: string): Promise<void> {
  receiptOf(await createCheckpoint(fixture.as(actor), { repo, branch, message: `Write ${path}`, changes: [{ write: { path, text } }] }));
}

async function headOf(repoId: number, branch: string): Promise<string> {
  const found = await fixture.app.storage.reader().branchByName(repoId, branch);
  return found?.head ?? '';
}

describe('the approval flow', () => {
  it('takes an agent’s checkpoint through a proposal and an approval into the default branch', async () => {
    const repoId = await makeRepo('flow');
    receiptOf(await createBranch(fixture.as('agent'), { repo: 'flow', name: 'session/1', runId: 'run-1', sessionId: '1' }));
    const made = receiptOf(
      await createCheckpoint(fixture.as('agent'), {
        repo: 'flow',
        branch: 'session/1',
        message: 'Add a widget',
        prompt: 'please add a widget',
        metadata: [{ key: 'Model', value: 'm1' }],
        changes: [{ write: { path: 'src/widget.ts', text: 'export const widget = 1;\n' } }, { edit: { path: 'src/a.txt', replace: [{ find: 'two', with: 'zwei' }] } }],
      }),
    );
    const checkpoint = await fixture.app.storage.reader().checkpoint(made.checkpointId);
    expect(checkpoint).toMatchObject({ number: 1, origin: 'API', state: 'CURRENT', runId: 'run-1', createdBy: 'agent' });
    const objects = fixture.app.storage.objects.open(repoId);
    const commit = await readCommit(objects, await headOf(repoId, 'session/1'));
    expect(parseTrailers(commit.message)).toEqual([
      { key: 'Model', value: 'm1' },
      { key: 'Weir-Run', value: 'run-1' },
      { key: 'Weir-Session', value: '1' },
      { key: 'Weir-Actor', value: 'agent' },
      { key: 'Weir-Checkpoint', value: '1@session/1' },
    ]);

    const opened = receiptOf(await openProposal(fixture.as('agent'), { repo: 'flow', source: 'session/1', title: 'A widget' }));
    const head = commit.oid;
    expect(problemOf(await mergeProposal(fixture.as('owner'), { repo: 'flow', number: 1, expectedHead: head })).code).toBe('RULES_UNMET');
    expect(problemOf(await reviewProposal(fixture.as('agent'), { repo: 'flow', number: 1, verdict: 'APPROVE', head })).code).toBe('FORBIDDEN');
    receiptOf(await reviewProposal(fixture.as('reviewer'), { repo: 'flow', number: 1, verdict: 'APPROVE', head }));
    const merged = receiptOf(await mergeProposal(fixture.as('owner'), { repo: 'flow', number: 1, expectedHead: head }));
    expect(merged.outcome).toBe('MERGED');
    const tip = await readCommit(objects, await headOf(repoId, 'main'));
    expect(tip.parents).toHaveLength(2);
    expect(await entryAt(objects, tip.tree, 'src/widget.ts')).not.toBeNull();
    expect(await fixture.app.storage.reader().proposal(opened.proposalId)).toMatchObject({ state: 'MERGED', mergeCommit: tip.oid, closedBy: 'owner' });
  });

  it('refuses a merge when the head moved after the approval', async () => {
    await makeRepo('moved');
    receiptOf(await createBranch(fixture.as('agent'), { repo: 'moved', name: 'session/1' }));
    await write('agent', 'moved', 'session/1', 'a.txt', '1\n');
    const { repoId } = receiptOf(await openProposal(fixture.as('agent'), { repo: 'moved', source: 'session/1', title: 'One' }));
    const judged = await headOf(repoId, 'session/1');
    receiptOf(await reviewProposal(fixture.as('reviewer'), { repo: 'moved', number: 1, verdict: 'APPROVE', head: judged }));
    await write('agent', 'moved', 'session/1', 'a.txt', '2\n');
    expect(problemOf(await mergeProposal(fixture.as('owner'), { repo: 'moved', number: 1, expectedHead: judged }))).toMatchObject({ code: 'STALE_HEAD', expectedHead: judged });
    const now = await headOf(repoId, 'session/1');
    expect(problemOf(await mergeProposal(fixture.as('owner'), { repo: 'moved', number: 1, expectedHead: now })).code).toBe('RULES_UNMET');
  });

  it('answers a conflict with its paths and writes nothing', async () => {
    const repoId = await makeRepo('conflict');
    receiptOf(await createBranch(fixture.as('agent'), { repo: 'conflict', name: 'session/1' }));
    await write('agent', 'conflict', 'session/1', 'src/a.txt', 'one\nTWO\nthree\n');
    await write('owner', 'conflict', 'main', 'src/a.txt', 'one\n2\nthree\n');
    const before = await headOf(repoId, 'main');
    const problem = problemOf(await mergeBranch(fixture.as('owner'), { repo: 'conflict', from: 'session/1', into: 'main' }));
    expect(problem).toMatchObject({ code: 'MERGE_CONFLICTED', conflicts: [{ path: 'src/a.txt', kind: 'CONTENT' }] });
    expect(await headOf(repoId, 'main')).toBe(before);
  });

  it('squashes twice from one branch without conflicting with itself', async () => {
    const repoId = await makeRepo('squash');
    receiptOf(await createBranch(fixture.as('agent'), { repo: 'squash', name: 'session/1' }));
    await write('agent', 'squash', 'session/1', 'src/a.txt', 'one\nTWO\nthree\n');
    expect(receiptOf(await mergeBranch(fixture.as('owner'), { repo: 'squash', from: 'session/1', into: 'main', strategy: 'SQUASH' })).outcome).toBe('MERGED');
    await write('agent', 'squash', 'session/1', 'src/a.txt', 'one\nTWO!\nthree\n');
    expect(receiptOf(await mergeBranch(fixture.as('owner'), { repo: 'squash', from: 'session/1', into: 'main', strategy: 'SQUASH' })).outcome).toBe('MERGED');
    const objects = fixture.app.storage.objects.open(repoId);
    const tip = await readCommit(objects, await headOf(repoId, 'main'));
    const entry = await entryAt(objects, tip.tree, 'src/a.txt');
    expect((await objects.read(entry?.oid ?? '')).content.toString()).toBe('one\nTWO!\nthree\n');
    expect(tip.parents).toHaveLength(1);
  });

  it('rejects with a reason and takes the branch away when asked', async () => {
    const repoId = await makeRepo('rejected');
    receiptOf(await createBranch(fixture.as('agent'), { repo: 'rejected', name: 'session/1' }));
    await write('agent', 'rejected', 'session/1', 'x.txt', 'x\n');
    receiptOf(await openProposal(fixture.as('agent'), { repo: 'rejected', source: 'session/1', title: 'X' }));
    receiptOf(await rejectProposal(fixture.as('reviewer'), { repo: 'rejected', number: 1, reason: 'not wanted', deleteSource: true }));
    expect(await headOf(repoId, 'session/1')).toBe('');
    expect(problemOf(await rejectProposal(fixture.as('reviewer'), { repo: 'rejected', number: 1, reason: 'again' })).code).toBe('INVALID_STATE');
  });

  it('lets 16 writers append to one branch at once without refusing any', async () => {
    const repoId = await makeRepo('contended');
    await Promise.all(Array.from({ length: 16 }, (_, n) => write(`agent${n}`, 'contended', 'main', `file-${n}.txt`, `${n}\n`)));
    const branch = await fixture.app.storage.reader().branchByName(repoId, 'main');
    expect(branch?.version).toBe(17);
    expect(branch?.nextCheckpoint).toBe(18);
    const objects = fixture.app.storage.objects.open(repoId);
    const tip = await readCommit(objects, branch?.head ?? '');
    for (let n = 0; n < 16; n++) expect(await entryAt(objects, tip.tree, `file-${n}.txt`)).not.toBeNull();
  });

  it('answers a repeated call with the first outcome, and refuses the key with other input', async () => {
    await makeRepo('repeated');
    const input = { repo: 'repeated', branch: 'main', message: 'Once', changes: [{ write: { path: 'once.txt', text: 'once\n' } }], idempotencyKey: 'k-1' };
    const first = receiptOf(await createCheckpoint(fixture.as('agent'), input));
    const again = await createCheckpoint(fixture.as('agent'), input);
    expect(again).toMatchObject({ ok: true, replayed: true, receipt: first });
    expect(problemOf(await createCheckpoint(fixture.as('agent'), { ...input, message: 'Twice' }))).toMatchObject({ code: 'INVALID_INPUT', field: 'idempotencyKey' });
    const both = await Promise.all([1, 2, 3].map(() => createCheckpoint(fixture.as('agent'), { ...input, idempotencyKey: 'k-2' })));
    expect(new Set(both.map((outcome) => receiptOf(outcome).checkpointId)).size).toBe(1);
  });

  it('keeps the default branch and frees the name of a deleted one', async () => {
    await makeRepo('deleting');
    expect(problemOf(await deleteBranch(fixture.as('owner'), { repo: 'deleting', name: 'main' })).code).toBe('PROTECTED_BRANCH');
    receiptOf(await createBranch(fixture.as('agent'), { repo: 'deleting', name: 'session/1' }));
    expect(problemOf(await createBranch(fixture.as('agent'), { repo: 'deleting', name: 'session/1' })).code).toBe('NAME_TAKEN');
    receiptOf(await deleteBranch(fixture.as('agent'), { repo: 'deleting', name: 'session/1' }));
    receiptOf(await createBranch(fixture.as('agent'), { repo: 'deleting', name: 'session/1' }));
  });
});
