import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mirrorUrlViolation } from '../../src/domain/remote-url.js';
import { PublicNetworks } from '../../src/shared/networks.js';
import { startGuarded } from '../../src/storage/git/guarded-process.js';
import { pushRemote, type RemotePush } from '../../src/storage/git/remote-push.js';
import { gitClient, type GitClient } from '../support/git-client.js';
import { serveHttpBackend, type HttpBackend } from '../support/http-backend.js';

const PASSWORD = 'tok3n-of-theirs';
const CREDENTIALS = { username: 'weir', password: PASSWORD };

let client: GitClient;
let backend: HttpBackend;
/** Run at each request of the other side. */
let onRequest = (): void => undefined;

beforeAll(async () => {
  client = gitClient();
  await client.git('init', '-q', '-b', 'main', 'work');
  writeFileSync(join(client.directory, 'work', 'a'), 'a');
  await client.git('-C', 'work', 'add', '.');
  await client.git('-C', 'work', 'commit', '-q', '-m', 'a');
  await client.git('clone', '-q', '--bare', 'work', 'ours.git');
  await client.git('init', '-q', '--bare', '-b', 'main', 'theirs.git');
  await client.git('-C', 'theirs.git', 'config', 'http.receivepack', 'true');
  backend = await serveHttpBackend(client.directory, {
    instead: (request) => {
      onRequest();
      return request.url?.startsWith('/silent.git') === true;
    },
  });
});
afterAll(async () => {
  await backend.close();
  client.remove();
});

function pushing(path: string, { host = '127.0.0.1', signal = new AbortController().signal, ...changed }: Partial<RemotePush> & { readonly host?: string; readonly signal?: AbortSignal } = {}): Promise<void> {
  const directory = join(client.directory, 'ours.git');
  return pushRemote({
    url: `${backend.url.replace('127.0.0.1', host)}/${path}`, credentials: CREDENTIALS, directory, timeMs: 20_000, isRefused: () => false,
    run: (run) => startGuarded({ program: 'git', directory, input: null, signal, release: () => Promise.resolve(), ...run }),
    ...changed,
  });
}

describe('a push to an address', () => {
  it('goes to the very address that was judged, whatever the name would say a moment later', async () => {
    const asked: string[] = [];
    await pushing('theirs.git', { host: 'git.example.test', resolve: async (name) => { asked.push(name); return [{ address: '127.0.0.1', family: 4 }]; } });
    expect(asked).toEqual(['git.example.test']);
    expect(await client.git('-C', 'theirs.git', 'rev-parse', 'main')).toBe(await client.git('-C', 'work', 'rev-parse', 'main'));
  });

  it.each([
    ['private', [{ address: '10.0.0.1', family: 4 }]],
    ['public and private at once', [{ address: '93.184.216.34', family: 4 }, { address: '169.254.169.254', family: 4 }]],
    ['IPv4 in the clothes of IPv6', [{ address: '::ffff:127.0.0.1', family: 6 }]],
  ])('is refused where the name leads to an address that is %s', async (_, addresses) => {
    const networks = new PublicNetworks([]);
    await expect(pushing('theirs.git', { host: 'git.example.test', isRefused: (address) => networks.isRefused(address), resolve: async () => addresses })).rejects.toThrow('The host git.example.test is within a network that mirrors may not reach.');
  });

  it('is refused where the name has no address', async () => {
    await expect(pushing('theirs.git', { host: 'git.example.test', resolve: async () => [] })).rejects.toThrow('has no address');
  });

  it('ends at its time and with its signal, and says so where nothing is there', async () => {
    await expect(pushing('silent.git', { timeMs: 300 })).rejects.toThrow('took longer than 300 ms');
    await expect(pushing('none.git')).rejects.toThrow(`There is no git repository at ${backend.url}/none.git.`);
    const stop = new AbortController();
    const refused = pushing('silent.git', { signal: stop.signal }).then(() => 'pushed', (error: unknown) => error);
    await expect.poll(() => backend.asked.filter((path) => path.startsWith('/silent.git')).length, { interval: 10 }).toBe(2);
    stop.abort('enough');
    expect(await refused).toBe('enough');
  });

  it('says which branches were not taken, and why, where the others were', async () => {
    const path = 'choosy.git';
    await client.git('clone', '-q', '--bare', 'theirs.git', path);
    await client.git('-C', path, 'config', 'http.receivepack', 'true');
    // A branch that is not here, and may not go there.
    await client.git('-C', path, 'update-ref', 'refs/heads/gone', 'main');
    await client.git('-C', path, 'symbolic-ref', 'HEAD', 'refs/heads/gone');
    await client.git('-C', path, 'update-ref', '-d', 'refs/heads/main');
    await expect(pushing(path)).rejects.toThrow(`${backend.url}/${path} did not take refs/heads/gone; it says "deletion of the current branch prohibited".`);
    expect(await client.git('-C', path, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/gone\nrefs/heads/main');

    const hook = join(client.directory, path, 'hooks', 'update');
    writeFileSync(hook, `#!/bin/sh\necho "not found: $1 ${PASSWORD}" >&2\nexit 1\n`, { mode: 0o755 });
    await client.git('-C', path, 'update-ref', '-d', 'refs/heads/main');
    await client.git('-C', path, 'symbolic-ref', 'HEAD', 'refs/heads/none');
    await expect(pushing(path)).rejects.toThrow(`${backend.url}/${path} did not take 2 branches and tags, refs/heads/gone among them; it says "hook declined".`);
  });

  it('shows its password to nobody who lists processes', async () => {
    const lists: string[] = [];
    onRequest = () => lists.push(commandLines());
    await pushing('theirs.git', { credentials: CREDENTIALS });
    onRequest = () => undefined;
    expect(lists.join()).toContain('theirs.git');
    expect(lists.join()).not.toContain(PASSWORD);
    expect(lists.join()).not.toContain(Buffer.from(`weir:${PASSWORD}`).toString('base64'));
  });
});

/** What `ps` shows of all processes. */
function commandLines(): string {
  return readdirSync('/proc').filter((name) => /^\d+$/u.test(name)).map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  }).join('\n');
}

describe('the address of a mirror', () => {
  const networks = new PublicNetworks([]);
  const rules = { hosts: ['github.com', '*.example.org', 'git.test:8443', '10.0.0.1'], http: false, isRefused: (address: string) => networks.isRefused(address) };

  it.each([
    ['https://github.com/a/b', null],
    ['https://git.example.org/a.git', null],
    ['https://git.test:8443/a', null],
    ['https://example.org/a', 'mirror-url/host'],
    ['https://github.com.evil.test/a', 'mirror-url/host'],
    ['https://me:secret@github.com/a', 'mirror-url/credentials'],
    ['http://github.com/a', 'mirror-url/https'],
    ['https://10.0.0.1/a', 'mirror-url/private'],
    ['https://github.com/a?b', 'mirror-url/query'],
    ['ssh://github.com/a', 'mirror-url/malformed'],
  ])('%s: %s', (url, rule) => expect(mirrorUrlViolation(url, rules)?.rule ?? null).toBe(rule));

  it('says of each what mirrors, not imports, may do', () => {
    const told = ['https://example.org/a', 'https://me:secret@github.com/a', 'http://github.com/a', 'https://10.0.0.1/a', ''].map((url) => JSON.stringify(mirrorUrlViolation(url, rules))).join('\n');
    expect(told).not.toMatch(/import/iu);
    expect(JSON.stringify(mirrorUrlViolation('https://github.com/a', { ...rules, hosts: [] }))).toContain('WEIR_MIRROR_HOSTS');
  });
});
