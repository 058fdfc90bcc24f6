import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { frameTimes } from '../bench/frames.js';
import { compare, counted, median, misses, table, within, type Comparison } from '../bench/measure.js';
import { benchOptions } from '../bench/options.js';
import { BenchRecord } from '../bench/record.js';

const comparison = (ratio: number, goal: number | null): Comparison => ({ job: 'diff', subject: 'here', ours: 'weir', other: 'git', unit: 'ms', oursFigure: ratio * 4, otherFigure: 4, ratio, cpuRatio: null, goal, rounds: 3 });

/** Keeps the processor busy for at least so long, by the clock on the wall and by its own, also where others have most of it. */
function spend(milliseconds: number): void {
  const [end, before] = [performance.now() + milliseconds, process.cpuUsage()];
  for (let spent = 0; performance.now() < end || spent < milliseconds * 1000;) {
    const { user, system } = process.cpuUsage(before);
    spent = user + system;
  }
}

describe('the median', () => {
  test('is the middle of an odd number, the mean of the two middles of an even one, and no number for none', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  test('orders numbers by value', () => expect(median([100, 20, 3])).toBe(20));
});

describe('a comparison', () => {
  test('runs both sides in turns, in an order that changes, after one round that is not counted', async () => {
    const turns: string[] = [];
    const side = (name: string) => ({ name, run: (round: number) => turns.push(`${name}${round}`), after: () => turns.push(`${name} after`) });
    const { rounds } = await compare('job', side('a'), side('b'), { rounds: 2, goal: null, subject: 'here' });
    expect(turns).toEqual(['a0', 'a after', 'b0', 'b after', 'b1', 'b after', 'a1', 'a after', 'a2', 'a after', 'b2', 'b after']);
    expect(rounds).toBe(2);
  });

  test('brings a side back to what it is in use before each of its runs, told the round', async () => {
    const turns: string[] = [];
    const side = (name: string) => ({ name, before: async (round: number) => turns.push(`${name}${round} before`), run: () => turns.push(name) });
    await compare('job', side('a'), side('b'), { rounds: 1, goal: null, subject: 'here', warmUp: false });
    expect(turns).toEqual(['a0 before', 'a', 'b0 before', 'b']);
  });

  test('counts from the first round where nothing is to be warmed up', async () => {
    const seen: number[] = [];
    const idle = { name: 'idle', run: () => undefined };
    const { oursFigure } = await compare('job', { name: 'slow', run: (round) => { seen.push(round); spend(4); } }, idle, { rounds: 1, goal: null, subject: 'here', warmUp: false });
    expect(seen).toEqual([0]);
    expect(oursFigure).toBeGreaterThanOrEqual(4);
  });

  test('leaves out what is done before and after a run, and divides by the units of one', async () => {
    const ours = { name: 'ours', run: () => undefined, before: () => spend(20), after: () => spend(20) };
    const other = { name: 'other', run: () => spend(8) };
    const { oursFigure, otherFigure, ratio } = await compare('job', ours, other, { rounds: 3, goal: 1, subject: 'here', units: 4 });
    expect(otherFigure).toBeGreaterThanOrEqual(2);
    expect(ratio).toBeCloseTo(oursFigure / otherFigure, 10);
    expect(ratio).toBeLessThan(1);
  });

  test('tells the ratio of processor time beside that of elapsed time, children that ended included', async () => {
    const asleep = { name: 'asleep', run: () => new Promise<void>((resolve) => { setTimeout(resolve, 60); }) };
    const busy = { name: 'busy', run: () => spend(60) };
    const spawned = { name: 'spawned', run: () => spawnSync(process.execPath, ['-e', 'for (let at = process.cpuUsage(); process.cpuUsage(at).user < 60_000; );']) };
    const on = { rounds: 2, goal: null, subject: 'here' };
    expect((await compare('job', busy, asleep, on)).cpuRatio).toBeNull();
    const { cpuRatio } = await compare('job', busy, spawned, on);
    expect(cpuRatio).toBeGreaterThan(0);
    expect(cpuRatio).toBeLessThan(1);
  });

  test('of numbers is the share that differs', () => {
    const comparison = counted('patches', 'here', { different: 2, compared: 1000 }, 0.001);
    expect(comparison).toMatchObject({ ratio: 0.002, unit: 'count', oursFigure: 2, otherFigure: 1000 });
    expect(misses(comparison)).toBe(true);
    expect(misses(counted('patches', 'here', { different: 1, compared: 1000 }, 0.001))).toBe(false);
    expect(table([comparison]).split('\n')[1]).toMatch(/different +2 +compared with git +1000 +0\.002 +≤ 0\.001 +missed$/u);
  });

  test('of a figure with the most that it may be is met up to there', () => {
    const [under, at, above, none] = [50, 200, 200.1, Number.NaN].map((figure) => within('first load', 'here', 'Chromium', { figure, limit: 200, unit: 'kB', rounds: 1 }));
    expect([under, at, above, none].map((each) => each !== undefined && misses(each))).toEqual([false, false, true, true]);
    expect(table(under === undefined ? [] : [under]).split('\n')[1]).toMatch(/Chromium +50\.00 +the limit +200\.00 +0\.250 +≤ 1 +met$/u);
  });

  test('of frames tells the middle one, the 95th of a hundred and the longest, in whatever order they came', () => {
    const frames = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1);
    expect(frameTimes(frames)).toEqual({ count: 100, p50: 51, p95: 96, longest: 100 });
  });

  test('waits for work that is asynchronous', async () => {
    const later = { name: 'later', run: () => new Promise<void>((resolve) => { setTimeout(resolve, 5); }) };
    const { otherFigure } = await compare('job', { name: 'idle', run: () => undefined }, later, { rounds: 2, goal: null, subject: 'here' });
    expect(otherFigure).toBeGreaterThan(3);
  });

  test('passes on what a side throws', async () => {
    const broken = { name: 'broken', run: () => Promise.reject(new RangeError('no')) };
    await expect(compare('job', broken, broken, { rounds: 1, goal: null, subject: 'here' })).rejects.toThrow(RangeError);
  });
});

