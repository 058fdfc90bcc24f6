import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parse, validate, type DocumentNode } from 'graphql';
import { schema } from '../../schema/index.js';
import { openApp, type App } from '../../src/app.js';
import { loadConfig } from '../../src/config.js';
import type { Viewer } from '../../src/auth/viewer.js';
import type { Log } from '../../src/operations/gateway.js';
import { importRepo } from '../../src/operations/import/import-repo.js';
import { QueryExecutor } from '../../src/server/graphql/execution/query-executor.js';
import type { Outcome } from '../../src/operations/outcome.js';
import type { Request } from '../../src/operations/request.js';
import type { GeneratedShape } from './generate.js';
import { placeGenerated } from './generated.js';
import { runGit } from './native-git.js';

/** Something that executes documents. */
export interface Asking {
  /** Executes a document in process as the server does, in a request of its own; throws {@link BenchRefused} on any error, and where the answer is nothing. */
  ask(document: DocumentNode, variables: Readonly<Record<string, unknown>>): Promise<unknown>;
}

/** A gateway on a private database in a directory of its own. */
export interface Workplace extends Asking {
  readonly app: App;
  readonly directory: string;
  /** A request of its own, as each GraphQL request has one, by a key with everything allowed. */
  request(actor?: string): Request;
  /** The value of a key with everything allowed, for clients from outside; made once. */
  adminKey(): Promise<string>;
  /** Opens another gateway over the same data, with nothing in its caches. */
  another(): Promise<Asking & Pick<Workplace, 'request'> & { close(): Promise<void> }>;
  /** Takes a repository or a bundle of the user. */
  subjectOf(path: string): Promise<Subject>;
  /** Makes a repository, or finds it in the cache, and takes it. */
  generated(shape: GeneratedShape): Promise<Subject>;
  /** Stops the gateway and removes the directory. */
  close(): Promise<void>;
}

/** What is measured on: the same repository in the gateway and, bare and beside it, for native git. */
export interface Subject {
  readonly name: string;
  /** Files at the head of the default branch. */
  readonly files: number;
  /** Where native git works, with a commit-graph. */
  readonly bare: string;
  readonly repoId: number;
  readonly repoName: string;
  readonly branch: string;
  /** The head of the default branch as it was imported. */
  readonly head: string;
  /** Runs native git in the bare repository and answers what it printed. */
  git(...args: readonly string[]): string;
}

/** The gateway refused what the measurement asks of it; the message is the gateway's. */
export class BenchRefused extends Error {
  override readonly name = 'BenchRefused';
}

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Opens a gateway with nothing in it, on a database of its own, in a new directory below the system's temporary one. Generated
 * repositories are kept in `cache`, if it is not null; `more` are settings by their variables.
 */
export async function openWorkplace(cache: string | null = null, more: Readonly<Record<string, string>> = {}): Promise<Workplace> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-bench-'));
  // The account of the private database must pass through it.
  chmodSync(directory, 0o711);
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  const settings = { WEIR_DATA: join(directory, 'data'), WEIR_SYSTEM_DIR: join(directory, 'system'), WEIR_LOG_LEVEL: 'silent', ...more };
  const open = (): Promise<App> => openApp(loadConfig(settings), { log: SILENT });
  const app = await open().catch((error: unknown) => {
    remove();
    throw error;
  });
  let adminKey: Promise<string> | undefined;
  const request = (actor?: string): Request => requestTo(app, actor);
  let subjects = 0;
  const take = async (name: string, bare: string): Promise<Subject> => {
    runGit(bare, ['commit-graph', 'write', '--reachable']);
    const repoName = `subject-${++subjects}`;
    const { repoId } = received(await importRepo(request(), { name: repoName, source: await app.openImport(bare) }));
    const branch = (await app.storage.reader().repo(repoId))?.defaultBranch ?? 'main';
    const git: Subject['git'] = (...args) => runGit(bare, args);
    const head = git('rev-parse', `refs/heads/${branch}`).trim();
    return { name, bare, repoId, repoName, branch, head, files: git('ls-tree', '-r', '--name-only', head).split('\n').length - 1, git };
  };
  return {
    app,
    directory,
    request,
    ...asking(app),
    adminKey: () => (adminKey ??= app.firstAdminKey().then((key) => key ?? '')),
    async another() {
      const gateway = await open();
      return { ...asking(gateway), request: (actor) => requestTo(gateway, actor), close: () => gateway.close() };
    },
    async subjectOf(path) {
      const bare = join(directory, `given-${subjects}.git`);
      runGit('.', ['clone', '-q', '--bare', resolve(path), bare]);
      return take(basename(resolve(path).replace(/\/?\.(git|bundle)$/u, '')), bare);
    },
    async generated(shape) {
      const bare = join(directory, `generated-${shape.files}-${shape.commits}.git`);
      await placeGenerated(bare, cache === null ? null : resolve(cache), shape);
      return take(`${short(shape.files)} files, ${short(shape.commits)} commits`, bare);
    },
    async close() {
      await app.close();
      remove();
    },
  };
}

function requestTo(app: App, actor = 'bench'): Request {
  return { gateway: app.gateway, reader: app.storage.reader(), requestId: 'bench', signal: new AbortController().signal, viewer: operator(actor) };
}

function asking(app: App): Asking {
  const executor = new QueryExecutor(schema);
  return {
    async ask(document, variableValues) {
      const { data, errors } = await executor.execute({ document, operationName: null, variableValues, contextValue: { request: requestTo(app) }, hideSuggestions: false });
      if (errors !== undefined) throw new BenchRefused(errors.map(({ message }) => message).join('; '));
      // Nothing is answered faster than what is not there.
      if (Object.values(data ?? {}).includes(null)) throw new BenchRefused('The gateway answered that what is measured is not there.');
      return data;
    },
  };
}

/** A document that is valid against the schema; throws {@link BenchRefused} otherwise, so that no job measures a refusal. */
export function document(source: string): DocumentNode {
  const parsed = parse(source);
  const errors = validate(schema, parsed);
  if (errors.length > 0) throw new BenchRefused(errors.map(({ message }) => message).join('; '));
  return parsed;
}

/** The receipt of a verb that must succeed. */
export function received<R>(outcome: Outcome<R>): R {
  if (!outcome.ok) throw new BenchRefused(outcome.problem.message);
  return outcome.receipt;
}

function short(count: number): string {
  return count >= 1000 && count % 1000 === 0 ? `${count / 1000}k` : String(count);
}

function operator(actor: string): Viewer {
  return {
    actor,
    onBehalfOf: null,
    key: {
      id: actor.padEnd(12, '0'),
      name: actor,
      hash: '',
      scopes: ['ADMIN'],
      repos: ['**'],
      branches: ['**'],
      readBranches: ['**'],
      paths: ['**'],
      actor,
      actAs: [],
      labels: [],
      createdAt: new Date(0),
      createdBy: actor,
      expiresAt: null,
      revokedAt: null,
      lastUsedAt: null, previousHash: null, previousUntil: null, lineage: [],
    },
  };
}
