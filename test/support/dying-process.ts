import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleSources } from './bundled.js';
import { makeSandbox } from './sandbox.js';
import type { TwoGateways } from './two-gateways.js';

/** A gateway without a server, in a process of its own, that does one thing and may kill itself in the middle of it. */
export interface DyingProcess {
  /** Runs it to its end; answers the signal that ended it, null when none did. Rejects with what it said where it failed. */
  run(point: string, times: number, ...args: readonly (string | number)[]): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Makes one on the database and the data directory of `two`. `work` is JavaScript over `app` and `args`, what follows the first two arguments
 * of a run: the process kills itself when it comes to the fault point that the first names for as many times as the second says.
 */
export function dyingProcess(two: Pick<TwoGateways, 'gateway'>, work: string): DyingProcess {
  const sandbox = makeSandbox();
  const laid = layOut(join(sandbox.directory, 'bundled'), work);
  // Nothing may be run.
  laid.catch(() => undefined);
  return {
    async run(...args) {
      const { databaseUrl, dataDir } = two.gateway(0).config;
      const child = spawn(process.execPath, [await laid, ...args.map(String)], { env: { ...process.env, DATABASE_URL: databaseUrl, WEIR_DATA: dataDir }, stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
      const [code, signal] = await once(child, 'close');
      if (signal === null && code !== 0) throw new Error(`it ended with ${code}: ${said}`);
      return signal;
    },
    async close() {
      await laid.catch(() => undefined);
      await sandbox.remove();
    },
  };
}

/** Answers the path of what is to be run. */
async function layOut(directory: string, work: string): Promise<string> {
  await bundleSources(directory);
  const script = join(directory, 'dying.js');
  writeFileSync(script, `
import { openApp } from './app.js';
import { loadConfig } from './config.js';
const [point, times, ...args] = process.argv.slice(2);
let left = Number(times);
const faults = { at: (reached) => { if (reached === point && --left === 0) process.kill(process.pid, 'SIGKILL'); } };
const log = { info() {}, warn() {}, error() {} };
const app = await openApp(loadConfig(), { log, faults });
${work}
await app.close();
`);
  return script;
}
