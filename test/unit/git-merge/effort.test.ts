import { describe, expect, test } from 'vitest';
import { Effort } from '../../../src/git/merge/effort.js';
import { mergeTrees } from '../../../src/git/merge/merge-trees.js';
import type { TreeMerge } from '../../../src/git/merge/conflict.js';
import { BudgetExceeded } from '../../../src/git/objects/errors.js';
import { StagedObjects } from '../../../src/git/objects/staged-objects.js';
import { MemoryObjects } from '../../support/memory-objects.js';

/** `count` lines in an order of their own: few kinds of line, so that much could match and little does. */
function shuffled(count: number, seed: number): string {
  let state = seed;
  const lines: string[] = [];
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    lines.push(`line ${state % 701}`);
  }
  return `${lines.join('\n')}\n`;
}

/** A merge of three such files, made but not begun. */
function prepared(count: number): (effort: Effort) => Promise<TreeMerge> {
  const objects = new MemoryObjects();
  const [base = '', ours = '', theirs = ''] = [1, 2, 3].map((seed) => objects.tree({ f: shuffled(count, seed) }));
  return (effort) => mergeTrees(new StagedObjects(objects), { base, ours, theirs }, { labels: { ours: 'ours', theirs: 'theirs' }, limits: { effort } });
}

/** The most processor time, in milliseconds, between two turns of a timer while the work ran: what others wait for us, not we for others. */
async function longestStall(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = processorMillis();
  const timer = setInterval(() => {
    const now = processorMillis();
    longest = Math.max(longest, now - last);
    last = now;
  }, 1);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return longest;
}

function processorMillis(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

describe('the lines of a merge', () => {
  test('are compared in slices that let others in, however little the files have in common', async () => {
    const merge = prepared(100_000);
    const before = processorMillis();
    const longest = await longestStall(() => merge(new Effort()));
    expect(processorMillis() - before, 'the work is too little to prove anything').toBeGreaterThan(200);
    expect(longest).toBeLessThan(100);
  });

  test('are given up once they have cost what they may', async () => {
    const merge = prepared(100_000);
    await expect(merge(new Effort(15))).rejects.toBeInstanceOf(BudgetExceeded);
    await expect(merge(new Effort(15))).rejects.toMatchObject({ budget: 'mergeMs', maximum: 15 });
  });

  test('are given up when nobody waits for them any more', async () => {
    const merge = prepared(100_000);
    const caller = new AbortController();
    const gone = new RangeError('gone');
    const merging = merge(new Effort(60_000, caller.signal));
    setImmediate(() => caller.abort(gone));
    await expect(merging).rejects.toBe(gone);
  });

  test('draw on one budget, file after file', async () => {
    const merge = prepared(400);
    const effort = new Effort(10);
    const merges = async (): Promise<void> => {
      for (let n = 0; n < 5000; n++) await merge(effort);
    };
    await expect(merges()).rejects.toBeInstanceOf(BudgetExceeded);
  });
});
