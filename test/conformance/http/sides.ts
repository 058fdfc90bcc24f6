import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../../../src/app.js';
import { gitClient, importInto, type GitClient } from '../../support/git-client.js';
import { serveHttpBackend } from '../../support/http-backend.js';
import { fixtureStream } from './fixture.js';
import { rawRequest, type RawAnswer, type RawRequest } from './raw-request.js';

/** One of the two servers, as a row of the table sees it, with one repository. */
export interface Side {
  readonly name: 'weir' | 'git';
  /** The repository's address for git, with what opens it. */
  readonly address: string;
  /** The same without, and what opens it as headers. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly client: GitClient;
  /** A path that nothing is at. */
  place(): string;
  /** Runs git, which must succeed; answers what it printed. */
  git(...args: readonly string[]): Promise<string>;
  /** Clones with these options, quietly; answers where to. */
  clone(...options: readonly string[]): Promise<string>;
  /** Asks for an end of the repository, such as `info/refs`. */
  request(end: string, request?: RawRequest): Promise<RawAnswer>;
  /** Makes a repository that nobody has written to yet; answers its address. */
  empty(): Promise<string>;
}

/** Both, until closed. */
export interface Sides {
  /** Both sides of one repository, with the fixture's history: the same one for all that only read, or one of its own. */
  pair(own: boolean): Promise<readonly [weir: Side, git: Side]>;
  close(): Promise<void>;
}

/** A gateway that listens. */
export interface ServedGateway {
  readonly app: App;
  readonly adminKey: string;
  readonly url: string;
}

/** What an operator switches on to have of git what is on here. */
const BACKEND_CONFIG = [
  ['http.receivepack', 'true'], ['uploadpack.allowFilter', 'true'], ['uploadpack.allowTipSHA1InWant', 'true'], ['uploadpack.allowReachableSHA1InWant', 'true'],
  ['receive.denyNonFastForwards', 'true'], ['receive.fsckObjects', 'true'],
] as const;

/** Puts `git http-backend` beside a gateway, with the same history on both. */
export async function openSides(gateway: ServedGateway): Promise<Sides> {
  const client = gitClient();
  const root = join(client.directory, 'served');
  mkdirSync(root);
  const fixture = join(root, 'fixture.git');
  await bareRepository(client, fixture);
  const filled = await client.run(['-C', fixture, 'fast-import', '--quiet'], fixtureStream());
  if (filled.status !== 0) throw new TypeError(`the fixture was not taken: ${filled.stderr}`);
  const backend = await serveHttpBackend(root);
  const counter = { places: 0, repos: 0 };
  const authorization = `Bearer ${gateway.adminKey}`;
  const sideOf = (name: Side['name'], repo: string): Side => {
    const origin = name === 'weir' ? `${gateway.url}/git` : backend.url;
    const opened = (path: string): string => (name === 'weir' ? `${origin.replace('://', `://agent:${gateway.adminKey}@`)}/${path}` : `${origin}/${path}`);
    return sideAt({ name, url: `${origin}/${repo}.git`, address: opened(`${repo}.git`), headers: name === 'weir' ? { authorization } : {}, client, counter }, async () => {
      const fresh = `empty-${++counter.repos}`;
      if (name === 'git') await bareRepository(client, join(root, `${fresh}.git`));
      else await rawRequest(`${gateway.url}/graphql`, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify({ query: `mutation { createRepo(input: { name: "${fresh}" }) { __typename } }` }) });
      return opened(`${fresh}.git`);
    });
  };
  const served = async (repo: string): Promise<readonly [Side, Side]> => {
    if (repo !== 'fixture') cpSync(fixture, join(root, `${repo}.git`), { recursive: true });
    await importInto(gateway, fixture, repo);
    return [sideOf('weir', repo), sideOf('git', repo)];
  };
  let shared: ReturnType<typeof served> | null = null;
  return {
    pair: (own) => (own ? served(`own-${++counter.repos}`) : (shared ??= served('fixture'))),
    async close() {
      await backend.close();
      client.remove();
    },
  };
}

function sideAt(ground: Pick<Side, 'name' | 'url' | 'address' | 'headers' | 'client'> & { readonly counter: { places: number } }, empty: Side['empty']): Side {
  const { name, url, address, headers, client, counter } = ground;
  const place = (): string => `${name}-${++counter.places}`;
  return {
    name, url, address, headers, client, place, empty,
    git: (...args) => client.git(...args),
    async clone(...options) {
      const into = place();
      await client.git('clone', '-q', ...options, address, into);
      return into;
    },
    request: (end, asked = {}) => rawRequest(`${url}/${end}`, { ...asked, headers: { ...headers, ...asked.headers } }),
  };
}

async function bareRepository(client: GitClient, path: string): Promise<void> {
  await client.git('init', '-q', '--bare', '-b', 'main', path);
  for (const [name, value] of BACKEND_CONFIG) await client.git('-C', path, 'config', name, value);
}
