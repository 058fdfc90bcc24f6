import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importUrlViolation } from '../../src/domain/remote-url.js';
import { PublicNetworks } from '../../src/shared/networks.js';
import { fetchRemote, type RemoteFetchOptions } from '../../src/storage/git/remote-fetch.js';
import { openTunnel } from '../../src/storage/git/tunnel.js';
import { gitClient, type GitClient } from '../support/git-client.js';
import { serveHttpBackend, type HttpBackend } from '../support/http-backend.js';

let client: GitClient;
let backend: HttpBackend;
let directory: string;

beforeAll(async () => {
  client = gitClient();
  directory = mkdtempSync(join(tmpdir(), 'weir-fetch-'));
  await client.git('init', '-q', '-b', 'main', 'work');
  writeFileSync(join(client.directory, 'work', 'noise'), Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7919 * (at % 251)) % 256)));
  await client.git('-C', 'work', 'add', '.');
  await client.git('-C', 'work', 'commit', '-q', '-m', 'noise');
  await client.git('clone', '-q', '--bare', 'work', 'theirs.git');
  backend = await serveHttpBackend(client.directory, { instead: (request) => request.url?.startsWith('/silent.git') === true });
});
afterAll(async () => {
  await backend.close();
  client.remove();
  rmSync(directory, { recursive: true, force: true });
});

const open: RemoteFetchOptions['open'] = async (at) => ({ shown: at, headBranch: null, branches: [], tags: [], take: () => Promise.reject(new TypeError('nothing is taken')) });

function fetching(path: string, changed: Partial<RemoteFetchOptions> & { readonly host?: string; readonly signal?: AbortSignal } = {}) {
  const { host = '127.0.0.1', signal = new AbortController().signal, ...options } = changed;
  const received: number[] = [];
  const url = backend.url.replace('127.0.0.1', host);
  const fetched = fetchRemote(`${url}/${path}`, { signal, received: (bytes) => received.push(bytes) }, { program: 'git', directory, timeMs: 20_000, maxPackBytes: 10_000_000, isRefused: () => false, open, ...options });
  return { fetched, received };
}

describe('a fetch from an address', () => {
  it('tells what it receives, and leaves nothing when it is closed', async () => {
    const { fetched, received } = fetching('theirs.git');
    const { source, close } = await fetched;
    expect(source.shown).toBe(`${backend.url}/theirs.git`);
    expect(received.at(-1)).toBeGreaterThan(1000);
    await close();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('goes to the very address that was judged, whatever the name would say a moment later', async () => {
    const asked: string[] = [];
    const { fetched } = fetching('theirs.git', { host: 'git.example.test', resolve: async (name) => { asked.push(name); return [{ address: '127.0.0.1', family: 4 }]; } });
    await (await fetched).close();
    expect(asked).toEqual(['git.example.test']);
  });

  it.each([
    ['private', [{ address: '10.0.0.1', family: 4 }]],
    ['public and private at once', [{ address: '93.184.216.34', family: 4 }, { address: '169.254.169.254', family: 4 }]],
    ['IPv4 in the clothes of IPv6', [{ address: '::ffff:127.0.0.1', family: 6 }]],
  ])('is refused where the name leads to an address that is %s', async (_, addresses) => {
    const networks = new PublicNetworks([]);
    const { fetched } = fetching('theirs.git', { host: 'git.example.test', isRefused: (address) => networks.isRefused(address), resolve: async () => addresses });
    await expect(fetched).rejects.toThrow('The host git.example.test is within a network that imports may not reach.');
  });

  it('is refused where the name has no address', async () => {
    await expect(fetching('theirs.git', { host: 'git.example.test', resolve: async () => [] }).fetched).rejects.toThrow('has no address');
  });

  it('ends at the size, at the time, and with its signal, each with a sentence and without a trace', async () => {
    await expect(fetching('theirs.git', { maxPackBytes: 1000 }).fetched).rejects.toThrow('has more than 1000 bytes in its pack, which is the most that is imported (WEIR_MAX_PUSH, or WEIR_MAX_REPO_SIZE where that is less).');
    await expect(fetching('silent.git', { timeMs: 300 }).fetched).rejects.toThrow('took longer than 300 ms');
    const stop = new AbortController();
    const { fetched } = fetching('silent.git', { signal: stop.signal });
    const refused = fetched.then(() => 'fetched', (error: unknown) => error);
    await expect.poll(() => backend.asked.filter((path) => path.startsWith('/silent.git')).length, { interval: 10 }).toBe(2);
    stop.abort('enough');
    expect(await refused).toBe('enough');
    expect(readdirSync(directory)).toEqual([]);
  });
});

/** What a client of SOCKS is answered to its request, byte by byte; empty where the connection is cut. */
async function answered(port: number, request: readonly number[]): Promise<number[]> {
  const socket = connect({ port, host: '127.0.0.1' });
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece)).on('error', () => undefined);
  socket.write(Buffer.from([5, 1, 0, ...request]));
  await expect.poll(() => socket.destroyed || socket.readableEnded || Buffer.concat(pieces).length >= 12, { interval: 5 }).toBe(true);
  socket.destroy();
  return [...Buffer.concat(pieces).subarray(2)];
}

