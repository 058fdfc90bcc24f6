import { chmodSync, linkSync, lstatSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Storage } from '../../src/domain/ports/storage.js';
import { ObjectMissing } from '../../src/git/objects/errors.js';
import { hashObject } from '../../src/git/objects/hash.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { uploadBlob, type Upload } from '../../src/operations/checkpoint/upload-blob.js';
import type { Request } from '../../src/operations/request.js';
import { receiptOf } from '../support/operations.js';
import { gate, newOperation } from '../support/storage-fixture.js';
import { openTwoGateways, type TwoGateways } from '../support/two-gateways.js';

let two: TwoGateways;
beforeAll(async () => {
  two = await openTwoGateways();
});
afterAll(() => two.close());
afterEach(() => vi.restoreAllMocks());

const WHOLE = { minimumPacks: 2, maxPackBytes: Number.MAX_SAFE_INTEGER };
const idOf = (text: string): string => hashObject('blob', Buffer.from(text));

/** Collects through the first gateway, which must find something. */
async function collectNow(repoId: number): Promise<void> {
  const collection = await two.gateway(0).storage.upkeep.collect(repoId);
  expect(collection?.collected).toBeGreaterThan(0);
}

/** The same request, with something done once before the first call of one of the storage's methods. */
function interrupted(request: Request, method: 'transaction' | 'leaseUpload', meanwhile: () => Promise<void>): Request {
  let done = false;
  const storage = new Proxy<Storage>(request.gateway.storage, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== method || done) return value.bind(target);
      done = true;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        await meanwhile();
        return Reflect.apply(value, target, args);
      };
    },
  });
  return { ...request, gateway: { ...request.gateway, storage } };
}

function uploadOf(text: string): Upload {
  return {
    chunks: (async function* chunks() {
      yield Buffer.from(text);
    })(),
    expectedBytes: null,
    room: { reserve: () => true, release: () => undefined },
  };
}

async function write(request: Request, repo: string, path: string, text: string): Promise<void> {
  receiptOf(await createCheckpoint(request, { repo, branch: 'main', message: 'Work', changes: [{ write: { path, text } }] }));
}

async function textFrom(turn: number, repoId: number, oid: string): Promise<string> {
  return (await two.store(turn, repoId).read(oid)).content.toString();
}

describe('garbage that a writer finds stored already', () => {
  it('is written again when it is collected between the writing and the commit', async () => {
    const repoId = await two.makeRepo('race/commit');
    const oid = await two.litter(repoId, 'found stored', 1);
    expect(await textFrom(1, repoId, oid)).toBe('found stored');
    await write(interrupted(two.by('ada', 1), 'transaction', () => collectNow(repoId)), 'race/commit', 'a.txt', 'found stored');
    await two.gateway(0).storage.upkeep.removeReplaced(repoId, 0);
    const fresh = await two.fresh();
    expect((await fresh.storage.objects.open(repoId).read(oid)).content.toString()).toBe('found stored');
    await fresh.close();
  });

  it('is written again by an upload when it is collected before the lease', async () => {
    const repoId = await two.makeRepo('race/lease');
    const oid = await two.litter(repoId, 'found by an upload', 1);
    expect(await textFrom(1, repoId, oid)).toBe('found by an upload');
    const request = interrupted(two.by('ada', 1), 'leaseUpload', () => collectNow(repoId));
    expect(await uploadBlob(request, 'race/lease', uploadOf('found by an upload'))).toMatchObject({ ok: true, blob: { oid } });
    await two.gateway(0).storage.upkeep.removeReplaced(repoId, 0);
    expect(await textFrom(0, repoId, oid)).toBe('found by an upload');
  });

  it('stays when it is committed while the rest is copied', async () => {
    const repoId = await two.makeRepo('race/copy');
    const oid = await two.litter(repoId, 'used in time', 0);
    await two.litter(repoId, 'never used', 0);
    const store = two.store(0, repoId);
    const copy = store.copyPack.bind(store);
    vi.spyOn(store, 'copyPack').mockImplementationOnce(async (sources, signal) => {
      const copied = await copy(sources, signal);
      await write(two.by('ada', 1), 'race/copy', 'a.txt', 'used in time');
      return copied;
    });
    expect(await two.gateway(0).storage.upkeep.collect(repoId)).toMatchObject({ kept: 1 });
    await two.gateway(0).storage.upkeep.removeReplaced(repoId, 0);
    expect(await textFrom(1, repoId, oid)).toBe('used in time');
    await expect(textFrom(0, repoId, idOf('never used'))).rejects.toThrow(ObjectMissing);
  });

  it('stays when it is committed in the last moment, by a transaction that the swap has to wait for', async () => {
    const repoId = await two.makeRepo('race/swap');
    const oid = await two.litter(repoId, 'used at last', 0);
    const { storage } = two.gateway(1);
    const hold = gate();
    const appended = gate();
    const late = storage.transaction(async (tx) => {
      await tx.append(newOperation(repoId, { gcEpoch: 0 }));
      await tx.insertTags(repoId, [{ name: 'late', oid, commitOid: null, message: null }]);
      appended.open();
      await hold.opened;
    });
    await appended.opened;
    const collecting = two.gateway(0).storage.upkeep.collect(repoId);
    await expect.poll(async () => (await two.sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).length, { timeout: 5000 }).toBe(1);
    hold.open();
    await late;
    expect(await collecting).toMatchObject({ kept: 1 });
    await two.gateway(0).storage.upkeep.removeReplaced(repoId, 0);
    expect(await textFrom(1, repoId, oid)).toBe('used at last');
  });
});

