import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/domain/limits.js';
import { quotasOf } from '../../src/domain/quotas.js';
import type { GraphRow } from '../../src/git/history/graph-row.js';
import type { PostgresStorage } from '../../src/storage/index.js';
import { gate, makeBranch, makeRepo, newCheckpoint, newOperation, oidOf, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let fixture: StorageFixture;
beforeAll(async () => {
  fixture = await openStorageFixture();
});
afterAll(() => fixture.close());

/** A line of commits `from`, …, `from + count - 1`, each the child of the one before; the first is a root. */
function line(from: number, count: number): GraphRow[] {
  return Array.from({ length: count }, (_, index) => ({
    oid: oidOf(from + index),
    parents: index === 0 ? [] : [oidOf(from + index - 1)],
    generation: index + 1,
    seconds: 1_700_000_000 + index,
    tree: index % 3 === 0 ? null : oidOf(0xabc0000 + index),
  }));
}

/** What looks like a real id: the graph's table of ids relies on their first bytes being evenly distributed. */
function digest(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

function child(oid: number, parents: readonly number[], generation: number): GraphRow {
  return { oid: oidOf(oid), parents: parents.map(oidOf), generation, seconds: 1_800_000_000, tree: oidOf(1) };
}

async function add(storage: PostgresStorage, repoId: number, rows: readonly GraphRow[]): Promise<void> {
  await storage.transaction(async (tx) => {
    await tx.addCommits(repoId, rows);
    await tx.append(newOperation(repoId));
  });
}

describe('the commit graph', () => {
  it('gives back every row, merges, roots and unknown trees included', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'graph/rows');
    const rows = [...line(100, 5), child(200, [104, 102, 100], 6)];
    await add(storage, repo.id, rows.toReversed());
    const graph = await storage.graph(repo.id);
    expect(graph.size).toBe(6);
    for (const row of rows) expect(graph.row(row.oid)).toEqual(row);
  });

  it('is current for everyone as soon as the transaction is committed, and not before', async () => {
    const { storage } = fixture;
    const other = fixture.another();
    const repo = await makeRepo(storage, 'graph/current');
    await add(storage, repo.id, line(300, 2));
    expect((await other.graph(repo.id)).size).toBe(2);
    await storage.transaction(async (tx) => {
      await tx.addCommits(repo.id, [child(400, [301], 3)]);
      await tx.append(newOperation(repo.id));
      expect((await storage.graph(repo.id)).has(oidOf(400))).toBe(false);
    });
    expect((await storage.graph(repo.id)).has(oidOf(400))).toBe(true);
    expect((await other.graph(repo.id)).has(oidOf(400))).toBe(true);
  });

  it('is not read on for commits that it has already, and is for any that it lacks', async () => {
    const { storage } = fixture;
    const other = fixture.another();
    const repo = await makeRepo(storage, 'graph/knowing');
    await add(storage, repo.id, line(700, 3));
    expect((await other.graph(repo.id, [oidOf(702)])).size).toBe(3);
    await add(storage, repo.id, [child(750, [702], 4)]);
    expect((await other.graph(repo.id, [oidOf(702), oidOf(700)])).size).toBe(3);
    expect((await other.graph(repo.id, [oidOf(702), oidOf(750)])).size).toBe(4);
    await add(storage, repo.id, [child(751, [750], 5)]);
    expect((await other.graph(repo.id, [])).has(oidOf(751))).toBe(true);
    expect((await other.graph(repo.id, [oidOf(799)])).has(oidOf(799))).toBe(false);
  });

  it('reads on over as many new commits as there are, few or many', async () => {
    const { storage } = fixture;
    const other = fixture.another();
    const repo = await makeRepo(storage, 'graph/many');
    await add(storage, repo.id, line(10_000, 2));
    let size = (await other.graph(repo.id)).size;
    expect(size).toBe(2);
    for (const [first, count] of [[20_000, 99], [30_000, 100], [40_000, 101], [50_000, 1], [60_000, 5001]] as const) {
      const rows = line(first, count).map((row) => ({ ...row, oid: digest(row.oid), parents: row.parents.map(digest) }));
      await add(storage, repo.id, rows);
      size += count;
      expect((await other.graph(repo.id)).size).toBe(size);
      expect((await other.graph(repo.id)).size).toBe(size);
    }
  });

  it('takes commits without a row of the log, and commits that it knows already', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'graph/unlogged');
    await storage.transaction((tx) => tx.addCommits(repo.id, line(500, 3)));
    expect((await storage.graph(repo.id)).size).toBe(3);
    await add(storage, repo.id, [...line(500, 3), child(600, [502], 4)]);
    await storage.transaction((tx) => tx.addCommits(repo.id, [child(601, [600], 5)]));
    expect((await storage.graph(repo.id)).size).toBe(5);
    expect((await fixture.another().graph(repo.id)).size).toBe(5);
  });

  it('misses no commit when a transaction that added its commits first commits last', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'graph/late');
    const root = line(700, 1);
    await add(storage, repo.id, root);
    const added = gate();
    const commit = gate();
    const late = storage.transaction(async (tx) => {
      await tx.addCommits(repo.id, [child(701, [700], 2)]);
      added.open();
      await commit.opened;
      await tx.append(newOperation(repo.id));
    });
    await added.opened;
    await add(storage, repo.id, [child(702, [700], 2)]);
    const graph = await storage.graph(repo.id);
    expect([graph.has(oidOf(701)), graph.has(oidOf(702))]).toEqual([false, true]);
    commit.open();
    await late;
    expect((await storage.graph(repo.id)).has(oidOf(701))).toBe(true);
  });

  it('is asked for with one statement by 50 concurrent callers, and one more for those who come meanwhile', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'graph/shared');
    await add(storage, repo.id, line(800, 10));
    await storage.graph(repo.id);
    fixture.statements();
    const graphs = await Promise.all(Array.from({ length: 50 }, () => storage.graph(repo.id)));
    expect(new Set(graphs).size).toBe(1);
    expect(fixture.statements().length).toBeLessThanOrEqual(2);
  });

  it('of 100,000 commits is inserted and loaded whole', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'graph/large');
    const oids = Array.from({ length: 100_000 }, (_, index) => digest(String(index)));
    const rows = oids.map((oid, index) => ({ oid, parents: oids.slice(Math.max(0, index - 1), index), generation: index + 1, seconds: index, tree: oid }));
    await add(storage, repo.id, rows);
    const graph = await fixture.another().graph(repo.id);
    expect(graph.size).toBe(100_000);
    for (const index of [0, 1, 54_321, 99_999]) expect(graph.row(oids[index] ?? '')).toEqual(rows[index]);
    expect(graph.isAncestor(oids[0] ?? '', oids[99_999] ?? '')).toBe(true);
  });
});

