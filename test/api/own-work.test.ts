import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { openOperations, problemOf, receiptOf, type OperationsFixture } from '../support/operations.js';

let fixture: OperationsFixture;
let count = 0;

beforeAll(async () => {
  fixture = await openOperations();
});
afterAll(async () => fixture.close());

async function makeRepo(): Promise<string> {
  const name = `own-${count++}`;
  receiptOf(await createRepo(fixture.as('owner'), { name, files: [{ path: 'a.txt', text: 'a\n' }] }));
  return name;
}

async function branch(actor: string, repo: string, name: string, from: string): Promise<void> {
  receiptOf(await createBranch(fixture.as(actor), { repo, name, from }));
}

async function write(actor: string, repo: string, name: string, path: string): Promise<void> {
  receiptOf(await createCheckpoint(fixture.as(actor), { repo, branch: name, message: `Write ${path}`, changes: [{ write: { path, text: `${actor}\n` } }] }));
}

/** Opens a proposal of `source` and says how an approval by `actor`, with this key, is answered. */
async function approve(opener: string, repo: string, source: string, actor: string, keyId?: string): Promise<ReturnType<typeof reviewProposal>> {
  const { proposalId } = receiptOf(await openProposal(fixture.as(opener), { repo, source, title: 'Work' }));
  const proposal = await fixture.app.storage.reader().proposal(proposalId);
  return reviewProposal(fixture.as(actor, keyId === undefined ? {} : { id: keyId }), { repo, number: 1, verdict: 'APPROVE', head: proposal?.head ?? '' });
}

describe('nobody approves their own work', () => {
  it('not as the author of the proposal, nor with the key that wrote it under another name', async () => {
    const repo = await makeRepo();
    await branch('agent', repo, 'session/1', 'main');
    await write('agent', repo, 'session/1', 'x.txt');
    const keyId = fixture.as('agent').viewer.key.id;
    expect(problemOf(await approve('agent', repo, 'session/1', 'somebody', keyId)).code).toBe('FORBIDDEN');
  });

  it('not when somebody else cut a branch from theirs and proposes that', async () => {
    const repo = await makeRepo();
    await branch('agent', repo, 'session/1', 'main');
    await write('agent', repo, 'session/1', 'x.txt');
    await branch('other', repo, 'session/2', 'session/1');
    expect(problemOf(await approve('other', repo, 'session/2', 'agent')).code).toBe('FORBIDDEN');
  });

  it('not when somebody else merged theirs into what is proposed', async () => {
    const repo = await makeRepo();
    await branch('agent', repo, 'session/1', 'main');
    await write('agent', repo, 'session/1', 'x.txt');
    await branch('other', repo, 'session/2', 'main');
    await write('other', repo, 'session/2', 'y.txt');
    receiptOf(await mergeBranch(fixture.as('other'), { repo, from: 'session/1', into: 'session/2' }));
    expect(problemOf(await approve('other', repo, 'session/2', 'agent')).code).toBe('FORBIDDEN');
  });

  it('but whoever wrote what the target has already may approve what is new', async () => {
    const repo = await makeRepo();
    await write('agent', repo, 'main', 'x.txt');
    await branch('other', repo, 'session/2', 'main');
    await write('other', repo, 'session/2', 'y.txt');
    expect((await approve('other', repo, 'session/2', 'agent')).ok).toBe(true);
  });
});