describe('garbage that an upload leases in the last moment', () => {
  it('stays, although no operation tells of it', async () => {
    const repoId = await two.makeRepo('race/leased');
    const oid = await two.litter(repoId, 'leased at last', 0);
    const hold = gate();
    const leased = gate();
    const late = two.sql.begin(async (tx) => {
      await tx`select 1 from log_head where stream = ${repoId} for no key update`;
      await tx`insert into upload_lease (repo_id, key_id, oid, expires_at) values (${repoId}, 'k', decode(${oid}, 'hex'), now() + interval '1 hour')`;
      leased.open();
      await hold.opened;
    });
    await leased.opened;
    const collecting = two.gateway(0).storage.upkeep.collect(repoId);
    await expect.poll(async () => (await two.sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).length, { timeout: 5000 }).toBe(1);
    hold.open();
    await late;
    expect(await collecting).toMatchObject({ kept: 1 });
    await two.gateway(0).storage.upkeep.removeReplaced(repoId, 0);
    expect(await textFrom(1, repoId, oid)).toBe('leased at last');
  });
});

describe('what is collected', () => {
  it('is garbage alone: uploads on lease, deleted branches and tags keep what they lead to', async () => {
    const repoId = await two.makeRepo('gc/roots');
    const leased = await uploadBlob(two.by('ada', 0), 'gc/roots', uploadOf('on lease'));
    expect(leased).toMatchObject({ ok: true });
    const garbage = await two.litter(repoId, 'garbage', 0);
    await collectNow(repoId);
    expect(await textFrom(0, repoId, idOf('on lease'))).toBe('on lease');
    expect(await textFrom(1, repoId, idOf('# Hello\n'))).toBe('# Hello\n');
    await expect(textFrom(0, repoId, garbage)).rejects.toThrow(ObjectMissing);
    await two.sql`delete from upload_lease where repo_id = ${repoId}`;
    await collectNow(repoId);
    await expect(textFrom(0, repoId, idOf('on lease'))).rejects.toThrow(ObjectMissing);
    expect(await two.gateway(0).storage.upkeep.collect(repoId)).toEqual({ collected: 0, replaced: 0, kept: 0 });
  });

  it('is nothing where the repository is damaged, for what lies behind would be taken for garbage', async () => {
    const repoId = await two.makeRepo('gc/damaged');
    await two.litter(repoId, 'garbage', 0);
    await two.sql`update branch set head = decode(repeat('ab', 20), 'hex') where repo_id = ${repoId}`;
    const before = await two.livePacks(repoId);
    await expect(two.gateway(0).storage.upkeep.collect(repoId)).rejects.toThrow(ObjectMissing);
    expect(await two.livePacks(repoId)).toEqual(before);
  });
});

