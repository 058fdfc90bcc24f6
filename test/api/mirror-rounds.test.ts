import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { MirrorRounds } from '../../src/operations/mirror/mirror-rounds.js';
import { pushMirror } from '../../src/operations/mirror/push-mirror.js';
import { removeMirror } from '../../src/operations/mirror/remove-mirror.js';
import { setMirror } from '../../src/operations/mirror/set-mirror.js';
import { deleteRepo } from '../../src/operations/repo/delete-repo.js';
import { updateRepo } from '../../src/operations/repo/update-repo.js';
import { createServer, type GatewayServer } from '../../src/server/index.js';
import { pktLine } from '../support/raw-push.js';
import { receiptOf } from '../support/operations.js';
import { openMirrorWorld, PASSWORD, POLL, type Mirrored, type MirrorWorld, type OtherSide } from './support/mirrors.js';

let mirrors: MirrorWorld;
let theirs: OtherSide;
let rounds: MirrorRounds[];
let server: GatewayServer;

beforeAll(async () => {
  mirrors = await openMirrorWorld();
  theirs = mirrors.theirs;
  const { gateway, config } = mirrors.world.app;
  server = createServer({ gateway, settings: config, ready: async () => true });
  // As two gateways would.
  rounds = [1, 2].map(() => new MirrorRounds(mirrors.world.app.gateway, { atOnce: 2, timeMs: 20_000, lookMs: 20, leaseMs: 2_000 }));
  for (const each of rounds) each.start();
});
afterAll(async () => {
  for (const each of rounds) await each.close();
  await mirrors.close();
});

const stateOf = async (made: Mirrored) => (await mirrors.mirrorOf(made))?.state;

/** A repository whose mirror is up to date. */
async function mirrored(): Promise<Mirrored> {
  const made = await mirrors.mirrored();
  await mirrors.settled(made);
  return made;
}

