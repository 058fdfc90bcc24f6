import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartRefused, errorCode } from '../../shared/start-refused.js';
import { type Machine, beforeReboot, knowsBirths, machineFrom, processBirth, processExists, sameProcessTable, thisMachine } from './machine.js';

/** A holder in another process table proves its life by touching its file this often; after SILENCE_MS without it counts as dead. */
const HEARTBEAT_MS = 2_000;
const SILENCE_MS = 15_000;
const POLL_MS = 20;

interface Ticket extends Machine {
  readonly pid: number;
  readonly birth: string;
  readonly nonce: string;
}

/**
 * Runs `body` while no other process, on this machine or on one that shares the disk, runs one with the same `directory`.
 *
 * The lock is a directory of numbered tickets and the highest number rules. A ticket is published whole by link(2), which fails if the
 * number is taken; a dead or released ticket is not removed but outnumbered, and who finds a higher number than its own after
 * publishing steps back. So a lock of a killed holder can be taken over without the classic race in which two starters each remove the
 * other's new lock. Dead means: its process is gone (or its id belongs to a younger one), or the machine has booted since, or, where
 * process ids cannot be compared, it was silent for 15 s.
 *
 * @throws StartRefused when the lock cannot be had within `waitMs`, naming the holder.
 */
export async function withStartLock<T>(directory: string, waitMs: number, body: () => Promise<T>): Promise<T> {
  const path = await acquire(directory, Date.now() + waitMs);
  const heartbeat = setInterval(() => {
    const now = new Date();
    void utimes(path, now, now).catch(() => undefined);
  }, HEARTBEAT_MS);
  try {
    return await body();
  } finally {
    clearInterval(heartbeat);
    // An empty ticket is a released one. Truncating needs no space on the disk, so a full disk cannot make a lock stick.
    await truncate(path).catch(ignoreMissing);
  }
}

/** The path of the ticket that rules. */
async function acquire(directory: string, deadline: number): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const here = thisMachine();
  const ticket: Ticket = { ...here, pid: process.pid, birth: processBirth(process.pid), nonce: randomUUID() };
  for (;;) {
    const highest = await highestNumber(directory);
    const ruling = highest === 0 ? undefined : await readTicket(directory, highest);
    if (highest === 0 || ruling === 'free') {
      const held = await publish(directory, highest + 1, ticket);
      if (held !== undefined) return held;
      continue;
    }
    if (Date.now() > deadline) {
      const holder = ruling === undefined ? 'another process' : `process ${ruling.pid} on ${ruling.host}`;
      throw new StartRefused(`The database in ${directory} is being started or stopped by ${holder}, which has not finished. Stop that process, then start again.`);
    }
    await sleep(POLL_MS + Math.random() * POLL_MS);
  }
}

/** The ticket `number` as it stands: of a living holder, free (released, or its holder is dead), or, removed meanwhile, `undefined`. */
async function readTicket(directory: string, number: number): Promise<Ticket | 'free' | undefined> {
  const path = join(directory, String(number));
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const ticket = parseTicket(text);
    // Tickets are linked whole, so text that cannot be read is never one half written: it was released, or damaged by hand.
    return ticket === undefined || isDead(ticket, mtimeMs) ? 'free' : ticket;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isDead(ticket: Ticket, touchedMs: number): boolean {
  const here = thisMachine();
  if (sameProcessTable(ticket, here)) {
    return knowsBirths() ? processBirth(ticket.pid) !== ticket.birth : !processExists(ticket.pid);
  }
  return beforeReboot(ticket, here) || Date.now() - touchedMs > SILENCE_MS;
}

function parseTicket(text: string): Ticket | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const machine = machineFrom(value);
  if (machine === undefined || typeof value !== 'object' || value === null) return undefined;
  if (!('pid' in value) || !('birth' in value) || !('nonce' in value)) return undefined;
  const { pid, birth, nonce } = value;
  if (typeof pid !== 'number' || typeof birth !== 'string' || typeof nonce !== 'string') return undefined;
  return { ...machine, pid, birth, nonce };
}

async function publish(directory: string, number: number, ticket: Ticket): Promise<string | undefined> {
  const path = join(directory, String(number));
  const draft = join(directory, `draft-${ticket.nonce}`);
  await writeFile(draft, JSON.stringify(ticket));
  try {
    await link(draft, path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return undefined;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  if ((await highestNumber(directory)) !== number) {
    await rm(path, { force: true });
    return undefined;
  }
  await sweep(directory, number);
  return path;
}

function ignoreMissing(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error;
}

async function highestNumber(directory: string): Promise<number> {
  let highest = 0;
  for (const name of await readdir(directory)) {
    if (/^[1-9]\d{0,14}$/.test(name)) highest = Math.max(highest, Number(name));
  }
  return highest;
}

/** Removes outnumbered tickets, and drafts of starters that were killed in between (a live draft exists for milliseconds). */
async function sweep(directory: string, ruling: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const outnumbered = /^[1-9]\d{0,14}$/.test(name) && Number(name) < ruling;
    const age = name.startsWith('draft-') ? Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs : 0;
    if (outnumbered || age > 60_000) await rm(path, { force: true });
  }
}
