import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a shard told of itself in numbers, by name. */
export type Told = Readonly<Record<string, number>>;

/** How one shard ended. */
export interface ShardResult {
  readonly part: string;
  readonly shard: number;
  readonly seed: number;
  readonly runs: number;
  readonly ok: boolean;
  readonly seconds: number;
  /** The commit whose code ran, with a `+` where files were changed since. */
  readonly commit: string;
  /** Where it told anything. */
  readonly told?: Told;
}

/** What has been run so far, in a directory that git does not see: one line for each shard that ended, in a file for each part. */
export class Ledger {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** The last result of each shard of a part, by its number. A line that was cut off by a crash counts as not written. */
  results(part: string): Map<number, ShardResult> {
    const found = new Map<number, ShardResult>();
    if (!existsSync(this.#file(part))) return found;
    for (const line of readFileSync(this.#file(part), 'utf8').split('\n')) {
      const result = parsed(line);
      if (result !== null) found.set(result.shard, result);
    }
    return found;
  }

  add(result: ShardResult): void {
    appendFileSync(this.#file(result.part), `\n${JSON.stringify(result)}\n`);
  }

  /** Keeps what a failed shard printed; answers where. */
  keepOutput({ part, shard }: ShardResult, output: string): string {
    const path = join(this.#directory, `${part}-${shard}.log`);
    writeFileSync(path, output);
    return path;
  }

  forget(part: string): void {
    rmSync(this.#file(part), { force: true });
  }

  #file(part: string): string {
    return join(this.#directory, `${part}.jsonl`);
  }
}

function parsed(line: string): ShardResult | null {
  try {
    const value: unknown = JSON.parse(line);
    return isResult(value) ? value : null;
  } catch {
    return null;
  }
}

function isResult(value: unknown): value is ShardResult {
  return typeof value === 'object' && value !== null && 'shard' in value && typeof value.shard === 'number' && 'ok' in value && typeof value.ok === 'boolean'
    && 'runs' in value && typeof value.runs === 'number' && 'seconds' in value && typeof value.seconds === 'number' && 'commit' in value && typeof value.commit === 'string';
}