describe('a mirror', () => {
  it('gets branches and tags, and with each change what becomes of them', async () => {
    const made = await mirrors.pair();
    const { repo, repoId } = made;
    await mirrors.world.worked(repo, 'session/1');
    receiptOf(await setMirror(mirrors.admin(), { repo, url: made.url, username: 'weir', password: PASSWORD }));
    await mirrors.settled(made);
    const expected = async (...names: string[]): Promise<Record<string, string>> => Object.fromEntries(await Promise.all(names.map(async (name) => [`refs/heads/${name}`, await mirrors.world.head(repoId, name)] as const)));
    expect(await made.refs()).toEqual(await expected('main', 'session/1'));
    expect(theirs.shown).toContain(`Basic ${Buffer.from(`weir:${PASSWORD}`).toString('base64')}`);
    expect(await mirrors.mirrorOf(made)).toMatchObject({ lastPushedAt: expect.any(Date), attempts: 0, error: null, pendingSince: null });

    await mirrors.world.put('agent', repo, 'session/1', 'a', 'b');
    await expect.poll(made.refs, POLL).toEqual(await expected('main', 'session/1'));
    // Backwards, which a push alone would not do.
    receiptOf(await undo(mirrors.world.as('agent'), { repo, branch: 'session/1' }));
    await expect.poll(made.refs, POLL).toEqual(await expected('main', 'session/1'));
    receiptOf(await deleteBranch(mirrors.world.as('agent'), { repo, name: 'session/1' }));
    await expect.poll(made.refs, POLL).toEqual(await expected('main'));
    await made.git('fsck', '--full', '--strict');
  });

  it('loses what is not here, below branches and tags alone', async () => {
    const made = await mirrored();
    const head = await mirrors.world.head(made.repoId, 'main');
    for (const name of ['refs/heads/theirs', 'refs/tags/theirs', 'refs/pull/1/head']) await made.git('update-ref', name, head);
    receiptOf(await pushMirror(mirrors.admin(), { repo: made.repo }));
    await expect.poll(made.refs, POLL).toEqual({ 'refs/heads/main': head, 'refs/pull/1/head': head });
  });

  it('is pushed to once for many changes, and by one gateway at a time', async () => {
    const made = await mirrored();
    theirs.reset();
    for (let n = 0; n < 20; n++) await mirrors.world.put('owner', made.repo, 'main', 'a', `${n}\n`);
    await expect.poll(made.refs, POLL).toEqual({ 'refs/heads/main': await mirrors.world.head(made.repoId, 'main') });
    await mirrors.settled(made);
    expect(theirs.pushes).toBeLessThan(20);
    expect(theirs.most).toBe(1);
  });

  it('is not pushed to where nothing has moved', async () => {
    const made = await mirrored();
    const before = await mirrors.mirrorOf(made);
    theirs.reset();
    // A row of the log that moves no reference.
    receiptOf(await updateRepo(mirrors.admin(), { repo: made.repo, description: 'of no interest to it' }));
    await expect.poll(async () => (await mirrors.mirrorOf(made))?.lastAttemptAt, POLL).not.toEqual(before?.lastAttemptAt);
    await mirrors.settled(made);
    expect([theirs.pushes, (await mirrors.mirrorOf(made))?.lastPushedAt]).toEqual([0, before?.lastPushedAt]);
  });

  it('says why it is behind, tells no secret that comes back, and has everything once the other side is there again', async () => {
    const made = await mirrored();
    theirs.refusing = { status: 401, headers: { 'www-authenticate': 'Basic' } };
    await mirrors.world.put('owner', made.repo, 'main', 'a', 'b');
    await expect.poll(() => stateOf(made), POLL).toBe('FAILED');
    expect(await mirrors.mirrorOf(made)).toMatchObject({ attempts: 1, nextAttemptAt: expect.any(Date), error: `${made.url} did not take the user name and password, or they may not write there.` });
    // An answer that git ends with, word for word.
    const said = `${'x'.repeat(90)} ${PASSWORD} ${encodeURIComponent(PASSWORD)} ${Buffer.from(`weir:${PASSWORD}`).toString('base64')}`;
    theirs.refusing = { status: 200, headers: { 'content-type': 'application/x-git-receive-pack-advertisement' }, body: `${pktLine('# service=git-receive-pack\n')}0000${pktLine(`ERR ${said}`)}` };
    receiptOf(await pushMirror(mirrors.admin(), { repo: made.repo }));
    await expect.poll(async () => (await mirrors.mirrorOf(made))?.attempts, POLL).toBe(2);
    expect((await mirrors.mirrorOf(made))?.error).toBe(`${made.url} did not take the push; git says "fatal: remote error: ${'x'.repeat(90)} … … …".`);
    theirs.refusing = null;
    receiptOf(await pushMirror(mirrors.admin(), { repo: made.repo }));
    await mirrors.settled(made);
    expect(await made.refs()).toEqual({ 'refs/heads/main': await mirrors.world.head(made.repoId, 'main') });
    expect(await mirrors.mirrorOf(made)).toMatchObject({ attempts: 0, error: null });
    const told = await (await server.fetch(new Request('http://weir.test/metrics'))).text();
    expect(['pushed', 'failed'].map((result) => told.includes(`weir_mirror_push_duration_seconds_count{result="${result}"} `))).toEqual([true, true]);
  });

  it('is not looked for where a redirect leads', async () => {
    const made = await mirrored();
    theirs.refusing = { status: 302, headers: { location: '/theirs-1.git/info/refs?service=git-receive-pack' } };
    await mirrors.world.put('owner', made.repo, 'main', 'a', 'b');
    await expect.poll(() => stateOf(made), POLL).toBe('FAILED');
    expect((await mirrors.mirrorOf(made))?.error).toContain('redirect');
    theirs.refusing = null;
    receiptOf(await removeMirror(mirrors.admin(), { repo: made.repo }));
  });

  it('gets nothing of a repository that is deleted', async () => {
    const made = await mirrored();
    const before = await made.refs();
    theirs.reset();
    receiptOf(await deleteRepo(mirrors.admin(), { repo: made.repo }));
    await Promise.all(rounds.map((each) => each.look()));
    expect([theirs.pushes, await made.refs()]).toEqual([0, before]);
  });
});
