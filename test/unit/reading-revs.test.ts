import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RepoRecord } from '../../src/domain/repo.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { QueryError } from '../../src/operations/reading/query-error.js';
import { readNode } from '../../src/operations/reading/read-node.js';
import { readBranches, readProposals, readRepos } from '../../src/operations/reading/read-lists.js';
import { mayReadCommit } from '../../src/operations/reading/readable-commit.js';
import { readableRepo } from '../../src/operations/reading/readable-repo.js';
import { resolveRev } from '../../src/operations/reading/resolve-rev.js';
import type { Request } from '../../src/operations/request.js';
import { openOperations, receiptOf, type OperationsFixture } from '../support/operations.js';

let fixture: OperationsFixture;
let ada: Request;
let repo: RepoRecord;
let openHead: string;
let hiddenHead: string;
let hiddenBranchId: number;
let openBranchId: number;
let proposalId: number;

const FIRST_PAGE = { count: 50, after: null, backward: false };

function fresh(readBranches: readonly string[] = ['**']): Request {
  return fixture.as('eve', { readBranches });
}

async function write(branch: string, text: string): Promise<string> {
  receiptOf(await createCheckpoint(fixture.as('ada'), { repo: 'team/app', branch, message: text, changes: [{ write: { path: 'f.txt', text } }] }));
  const written = await fixture.as('ada').reader.branchByName(repo.id, branch);
  return written?.head ?? '';
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    return `answered ${JSON.stringify(await promise)}`;
  } catch (error) {
    if (error instanceof QueryError) return error.code;
    throw error;
  }
}

beforeAll(async () => {
  fixture = await openOperations();
  ada = fixture.as('ada');
  const made = receiptOf(await createRepo(ada, { name: 'team/app', files: [{ path: 'f.txt', text: 'start' }] }));
  const row = await fixture.as('ada').reader.repo(made.repoId);
  if (row === null) throw new TypeError('no repository');
  repo = row;
  openBranchId = receiptOf(await createBranch(fixture.as('ada'), { repo: 'team/app', name: 'open/one' })).branchId;
  hiddenBranchId = receiptOf(await createBranch(fixture.as('ada'), { repo: 'team/app', name: 'secret/two' })).branchId;
  openHead = await write('open/one', 'open');
  hiddenHead = await write('secret/two', 'hidden');
  proposalId = receiptOf(await openProposal(fixture.as('ada'), { repo: 'team/app', source: 'secret/two', title: 'hidden work' })).proposalId;
});

afterAll(() => fixture.close());

describe('a rev', () => {
  test('is read as checkpoint, proposal, node id, branch, object id and abbreviation', async () => {
    const all = fresh();
    const revs = ['checkpoint:1@open/one', 'open/one', `Branch:${openBranchId}`, `Commit:${repo.id}:${openHead}`, openHead, openHead.toUpperCase(), openHead.slice(0, 10), `checkpoint:1@Branch:${openBranchId}`];
    for (const rev of revs) expect([rev, (await resolveRev(all, repo, rev)).oid]).toEqual([rev, openHead]);
    for (const rev of ['proposal:1', `Proposal:${proposalId}`, 'secret/two']) expect([rev, (await resolveRev(all, repo, rev)).oid]).toEqual([rev, hiddenHead]);
    expect((await resolveRev(all, repo, 'open/one')).branch?.name).toBe('open/one');
    expect((await resolveRev(all, repo, openHead)).branch).toBeNull();
  });

  test('that names nothing is UNKNOWN_REV, whatever its form, and no other syntax of git is known', async () => {
    for (const rev of ['', 'nowhere', 'HEAD', 'main~1', 'main^', 'main@{1}', 'tag:v1', 'checkpoint:9@main', 'proposal:9', '0'.repeat(40), '0000000', openHead.slice(0, 6), `Commit:${repo.id + 1}:${openHead}`, 'Repo:1', 'refs/heads/main']) {
      expect([rev, await codeOf(resolveRev(fresh(), repo, rev))]).toEqual([rev, 'UNKNOWN_REV']);
    }
  });
});

