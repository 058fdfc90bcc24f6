import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ImportRefused, type ImportSource } from '../../domain/ports/import-source.js';
import type { FetchedSource, FetchWatch } from '../../domain/ports/imports.js';
import { GitFailed } from '../../domain/ports/native-git.js';
import { bareHost } from '../../domain/webhook.js';
import { resolveHost, type Resolve } from '../../shared/resolve-host.js';
import { startGuarded } from './guarded-process.js';
import { openTunnel, type Tunnel } from './tunnel.js';

/** What {@link fetchRemote} needs. */
export interface RemoteFetchOptions {
  /** The program: a name, or an absolute path. */
  readonly program: string;
  /** Where directories are made and removed. */
  readonly directory: string;
  /** The longest fetch, in milliseconds. */
  readonly timeMs: number;
  /** The largest pack, in bytes. */
  readonly maxPackBytes: number;
  /** True for an address that must not be connected to. */
  readonly isRefused: (address: string) => boolean;
  /** Opens what was fetched. Rejects with ImportRefused. */
  readonly open: (path: string) => Promise<ImportSource>;
  readonly resolve?: Resolve;
}

/** Beside the pack come references and headers: 100,000 references are about 8 MB. */
const BESIDE_PACK_BYTES = 32 * 2 ** 20;
/** A delta of two objects near the threshold of 16 MB, its table and the caches take a fraction of this. */
const MEMORY_BYTES = 2 ** 30;
/** A server that sends nothing for so long, in seconds, is given up; one that counts objects says so every five. */
const SILENCE_S = 60;
const MAX_WORDS = 200;

/**
 * Clones the repository at an address, whole: branches, tags and all objects that they reach, verified and connected. Everything goes through
 * a tunnel that leads to the judged addresses of that host alone. No redirect is followed, nothing is asked of anybody.
 * Rejects with {@link ImportRefused} for all that the address, its host or its size are the reason of, and with the signal's reason.
 */
export async function fetchRemote(url: string, watch: FetchWatch, options: RemoteFetchOptions): Promise<FetchedSource> {
  const target = await judged(new URL(url), options);
  watch.signal.throwIfAborted();
  await mkdir(options.directory, { recursive: true, mode: 0o700 });
  // The name is that of runs, so that what a killed gateway leaves is swept with theirs.
  const home = await mkdtemp(join(options.directory, 'run-import-'));
  const close = (): Promise<void> => rm(home, { recursive: true, force: true });
  const tunnel = await openTunnel(target, { mostBytes: options.maxPackBytes + BESIDE_PACK_BYTES, received: (bytes) => watch.received(bytes) });
  try {
    const path = join(home, 'fetched.git');
    await clone(url, { home, path, tunnel }, watch.signal, options);
    if ((await packBytes(path)) > options.maxPackBytes) throw new ImportRefused(tooLarge(url, options.maxPackBytes));
    const source = await opened(path, url, options);
    return { source: { ...source, shown: url, take: (repoId) => source.take(repoId) }, close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    await tunnel.close();
  }
}

async function judged(url: URL, { resolve = resolveHost, isRefused }: RemoteFetchOptions): Promise<{ readonly host: string; readonly port: number; readonly addresses: readonly string[] }> {
  const host = bareHost(url.hostname);
  const addresses = await resolve(host).catch(() => []);
  if (addresses.length === 0) throw new ImportRefused(`The host ${host} has no address, or its name server does not answer.`);
  // One of several is enough: which of them is used is for the owner of the name to steer.
  if (addresses.some(({ address }) => isRefused(address))) throw new ImportRefused(`The host ${host} is within a network that imports may not reach.`);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host, port, addresses: addresses.map(({ address }) => address) };
}

interface CloneRun {
  readonly home: string;
  readonly path: string;
  readonly tunnel: Tunnel;
}

