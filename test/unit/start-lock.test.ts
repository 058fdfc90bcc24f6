import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { processBirth, thisMachine } from '../../src/storage/postgres/machine.js';
import { withStartLock } from '../../src/storage/postgres/start-lock.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-lock-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function ticketOf(changes: Record<string, unknown>): void {
  writeFileSync(join(directory, '7'), JSON.stringify({ ...thisMachine(), pid: process.pid, birth: processBirth(process.pid), nonce: 'x', ...changes }));
}

function acquire(waitMs = 5_000): Promise<string> {
  return withStartLock(directory, waitMs, () => Promise.resolve('held'));
}

/** The id of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

describe('the start lock', () => {
  test('lets one body run at a time, and all of them in the end', async () => {
    let inside = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 25 }, () => withStartLock(directory, 30_000, async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise(setImmediate);
      inside -= 1;
    })));
    expect(most).toBe(1);
  });

  test('answers what the body answers, and is free again when the body fails', async () => {
    expect(await acquire()).toBe('held');
    await expect(withStartLock(directory, 1_000, () => Promise.reject(new RangeError('body')))).rejects.toThrow('body');
    expect(await acquire(1_000)).toBe('held');
  });

  test('leaves one released ticket and no draft behind', async () => {
    for (let round = 0; round < 5; round += 1) await acquire();
    expect(readdirSync(directory)).toEqual(['5']);
    expect(readFileSync(join(directory, '5'), 'utf8')).toBe('');
  });

  test('is not taken from a living holder, whose process and machine are named', async () => {
    ticketOf({});
    await expect(acquire(100)).rejects.toThrow(`is being started or stopped by process ${process.pid} on ${thisMachine().host}`);
  });

  test('is taken from a process that has ended', async () => {
    ticketOf({ pid: await endedProcess() });
    expect(await acquire(1_000)).toBe('held');
  });

  test('is taken when the holder’s id belongs to a younger process', async () => {
    ticketOf({ birth: '1' });
    expect(await acquire(1_000)).toBe('held');
  });

  test('is taken when this machine has booted since', async () => {
    ticketOf({ boot: 'an earlier boot' });
    expect(await acquire(1_000)).toBe('held');
  });

  test.each([['another container', { processes: 'pid:[1]' }], ['another machine', { host: 'elsewhere', boot: 'other' }]])('of %s is respected while its holder gives signs of life, and taken after 15 s of silence', async (_, record) => {
    ticketOf(record);
    await expect(acquire(100)).rejects.toThrow('has not finished');
    const silent = new Date(Date.now() - 16_000);
    utimesSync(join(directory, '7'), silent, silent);
    expect(await acquire(1_000)).toBe('held');
  });

  test('is taken when the ticket was damaged', async () => {
    writeFileSync(join(directory, '3'), '{"host":');
    expect(await acquire(1_000)).toBe('held');
    writeFileSync(join(directory, '9'), '{"pid":"text"}');
    expect(await acquire(1_000)).toBe('held');
  });

  test('of a killed holder goes to exactly one of many that wait for it', async () => {
    ticketOf({ pid: await endedProcess() });
    let inside = 0;
    const seen: number[] = [];
    await Promise.all(Array.from({ length: 25 }, () => withStartLock(directory, 30_000, async () => {
      inside += 1;
      await new Promise(setImmediate);
      seen.push(inside);
      inside -= 1;
    })));
    expect(seen).toEqual(Array.from({ length: 25 }, () => 1));
  });

  test('removes drafts of starters that were killed, but not young ones', async () => {
    writeFileSync(join(directory, 'draft-old'), '');
    writeFileSync(join(directory, 'draft-new'), '');
    const long = new Date(Date.now() - 120_000);
    utimesSync(join(directory, 'draft-old'), long, long);
    await acquire();
    expect(readdirSync(directory).sort()).toEqual(['1', 'draft-new']);
  });
});