describe('the files of replaced packs', () => {
  it('go after the grace, but not while an older lease is held', async () => {
    const repoId = await two.makeRepo('files/lease');
    const [old = ''] = await two.livePacks(repoId);
    for (const text of ['one', 'two', 'three']) await two.litter(repoId, text, 0);
    const { upkeep } = two.gateway(0).storage;
    await two.gateway(1).storage.withPacksOf(repoId, async ({ names }) => {
      expect(names).toContain(old);
      await upkeep.consolidate(repoId, WHOLE);
      expect(await upkeep.removeReplaced(repoId, 0)).toBe(0);
      expect(two.files(repoId)).toContain(`${old}.pack`);
    });
    expect(await upkeep.removeReplaced(repoId, 60_000)).toBe(0);
    expect(await upkeep.removeReplaced(repoId, 0)).toBe(4);
    expect(new Set(two.files(repoId))).toEqual(new Set((await two.livePacks(repoId)).flatMap((name) => [`${name}.idx`, `${name}.pack`])));
  });

  it('stay while somebody holds those of all repositories, also of one that was made after that', async () => {
    const hold = await two.gateway(1).storage.holdAllPacks();
    const repoId = await two.makeRepo('files/all');
    for (const text of ['one', 'two', 'three']) await two.litter(repoId, text, 0);
    const { upkeep } = two.gateway(0).storage;
    expect((await upkeep.consolidate(repoId, WHOLE))?.replaced).toBe(4);
    expect(await upkeep.removeReplaced(repoId, 0)).toBe(0);
    await hold.release();
    expect(await upkeep.removeReplaced(repoId, 0)).toBe(4);
  });

  it('go although someone who died holds a lease, once that has ended', async () => {
    const repoId = await two.makeRepo('files/dead');
    for (const text of ['one', 'two', 'three']) await two.litter(repoId, text, 0);
    await two.sql`insert into pack_lease (repo_id, purpose, expires_at) values (${repoId}, 'READ', now() - interval '1 second'), (${repoId}, 'UPKEEP', now() - interval '1 second')`;
    const { upkeep } = two.gateway(0).storage;
    expect((await upkeep.consolidate(repoId, WHOLE))?.replaced).toBe(4);
    expect(await upkeep.removeReplaced(repoId, 0)).toBe(4);
  });

  it('are replaced by one gateway at a time', async () => {
    const repoId = await two.makeRepo('files/alone');
    await two.sql`insert into pack_lease (repo_id, purpose, expires_at) values (${repoId}, 'UPKEEP', now() + interval '1 minute')`;
    expect(await two.gateway(0).storage.upkeep.consolidate(repoId, WHOLE)).toBeNull();
    expect(await two.gateway(1).storage.upkeep.collect(repoId)).toBeNull();
  });

  it('are forks as well: linked, not copied, and they outlive the packs that they came from', async () => {
    const repoId = await two.makeRepo('files/source');
    const { storage } = two.gateway(0);
    const { repoId: forkId } = receiptOf(await createRepo(two.by('owner', 1), { name: 'files/fork' }));
    const packs = await storage.forkObjects(repoId, forkId, null);
    await storage.transaction(async (tx) => {
      for (const pack of packs) await tx.addPack(forkId, pack);
    });
    const linked = two.files(forkId).filter((file) => packs.some(({ name }) => file.startsWith(name)));
    expect(linked).toHaveLength(2);
    const directory = (await storage.packsOf(forkId)).directory;
    for (const file of linked) expect(lstatSync(join(directory, file)).nlink).toBe(2);
    for (const text of ['one', 'two', 'three']) await two.litter(repoId, text, 0);
    await storage.upkeep.consolidate(repoId, WHOLE);
    expect(await storage.upkeep.removeReplaced(repoId, 0)).toBe(4);
    expect(await textFrom(1, forkId, idOf('# Hello\n'))).toBe('# Hello\n');
  });
});

describe('stray files', () => {
  it('are removed once they are old, and never a live or replaced pack, nor a young one of a writer before its commit', async () => {
    const repoId = await two.makeRepo('stray/files');
    for (const text of ['one', 'two', 'three']) await two.litter(repoId, text, 0);
    const { upkeep, objects } = two.gateway(0).storage;
    await upkeep.consolidate(repoId, WHOLE);
    const known = two.files(repoId).length;
    const staged = objects.open(repoId).stage();
    staged.put('blob', Buffer.from('never committed'));
    const uncommitted = await objects.open(repoId).persist(staged);
    const { directory } = await two.gateway(0).storage.packsOf(repoId);
    writeFileSync(join(directory, 'tmp_pack_0123456789abcdef'), 'half a pack');
    // A hard link has the times of what it links to, which says nothing about when it got this name.
    utimesSync(join(directory, `${uncommitted?.name}.pack`), new Date(0), new Date(0));
    linkSync(join(directory, `${uncommitted?.name}.pack`), join(directory, `pack-${'c'.repeat(40)}.pack`));
    writeFileSync(join(directory, 'keep'), 'not ours');
    expect(await upkeep.removeStrays(repoId)).toBe(0);
    // Negative: files of the future, too, are old enough.
    expect(await upkeep.removeStrays(repoId, -1000)).toBe(4);
    expect(two.files(repoId)).toHaveLength(known + 1);
    expect(await textFrom(1, repoId, idOf('# Hello\n'))).toBe('# Hello\n');
  });
});

describe('the background', () => {
  it('rolls up what is crowded, leaves out what is damaged and tells of it, and serves everything else on', async () => {
    const repoId = await two.makeRepo('round/crowded');
    const oids: string[] = [];
    for (let at = 0; at < 20; at++) oids.push(await two.litter(repoId, `file ${at}, long enough to be damaged`, at));
    const { storage } = two.gateway(0);
    const { directory } = await storage.packsOf(repoId);
    const [bad = ''] = [...(await storage.objects.open(repoId).openPacks())].filter(([, pack]) => pack.contains(oids[3] ?? '')).map(([name]) => name);
    const bytes = readFileSync(join(directory, `${bad}.pack`));
    bytes[25] = (bytes[25] ?? 0) ^ 0xff;
    chmodSync(join(directory, `${bad}.pack`), 0o644);
    writeFileSync(join(directory, `${bad}.pack`), bytes);
    const told: string[] = [];
    storage.upkeep.start({ intervalMs: 3600_000, graceMs: 0, report: (sentence) => told.push(sentence) });
    await storage.upkeep.round();
    await storage.upkeep.round();
    expect(told).toEqual([expect.stringContaining(`${bad} of repository ${repoId} is damaged`)]);
    const live = await two.livePacks(repoId);
    expect(live).toHaveLength(2);
    expect(live).toContain(bad);
    const [damaged = ''] = oids.splice(3, 1);
    for (const oid of oids) expect(await textFrom(1, repoId, oid)).toMatch(/^file \d+,/u);
    await expect(textFrom(1, repoId, damaged)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
  });
});
