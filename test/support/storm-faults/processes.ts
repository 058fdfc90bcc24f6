import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readServerRecord, serverProcesses } from '../../../src/storage/postgres/processes.js';
import type { Storm } from '../storm.js';
import { FAILING_MS } from './fault.js';

const clusterOf = (storm: Storm): string => join(storm.room.sandbox.data, 'postgres', 'cluster');

/** The process that all others of the database come from. */
export function postmaster(storm: Storm): number {
  const record = readServerRecord(clusterOf(storm));
  if (record === undefined) throw new TypeError('the database has no server');
  return record.pid;
}

/** Every process of the database. */
export const databaseProcesses = (storm: Storm): number[] => serverProcesses(clusterOf(storm));

/** The processes that serve connections of the gateway. */
export function backends(storm: Storm): number[] {
  return databaseProcesses(storm).filter((pid) => commandOf(pid).startsWith('postgres: weir'));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Signals each that is still there. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
  }
}

/** The process of the gateway that stands. */
export async function gatewayPid(storm: Storm): Promise<number> {
  const { pid } = (await storm.gateway()).child;
  if (pid === undefined) throw new TypeError('the gateway has no process');
  return pid;
}

/** Sets a limit of the running gateway, by its name among prlimit's; lifted again by the answer. */
export async function limited(storm: Storm, name: string, value: number): Promise<() => Promise<void>> {
  const pid = await gatewayPid(storm);
  const set = (limit: string): void => void execFileSync('prlimit', [`--pid=${pid}`, `--${name}=${limit}:`]);
  const [before = 'unlimited'] = execFileSync('prlimit', [`--pid=${pid}`, `--${name}`, '--noheadings', '--output=SOFT'], { encoding: 'utf8' }).trim().split(/\s+/u);
  set(String(value));
  await sleep(FAILING_MS);
  return async () => set(before);
}
