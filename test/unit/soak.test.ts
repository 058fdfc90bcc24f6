import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ledger } from '../soak/ledger.js';
import { PARTS } from '../soak/parts.js';
import { runSoak, type ShardRunner } from '../soak/run.js';

const SHARD = PARTS.get('timeline')?.shard ?? 0;

let directory: string;
let printed: string;
let asked: number[];
let sizes: number[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-soak-'));
  printed = '';
  asked = [];
  sizes = [];
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Is broken off while its second shard runs. */
const breaking: ShardRunner = async (_, seed) => {
  if (seed === 2) throw new TypeError('broken off');
  return { ok: true, output: '' };
};

/** A soak whose shards fail for these seeds. */
function soak(args: readonly string[], failing: readonly number[] = [], run?: ShardRunner): Promise<number> {
  const shard: ShardRunner = async (_, seed, runs) => {
    sizes.push(runs);
    asked.push(seed);
    return { ok: !failing.includes(seed), output: `what seed ${seed} said` };
  };
  return runSoak(args, { command: 'soak', parts: PARTS, ledger: new Ledger(directory), commit: 'abc', run: run ?? shard, print: (text) => (printed += text) });
}

describe('a soak', () => {
  it('runs as many shards as the runs need, each of a seed of its own, and ends with a table', async () => {
    expect(await soak(['timeline', '--runs', String(3 * SHARD - 1)])).toBe(0);
    expect(asked.sort()).toEqual([1, 2, 3]);
    expect(sizes.sort()).toEqual([SHARD - 1, SHARD, SHARD]);
    expect(printed.split('\n').at(-2)).toMatch(new RegExp(`^\\| timeline \\| ${3 * SHARD - 1} \\| 3 \\| none \\| 0.0 \\| abc \\|$`, 'u'));
  });

  it('goes on where it was, runs again what failed, and keeps what that printed', async () => {
    expect(await soak(['timeline', '--runs', String(3 * SHARD), '--workers', '1'], [2])).toBe(1);
    expect(readFileSync(join(directory, 'timeline-1.log'), 'utf8')).toBe('what seed 2 said');
    expect(printed).toContain(`| timeline | ${2 * SHARD} | 3 | 2 |`);
    asked = [];
    expect(await soak(['timeline', '--runs', String(4 * SHARD)])).toBe(0);
    expect(asked.sort()).toEqual([2, 4]);
    expect(printed).toContain(`| timeline | ${4 * SHARD} | 4 | none |`);
  });

  it('runs a shard again that was smaller, and not one that was as large', async () => {
    await soak(['timeline', '--runs', String(SHARD + 3)]);
    asked = [];
    await soak(['timeline', '--runs', String(2 * SHARD)]);
    await soak(['timeline', '--runs', String(SHARD + 5)]);
    expect(asked).toEqual([2]);
    expect(printed).toContain(`| timeline | ${2 * SHARD} | 2 | none |`);
  });

  it('loses no more than the shards under way when it is broken off, even in the middle of a line', async () => {
    await expect(soak(['timeline', '--runs', String(3 * SHARD), '--workers', '1'], [], breaking)).rejects.toThrow('broken off');
    appendFileSync(join(directory, 'timeline.jsonl'), '{"part":"timeline","shard":1,"ok":tr');
    expect(await soak(['timeline', '--runs', String(3 * SHARD)])).toBe(0);
    expect(asked.sort()).toEqual([2, 3]);
    expect([...new Ledger(directory).results('timeline').keys()].sort()).toEqual([0, 1, 2]);
  });

  it('forgets what was run when told to, and runs no more at once than told', async () => {
    await soak(['timeline', '--runs', String(SHARD)]);
    let [now, most] = [0, 0];
    const counting: ShardRunner = async () => {
      most = Math.max(most, ++now);
      await new Promise(setImmediate);
      now--;
      return { ok: true, output: '' };
    };
    expect(await soak(['timeline', '--runs', String(6 * SHARD), '--workers', '3', '--fresh'], [], counting)).toBe(0);
    expect(most).toBe(3);
    expect(new Ledger(directory).results('timeline').size).toBe(6);
  });

  it('says how it is used when it is not told what to run, or something that it does not know', async () => {
    for (const wrong of [[], ['nothing'], ['timeline', '--runs', '0'], ['timeline', '--workers', 'x'], ['timeline', '--what']]) expect(await soak(wrong)).toBe(2);
    expect(asked).toEqual([]);
    expect(printed).toContain('npm run soak -- all|PART…');
  });

  it('knows only tests that are there', () => {
    for (const { file } of PARTS.values()) expect(existsSync(new URL(`../../${file}`, import.meta.url))).toBe(true);
  });
});
