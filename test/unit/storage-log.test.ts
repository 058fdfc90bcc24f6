import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EpochMoved } from '../../src/domain/ports/transaction.js';
import { StreamMissing } from '../../src/domain/ports/errors.js';
import { SERVER_STREAM } from '../../src/domain/operation.js';
import { promptDigest } from '../../src/storage/checkpoints.js';
import { advance, expectRow, firstPage, makeBranch, makeRepo, newOperation, oidOf, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let fixture: StorageFixture;
beforeAll(async () => {
  fixture = await openStorageFixture();
});
afterAll(() => fixture.close());

const ALL = { kinds: null, actor: null, keyId: null, branchName: null, proposalId: null, runId: null, since: null, until: null, afterSeq: null };

describe('the log', () => {
  it('numbers the rows of 16 concurrent writers from 1 without a gap, and its chain holds', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'log/gapless');
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      for (let turn = 0; turn < 10; turn++) await storage.transaction((tx) => tx.append(newOperation(repo.id, { actor: `writer-${writer}` })));
    });
    await Promise.all(writers);
    const rows = await sql<{ seq: number }[]>`select seq::int as seq from operation where stream = ${repo.id} order by seq`;
    expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: 161 }, (_, index) => index + 1));
    expect(await storage.verifyLog(repo.id)).toEqual({ ok: true, rows: 161 });
  });

  it('takes back the number of a row whose transaction fails', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'log/rolled-back');
    const failing = storage.transaction(async (tx) => {
      await tx.append(newOperation(repo.id));
      throw new RangeError('the verb gave up');
    });
    await expect(failing).rejects.toThrow(RangeError);
    const place = await storage.transaction((tx) => tx.append(newOperation(repo.id)));
    expect(place).toEqual({ stream: repo.id, seq: 2 });
  });

  it('refuses to change, remove or empty rows, whoever asks', async () => {
    const { sql } = fixture;
    await makeRepo(fixture.storage, 'log/immutable');
    await expect(sql`update operation set actor = 'mallory'`).rejects.toThrow('append-only');
    await expect(sql`delete from operation`).rejects.toThrow('append-only');
    await expect(sql`truncate operation`).rejects.toThrow('append-only');
    await expect(sql`truncate log_head cascade`).rejects.toThrow('append-only');
  });

  it('tells which row was changed behind its back', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'log/tampered');
    for (let turn = 0; turn < 5; turn++) await storage.transaction((tx) => tx.append(newOperation(repo.id)));
    const payload = expectRow((await sql<{ payload: Buffer }[]>`select payload from operation where stream = ${repo.id} and seq = 3`)[0]).payload;
    const forged = Buffer.from(payload.toString('utf8').replace('"actor":"ada"', '"actor":"eve"'));
    expect(forged.equals(payload)).toBe(false);
    await sql.begin(async (tx) => {
      await tx`alter table operation disable trigger operation_append_only`;
      await tx`update operation set payload = ${forged} where stream = ${repo.id} and seq = 3`;
      await tx`alter table operation enable trigger operation_append_only`;
    });
    expect(await storage.verifyLog(repo.id)).toEqual({ ok: false, seq: 3, reason: 'its bytes do not have its hash' });
  });

  it('tells of a row that was taken away, in the middle and at the end', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'log/shortened');
    for (let turn = 0; turn < 4; turn++) await storage.transaction((tx) => tx.append(newOperation(repo.id)));
    const remove = (seq: number): Promise<unknown> =>
      sql.begin(async (tx) => {
        await tx`alter table operation disable trigger operation_append_only`;
        await tx`delete from operation where stream = ${repo.id} and seq = ${seq}`;
        await tx`alter table operation enable trigger operation_append_only`;
      });
    await remove(5);
    expect(await storage.verifyLog(repo.id)).toEqual({ ok: false, seq: 5, reason: 'the row is missing' });
    await remove(2);
    expect(await storage.verifyLog(repo.id)).toEqual({ ok: false, seq: 2, reason: 'the row is missing' });
  });

  it('refuses an operation that relied on objects of an earlier collection', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'log/collected');
    await storage.transaction((tx) => tx.append(newOperation(repo.id, { gcEpoch: repo.gcEpoch })));
    await sql`update log_head set gc_epoch = gc_epoch + 1 where stream = ${repo.id}`;
    await expect(storage.transaction((tx) => tx.append(newOperation(repo.id, { gcEpoch: repo.gcEpoch })))).rejects.toThrow(EpochMoved);
    expect(await storage.verifyLog(repo.id)).toEqual({ ok: true, rows: 2 });
  });

  it('has no stream for a repository that does not exist', async () => {
    await expect(fixture.storage.transaction((tx) => tx.append(newOperation(999_999)))).rejects.toThrow(StreamMissing);
  });

  it('gives back what was appended, to the last member', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'log/whole');
    const said = newOperation(repo.id, {
      kind: 'MERGE_PROPOSAL',
      runId: 'run-7',
      refs: [{ branchName: 'main', before: oidOf(1), after: oidOf(2) }, { branchName: 'wip', before: oidOf(3), after: null }],
      subject: { type: 'Proposal', id: 12 },
      events: [{ kind: 'PROPOSAL_MERGED', repoName: repo.name, proposalId: 12, proposalNumber: 3, commit: oidOf(2) }],
    });
    const { seq } = await storage.transaction((tx) => tx.append(said));
    const row = expectRow(await storage.reader().operation(repo.id, seq));
    const { gcEpoch: _epoch, repoVersion: _version, ...kept } = said;
    expect(row).toMatchObject(kept);
    expect(row.durationMs).toBeNull();
    expect(Math.abs(row.at.getTime() - Date.now())).toBeLessThan(60_000);
    storage.recordLatency('MERGE_PROPOSAL', repo.id, 12.5, seq);
    await expect.poll(async () => expectRow(await storage.reader().operation(repo.id, seq)).durationMs, { timeout: 5000 }).toBe(12.5);
  });

  it('keeps the server-wide rows in a stream of their own', async () => {
    const { storage } = fixture;
    const before = await storage.verifyLog(SERVER_STREAM);
    const place = await storage.transaction((tx) => tx.append(newOperation(SERVER_STREAM, { kind: 'CREATE_KEY', subject: { type: 'ApiKey', id: 'key000000002' } })));
    expect(before.ok && place.seq === before.rows + 1).toBe(true);
    expect(await storage.verifyLog(SERVER_STREAM)).toEqual({ ok: true, rows: place.seq });
  });

  it('keeps of a prompt only a digest that cannot be checked once the prompt is erased', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'log/prompts');
    const branch = await makeBranch(storage, repo.id, 'main');
    const moved = expectRow(await advance(storage, branch, oidOf(2), { prompt: 'add a login page' }));
    expect(await storage.reader().prompt(moved.checkpoint.id)).toBe('add a login page');
    const stored = expectRow((await sql<{ salt: Buffer; text: string }[]>`select salt, text from prompt where checkpoint_id = ${moved.checkpoint.id}`)[0]);
    const payload = expectRow((await sql<{ payload: Buffer }[]>`select payload from operation where stream = ${repo.id} order by seq desc limit 1`)[0]).payload.toString('utf8');
    expect(payload).not.toContain('login');
    expect(payload).toContain(promptDigest(stored.salt, 'add a login page'));
    expect(payload).not.toContain(promptDigest(Buffer.alloc(0), 'add a login page'));
    await sql`delete from prompt where checkpoint_id = ${moved.checkpoint.id}`;
    expect(await storage.reader().prompt(moved.checkpoint.id)).toBeNull();
    expect(await storage.verifyLog(repo.id)).toEqual({ ok: true, rows: 2 });
  });
});

