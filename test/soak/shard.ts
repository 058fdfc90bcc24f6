import { spawn } from 'node:child_process';
import { reported } from '../support/fault-report.js';
import type { ShardRunner } from './run.js';

/** One file of the suite in a process of its own, with a database server of its own. */
export const runShard: ShardRunner = ({ file, settings = {} }, seed, runs) =>
  new Promise((resolve, reject) => {
    const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/config/vitest.config.ts', '--maxWorkers=1', '--disableConsoleIntercept=true', file];
    const child = spawn(process.execPath, args, { env: { ...process.env, WEIR_TEST_SEED: String(seed), WEIR_TEST_RUNS: String(runs), ...settings }, stdio: ['ignore', 'pipe', 'pipe'] });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
    child.on('error', reject);
    child.on('close', (code) => {
      const told = reported(output.join(''));
      resolve({ ok: code === 0, output: output.join(''), ...(told === null ? {} : { told: { ...told } }) });
    });
  });