describe('landings', () => {
  it('give their base while the source has not taken the landed commit in, the newest first', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'landings/bases');
    // 900 is the fork; the source goes on 901, 902, the target lands 911 (of 901) and 912 (of 902).
    const source = [child(901, [900], 2), child(902, [901], 3)];
    const target = [child(911, [900], 2), child(912, [911], 3)];
    await add(storage, repo.id, [...line(900, 1), ...source, ...target, child(920, [902, 912], 4)]);
    await storage.transaction(async (tx) => {
      await tx.addLanding({ repoId: repo.id, sourceHead: oidOf(901), targetCommit: oidOf(911), base: oidOf(931) });
      await tx.addLanding({ repoId: repo.id, sourceHead: oidOf(902), targetCommit: oidOf(912), base: oidOf(932) });
    });
    const base = (from: number, into: number) => storage.landingBase(repo.id, oidOf(from), oidOf(into));
    expect(await base(901, 911)).toBe(oidOf(931));
    expect(await base(902, 911)).toBe(oidOf(931));
    expect(await base(902, 912)).toBe(oidOf(932));
    expect(await base(901, 912)).toBe(oidOf(931));
    expect(await base(900, 912)).toBeNull();
    expect(await base(920, 912)).toBeNull();
    expect(await base(902, 900)).toBeNull();
  });
});

