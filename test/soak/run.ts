import { parseArgs } from 'node:util';
import type { Ledger, ShardResult, Told } from './ledger.js';
import type { SoakPart } from './parts.js';

/** Runs one shard and answers whether it passed, and all that it printed. */
export type ShardRunner = (part: SoakPart, seed: number, runs: number) => Promise<{ readonly ok: boolean; readonly output: string; readonly told?: Told }>;

/** What each part has come to, over all the runs of it. */
export interface PartResults {
  readonly name: string;
  readonly part: SoakPart;
  readonly results: readonly ShardResult[];
}

/** What a soak works with. */
export interface SoakMeans {
  /** Its name among the scripts of the package. */
  readonly command: string;
  readonly parts: ReadonlyMap<string, SoakPart>;
  /** Told at the end: what all soaks together have run. {@link soakTable} unless given. */
  readonly table?: (parts: readonly PartResults[]) => string;
  readonly ledger: Ledger;
  readonly commit: string;
  readonly run: ShardRunner;
  readonly print: (text: string) => void;
}

const usage = (command: string, parts: ReadonlyMap<string, SoakPart>): string => `Runs tests for much longer, in shards. What was broken off goes on where it was; what failed is run again.

  npm run ${command} -- all|PART… [--runs N] [--workers N] [--fresh]

all           every part, one after the other
--runs N      as many runs in all, those of earlier times included
--workers N   shards at the same time (2)
--fresh       forgets what was done before

${[...parts].map(([name, { what, runs }]) => `${name.padEnd(20)}${what} (${runs} runs)`).join('\n')}
`;

interface SoakOptions {
  readonly names: readonly string[];
  readonly runs: number | null;
  readonly workers: number;
  readonly fresh: boolean;
}

function soakOptions(args: readonly string[], parts: ReadonlyMap<string, SoakPart>): SoakOptions | null {
  try {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { runs: { type: 'string' }, workers: { type: 'string' }, fresh: { type: 'boolean', default: false } } });
    const runs = values.runs === undefined ? null : Number(values.runs);
    const workers = Number(values.workers ?? 2);
    if (![workers, runs ?? 1].every((number) => Number.isSafeInteger(number) && number > 0)) return null;
    const names = positionals.flatMap((name) => (name === 'all' ? [...parts.keys()] : [name]));
    if (names.length === 0 || !names.every((name) => parts.has(name))) return null;
    return { names: [...new Set(names)], runs, workers, fresh: values.fresh };
  } catch {
    return null;
  }
}

/** Runs the command; answers the exit status: 0, 1 when a shard has failed, 2 for wrong usage. */
export async function runSoak(args: readonly string[], means: SoakMeans): Promise<number> {
  const { parts } = means;
  const options = soakOptions(args, parts);
  if (options === null) {
    means.print(usage(means.command, parts));
    return 2;
  }
  for (const name of options.names) {
    if (options.fresh) means.ledger.forget(name);
    const part = parts.get(name);
    if (part !== undefined) await soak(name, part, options.runs ?? part.runs, options.workers, means);
  }
  const results = [...parts].filter(([name]) => options.names.includes(name)).map(([name, part]) => ({ name, part, results: [...means.ledger.results(name).values()] }));
  means.print((means.table ?? soakTable)(results));
  return results.some(({ results: shards }) => shards.some(({ ok }) => !ok)) ? 1 : 0;
}

/** Runs what is wanted in shards; the last one is smaller where that does not come out even. One that passed with fewer runs is run again, whole. */
async function soak(name: string, part: SoakPart, wanted: number, workers: number, { ledger, commit, run, print }: SoakMeans): Promise<void> {
  const known = ledger.results(name);
  const shards = Math.ceil(wanted / part.shard);
  const runsOf = (shard: number): number => Math.min(part.shard, wanted - shard * part.shard);
  const isDone = (shard: number): boolean => known.get(shard)?.ok === true && (known.get(shard)?.runs ?? 0) >= runsOf(shard);
  const todo = Array.from({ length: shards }, (_, shard) => shard).filter((shard) => !isDone(shard));
  if (todo.length < shards) print(`${name}: ${shards - todo.length} of ${shards} shards are done.\n`);
  const work = async (): Promise<void> => {
    for (let shard = todo.shift(); shard !== undefined; shard = todo.shift()) {
      const started = performance.now();
      const seed = shard + 1;
      const runs = runsOf(shard);
      const { ok, output, told } = await run(part, seed, runs);
      const result: ShardResult = { part: name, shard, seed, runs, ok, seconds: Math.round((performance.now() - started) / 100) / 10, commit, ...(told === undefined ? {} : { told }) };
      ledger.add(result);
      print(`${name} ${shard + 1}/${shards}: ${ok ? 'passed' : `FAILED, see ${ledger.keepOutput(result, output)}`} (${runs} runs of seed ${seed}, ${result.seconds} s)\n`);
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
}

/** One line for each part: what all soaks together have run. */
function soakTable(parts: readonly PartResults[]): string {
  const rows = parts.map(({ name, results }) => {
    const failed = results.filter(({ ok }) => !ok);
    const minutes = results.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
    const passed = results.reduce((sum, { ok, runs }) => sum + (ok ? runs : 0), 0);
    const commits = [...new Set(results.map(({ commit }) => commit))].join(', ');
    return `| ${name} | ${passed} | ${results.length} | ${failed.map(({ seed }) => seed).join(', ') || 'none'} | ${minutes.toFixed(1)} | ${commits} |`;
  });
  return ['| soak | runs passed | shards | seeds that failed | minutes of work | commit |', '|---|---|---|---|---|---|', ...rows, ''].join('\n');
}
