import { execFileSync, spawn } from 'node:child_process';
import { Ledger } from './ledger.js';
import { runSoak, type ShardRunner } from './run.js';

/** One file of the suite in a process of its own, with a database server of its own. */
const run: ShardRunner = ({ file }, seed, runs) =>
  new Promise((resolve, reject) => {
    const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/config/vitest.config.ts', '--maxWorkers=1', file];
    const child = spawn(process.execPath, args, { env: { ...process.env, WEIR_TEST_SEED: String(seed), WEIR_TEST_RUNS: String(runs) }, stdio: ['ignore', 'pipe', 'pipe'] });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
    child.on('error', reject);
    child.on('close', (code) => resolve({ ok: code === 0, output: output.join('') }));
  });

const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
const commit = git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');

process.exitCode = await runSoak(process.argv.slice(2), { ledger: new Ledger('.cache/soak'), commit, run, print: (text) => process.stdout.write(text) });
