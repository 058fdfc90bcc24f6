import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Quarantine } from '../../src/domain/ports/native-git.js';
import { push } from '../../src/operations/push/push.js';
import { receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

/** Stands in for the end of the process at a fault point. */
class Crash extends TypeError {}

/** Every point that a push passes before its commit. */
const POINTS = ['pack.written', 'pack.renamed', 'idx.renamed', 'dir.synced', 'operation.objects-durable', 'operation.applied', 'operation.before-commit'];

let world: VerbWorld;
let scratch: string;
let aim: string | null = null;
let made = 0;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'weir-push-crash-'));
  world = await openWorld({
    faults: {
      at(point) {
        if (point !== aim) return;
        aim = null;
        throw new Crash(point);
      },
    },
  });
});
afterAll(async () => {
  await world.close();
  rmSync(scratch, { recursive: true, force: true });
});

const git = (...args: readonly string[]): string => execFileSync('git', ['-C', scratch, ...args], { encoding: 'utf8', env: { ...process.env, GIT_AUTHOR_NAME: 'A', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'A', GIT_COMMITTER_EMAIL: 'a@b' } }).trim();

/** A commit without a parent of one new file, in a pack as a client sends it. */
function commitInPack(): { readonly oid: string; readonly blob: string; readonly pack: Buffer } {
  const bare = join(scratch, `made-${++made}`);
  mkdirSync(bare);
  execFileSync('git', ['init', '-q', '--bare', bare]);
  const blob = execFileSync('git', ['-C', bare, 'hash-object', '-w', '--stdin'], { input: `file ${made}\n`, encoding: 'utf8' }).trim();
  const tree = execFileSync('git', ['-C', bare, 'mktree'], { input: `100644 blob ${blob}\tfile-${made}.txt\n`, encoding: 'utf8' }).trim();
  const oid = git('--git-dir', bare, 'commit-tree', '-m', `Commit ${made}`, tree);
  return { oid, blob, pack: execFileSync('git', ['-C', bare, 'pack-objects', '--stdout', '-q'], { input: `${oid}\n${tree}\n${blob}\n` }) };
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

function receive(repoId: number, pack: Buffer): Promise<Quarantine> {
  return world.app.gateway.git.receive(repoId, { pack: once(pack), maxBytes: 1 << 20, thin: true, allowed: [], references: new Map() }, new AbortController().signal);
}

const runs = (): readonly string[] => readdirSync(join(world.app.config.dataDir, 'runs'));

describe('a push (P8)', () => {
  it.each(POINTS)('that is cut off at %s has moved nothing and shown nothing, and is made whole when it comes again', async (point) => {
    const { repo, repoId } = await world.repo();
    const { oid, blob, pack } = commitInPack();
    const commands = [{ name: 'refs/heads/session/1', before: null, after: oid }];
    const reader = () => world.app.storage.reader();
    const packs = (await world.app.storage.packsOf(repoId)).names;

    const received = await receive(repoId, pack);
    aim = point;
    await expect(push(world.as('agent'), { repo, commands, received })).rejects.toThrow(Crash);
    await received.close();
    expect(await reader().branchByName(repoId, 'session/1')).toBeNull();
    expect((await world.app.storage.packsOf(repoId)).names).toEqual(packs);
    await expect(world.app.storage.objects.open(repoId).header(blob)).rejects.toThrow(/missing|not there/iu);
    expect(runs()).toEqual([]);

    const again = await receive(repoId, pack);
    receiptOf(await push(world.as('agent'), { repo, commands, received: again }));
    await again.close();
    expect((await reader().branchByName(repoId, 'session/1'))?.head).toBe(oid);
    expect((await world.app.storage.objects.open(repoId).read(blob)).type).toBe('blob');
    await world.expectWholeLog(repoId);
  });

  it('shows its objects to nobody before it has moved a reference', async () => {
    const { repoId } = await world.repo();
    const { oid, pack } = commitInPack();
    const received = await receive(repoId, pack);
    expect(received.brought(oid)).toBe(true);
    expect((await received.objects.header(oid)).type).toBe('commit');
    await expect(world.app.storage.objects.open(repoId).header(oid)).rejects.toThrow(/missing|not there/iu);
    await received.close();
    expect(runs()).toEqual([]);
    expect(readdirSync(join(world.app.config.dataDir, 'objects', String(repoId))).filter((name) => name.includes(oid))).toEqual([]);
  });
});