const byName = (host: string, port: number): number[] => [5, 1, 0, 3, host.length, ...Buffer.from(host), port >> 8, port & 255];

describe('the tunnel of a fetch', () => {
  it('leads to its target and to nothing else, and is cut where more comes than may', async () => {
    const sockets: Socket[] = [];
    const target = createServer((socket) => { sockets.push(socket); socket.on('error', () => undefined).write(Buffer.alloc(2000)); });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const { port } = target.address() as AddressInfo;
    const tunnel = await openTunnel({ host: 'git.example.test', port, addresses: ['127.0.0.1'] }, { mostBytes: 1000, received: () => undefined });
    const at = Number(new URL(tunnel.proxy).port);
    try {
      expect((await answered(at, byName('other.example.test', port)))[1]).toBe(2);
      expect((await answered(at, byName('git.example.test', port + 1)))[1]).toBe(2);
      expect((await answered(at, [5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255]))[1]).toBe(2);
      expect((await answered(at, [4, 1, 0, 1])).at(1)).toBe(2);
      expect(sockets).toEqual([]);
      expect((await answered(at, byName('git.example.test', port)))[1]).toBe(0);
      await expect.poll(() => tunnel.isExceeded, { interval: 5 }).toBe(true);
    } finally {
      await tunnel.close();
      target.close();
    }
  });
});

describe('the address of a repository to import', () => {
  const networks = new PublicNetworks([]);
  const rules = { hosts: ['github.com', '*.example.org', 'git.test:8443', '10.0.0.1'], http: false, isRefused: (address: string) => networks.isRefused(address) };

  it.each([
    ['https://github.com/a/b', null],
    ['https://GitHub.com:443/a/b', null],
    ['https://git.example.org/a.git', null],
    ['https://git.test:8443/a', null],
    ['https://git.test/a', 'import-url/host'],
    ['https://example.org/a', 'import-url/host'],
    ['https://github.com.evil.test/a', 'import-url/host'],
    ['https://evil.test/github.com', 'import-url/host'],
    ['https://github.com@evil.test/a', 'import-url/credentials'],
    ['https://github.com:444/a', 'import-url/host'],
    ['http://github.com/a', 'import-url/https'],
    ['https://10.0.0.1/a', 'import-url/private'],
    ['https://167772161/a', 'import-url/private'],
    ['https://github.com\\@evil.test/a', 'import-url/malformed'],
    [`https://github.com/${'a'.repeat(2100)}`, 'import-url/too-long'],
  ])('%s: %s', (url, rule) => expect(importUrlViolation(url, rules)?.rule ?? null).toBe(rule));
});
