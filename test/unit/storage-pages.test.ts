import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PageKeyInvalid } from '../../src/domain/ports/errors.js';
import type { Page, PageRequest } from '../../src/domain/ports/pages.js';
import type { BranchQuery, ProposalQuery, RepoQuery } from '../../src/domain/ports/reader.js';
import type { RepoRecord } from '../../src/domain/repo.js';
import { advance, expectRow, firstPage, makeBranch, makeRepo, newBranch, oidOf, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let fixture: StorageFixture;
const repos: RepoRecord[] = [];

/** Twelve repositories, each with five branches of two checkpoints, and 40 branches with telling names in the first. */
beforeAll(async () => {
  fixture = await openStorageFixture();
  const { storage } = fixture;
  for (let index = 0; index < 12; index++) {
    const repo = await makeRepo(storage, `pages/r${String(index).padStart(2, '0')}`);
    repos.push(repo);
    for (const name of ['main', 'session/s1', 'proposal/login-r1', 'wip', 'Zeta']) {
      const branch = await makeBranch(storage, repo.id, name, { runId: name === 'wip' ? 'run-1' : null, sessionId: name.startsWith('session/') ? 's1' : null });
      const moved = expectRow(await advance(storage, branch, oidOf(branch.id * 10)));
      expectRow(await advance(storage, moved.branch, oidOf(branch.id * 10 + 1)));
    }
  }
  const [first] = repos;
  await storage.transaction(async (tx) => {
    for (let index = 0; index < 40; index++) await tx.insertBranch(newBranch(expectRow(first).id, `many/${index % 2 === 0 ? 'even' : 'odd'}-${String(index).padStart(2, '0')}`));
  });
});
afterAll(() => fixture.close());

function repoAt(index: number): RepoRecord {
  return expectRow(repos[index]);
}

function branchQuery(repo: RepoRecord, more: Partial<BranchQuery> = {}): BranchQuery {
  return { repoId: repo.id, defaultBranch: 'main', nameGlobs: ['**'], nameContains: null, kind: null, runId: null, sessionId: null, deleted: false, states: null, idleAfter: 0, inactiveFor: null, marked: null, orderBy: 'NAME', descending: false, ...more };
}

function repoQuery(more: Partial<RepoQuery> = {}): RepoQuery {
  return { nameGlobs: ['pages/*'], nameContains: null, archived: null, orderBy: 'NAME', descending: false, ...more };
}

const ANY_PROPOSAL: Omit<ProposalQuery, 'repoId'> = { repoGlobs: ['**'], branchGlobs: ['**'], states: null, sourceBranchId: null, targetName: null, createdBy: null, runId: null };

/** All rows, walked page by page; checks on the way that the flags tell the truth. */
async function walk<Row>(load: (page: PageRequest) => Promise<Page<Row>>, count: number, backward: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  let after: string | null = null;
  for (;;) {
    const page: Page<Row> = await load({ count, after, backward });
    const nodes = page.edges.map(({ node }) => node);
    rows.splice(backward ? 0 : rows.length, 0, ...nodes);
    expect(backward ? page.hasNext : page.hasPrevious).toBe(after !== null);
    const more = backward ? page.hasPrevious : page.hasNext;
    if (!more) return rows;
    expect(nodes).toHaveLength(count);
    after = expectRow(backward ? page.edges[0] : page.edges.at(-1)).key;
  }
}

async function bothWays<Row>(load: (page: PageRequest) => Promise<Page<Row>>, counts: readonly number[]): Promise<Row[]> {
  const [forward, ...others] = await Promise.all(counts.flatMap((count) => [walk(load, count, false), walk(load, count, true)]));
  for (const other of others) expect(other).toEqual(forward);
  return expectRow(forward);
}

/** Names of the first repository's branches under a filter. */
async function names(more: Partial<BranchQuery>): Promise<string[]> {
  const branches = await bothWays((page) => fixture.storage.reader().branches(branchQuery(repoAt(0), more), page), [3, 50]);
  return branches.map((branch) => branch.name);
}

describe('walking pages', () => {
  it.each(['NAME', 'LAST_ACTIVITY', 'CREATED_AT'] as const)('of branches by %s is complete forwards and backwards, up and down', async (orderBy) => {
    const load = (descending: boolean) => (page: PageRequest) => fixture.storage.reader().branches(branchQuery(repoAt(0), { orderBy, descending }), page);
    const up = await bothWays(load(false), [1, 7, 100]);
    const down = await bothWays(load(true), [2, 44, 45]);
    expect(up).toHaveLength(45);
    expect(down).toEqual([...up].reverse());
    const keys = up.map((branch) => (orderBy === 'NAME' ? branch.name : orderBy === 'CREATED_AT' ? branch.createdAt.getTime() : branch.lastActivityAt.getTime()));
    expect(keys).toEqual([...keys].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
  });

  it('of branches under filters leaves out exactly what does not match', async () => {
    expect(await names({ nameGlobs: ['many/odd-*'] })).toHaveLength(20);
    expect(await names({ nameGlobs: ['*'] })).toEqual(['Zeta', 'main', 'wip']);
    expect(await names({ nameGlobs: ['session/*', 'proposal/**'] })).toEqual(['proposal/login-r1', 'session/s1']);
    expect(await names({ nameGlobs: [] })).toEqual([]);
    expect(await names({ nameContains: 'EVEN-0' })).toEqual(['many/even-00', 'many/even-02', 'many/even-04', 'many/even-06', 'many/even-08']);
    expect(await names({ nameContains: '%' })).toEqual([]);
    expect(await names({ kind: 'DEFAULT' })).toEqual(['main']);
    expect(await names({ kind: 'DEFAULT', defaultBranch: 'wip' })).toEqual(['wip']);
    expect(await names({ kind: 'SESSION' })).toEqual(['session/s1']);
    expect(await names({ kind: 'PROPOSAL' })).toEqual(['proposal/login-r1']);
    expect(await names({ kind: 'OTHER' })).toHaveLength(42);
    expect(await names({ runId: 'run-1' })).toEqual(['wip']);
    expect(await names({ sessionId: 's1' })).toEqual(['session/s1']);
    expect(await names({ deleted: true })).toEqual([]);
  });

  it.each(['NAME', 'CREATED_AT', 'UPDATED_AT'] as const)('of repositories by %s is complete both ways', async (orderBy) => {
    const rows = await bothWays((page) => fixture.storage.reader().repos(repoQuery({ orderBy, descending: true }), page), [1, 5, 12, 30]);
    expect(rows.map((row) => row.id).sort((a, b) => a - b)).toEqual(repos.map((repo) => repo.id));
    const ids = rows.map((row) => row.id);
    // Made one after the other, and the later ones also changed later.
    expect(ids).toEqual([...repos].reverse().map((repo) => repo.id));
  });

  it('of repositories under filters leaves out exactly what does not match', async () => {
    const { storage, sql } = fixture;
    await sql`update repo set archived_at = now() where id = ${repoAt(3).id}`;
    const found = async (more: Partial<RepoQuery>): Promise<string[]> => (await bothWays((page) => storage.reader().repos(repoQuery(more), page), [2, 20])).map((repo) => repo.name);
    expect(await found({ archived: true })).toEqual(['pages/r03']);
    expect(await found({ archived: false })).toHaveLength(11);
    expect(await found({ nameContains: 'R1' })).toEqual(['pages/r10', 'pages/r11']);
    expect(await found({ nameGlobs: ['pages/r0*', 'nothing/**'] })).toHaveLength(10);
    expect(await found({ nameGlobs: ['page'] })).toEqual([]);
    await sql`update repo set archived_at = null where id = ${repoAt(3).id}`;
  });

  it('of checkpoints, tags and keys is complete both ways', async () => {
    const { storage } = fixture;
    const branch = await makeBranch(storage, repoAt(1).id, 'long');
    let head = branch;
    for (let turn = 0; turn < 9; turn++) head = expectRow(await advance(storage, head, oidOf(5000 + turn))).branch;
    const checkpoints = await bothWays((page) => storage.reader().checkpoints(branch.id, page), [1, 4, 9, 20]);
    expect(checkpoints.map((checkpoint) => checkpoint.number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const names = Array.from({ length: 11 }, (_, index) => `v${index}`);
    await storage.transaction((tx) => tx.insertTags(repoAt(1).id, names.map((name) => ({ name, oid: oidOf(1), commitOid: null, message: null }))));
    const tags = await bothWays((page) => storage.reader().tags(repoAt(1).id, page), [1, 3, 11]);
    expect(tags.map((tag) => tag.name)).toEqual(names.sort());
    for (let index = 0; index < 7; index++) {
      await storage.transaction((tx) => tx.insertApiKey({ id: `key00000000${index}`, name: 'n', hash: 'a'.repeat(64), scopes: ['READ', 'WRITE'], repos: ['**'], branches: [], readBranches: ['**'], paths: ['**'], actor: 'ada', actAs: [], labels: [], createdBy: 'cli', expiresAt: null }));
    }
    const keys = await bothWays((page) => storage.reader().apiKeys(page), [1, 3, 7]);
    expect(keys.map((key) => key.id).sort()).toEqual(Array.from({ length: 7 }, (_, index) => `key00000000${index}`));
  });

  it('of proposals is complete both ways, in one repository and across those that the globs reach', async () => {
    const { storage } = fixture;
    const opened: string[] = [];
    for (const [index, repo] of [repoAt(4), repoAt(5), repoAt(4), repoAt(6), repoAt(4)].entries()) {
      const source = expectRow(await storage.reader().branchByName(repo.id, index % 2 === 0 ? 'wip' : 'session/s1'));
      const proposal = await storage.transaction((tx) => tx.insertProposal({ repoId: repo.id, title: `t${index}`, body: '', sourceBranchId: source.id, sourceName: source.name, targetBranchId: source.id, targetName: index === 4 ? 'release' : 'main', head: oidOf(1), base: null, createdBy: index === 0 ? 'bob' : 'ada', keyId: 'k', runId: null, metadata: [] }));
      opened.unshift(proposal.title);
    }
    const titles = async (query: Partial<ProposalQuery>): Promise<string[]> => (await bothWays((page) => storage.reader().proposals({ repoId: null, ...ANY_PROPOSAL, ...query }, page), [1, 2, 9])).map((proposal) => proposal.title);
    expect(await titles({})).toEqual(opened);
    expect(await titles({ repoId: repoAt(4).id })).toEqual(['t4', 't2', 't0']);
    expect(await titles({ repoGlobs: ['pages/r05', 'pages/r06'] })).toEqual(['t3', 't1']);
    expect(await titles({ branchGlobs: ['session/*'] })).toEqual(['t3', 't1']);
    expect(await titles({ createdBy: 'bob' })).toEqual(['t0']);
    expect(await titles({ repoId: repoAt(4).id, targetName: 'release' })).toEqual(['t4']);
    expect(await titles({ states: ['MERGED'] })).toEqual([]);
    expect(await titles({ states: ['OPEN', 'MERGED'] })).toEqual(opened);
  });

  it('goes on where it stood when rows come and go around it', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'moving/target');
    for (const name of ['b', 'd', 'f']) await makeBranch(storage, repo.id, name);
    const page = await storage.reader().branches(branchQuery(repo), firstPage(2));
    const edge = expectRow(page.edges[1]);
    expect(edge.node.name).toBe('d');
    await storage.transaction((tx) => tx.deleteBranch(edge.node.id, edge.node.version));
    for (const name of ['a', 'e']) await makeBranch(storage, repo.id, name);
    const next = await storage.reader().branches(branchQuery(repo), { count: 5, after: edge.key, backward: false });
    expect(next.edges.map(({ node }) => node.name)).toEqual(['e', 'f']);
  });

  it('refuses keys that it did not make and keys of another order', async () => {
    const { storage } = fixture;
    const page = await storage.reader().branches(branchQuery(repoAt(0)), firstPage(1));
    const { key } = expectRow(page.edges[0]);
    const attempt = (after: string, orderBy: BranchQuery['orderBy'] = 'NAME') => storage.reader().branches(branchQuery(repoAt(0), { orderBy }), { count: 1, after, backward: false });
    for (const bad of ['', 'x', key.slice(0, -3), Buffer.from('{}').toString('base64url'), Buffer.from('["a"]').toString('base64url'), Buffer.from('["a\\u0000",1]').toString('base64url'), Buffer.from('["a",1.5]').toString('base64url')]) await expect(attempt(bad)).rejects.toThrow(PageKeyInvalid);
    await expect(attempt(key, 'CREATED_AT')).rejects.toThrow(PageKeyInvalid);
    await expect(attempt(Buffer.from('[1e300,1]').toString('base64url'), 'CREATED_AT')).rejects.toThrow(PageKeyInvalid);
    expect((await attempt(key)).edges).toHaveLength(1);
  });
});

describe('the number of statements', () => {
  it('is 3 for the branches of 12 repositories, their current checkpoints and their first checkpoints', async () => {
    const reader = fixture.storage.reader();
    fixture.statements();
    const pages = await Promise.all(repos.map((repo) => reader.branches(branchQuery(repo, { nameGlobs: ['*', 'session/*', 'proposal/*'] }), firstPage(5))));
    const branches = pages.flatMap((page) => page.edges.map(({ node }) => node));
    const current = await Promise.all(branches.map((branch) => reader.checkpoint(expectRow(branch.checkpointId))));
    const first = await Promise.all(branches.map((branch) => reader.checkpoints(branch.id, firstPage(1))));
    const sent = fixture.statements();
    expect(sent).toHaveLength(3);
    expect(branches).toHaveLength(60);
    expect(current.map((checkpoint) => checkpoint?.oid)).toEqual(branches.map((branch) => branch.head));
    expect(first.map((page) => page.edges.map(({ node }) => [node.branchId, node.number]))).toEqual(branches.map((branch) => [[branch.id, 1]]));
    expect(first.every((page) => page.hasNext)).toBe(branches.every((branch) => branch.nextCheckpoint > 2));
  });

  it('is one for each kind of row by key, whatever the number of keys', async () => {
    const { storage } = fixture;
    const reader = storage.reader();
    const branches = await Promise.all(repos.map((repo) => reader.branchByName(repo.id, 'main')));
    fixture.statements();
    await Promise.all(repos.flatMap((repo) => [reader.repo(repo.id), reader.repo(repo.id)]));
    expect(fixture.statements()).toHaveLength(1);
    await Promise.all(repos.map((repo) => reader.repoByName(repo.name)));
    expect(fixture.statements()).toHaveLength(1);
    await Promise.all(repos.map((repo) => reader.usage(repo.id)));
    expect(fixture.statements()).toHaveLength(1);
    await Promise.all(branches.map((branch) => reader.checkpointByNumber(expectRow(branch).id, 2)));
    expect(fixture.statements()).toHaveLength(1);
    await Promise.all(branches.map((branch) => reader.checkpointOfCommit(expectRow(branch).repoId, expectRow(branch).head, null)));
    expect(fixture.statements()).toHaveLength(1);
    await Promise.all(repos.map((repo) => reader.proposals({ ...ANY_PROPOSAL, repoId: repo.id }, firstPage(3))));
    expect(fixture.statements()).toHaveLength(1);
    await Promise.all(repos.map((repo) => reader.operation(repo.id, 1)));
    expect(fixture.statements()).toHaveLength(1);
    await Promise.all(repos.map((repo) => reader.repo(repo.id)));
    expect(fixture.statements()).toHaveLength(0);
    reader.forget();
    await reader.repo(repoAt(0).id);
    expect(fixture.statements()).toHaveLength(1);
  });

  it('is one where repositories have different default branches and no kind is asked for, and the pages are the same', async () => {
    const reader = fixture.storage.reader();
    fixture.statements();
    const [one, two] = await Promise.all([reader.branches(branchQuery(repoAt(2)), firstPage(3)), reader.branches(branchQuery(repoAt(3), { defaultBranch: 'trunk' }), firstPage(3))]);
    expect(fixture.statements()).toHaveLength(1);
    expect(one.edges.map(({ node }) => node.name)).toEqual(two.edges.map(({ node }) => node.name));
  });
});

describe('rows by key', () => {
  it('are null where there is none, and never another one’s', async () => {
    const reader = fixture.storage.reader();
    const [one, other] = [repoAt(1), repoAt(2)];
    expect(await Promise.all([reader.repo(0), reader.repoByName('pages/r0'), reader.branch(-1), reader.branchByName(one.id, 'MAIN'), reader.checkpoint(0), reader.prompt(0), reader.proposal(0), reader.review(0), reader.apiKey('nobody'), reader.operation(one.id, 0), reader.tagByName(other.id, 'v1')])).toEqual(Array.from({ length: 11 }, () => null));
    expect(await reader.tagByName(one.id, 'v1')).toEqual({ repoId: one.id, name: 'v1', oid: oidOf(1), commitOid: null, message: null });
  });

  it('of a commit are the newest checkpoint with it as head, on the branch that is named', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'commits/shared');
    const [left, right] = [await makeBranch(storage, repo.id, 'left'), await makeBranch(storage, repo.id, 'right')];
    const onLeft = expectRow(await advance(storage, left, oidOf(77)));
    const onRight = expectRow(await advance(storage, right, oidOf(77)));
    const reader = storage.reader();
    const [any, ofLeft, ofRight, nowhere, foreign] = await Promise.all([reader.checkpointOfCommit(repo.id, oidOf(77), null), reader.checkpointOfCommit(repo.id, oidOf(77), left.id), reader.checkpointOfCommit(repo.id, oidOf(77), right.id), reader.checkpointOfCommit(repo.id, oidOf(78), null), reader.checkpointOfCommit(repoAt(0).id, oidOf(77), null)]);
    expect([any, ofLeft, ofRight, nowhere, foreign]).toEqual([onRight.checkpoint, onLeft.checkpoint, onRight.checkpoint, null, null]);
  });
});
