import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseKey } from '../../src/auth/key-format.js';
import { importRepo } from '../../src/operations/import/import-repo.js';
import type { GitRun } from './git-binary.js';
import type { TestGateway } from './gateway.js';

/** A git client beside a gateway of this process, which goes on answering while git runs. */
export interface GitClient {
  /** A directory of its own. */
  readonly directory: string;
  /** Runs git there; never rejects for an exit code. */
  run(args: readonly string[], input?: string): Promise<GitRun>;
  /** Runs git that must succeed; answers what it printed, without the last newline. */
  git(...args: readonly string[]): Promise<string>;
  remove(): void;
}

/** Makes one. */
export function gitClient(): GitClient {
  const directory = mkdtempSync(join(tmpdir(), 'weir-client-'));
  const env = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: directory, LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.org', GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.org',
  };
  const run: GitClient['run'] = (args, input = '') =>
    new Promise((resolve, reject) => {
      const child = spawn('git', [...args], { cwd: directory, env, stdio: ['pipe', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('latin1').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.once('error', reject);
      child.once('close', (status) => resolve({ status: status ?? -1, stdout, stderr }));
      child.stdin.on('error', () => undefined).end(input);
    });
  return {
    directory,
    run,
    async git(...args) {
      const { status, stdout, stderr } = await run(args);
      if (status !== 0) throw new TypeError(`git ${args.join(' ')} ended with ${status}: ${stderr}`);
      return stdout.replace(/\n$/u, '');
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** The address of a repository of a listening gateway, with the key in it as a person would write it. */
export async function cloneUrl(gateway: TestGateway, repo: string, key = gateway.adminKey): Promise<string> {
  const { url } = await gateway.listen();
  return `${url.replace('://', `://agent:${key}@`)}/git/${repo}.git`;
}

/** Takes a repository or a bundle on this machine over into a gateway, as its admin. */
export async function importInto({ app, adminKey }: Pick<TestGateway, 'app' | 'adminKey'>, path: string, name: string): Promise<void> {
  const key = await app.storage.liveKey(parseKey(adminKey)?.id ?? '');
  if (key === null) throw new TypeError('the gateway has no admin key');
  const request = { gateway: app.gateway, viewer: { key, actor: key.actor, onBehalfOf: null }, reader: app.storage.reader(), requestId: 'import', signal: new AbortController().signal };
  const outcome = await importRepo(request, { name, source: await app.openImport(path) });
  if (!outcome.ok) throw new TypeError(JSON.stringify(outcome));
}