describe('a key that may read some branches only', () => {
  const limited = ['main', 'open/**'];

  test('reads what its branches reach, by every form of rev', async () => {
    for (const rev of ['main', 'open/one', openHead, openHead.slice(0, 12), `Commit:${repo.id}:${openHead}`]) expect((await resolveRev(fresh(limited), repo, rev)).oid).toMatch(/^[0-9a-f]{40}$/);
  });

  test('finds nothing of a hidden branch: not by name, checkpoint, proposal, object id, abbreviation or node id', async () => {
    const checkpoint = await ada.reader.checkpointByNumber(hiddenBranchId, 1);
    for (const rev of ['secret/two', 'checkpoint:1@secret/two', 'proposal:1', hiddenHead, hiddenHead.slice(0, 12), `Branch:${hiddenBranchId}`, `Proposal:${proposalId}`, `Checkpoint:${checkpoint?.id ?? 0}`, `Commit:${repo.id}:${hiddenHead}`]) {
      expect([rev, await codeOf(resolveRev(fresh(limited), repo, rev))]).toEqual([rev, 'UNKNOWN_REV']);
    }
    for (const id of [`Branch:${hiddenBranchId}`, `Proposal:${proposalId}`, `Commit:${repo.id}:${hiddenHead}`, `Tree:${repo.id}:${hiddenHead}:`, `File:${repo.id}:${hiddenHead}:f.txt`]) {
      expect([id, await readNode(fresh(limited), id)]).toEqual([id, null]);
      expect([id, await readNode(fresh(), id)]).not.toEqual([id, null]);
    }
    expect(await readNode(fresh(limited), `Diff:${repo.id}:${openHead}:${hiddenHead}:${openHead}:3.0.1.50`)).toBeNull();
    expect(await readNode(fresh(), `Diff:${repo.id}:${openHead}:${hiddenHead}:${openHead}:3.0.1.50`)).not.toBeNull();
  });

  test('lists branches and proposals without the hidden ones', async () => {
    const names = async (request: Request): Promise<string[]> => (await readBranches(request, repo, null, null, FIRST_PAGE)).edges.map((edge) => edge.node.name);
    expect(await names(fresh(limited))).toEqual(['main', 'open/one']);
    expect(await names(fresh())).toEqual(['main', 'open/one', 'secret/two']);
    expect((await readProposals(fresh(limited), repo, null, FIRST_PAGE)).edges).toEqual([]);
    expect((await readProposals(fresh(), null, { source: `Branch:${hiddenBranchId}` }, FIRST_PAGE)).edges).toHaveLength(1);
    expect((await readProposals(fresh(limited), null, { source: `Branch:${hiddenBranchId}` }, FIRST_PAGE)).edges).toEqual([]);
  });

  test('asks the database for tips once, however many ids it asks about', async () => {
    const request = fresh(limited);
    let asked = 0;
    const reader = new Proxy(request.reader, {
      get(target, name) {
        if (name === 'tips') asked++;
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? (...args: unknown[]): unknown => Reflect.apply(member, target, args) : member;
      },
    });
    const counted = { ...request, reader };
    const answers = await Promise.all([openHead, hiddenHead, openHead, '1'.repeat(40)].map((oid) => mayReadCommit(counted, repo, oid)));
    expect(answers).toEqual([true, false, true, false]);
    expect(asked).toBe(1);
  });
});

describe('a repository', () => {
  test('is found by name and node id, and is absent for keys whose globs or scopes do not reach it', async () => {
    expect((await readableRepo(fresh(), 'team/app'))?.id).toBe(repo.id);
    expect((await readableRepo(fresh(), `Repo:${repo.id}`))?.id).toBe(repo.id);
    for (const key of [{ repos: ['other/**'] }, { scopes: [] }]) {
      const request = fixture.as('eve', key);
      expect(await readableRepo(request, 'team/app')).toBeNull();
      expect(await readableRepo(request, `Repo:${repo.id}`)).toBeNull();
      expect((await readRepos(request, null, null, FIRST_PAGE)).edges).toEqual([]);
    }
  });
});
