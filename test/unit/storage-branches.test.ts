import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BranchRecord } from '../../src/domain/branch.js';
import { advance, advanceIn, expectRow, firstPage, makeBranch, makeRepo, newBranch, newCheckpoint, newOperation, oidOf, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let fixture: StorageFixture;
beforeAll(async () => {
  fixture = await openStorageFixture();
});
afterAll(() => fixture.close());

async function statesOf(branch: BranchRecord): Promise<string[]> {
  const page = await fixture.storage.reader().checkpoints(branch.id, firstPage(100));
  return page.edges.map(({ node }) => `${node.number} ${node.state}`);
}

describe('a forward move', () => {
  it('adds a numbered checkpoint, counts the version and leaves the old one behind', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'moves/simple');
    const branch = await makeBranch(storage, repo.id, 'main', { metadata: [{ key: 'Task', value: 'login' }] });
    const first = expectRow(await advance(storage, branch, oidOf(2), { message: 'one' }));
    const second = expectRow(await advance(storage, first.branch, oidOf(3), { message: 'two', runId: 'run-1', metadata: [{ key: 'A', value: 'b' }] }));
    expect(second.branch).toMatchObject({ version: 3, head: oidOf(3), nextCheckpoint: 3, checkpointId: second.checkpoint.id });
    expect(second.checkpoint).toMatchObject({ number: 2, state: 'CURRENT', oid: oidOf(3), before: oidOf(2), parentId: first.checkpoint.id, message: 'two', runId: 'run-1', metadata: [{ key: 'A', value: 'b' }] });
    expect(first.checkpoint).toMatchObject({ number: 1, before: oidOf(1), parentId: null });
    expect(await storage.reader().branch(branch.id)).toEqual(second.branch);
    expect(await storage.reader().checkpoint(second.checkpoint.id)).toEqual(second.checkpoint);
    expect(await statesOf(branch)).toEqual(['1 BEHIND', '2 CURRENT']);
  });

  it('is won by exactly one of 16 that saw the same version', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'moves/race');
    const branch = await makeBranch(storage, repo.id, 'main');
    const rivals = await Promise.all(Array.from({ length: 16 }, (_, rival) => advance(storage, branch, oidOf(100 + rival))));
    const winners = rivals.filter((moved) => moved !== null);
    expect(winners).toHaveLength(1);
    expect(await storage.reader().branch(branch.id)).toEqual(expectRow(winners[0]).branch);
    expect(await statesOf(branch)).toEqual(['1 CURRENT']);
    expect(await storage.verifyLog(repo.id)).toEqual({ ok: true, rows: 2 });
  });

  it('by 8 appenders over two gateways that try until they win loses none and numbers them without a gap', async () => {
    const { storage } = fixture;
    const other = fixture.another();
    const repo = await makeRepo(storage, 'moves/appenders');
    const branch = await makeBranch(storage, repo.id, 'main');
    await Promise.all(
      Array.from({ length: 8 }, async (_, appender) => {
        const gateway = appender % 2 === 0 ? storage : other;
        for (let turn = 0; turn < 5; turn++) {
          const head = oidOf(1000 + appender * 10 + turn);
          while ((await advance(gateway, expectRow(await gateway.reader().branch(branch.id)), head)) === null);
        }
      }),
    );
    const page = await storage.reader().checkpoints(branch.id, firstPage(100));
    expect(page.edges.map(({ node }) => node.number)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(page.edges.map(({ node }) => node.before)).toEqual([branch.head, ...page.edges.slice(0, -1).map(({ node }) => node.oid)]);
    expect(new Set(page.edges.map(({ node }) => node.oid)).size).toBe(40);
    expect(await storage.reader().branch(branch.id)).toMatchObject({ version: 41, head: expectRow(page.edges[39]).node.oid });
  });

  it('is not fooled by a head that came back: the version is compared', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'moves/aba');
    const branch = await makeBranch(storage, repo.id, 'main');
    const there = expectRow(await advance(storage, branch, oidOf(2)));
    const back = expectRow(await advance(storage, there.branch, oidOf(1)));
    expect(back.branch.head).toBe(branch.head);
    expect(await advance(storage, branch, oidOf(3))).toBeNull();
  });

  it('abandons what was undone and clears the mark of a merge', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'moves/after-undo');
    const branch = await makeBranch(storage, repo.id, 'main');
    const one = expectRow(await advance(storage, branch, oidOf(2)));
    const two = expectRow(await advance(storage, one.branch, oidOf(3)));
    await storage.transaction((tx) => tx.markMerged(branch.id));
    expect(expectRow(await storage.reader().branch(branch.id)).mergedAt).toBeInstanceOf(Date);
    await sql`update checkpoint set state = 'UNDONE' where id = ${two.checkpoint.id}`;
    await sql`update checkpoint set state = 'CURRENT' where id = ${one.checkpoint.id}`;
    const three = expectRow(await advance(storage, two.branch, oidOf(4)));
    expect(three.branch.mergedAt).toBeNull();
    expect(await statesOf(branch)).toEqual(['1 BEHIND', '2 ABANDONED', '3 CURRENT']);
  });

  it('leaves no trace when its transaction is rolled back, and its number is used by the next', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'moves/rolled-back');
    const branch = await makeBranch(storage, repo.id, 'main');
    const refused = storage.transaction(async (tx) => {
      await advanceIn(tx, branch, oidOf(2), { prompt: 'secret' });
      throw new RangeError('refused');
    });
    await expect(refused).rejects.toThrow(RangeError);
    expect(await storage.reader().branch(branch.id)).toEqual(branch);
    expect(await statesOf(branch)).toEqual([]);
    expect(expectRow(await advance(storage, branch, oidOf(3))).checkpoint.number).toBe(1);
  });

  it('of a new branch onto its own first commit makes number 1 without counting the version', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'moves/first');
    const made = await storage.transaction(async (tx) => {
      const branch = expectRow(await tx.insertBranch(newBranch(repo.id, 'main', { head: oidOf(9) })));
      return tx.insertFirstCheckpoint(branch, newCheckpoint({ origin: 'IMPORT' }));
    });
    expect(made.branch).toMatchObject({ version: 1, nextCheckpoint: 2, checkpointId: made.checkpoint.id });
    expect(made.checkpoint).toMatchObject({ number: 1, origin: 'IMPORT', state: 'CURRENT', oid: oidOf(9), before: null, parentId: null });
    expect(expectRow(await advance(storage, made.branch, oidOf(10))).checkpoint).toMatchObject({ number: 2, before: oidOf(9), parentId: made.checkpoint.id });
  });
});

