import { execFileSync } from 'node:child_process';
import { FAULT_PARTS } from './fault-parts.js';
import { Ledger } from './ledger.js';
import { runSoak, type PartResults } from './run.js';
import { runShard } from './shard.js';

/** One line for each fault: its goal, and what all runs together have come to. A shard that failed without numbers counts as one loss. */
function faultTable(parts: readonly PartResults[]): string {
  const rows = parts.map(({ name, part, results }) => {
    const sum = (key: string, unknown: number): number => results.reduce((all, { ok, told }) => all + (told?.[key] ?? (ok ? 0 : unknown)), 0);
    const done = results.reduce((all, { ok, runs }) => all + (ok ? runs : 0), 0);
    const longest = Math.max(0, ...results.map(({ told }) => told?.['recoveryMs'] ?? 0));
    const minutes = results.reduce((all, { seconds }) => all + seconds, 0) / 60;
    return `| ${name} | ${part.runs} | ${done} | ${sum('lost', 1)} | ${sum('corrupt', 0)} | ${sum('gaps', 0)} | ${longest === 0 ? '' : `${longest} ms`} | ${minutes.toFixed(1)} | ${[...new Set(results.map(({ commit }) => commit))].join(', ')} |`;
  });
  return ['| fault | goal | done | lost | corrupt | gaps | longest recovery | minutes | commit |', '|---|---|---|---|---|---|---|---|---|', ...rows, ''].join('\n');
}

const git = (...args: readonly string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
const commit = git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');

process.exitCode = await runSoak(process.argv.slice(2), { command: 'faults', parts: FAULT_PARTS, table: faultTable, ledger: new Ledger('.cache/faults'), commit, run: runShard, print: (text) => process.stdout.write(text) });