describe('the tips of readable history', () => {
  it('are heads, checkpoints, revisions and tags, as far as the branch globs reach', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'tips/all');
    const main = await makeBranch(storage, repo.id, 'main', { head: oidOf(1) });
    const secret = await makeBranch(storage, repo.id, 'secret/x', { head: oidOf(2) });
    const gone = await makeBranch(storage, repo.id, 'gone', { head: oidOf(3) });
    await storage.transaction(async (tx) => {
      for (const [branch, head] of [[main, 11], [secret, 12], [gone, 13]] as const) await tx.advanceBranch({ branchId: branch.id, expectedVersion: 1, head: oidOf(head), checkpoint: newCheckpoint() });
      await tx.advanceBranch({ branchId: main.id, expectedVersion: 2, head: oidOf(14), checkpoint: newCheckpoint() });
      await tx.deleteBranch(gone.id, 2);
      for (const [source, head] of [[main, 21], [secret, 22]] as const) {
        const proposal = await tx.insertProposal({ repoId: repo.id, title: 't', body: '', sourceBranchId: source.id, sourceName: source.name, targetBranchId: main.id, targetName: 'main', head: oidOf(head), base: oidOf(head + 10), createdBy: 'ada', keyId: 'k', runId: null, metadata: [] });
        await tx.reviseProposal({ id: proposal.id, expectedVersion: 1, head: oidOf(head), base: null });
      }
      await tx.insertTags(repo.id, [{ name: 'v1', oid: oidOf(40), commitOid: oidOf(41), message: 'm' }, { name: 'blob', oid: oidOf(42), commitOid: null, message: null }]);
    });
    const tips = async (globs: string[]): Promise<string[]> => [...(await storage.reader().tips(repo.id, globs))].sort();
    expect(await tips(['**'])).toEqual([11, 12, 13, 14, 21, 22, 31, 32, 41].map(oidOf).sort());
    expect(await tips(['*'])).toEqual([11, 13, 14, 21, 31, 41].map(oidOf).sort());
    expect(await tips(['secret/**'])).toEqual([12, 22, 32, 41].map(oidOf).sort());
    expect(await tips([])).toEqual([oidOf(41)]);
  });
});

describe('packs and uploads', () => {
  it('count as usage, and a lease is the key’s own and ends', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'usage/packs');
    const quotas = quotasOf(DEFAULT_LIMITS, repo.settings.limits);
    await makeBranch(storage, repo.id, 'main');
    await storage.transaction((tx) => tx.addPack(repo.id, { name: `pack-${'a'.repeat(40)}`, bytes: 3_000_000_000, objects: 7 }));
    await storage.leaseUpload(repo.id, 'key000000001', oidOf(5), { pack: { name: `pack-${'b'.repeat(40)}`, bytes: 200, objects: 1 }, gcEpoch: 0, quotas });
    await storage.leaseUpload(repo.id, 'key000000001', oidOf(5), { pack: null, gcEpoch: 0, quotas });
    expect(await storage.reader().usage(repo.id)).toMatchObject({ packBytes: 3_000_000_200, packs: 2, branches: 1, checkpoints: 0, openProposals: 0 });
    expect(await storage.uploadedBy(repo.id, 'key000000001', oidOf(5))).toBe(true);
    expect(await storage.uploadedBy(repo.id, 'key000000002', oidOf(5))).toBe(false);
    expect(await storage.uploadedBy(repo.id, 'key000000001', oidOf(6))).toBe(false);
    await sql`update upload_lease set expires_at = now() - interval '1 second' where repo_id = ${repo.id}`;
    expect(await storage.uploadedBy(repo.id, 'key000000001', oidOf(5))).toBe(false);
  });

  it('make an object readable on every gateway once the pack’s row is committed', async () => {
    const { storage } = fixture;
    const other = fixture.another();
    const repo = await makeRepo(storage, 'objects/shared');
    const store = storage.objects.open(repo.id);
    const staged = store.stage();
    const oid = staged.put('blob', Buffer.from('hello\n'));
    const pack = await store.persist(staged);
    if (pack === null) throw new TypeError('nothing was persisted');
    expect(await other.objects.open(repo.id).has(oid)).toBe(false);
    await storage.transaction((tx) => tx.addPack(repo.id, pack));
    store.adopt(pack);
    expect((await store.read(oid)).content.toString()).toBe('hello\n');
    expect((await other.objects.open(repo.id).read(oid)).content.toString()).toBe('hello\n');
    await expect(other.objects.open(repo.id + 1000).read(oid)).rejects.toThrow('missing');
  });
});
