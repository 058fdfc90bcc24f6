import { execFileSync } from 'node:child_process';
import { Ledger } from './ledger.js';
import { PARTS } from './parts.js';
import { runSoak } from './run.js';
import { runShard } from './shard.js';

const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
const commit = git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');

process.exitCode = await runSoak(process.argv.slice(2), { command: 'soak', parts: PARTS, ledger: new Ledger('.cache/soak'), commit, run: runShard, print: (text) => process.stdout.write(text) });