describe('pages of the log', () => {
  it('are newest first, and oldest first behind a seq', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'log/pages');
    for (let turn = 0; turn < 6; turn++) await storage.transaction((tx) => tx.append(newOperation(repo.id, { kind: turn % 2 === 0 ? 'UNDO' : 'REDO' })));
    const query = { stream: repo.id, repoGlobs: [], server: false, ...ALL };
    const newest = await storage.reader().operations(query, firstPage(3));
    expect(newest.edges.map(({ node }) => node.seq)).toEqual([7, 6, 5]);
    expect(newest.hasNext).toBe(true);
    const next = await storage.reader().operations(query, { count: 10, after: expectRow(newest.edges[2]).key, backward: false });
    expect(next.edges.map(({ node }) => node.seq)).toEqual([4, 3, 2, 1]);
    expect(next).toMatchObject({ hasNext: false, hasPrevious: true });
    const since = await storage.reader().operations({ ...query, afterSeq: 4 }, firstPage(10));
    expect(since.edges.map(({ node }) => node.seq)).toEqual([5, 6, 7]);
    const undone = await storage.reader().operations({ ...query, kinds: ['UNDO'] }, firstPage(10));
    expect(undone.edges.map(({ node }) => node.seq)).toEqual([6, 4, 2]);
  });

  it('filter by actor, run and branch', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'log/filters');
    await storage.transaction((tx) => tx.append(newOperation(repo.id, { actor: 'bob', refs: [{ branchName: 'wip', before: null, after: oidOf(4) }] })));
    await storage.transaction((tx) => tx.append(newOperation(repo.id, { runId: 'run-1', refs: [{ branchName: 'main', before: null, after: oidOf(4) }, { branchName: 'wip', before: oidOf(4), after: null }] })));
    const seqs = async (more: object): Promise<number[]> => {
      const page = await storage.reader().operations({ stream: repo.id, repoGlobs: [], server: false, ...ALL, ...more }, firstPage(10));
      return page.edges.map(({ node }) => node.seq);
    };
    expect(await seqs({ actor: 'bob' })).toEqual([2]);
    expect(await seqs({ runId: 'run-1' })).toEqual([3]);
    expect(await seqs({ branchName: 'wip' })).toEqual([3, 2]);
    expect(await seqs({ branchName: 'main' })).toEqual([3]);
    expect(await seqs({ branchName: 'w' })).toEqual([]);
  });

  it('across repositories show what the globs reach, and the server stream only when asked for', async () => {
    const { storage } = fixture;
    const inside = await makeRepo(storage, 'tenant-a/one');
    const alsoInside = await makeRepo(storage, 'tenant-a/two');
    const outside = await makeRepo(storage, 'tenant-b/one');
    await storage.transaction((tx) => tx.append(newOperation(SERVER_STREAM, { kind: 'REVOKE_KEY' })));
    const streams = async (server: boolean): Promise<Set<number>> => {
      const page = await storage.reader().operations({ stream: null, repoGlobs: ['tenant-a/*'], server, ...ALL }, firstPage(100));
      return new Set(page.edges.map(({ node }) => node.stream));
    };
    expect(await streams(false)).toEqual(new Set([inside.id, alsoInside.id]));
    expect(await streams(true)).toEqual(new Set([inside.id, alsoInside.id, SERVER_STREAM]));
    expect(outside.id).toBeGreaterThan(0);
  });
});
