import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/shared/canonical-json.js';
import { archiveRepo } from '../../src/operations/repo/archive-repo.js';
import { deleteRepo } from '../../src/operations/repo/delete-repo.js';
import { setMirror } from '../../src/operations/mirror/set-mirror.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

const PASSWORD = 'p4ss:word/%';
const URL_GIVEN = 'https://mirror.example/theirs.git';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld({ settings: { WEIR_MIRROR_HOSTS: 'mirror.example,192.0.2.1' } });
});
afterAll(() => world.close());

const admin = (): ReturnType<VerbWorld['as']> => world.as('operator', { scopes: ['ADMIN'] });

describe('a mirror that is set', () => {
  it('stands in the log and is pending, without its credentials', async () => {
    const { repo, repoId } = await world.repo();
    const { operation } = receiptOf(await setMirror(admin(), { repo, url: URL_GIVEN, username: 'weir', password: PASSWORD }));
    const row = await world.operation(operation);
    expect(row).toMatchObject({ stream: repoId, kind: 'SET_MIRROR', actor: 'operator', subject: { type: 'Repo', id: repoId }, events: [{ kind: 'REPO_UPDATED', changed: ['mirror'] }] });
    expect(JSON.stringify(row)).not.toContain(PASSWORD);
    expect(await world.app.storage.reader().mirror(repoId)).toEqual({ repoId, url: URL_GIVEN, state: 'PENDING', pendingSince: expect.any(Date), lastAttemptAt: null, lastPushedAt: null, nextAttemptAt: null, attempts: 0, error: null });
  });

  it('has its password sealed, each time otherwise, and whoever takes it can open it', async () => {
    const { mirrors } = world.app.storage;
    const { repo, repoId } = await world.repo();
    const taken = async () => (await mirrors.take(60_000, 100, [])).find((one) => one.repoId === repoId);
    receiptOf(await setMirror(admin(), { repo, url: URL_GIVEN, username: 'weir', password: PASSWORD }));
    const first = await taken();
    receiptOf(await setMirror(admin(), { repo, url: URL_GIVEN, username: 'weir', password: PASSWORD }));
    const second = await taken();
    expect(first?.credentials?.includes(PASSWORD)).toBe(false);
    expect(second?.credentials?.equals(first?.credentials ?? Buffer.alloc(0))).toBe(false);
    expect(world.app.gateway.mirrors.open(second?.credentials ?? Buffer.alloc(0))).toEqual({ username: 'weir', password: PASSWORD });
    // Set anew, it is nobody's any more.
    expect(await mirrors.keep({ repoId, lease: first?.lease ?? '' }, 60_000)).toBe(false);
  });

  it('is the same call with the same password alone, of which no digest is kept that could be guessed', async () => {
    const { repo } = await world.repo();
    const input = { repo, url: URL_GIVEN, password: PASSWORD, idempotencyKey: 'mirror-once' };
    const receipt = receiptOf(await setMirror(admin(), input));
    expect(await world.withoutTrace(() => setMirror(admin(), input))).toEqual({ ok: true, replayed: true, receipt });
    expect(problemOf(await world.withoutTrace(() => setMirror(admin(), { ...input, password: 'other' })))).toMatchObject({ code: 'INVALID_INPUT', field: 'idempotencyKey' });
    const { idempotencyKey: _key, ...said } = input;
    const guessed = createHash('sha256').update('SET_MIRROR\0').update(canonicalJson(said)).digest('hex');
    const known = (digest: string): Promise<number> => world.count((sql) => sql`select count(*) from idempotency where idempotency_key = 'mirror-once' and encode(digest, 'hex') <> ${digest}`);
    expect(await known(guessed)).toBe(1);
  });
});

describe('no mirror is set', () => {
  it.each([
    ['to a host that is not allowed', { url: 'https://elsewhere.example/x.git' }, { field: 'url', rule: 'mirror-url/host' }],
    ['over plain http', { url: 'http://mirror.example/x.git' }, { field: 'url', rule: 'mirror-url/https' }],
    ['with a password in the address', { url: 'https://user:secret@mirror.example/x.git' }, { field: 'url', rule: 'mirror-url/credentials' }],
    ['to what is no address', { url: '--receive-pack=touch /tmp/x' }, { field: 'url', rule: 'mirror-url/malformed' }],
    ['with a colon in the user name', { username: 'a:b' }, { field: 'username', rule: 'mirror-credentials/character' }],
    ['with a line break in the password', { password: 'a\nb' }, { field: 'password', rule: 'mirror-credentials/character' }],
    ['with a password beyond measure', { password: 'x'.repeat(1025) }, { field: 'password', rule: 'mirror-credentials/too-long' }],
  ])('%s', async (_, wrong, problem) => {
    const { repo } = await world.repo();
    expect(problemOf(await world.withoutTrace(() => setMirror(admin(), { repo, url: URL_GIVEN, ...wrong })))).toMatchObject({ code: 'INVALID_INPUT', ...problem });
  });

  it('where the operator names no host', async () => {
    const other = await openWorld();
    const { repo } = await other.repo();
    expect(problemOf(await setMirror(other.as('operator', { scopes: ['ADMIN'] }), { repo, url: URL_GIVEN }))).toMatchObject({ rule: 'mirror-url/no-hosts', message: 'Mirrors are off: no host is allowed here.' });
    await other.close();
  });

  it('by a key without ADMIN, of a repository that is archived, deleted or hidden', async () => {
    const { repo } = await world.repo();
    const by = async (key: Parameters<VerbWorld['as']>[1]) => problemOf(await world.withoutTrace(() => setMirror(world.as('other', key), { repo, url: URL_GIVEN })));
    expect(await by({ scopes: ['READ', 'WRITE', 'MERGE'] })).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
    expect(await by({ scopes: ['ADMIN'], repos: ['elsewhere/*'] })).toMatchObject({ code: 'NOT_FOUND' });
    receiptOf(await archiveRepo(admin(), { repo }));
    expect(await by({ scopes: ['ADMIN'] })).toMatchObject({ code: 'INVALID_STATE' });
    receiptOf(await deleteRepo(admin(), { repo }));
    expect(await by({ scopes: ['ADMIN'] })).toMatchObject({ code: 'NOT_FOUND' });
  });
});