describe('a step along the timeline', () => {
  it('is not taken where a checkpoint is not in the state that was read, though the branch has not moved', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'moves/step');
    const branch = await makeBranch(storage, repo.id, 'main');
    const one = expectRow(await advance(storage, branch, oidOf(2)));
    const two = expectRow(await advance(storage, one.branch, oidOf(3)));
    const changes = [
      { checkpointId: one.checkpoint.id, from: 'BEHIND', to: 'CURRENT' },
      { checkpointId: two.checkpoint.id, from: 'CURRENT', to: 'UNDONE' },
    ] as const;
    const back = { branchId: branch.id, expectedVersion: two.branch.version, head: oidOf(2), checkpointId: one.checkpoint.id, changes };
    await sql`update checkpoint set state = 'ABANDONED' where id = ${one.checkpoint.id}`;
    expect(await storage.transaction((tx) => tx.stepBranch(back))).toBeNull();
  });
});

describe('a branch that is held', () => {
  it('is held by one at a time: the second holder sees what the first has done', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'held/twice');
    const branch = await makeBranch(storage, repo.id, 'main');
    let second: Promise<boolean> = Promise.resolve(true);
    await storage.transaction(async (tx) => {
      expect(await tx.holdBranch(branch.id, branch.version)).toBe(true);
      second = storage.transaction((other) => other.holdBranch(branch.id, branch.version));
      await expect.poll(async () => waiting(), { timeout: 5000 }).toBe(1);
      await tx.deleteBranch(branch.id, branch.version);
    });
    expect(await second).toBe(false);
  });

  it('cannot move before the holder is done, and is refused when it has another version', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'held/source');
    const branch = await makeBranch(storage, repo.id, 'main');
    let mover: Promise<unknown> = Promise.resolve();
    let moved = false;
    await storage.transaction(async (tx) => {
      expect(await tx.holdBranch(branch.id, branch.version + 1)).toBe(false);
      expect(await tx.holdBranch(branch.id, branch.version)).toBe(true);
      mover = (async () => {
        moved = (await advance(storage, branch, oidOf(2))) !== null;
      })();
      await expect.poll(async () => waiting(), { timeout: 5000 }).toBeGreaterThan(0);
      expect(moved).toBe(false);
    });
    await mover;
    expect(moved).toBe(true);
    expect(await storage.transaction((tx) => tx.holdBranch(branch.id, branch.version))).toBe(false);
  });
});

