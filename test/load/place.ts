import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ADMIN_KEY } from './admin-key.js';
import { makeSandbox, processesBeneath } from '../support/sandbox.js';
import { spentBy, type Spent } from './resources.js';

/** Gateways in processes of their own, on one data directory and one private Postgres. */
export interface Place {
  readonly urls: readonly string[];
  readonly key: string;
  /** What gateways and Postgres have spent so far. */
  spent(): { readonly gateways: Spent; readonly postgres: Spent };
  /** SIGTERM to the gateways, the last of which stops Postgres, and removes the directory. */
  close(): Promise<void>;
}

/** Nothing but the line before the gateway refuses here: neither the key nor the address of the one driver says anything of a load. */
const SETTINGS = { WEIR_RATE_LIMIT: '0', WEIR_MUTATION_LIMIT: '0', WEIR_ADDRESS_RATE_LIMIT: '0', WEIR_LOG_LEVEL: 'error', WEIR_DISK_RESERVE: '1B', PORT: '0' } as const;

/** Starts so many; `main` is the compiled entry. Rejects with what a gateway printed if it does not start. */
export async function openPlace(main: string, gateways: number, settings: Readonly<Record<string, string>> = {}): Promise<Place> {
  const sandbox = makeSandbox();
  const children: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    await sandbox.remove();
  };
  try {
    const urls: string[] = [];
    for (let n = 0; n < gateways; n++) {
      const child = spawn(process.execPath, [main, 'serve'], { env: { ...process.env, ...SETTINGS, WEIR_DATA: sandbox.data, WEIR_SYSTEM_DIR: sandbox.system, WEIR_ADMIN_KEY: ADMIN_KEY, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] });
      children.push(child);
      urls.push(await listening(child));
    }
    // Gateways work where the driver does, Postgres beneath the data directory.
    return {
      urls,
      key: ADMIN_KEY,
      spent: () => ({ gateways: spentBy(children.flatMap(({ pid }) => pid ?? [])), postgres: spentBy(processesBeneath(sandbox.directory)) }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A gateway that did not start; the message is what it printed. */
export class NotStarted extends Error {
  override readonly name = 'NotStarted';
}

function listening(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output = `${output}${chunk.toString()}`.slice(-10_000);
        const url = /^Weir listens at (\S+)/mu.exec(output)?.[1];
        if (url !== undefined) resolve(url);
      });
    }
    child.once('exit', (code) => reject(new NotStarted(`a gateway ended with ${code}: ${output}`)));
  });
}
