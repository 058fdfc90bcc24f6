import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { PostgresAddress } from '../../src/storage/postgres/database-target.js';
import type { EmbeddedPostgresOptions } from '../../src/storage/postgres/embedded.js';

/** Another process that holds a share in an embedded server. */
export interface Holder {
  readonly child: ChildProcess;
  readonly connection: PostgresAddress;
  /** Releases the share, and answers when the process has ended. */
  release(): Promise<void>;
  /** SIGKILL, and answers when the process has ended. */
  kill(): Promise<void>;
}

/** Refused, with the sentence that the process printed. */
export class HolderRefused extends Error {
  override readonly name = 'HolderRefused';
}

const SCRIPT = `
const [module, options] = process.argv.slice(1);
const { openEmbeddedPostgres } = await import(module);
try {
  const server = await openEmbeddedPostgres(JSON.parse(options));
  console.log('ready ' + JSON.stringify(server.connection));
  process.stdin.once('data', async () => { await server.release(); process.exit(0); });
} catch (error) {
  console.log('refused ' + error.name + ': ' + error.message);
  process.exit(1);
}`;

/** Starts one on the compiled sources in `src`, as another account if one is named (root only). @throws HolderRefused */
export async function startHolder(src: string, options: EmbeddedPostgresOptions, account: { uid?: number; gid?: number } = {}): Promise<Holder> {
  const module = join(src, 'storage', 'postgres', 'embedded.js');
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, module, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/', ...account });
  const exited = once(child, 'exit');
  const first = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new HolderRefused(`ended with ${code ?? signal ?? '?'} before it was ready`)));
  });
  if (!first.startsWith('ready ')) {
    await exited;
    throw new HolderRefused(first.replace(/^refused /, ''));
  }
  const connection: PostgresAddress = JSON.parse(first.slice('ready '.length));
  return {
    child, connection,
    async release() {
      child.stdin.end('\n');
      await exited;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