describe('a goal', () => {
  test('is met up to its very figure, and missed by what is no number', () => {
    expect(misses(comparison(1, 1))).toBe(false);
    expect(misses(comparison(1.001, 1))).toBe(true);
    expect(misses(comparison(Number.NaN, 1))).toBe(true);
  });

  test('cannot be missed where there is none', () => expect(misses(comparison(50, null))).toBe(false));

  test('shows in the table, with its verdict', () => {
    const lines = table([comparison(0.5, 1), comparison(2, 1), comparison(3, null)]).split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(/0\.500 +≤ 1 +met$/u);
    expect(lines[2]).toMatch(/2\.000 +≤ 1 +missed$/u);
    expect(lines[3]).toMatch(/3\.000$/u);
  });
});

describe('the record of runs', () => {
  test('answers the last figure of each comparison, with the commit that it was measured at', () => {
    const directory = mkdtempSync(join(tmpdir(), 'weir-bench-record-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const record = new BenchRecord(join(directory, 'below', 'record.jsonl'));
    expect(record.latest()).toEqual([]);
    record.add([comparison(2, 1), { ...comparison(3, 1), subject: 'there' }], 'aaaa');
    record.add([comparison(0.5, 1)], 'bbbb');
    expect(record.latest().map(({ subject, ratio, commit }) => [subject, ratio, commit])).toEqual([['here', 0.5, 'bbbb'], ['there', 3, 'aaaa']]);
  });
});

describe('the arguments of the bench', () => {
  test('generate 1000 files unless a repository is named', () => {
    expect(benchOptions([])).toMatchObject({ repos: [], sizes: [1000], commits: null, rounds: 15, json: false, check: false });
    expect(benchOptions(['--repo', 'here.git'])).toMatchObject({ repos: ['here.git'], sizes: [] });
    expect(benchOptions(['--commits', '500'])).toMatchObject({ commits: 500, sizes: [] });
  });

  test('take several repositories and sizes, ascending and each once', () =>
    expect(benchOptions(['--repo', 'a', '--repo', 'b', '--sizes', '10000,1000,10000', '--commits', '500', '--check', '--json'])).toMatchObject({ repos: ['a', 'b'], sizes: [1000, 10_000], commits: 500, check: true, json: true }));

  test('choose jobs by name', () => expect([...(benchOptions(['--only', 'diff,merge'])?.only ?? [])]).toEqual(['diff', 'merge']));

  test.each([['--only', 'nothing'], ['--only', 'toString'], ['--rounds', '0'], ['--rounds', 'x'], ['--sizes', '10,-1'], ['--sizes', ''], ['--commits', '1.5'], ['--what'], ['stray'], ['--record'], ['--summary'], ['--cache', 'c', '--record', '--generate']])('are refused as %s %s', (...args) =>
    expect(benchOptions(args)).toBeNull());
});