/** How many statements of this database wait for a lock. */
async function waiting(): Promise<number> {
  const [row] = await fixture.sql<{ waiting: number }[]>`select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  return row?.waiting ?? 0;
}

describe('names of branches', () => {
  it('clash exactly, by case, and with directories of live branches in both directions', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'names/clashes');
    const other = await makeRepo(storage, 'names/elsewhere');
    await makeBranch(storage, repo.id, 'feature/login');
    const takes = async (repoId: number, name: string): Promise<boolean> => (await storage.transaction((tx) => tx.insertBranch(newBranch(repoId, name)))) !== null;
    for (const taken of ['feature/login', 'Feature/Login', 'feature', 'FEATURE', 'feature/login/form', 'FEATURE/login/Form/deep']) expect([taken, await takes(repo.id, taken)]).toEqual([taken, false]);
    for (const free of ['feature/logi', 'feature/login2', 'feature/login.x', 'features', 'feature-x/y', 'feature/login-form']) expect([free, await takes(repo.id, free)]).toEqual([free, true]);
    expect(await takes(other.id, 'feature')).toBe(true);
    await makeBranch(storage, other.id, 'Release/Next');
    for (const taken of ['release/next', 'release', 'release/next/fix', 'Release/next/fix']) expect([taken, await takes(other.id, taken)]).toEqual([taken, false]);
  });

  it('treat every character that patterns know as itself', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'names/literal');
    await makeBranch(storage, repo.id, 'a_b/x');
    const inserted = await storage.transaction((tx) => tx.insertBranch(newBranch(repo.id, 'axb')));
    expect(inserted?.name).toBe('axb');
  });

  it('are free again once the branch is deleted, and the new one is another branch', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'names/reused');
    const branch = await makeBranch(storage, repo.id, 'wip');
    expect(await storage.transaction((tx) => tx.deleteBranch(branch.id, branch.version + 1))).toBeNull();
    const deleted = expectRow(await storage.transaction((tx) => tx.deleteBranch(branch.id, branch.version)));
    expect(deleted.deletedAt).toBeInstanceOf(Date);
    expect(await storage.transaction((tx) => tx.deleteBranch(branch.id, deleted.version))).toBeNull();
    const again = await makeBranch(storage, repo.id, 'wip/deeper');
    expect(again.id).not.toBe(branch.id);
    expect(await storage.reader().branchByName(repo.id, 'wip')).toBeNull();
    expect(await storage.reader().branch(branch.id)).toEqual(deleted);
    expect(await advance(storage, branch, oidOf(2))).toBeNull();
  });

  it('of rivals that clash are given to exactly one of them, in 20 races', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'names/races');
    for (let race = 0; race < 20; race++) {
      const names = [`r${race}`, `r${race}/a`, `R${race}/a/b`, `r${race}`];
      const made = await Promise.all(names.map((name) => storage.transaction((tx) => tx.insertBranch(newBranch(repo.id, name)))));
      expect(made.filter((branch) => branch !== null)).toHaveLength(1);
    }
  });
});

describe('names of repositories', () => {
  it('are taken by live repositories only, and of 8 rivals one gets it', async () => {
    const { storage, sql } = fixture;
    const create = async (): Promise<number | null> => {
      const id = await storage.reserveRepoId();
      const repo = await storage.transaction((tx) => tx.insertRepo({ id, name: 'wanted/name', description: 'd', labels: [{ key: 'k', value: 'v' }], defaultBranch: 'trunk', settings: { approvalsRequired: 2 }, keyId: 'key000000001' }));
      return repo?.id ?? null;
    };
    const ids = await Promise.all(Array.from({ length: 8 }, create));
    const [id] = ids.filter((each) => each !== null);
    expect(ids.filter((each) => each !== null)).toHaveLength(1);
    expect(await storage.reader().repoByName('wanted/name')).toMatchObject({ id, description: 'd', labels: [{ key: 'k', value: 'v' }], defaultBranch: 'trunk', settings: { approvalsRequired: 2 }, gcEpoch: 0, archivedAt: null });
    await sql`update repo set deleted_at = now() where id = ${expectRow(id)}`;
    expect(await storage.reader().repo(expectRow(id))).toBeNull();
    expect(await create()).not.toBeNull();
  });
});

describe('proposals', () => {
  it('are numbered per repository without gaps by 8 concurrent openers, and change by compare-and-swap', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'proposals/numbers');
    const source = await makeBranch(storage, repo.id, 'wip');
    const target = await makeBranch(storage, repo.id, 'main');
    const open = (title: string) =>
      storage.transaction(async (tx) => {
        const proposal = await tx.insertProposal({ repoId: repo.id, title, body: '', sourceBranchId: source.id, sourceName: 'wip', targetBranchId: target.id, targetName: 'main', head: oidOf(2), base: oidOf(1), createdBy: 'ada', keyId: 'k', runId: null, metadata: [] });
        expect(proposal.revision).toBe(1);
        await tx.append(newOperation(repo.id, { kind: 'OPEN_PROPOSAL' }));
        return proposal;
      });
    const opened = await Promise.all(Array.from({ length: 8 }, (_, index) => open(`p${index}`)));
    expect(opened.map((proposal) => proposal.number).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const proposal = expectRow(opened[0]);
    const changes = await Promise.all([1, 2, 3].map(() => storage.transaction((tx) => tx.updateProposal({ id: proposal.id, expectedVersion: 1, state: 'APPROVED' }))));
    expect(changes.filter((change) => change !== null)).toEqual([{ ...proposal, state: 'APPROVED', version: 2 }]);
    const merged = expectRow(await storage.transaction((tx) => tx.updateProposal({ id: proposal.id, expectedVersion: 2, state: 'MERGED', closedBy: 'bob', mergeCommit: oidOf(7) })));
    expect(merged).toMatchObject({ state: 'MERGED', version: 3, closedBy: 'bob', mergeCommit: oidOf(7), head: oidOf(2) });
    expect(merged.closedAt).toBeInstanceOf(Date);
    const closed = expectRow(await storage.transaction((tx) => tx.updateProposal({ id: expectRow(opened[1]).id, expectedVersion: 1, state: 'CLOSED', closedBy: 'bob' })));
    expect(closed.closedAt).toBeInstanceOf(Date);
    expect(await storage.transaction((tx) => tx.reviseProposal({ id: closed.id, expectedVersion: 2, state: 'OPEN', head: oidOf(8), base: oidOf(1), closedBy: null }))).toMatchObject({ state: 'OPEN', closedAt: null, closedBy: null, head: oidOf(8), revision: 2 });
    const pending = await storage.transaction((tx) => tx.pendingProposalsOf(source.id));
    expect(pending.map((each) => each.id)).toEqual(opened.map((each) => each.id).filter((id) => id !== proposal.id).sort((a, b) => a - b));
  });

  it('keep their reviews and revisions in order', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'proposals/reviews');
    const source = await makeBranch(storage, repo.id, 'wip');
    const { proposal, review } = await storage.transaction(async (tx) => {
      const inserted = await tx.insertProposal({ repoId: repo.id, title: 't', body: 'b', sourceBranchId: source.id, sourceName: 'wip', targetBranchId: source.id, targetName: 'wip', head: oidOf(2), base: null, createdBy: 'ada', keyId: 'k', runId: 'run-9', metadata: [{ key: 'K', value: 'v' }] });
      let revised = inserted;
      for (const [head, judgedAnew] of [[3, true], [4, false]] as const) revised = expectRow(await tx.reviseProposal({ id: inserted.id, expectedVersion: revised.version, head: oidOf(head), base: null, judgedAnew }));
      expect(await tx.reviseProposal({ id: inserted.id, expectedVersion: inserted.version, head: oidOf(5), base: null })).toBeNull();
      await tx.insertReview({ proposalId: inserted.id, verdict: 'COMMENT', body: 'hm', actor: 'eve', keyId: 'k2', headOid: oidOf(2), revision: 1 });
      return { proposal: revised, review: await tx.insertReview({ proposalId: inserted.id, verdict: 'APPROVE', body: '', actor: 'bob', keyId: 'k3', headOid: oidOf(4), revision: 3 }) };
    });
    const reader = storage.reader();
    expect(await reader.proposalByNumber(repo.id, 1)).toEqual(proposal);
    expect(proposal).toMatchObject({ head: oidOf(4), revision: 3, judgedFrom: 2, version: 3 });
    expect(await reader.review(review.id)).toEqual(review);
    expect((await reader.reviews(proposal.id, firstPage(5))).edges.map(({ node }) => node.verdict)).toEqual(['COMMENT', 'APPROVE']);
    const revisions = await reader.revisions(proposal.id, { count: 2, after: null, backward: true });
    expect(revisions.edges.map(({ node }) => [node.number, node.head])).toEqual([[2, oidOf(3)], [3, oidOf(4)]]);
    expect(revisions).toMatchObject({ hasNext: false, hasPrevious: true });
  });
});

describe('contributors', () => {
  it('are the actors and keys of every checkpoint that made one of the commits, on whatever branch', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'contributors/all');
    let branch = await makeBranch(storage, repo.id, 'main');
    for (const [turn, [createdBy, keyId]] of ([['ada', 'k1'], ['bob', 'k2'], ['ada', 'k1'], ['ada', 'k3']] as const).entries()) branch = expectRow(await advance(storage, branch, oidOf(20 + turn), { createdBy, keyId })).branch;
    await advance(storage, await makeBranch(storage, repo.id, 'other'), oidOf(30), { createdBy: 'eve', keyId: 'k4' });
    const reader = storage.reader();
    const found = async (...commits: readonly number[]): Promise<string[]> => [...new Set((await Promise.all(commits.map((commit) => reader.makersOf(repo.id, oidOf(commit))))).flat().map(({ actor, keyId }) => `${actor} ${keyId}`))].sort();
    expect(await found(20, 21, 22, 23)).toEqual(['ada k1', 'ada k3', 'bob k2']);
    expect(await found(21, 30, 99)).toEqual(['bob k2', 'eve k4']);
    expect(await found()).toEqual([]);
    const elsewhere = await makeRepo(storage, 'contributors/else');
    expect(await reader.makersOf(elsewhere.id, oidOf(20))).toEqual([]);
  });
});
