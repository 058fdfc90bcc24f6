import type { MirrorCredentials } from '../../domain/mirror.js';
import { MirrorRefused } from '../../domain/ports/mirrors.js';
import { GitFailed, type GitOutput } from '../../domain/ports/native-git.js';
import { bareHost } from '../../domain/webhook.js';
import { resolveHost, type Resolve } from '../../shared/resolve-host.js';
import type { GuardedRun } from './guarded-process.js';
import { RefusedReferences } from './refused-references.js';
import { openTunnel } from './tunnel.js';

/** What {@link pushRemote} needs. */
export interface RemotePush {
  readonly url: string;
  readonly credentials: MirrorCredentials | null;
  /** A git directory with the references that the other side is to have below `refs/heads/` and `refs/tags/`, and their objects. */
  readonly directory: string;
  /** The longest push, in milliseconds. */
  readonly timeMs: number;
  /** True for an address that must not be connected to. */
  readonly isRefused: (address: string) => boolean;
  readonly run: (run: Pick<GuardedRun, 'args' | 'environment' | 'timeMs' | 'stallMs'>) => GitOutput;
  readonly resolve?: Resolve;
}

/** What the other side says of its references and of the push: 100,000 references are about 8 MB. */
const ANSWER_BYTES = 64 * 2 ** 20;
const SILENCE_S = 60;
const MAX_WORDS = 200;
/** What stands before the words of a program that ended by itself. */
const EXIT_CODE = /^\d+: /u;

/**
 * Makes the branches and tags at an address those of a directory: what is not there is deleted, what went elsewhere is forced. Everything goes
 * through a tunnel that leads to the judged addresses of that host alone; no redirect is followed, and nothing is asked of anybody.
 * Credentials go in the environment, where no list of processes shows them to others. Rejects with {@link MirrorRefused} for all that the
 * other side is the reason of, and with the signal's reason of the run.
 */
export async function pushRemote(push: RemotePush): Promise<void> {
  const url = new URL(push.url);
  const host = bareHost(url.hostname);
  const addresses = await (push.resolve ?? resolveHost)(host).catch(() => []);
  if (addresses.length === 0) throw new MirrorRefused(`The host ${host} has no address, or its name server does not answer.`);
  // One of several is enough: which of them is used is for the owner of the name to steer.
  if (addresses.some(({ address }) => push.isRefused(address))) throw new MirrorRefused(`The host ${host} is within a network that mirrors may not reach.`);
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  const tunnel = await openTunnel({ host, port, addresses: addresses.map(({ address }) => address) }, { mostBytes: ANSWER_BYTES, received: () => undefined });
  const run = push.run({ args: argumentsOf(push, tunnel.proxy), environment: environmentOf(push.credentials), timeMs: push.timeMs, stallMs: push.timeMs });
  const refused = new RefusedReferences();
  try {
    for (let printed = await run.next(); printed !== null; printed = await run.next()) refused.add(printed);
  } catch (error) {
    await run.close();
    if (error instanceof GitFailed) throw new MirrorRefused(sentenceOf(error, refused, push), { cause: error });
    throw error;
  } finally {
    await tunnel.close();
  }
}

function argumentsOf({ directory, url }: RemotePush, proxy: string): string[] {
  const settings = {
    'http.proxy': proxy, 'http.followRedirects': 'false', 'http.lowSpeedLimit': '1', 'http.lowSpeedTime': String(SILENCE_S), 'credential.helper': '',
    'protocol.allow': 'never', 'protocol.http.allow': 'always', 'protocol.https.allow': 'always', 'submodule.recurse': 'false', 'push.followTags': 'false', 'push.gpgSign': 'false',
  };
  const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return [`--git-dir=${directory}`, ...given, 'push', '--porcelain', '--prune', '--force', '--no-verify', '--end-of-options', url, 'refs/heads/*:refs/heads/*', 'refs/tags/*:refs/tags/*'];
}

function environmentOf(credentials: MirrorCredentials | null): Record<string, string> {
  const allowed = { GIT_ALLOW_PROTOCOL: 'http:https' };
  return credentials === null ? allowed : { ...allowed, GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'http.extraHeader', GIT_CONFIG_VALUE_0: `Authorization: Basic ${encoded(credentials)}` };
}

function encoded({ username, password }: MirrorCredentials): string {
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
}

/** The other side may repeat what it was sent, in whichever form. Before anything is cut or quoted: a half of a secret is not found any more. */
function scrubbed(said: string, credentials: MirrorCredentials | null): string {
  if (credentials === null) return said;
  const secrets = [encoded(credentials), encodeURIComponent(credentials.password), credentials.password].filter((secret) => secret !== '');
  return secrets.reduce((text, secret) => text.replaceAll(secret, '…'), said);
}

/** What git said, in one sentence. Its own last words are quoted where they are not known: they may be the other side's. */
function sentenceOf({ why, detail: said }: GitFailed, { count, first }: RefusedReferences, { url, timeMs, credentials }: RemotePush): string {
  const detail = scrubbed(said, credentials).replace(EXIT_CODE, '');
  if (why === 'TIME' || why === 'STALL') return `${url} took longer than ${timeMs} ms, which is the longest that a push to a mirror takes.`;
  if (first !== null) return `${url} did not take ${count === 1 ? first.name : `${count} branches and tags, ${first.name} among them`}; it says ${JSON.stringify(scrubbed(first.reason, credentials).slice(0, MAX_WORDS))}.`;
  if (/redirect|error: 30\d/iu.test(detail)) return `${url} answers with a redirect, which is not followed; give the address that it leads to.`;
  if (/could not read Username|Authentication failed|error: 40[13]/iu.test(detail)) return `${url} did not take the user name and password, or they may not write there.`;
  if (/not found|error: 404|does not appear to be a git repository|not valid: is this a git repository/iu.test(detail)) return `There is no git repository at ${url}.`;
  if (/Operation too slow|timed out/iu.test(detail)) return `${url} sent nothing for ${SILENCE_S} s.`;
  if (/SSL|certificate/iu.test(detail)) return `The certificate of ${url} is not one that this server trusts.`;
  // Whole lines alone: what is before them may begin within a secret.
  const words = detail.split('\n').findLast((line) => /^(?:fatal|error|remote): /u.test(line));
  if (words === undefined) return `${url} did not take the push.`;
  return `${url} did not take the push; git says ${JSON.stringify(words.slice(0, MAX_WORDS))}.`;
}
