import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TrailerMatches } from '../../src/domain/ports/storage.js';
import type { CommitRow } from '../../src/domain/ports/transaction.js';
import { carryingInLog } from '../../src/operations/reading/history/carrying.js';
import { makeRepo, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let fixture: StorageFixture;
beforeAll(async () => {
  fixture = await openStorageFixture();
});
afterAll(() => fixture.close());

const RUN = { key: 'Weir-Run', value: 'run-7' };
const ACTOR = { key: 'Weir-Actor', value: 'ada' };

/** What looks like a real id: the graph's table of ids relies on their first bytes being evenly distributed. */
function oidOf(commit: number): string {
  return createHash('sha1').update(String(commit)).digest('hex');
}

const nothing = (): void => undefined;

/** A line of commits 1 … count, all by one actor, and the run in those named. */
function line(count: number, run: readonly number[]): CommitRow[] {
  const ofRun = new Set(run);
  return Array.from({ length: count }, (_, at) => ({
    oid: oidOf(at + 1),
    parents: at === 0 ? [] : [oidOf(at)],
    generation: at + 1,
    seconds: 1_700_000_000 + at,
    tree: null,
    trailers: ofRun.has(at + 1) ? [ACTOR, RUN, RUN] : [ACTOR],
  }));
}

/** Rows as they were before trailers were kept with them. */
function without(rows: readonly CommitRow[]): CommitRow[] {
  return rows.map(({ trailers: _trailers, ...row }) => row);
}

async function unread(repoId: number): Promise<number> {
  const [row] = await fixture.sql`select count(*)::int as count from commit_graph where repo_id = ${repoId} and not trailers_known`;
  return Number(row?.['count']);
}

async function taken(commits: AsyncIterable<string>, count: number): Promise<string[]> {
  const found: string[] = [];
  for await (const oid of commits) if (found.push(oid) >= count) break;
  return found;
}

describe('a search for a trailer', () => {
  it('costs two statements among 100,000 commits, and finds the last of a run in a walk over numbers', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'trailers/many');
    await storage.transaction((tx) => tx.addCommits(repo.id, line(100_000, [2, 50_000, 99_999])));
    const graph = await storage.graph(repo.id);
    fixture.statements();
    const matches = await storage.trailerMatches(repo.id, { key: 'weir-RUN', value: 'run-7' }, nothing);
    expect(fixture.statements()).toHaveLength(2);
    expect([...(matches.all ?? [])].sort()).toEqual([2, 50_000, 99_999].map(oidOf).sort());
    let visits = 0;
    expect(await taken(carryingInLog(graph, [oidOf(100_000)], matches, () => visits++), 100)).toEqual([99_999, 50_000, 2].map(oidOf));
    // Three that were found, and one for every 10,000 others.
    expect(visits).toBeLessThanOrEqual(13);
    expect(await taken(carryingInLog(graph, [oidOf(40_000)], matches, nothing), 100)).toEqual([oidOf(2)]);
    expect(await taken(carryingInLog(graph, [oidOf(1)], matches, nothing), 100)).toEqual([]);
  }, 60_000);

  it('for what every commit carries looks at one chunk of the history for a page', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'trailers/common');
    await storage.transaction((tx) => tx.addCommits(repo.id, line(6_000, [])));
    const graph = await storage.graph(repo.id);
    const matches = await storage.trailerMatches(repo.id, ACTOR, nothing);
    expect(matches.all).toBeNull();
    fixture.statements();
    expect(await taken(carryingInLog(graph, [oidOf(6_000)], matches, nothing), 51)).toEqual(Array.from({ length: 51 }, (_, at) => oidOf(6_000 - at)));
    expect(fixture.statements()).toHaveLength(1);
    expect(await taken(carryingInLog(graph, [oidOf(6_000)], matches, nothing), 10_000)).toHaveLength(6_000);
  });

  it('keeps to what other repositories do not have', async () => {
    const { storage } = fixture;
    const [mine, other] = [await makeRepo(storage, 'trailers/mine'), await makeRepo(storage, 'trailers/other')];
    await storage.transaction((tx) => tx.addCommits(mine.id, line(3, [2])));
    await storage.transaction((tx) => tx.addCommits(other.id, line(3, [])));
    const all = async (repoId: number, trailer: typeof RUN): Promise<TrailerMatches['all']> => (await storage.trailerMatches(repoId, trailer, nothing)).all;
    expect(await all(mine.id, RUN)).toEqual(new Set([oidOf(2)]));
    expect(await all(other.id, RUN)).toEqual(new Set());
    expect(await all(mine.id, { key: RUN.key, value: 'RUN-7' })).toEqual(new Set());
    expect(await all(mine.id, { key: `${RUN.key}\0run`, value: '-7' })).toEqual(new Set());
  });

  it('reads what came without its trailers once, goes on where it was ended, and minds no commit that was collected', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'trailers/old');
    await storage.transaction((tx) => tx.addCommits(repo.id, without(line(2_500, []))));
    expect(await unread(repo.id)).toBe(2_500);
    let visits = 0;
    const ending = (): void => {
      if (++visits === 1_200) throw new RangeError('out of time');
    };
    await expect(storage.trailerMatches(repo.id, RUN, ending)).rejects.toThrow(RangeError);
    expect(await unread(repo.id)).toBe(1_500);
    visits = 2_000;
    expect((await storage.trailerMatches(repo.id, RUN, ending)).all).toEqual(new Set());
    expect(visits).toBe(3_500);
    expect(await unread(repo.id)).toBe(0);
    // Stored again, they bring their trailers with them.
    await storage.transaction((tx) => tx.addCommits(repo.id, line(2_500, [7])));
    expect((await storage.trailerMatches(repo.id, RUN, nothing)).all).toEqual(new Set([oidOf(7)]));
    expect(await sql`select 1 from commit_trailer where repo_id = ${repo.id} and oid = ${Buffer.from(oidOf(7), 'hex')}`).toHaveLength(2);
  });

  it('is filled by two gateways at once without one waiting for the other for good', async () => {
    const repo = await makeRepo(fixture.storage, 'trailers/two');
    await fixture.storage.transaction((tx) => tx.addCommits(repo.id, without(line(3_000, []))));
    const stores = [fixture.storage, fixture.another(), fixture.another()];
    await Promise.all(stores.map((store) => store.trailerMatches(repo.id, RUN, nothing)));
    expect(await unread(repo.id)).toBe(0);
  });
});
