import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleSources } from './bundled.js';
import { compileSources } from './compiled.js';
import type { Json } from './gateway.js';
import { makeSandbox, type Sandbox } from './sandbox.js';

/** The key that every gateway of {@link openProcessRoom} takes as its first admin key. */
export const ADMIN_KEY = `weir_${'K'.repeat(12)}_${'s'.repeat(43)}`;

/** Characters that are kept of what a gateway says. */
const SAID = 10_000;

/** A gateway in a process of its own. */
export interface GatewayProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Resolves with the exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  /** The last of what it has logged and printed. */
  said(): string;
  /** Runs a document; rejects when the connection breaks, by the signal too, which is what an unknown outcome looks like. */
  ask(query: string, variables?: Record<string, unknown>, signal?: AbortSignal): Promise<Json>;
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>;
  /** SIGTERM, and waits for the end; answers the exit code. */
  stop(): Promise<number | null>;
}

/** A data directory, and gateways that come and go on it. */
export interface ProcessRoom {
  readonly sandbox: Sandbox;
  /** Starts a gateway and waits until it listens; `more` is added to its environment, `launched` is told of its process at once. Rejects when that ends before. */
  start(more?: Readonly<Record<string, string>>, launched?: (child: ChildProcess) => void): Promise<GatewayProcess>;
  /** Runs a command of the command line to its end; answers its exit code and what it printed. */
  run(...args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }>;
  close(): Promise<void>;
}

/** What a room may have of its own. */
export interface ProcessRoomOptions {
  /** By their variables. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The text of a module that stands beside `main.ts` and is run instead of it; it may import what {@link bundleSources} names. */
  readonly script?: string;
  /** Arguments for Node itself, before what it runs. */
  readonly execArgv?: readonly string[];
  /** Takes what its gateways log, piece by piece. */
  readonly logged?: (text: string) => void;
  /** Whether each module is a file of its own, as in a release, and no bundle: where what is loaded is looked at. */
  readonly apart?: boolean;
}

/** Makes one, with the sources as they stand now. */
export function openProcessRoom({ settings = {}, script, execArgv = [], logged, apart = false }: ProcessRoomOptions = {}): ProcessRoom {
  const sandbox = makeSandbox();
  const laid = layOut(join(sandbox.directory, 'sources'), script, apart);
  // Nothing may be started.
  laid.catch(() => undefined);
  const environment = { ...process.env, WEIR_DATA: sandbox.data, WEIR_SYSTEM_DIR: sandbox.system, WEIR_ADMIN_KEY: ADMIN_KEY, WEIR_RATE_LIMIT: '0', WEIR_LOG_LEVEL: 'error', PORT: '0', ...settings };
  const launch = async (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<ChildProcess> => spawn(process.execPath, [...execArgv, await laid, ...args], { cwd: sandbox.directory, env: { ...environment, ...more }, stdio: [args[0] === 'serve' ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
  return {
    sandbox,
    async start(more = {}, launched = () => undefined) {
      const child = await launch(['serve'], more);
      launched(child);
      // Told something while it dies.
      child.stdin?.on('error', () => undefined);
      if (logged !== undefined) child.stderr?.setEncoding('utf8').on('data', logged);
      const exited = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => void (said = `${said}${text}`.slice(-SAID)));
      const url = await listening(child);
      const end = async (signal: NodeJS.Signals): Promise<number | null> => {
        child.kill(signal);
        return exited;
      };
      return {
        url,
        child,
        exited,
        said: () => said,
        ask: (query, variables = {}, signal) => ask(url, query, variables, signal ?? null),
        kill: async () => void (await end('SIGKILL')),
        stop: () => end('SIGTERM'),
      };
    },
    async run(...args) {
      const child = await launch(args);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
      const [code] = await once(child, 'close');
      return { code: typeof code === 'number' ? code : null, output };
    },
    async close() {
      await laid.catch(() => undefined);
      await sandbox.remove();
    },
  };
}

/** Answers the path of what is to be run. */
async function layOut(directory: string, script: string | undefined, apart: boolean): Promise<string> {
  const sources = apart ? compileSources(directory) : directory;
  if (!apart) await bundleSources(directory);
  if (script === undefined) return join(sources, 'main.js');
  writeFileSync(join(sources, 'script.js'), script);
  return join(sources, 'script.js');
}

async function listening(child: ChildProcess): Promise<string> {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer | string) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      const url = /^Weir listens at (\S+)/mu.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', (code) => reject(new TypeError(`the gateway ended with ${code}: ${output}`)));
  });
}

async function ask(url: string, query: string, variables: Record<string, unknown>, signal: AbortSignal | null): Promise<Json> {
  const response = await fetch(`${url}/graphql`, { method: 'POST', signal, headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json', connection: 'close' }, body: JSON.stringify({ query, variables }) });
  // Said below all routes, of a request that did not come in time, where the gateway was frozen meanwhile.
  if (response.status === 408) throw new TypeError('fetch failed: it came too late');
  const { data, errors }: Json = await response.json();
  if (errors !== undefined) throw new TypeError(JSON.stringify(errors));
  return data;
}