async function clone(url: string, { home, path, tunnel }: CloneRun, signal: AbortSignal, { program, timeMs, maxPackBytes }: RemoteFetchOptions): Promise<void> {
  const settings = {
    'http.proxy': tunnel.proxy, 'http.followRedirects': 'false', 'http.lowSpeedLimit': '1', 'http.lowSpeedTime': String(SILENCE_S), 'credential.helper': '',
    'protocol.allow': 'never', 'protocol.http.allow': 'always', 'protocol.https.allow': 'always', 'transfer.bundleURI': 'false', 'transfer.unpackLimit': '1', 'submodule.recurse': 'false',
    'core.hooksPath': '/dev/null', 'core.bigFileThreshold': '16m', 'core.packedGitWindowSize': '16m', 'core.packedGitLimit': '128m', 'core.deltaBaseCacheLimit': '32m', 'pack.threads': '1', 'gc.auto': '0',
  };
  const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const run = startGuarded({
    program,
    args: [...given, 'clone', '--quiet', '--bare', '--no-local', '--template=', '--end-of-options', url, path],
    directory: home,
    environment: { GIT_ALLOW_PROTOCOL: 'http:https' },
    input: null,
    // A stop for what grows on this side alone: a pack that its index outgrows, a thin one that is completed.
    fileBytes: 2 * maxPackBytes + BESIDE_PACK_BYTES,
    memoryBytes: MEMORY_BYTES,
    timeMs,
    // It says nothing while it works: silence of the server is seen by git itself.
    stallMs: timeMs,
    signal,
    release: async () => undefined,
  });
  try {
    while ((await run.next()) !== null);
  } catch (error) {
    await run.close();
    signal.throwIfAborted();
    if (!(error instanceof GitFailed)) throw error;
    throw new ImportRefused(tunnel.isExceeded ? tooLarge(url, maxPackBytes) : sentenceOf(error, url, { timeMs, maxPackBytes }), { cause: error });
  }
}

async function packBytes(path: string): Promise<number> {
  const directory = join(path, 'objects', 'pack');
  const packs = (await readdir(directory)).filter((name) => name.endsWith('.pack'));
  const sizes = await Promise.all(packs.map(async (name) => (await stat(join(directory, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function tooLarge(url: string, maximum: number): string {
  return `${url} has more than ${maximum} bytes in its pack, which is the most that is imported (WEIR_MAX_PUSH, or WEIR_MAX_REPO_SIZE where that is less).`;
}

/** What git said, in one sentence. Its own last words are quoted where they are not known: they may be the server's. */
function sentenceOf({ why, detail }: GitFailed, url: string, { timeMs, maxPackBytes }: { readonly timeMs: number; readonly maxPackBytes: number }): string {
  if (why === 'TIME' || why === 'STALL') return `${url} took longer than ${timeMs} ms, which is the longest that an import takes (WEIR_IMPORT_TIMEOUT).`;
  if (/File too large|died of signal 25/iu.test(detail)) return tooLarge(url, maxPackBytes);
  if (/redirect|error: 30\d/iu.test(detail)) return `${url} answers with a redirect, which is not followed; give the address that it leads to.`;
  if (/could not read Username|Authentication failed|error: 40[13]/iu.test(detail)) return `${url} asks for a password: only what everybody may read is imported.`;
  if (/not found|error: 404|does not appear to be a git repository|not valid: is this a git repository/iu.test(detail)) return `There is no git repository at ${url} that everybody may read.`;
  if (/Operation too slow|timed out/iu.test(detail)) return `${url} sent nothing for ${SILENCE_S} s.`;
  if (/SSL|certificate/iu.test(detail)) return `The certificate of ${url} is not one that this server trusts.`;
  const words = detail.split('\n').findLast((line) => /^(?:fatal|error): /u.test(line)) ?? detail;
  return `${url} could not be fetched; git says ${JSON.stringify(words.slice(0, MAX_WORDS))}.`;
}

async function opened(path: string, url: string, { open }: RemoteFetchOptions): Promise<ImportSource> {
  try {
    return await open(path);
  } catch (error) {
    if (!(error instanceof ImportRefused)) throw error;
    throw new ImportRefused(error.message.replaceAll(path, url), { cause: error });
  }
}
