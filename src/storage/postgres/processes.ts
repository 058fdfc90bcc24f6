import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { processBirth, processExists } from './machine.js';
import type { Place } from './place.js';

/** What Postgres wrote into `postmaster.pid`; the status line is `starting`, `ready` or `stopping` (pg_ctl reads it the same way). */
export interface ServerRecord {
  readonly pid: number;
  readonly status: string;
}

/** The record of the running, or killed, server of a cluster; `undefined` after an orderly stop and while it is being written. */
export function readServerRecord(cluster: string): ServerRecord | undefined {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 0 ? { pid, status: (lines[7] ?? '').trim() } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether `pid` is a live process of this cluster. An id alone proves nothing, since it is given out again: every Postgres process
 * works in the cluster's directory, so /proc decides; without /proc (macOS) existence has to do.
 */
export function isServerProcess(pid: number, cluster: string): boolean {
  if (!hasProc()) return processExists(pid);
  return processBirth(pid) !== '' && worksIn(pid, cluster);
}

/** Every process that works in the cluster: the server and its children, which outlive it for a moment when it is killed. */
export function serverProcesses(cluster: string): number[] {
  if (!hasProc()) {
    const record = readServerRecord(cluster);
    return record !== undefined && processExists(record.pid) ? [record.pid] : [];
  }
  return readdirSync('/proc').map(Number).filter((pid) => pid > 0 && isServerProcess(pid, cluster));
}

/**
 * Signals a process with the rights of the server's account: as root a kill(2) would reach anything, and the id comes from a file that
 * the server's account can write. Answers whether the signal was delivered.
 */
export function signalServer(pid: number, signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL', { account }: Place): boolean {
  if (account.switched) {
    // A shell builtin: minimal images have sh but no kill program.
    const sent = spawnSync('/bin/sh', ['-c', 'kill -s "$1" "$2"', 'sh', signal.slice(3), String(pid)], { uid: account.uid, gid: account.gid, cwd: '/', env: {}, stdio: 'ignore' });
    return sent.status === 0;
  }
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

function worksIn(pid: number, directory: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === directory;
  } catch {
    // Gone meanwhile, or of another account that this one may not look at.
    return false;
  }
}

function hasProc(): boolean {
  return processBirth(process.pid) !== '';
}
