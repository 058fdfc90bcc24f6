import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Json } from '../support/gateway.js';
import { transpileSources } from '../support/transpile.js';
import type { Ask } from './story.js';

/** The key that every gateway takes as its first admin key. */
export const ADMIN_KEY = `weir_${'K'.repeat(12)}_${'s'.repeat(43)}`;

/** A gateway answered a document with errors. */
export class AnsweredErrors extends Error {
  override readonly name = 'AnsweredErrors';
}

/** A running gateway of some release. */
export interface Running {
  readonly url: string;
  readonly ask: Ask;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

/** Where gateways of one test keep their data. */
export interface Home {
  /** Gateways run in it, so that whoever removes it finds those that are left. */
  readonly directory: string;
  readonly data: string;
  readonly system: string;
}

/**
 * Lays the release that a git revision of this checkout names into `directory`, ready to run with the packages that are installed here;
 * answers its main module.
 */
export function layRelease(revision: string, directory: string): string {
  const sources = join(directory, 'sources');
  const built = join(directory, 'built');
  for (const made of [sources, built]) mkdirSync(made, { recursive: true });
  const archive = execFileSync('git', ['archive', '--format=tar', revision, 'src', 'schema', 'drizzle', 'package.json'], { maxBuffer: 2 ** 28 });
  execFileSync('tar', ['-x', '-C', sources], { input: archive });
  transpileSources(sources, built);
  symlinkSync(resolve('node_modules'), join(built, 'node_modules'));
  return join(built, 'src', 'main.js');
}

/** Starts a gateway and waits until it listens. */
export async function startRelease(main: string, { directory, data, system }: Home): Promise<Running> {
  const env = { ...process.env, WEIR_DATA: data, WEIR_SYSTEM_DIR: system, WEIR_ADMIN_KEY: ADMIN_KEY, WEIR_RATE_LIMIT: '0', WEIR_LOG_LEVEL: 'error', WEIR_MIRROR_HOSTS: 'mirror.example', PORT: '0' };
  const child = spawn(process.execPath, [main, 'serve'], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  const url = await listening(child);
  return {
    url,
    ask: (query, variables = {}, key = ADMIN_KEY) => ask(url, query, variables, key),
    async stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

async function listening(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((found, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        const url = /^Weir listens at (\S+)/mu.exec(output)?.[1];
        if (url !== undefined) found(url);
      });
    }
    child.once('exit', (code) => reject(new TypeError(`the gateway ended with ${code}: ${output}`)));
  });
}

async function ask(url: string, query: string, variables: Record<string, unknown>, key: string): Promise<Json> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', connection: 'close' };
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const { data, errors }: Json = await response.json();
  if (errors !== undefined) throw new AnsweredErrors(JSON.stringify(errors));
  return data;
}
