import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * What tells one running kernel, and one process table on it, from another.
 * `boot` changes at every boot and is shared by all containers of a kernel; `processes` names the process namespace, because a process
 * id says nothing outside of it. Both are empty where the system has no /proc (macOS): then `host` alone decides.
 */
export interface Machine {
  readonly host: string;
  readonly boot: string;
  readonly processes: string;
}

/** The machine that this process runs on. Never fails: what cannot be read is empty. */
export function thisMachine(): Machine {
  return {
    host: hostname(),
    boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    processes: attempt(() => readlinkSync('/proc/self/ns/pid')),
  };
}

/** Whether a record was written under the running kernel, so that sockets and locks of the file system can be trusted to tell life. */
export function sameKernel(record: Machine, here: Machine): boolean {
  return here.boot === '' ? record.host === here.host : record.boot === here.boot;
}

/** Whether process ids in a record mean the same processes here. */
export function sameProcessTable(record: Machine, here: Machine): boolean {
  return sameKernel(record, here) && record.processes === here.processes;
}

/** Whether a record comes from this machine before it was booted again: all that it speaks of has ended. */
export function beforeReboot(record: Machine, here: Machine): boolean {
  return record.host === here.host && !sameKernel(record, here);
}

/** Reads a {@link Machine} out of parsed JSON; `undefined` when it is not one. */
export function machineFrom(value: unknown): Machine | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('host' in value) || !('boot' in value) || !('processes' in value)) return undefined;
  const { host, boot, processes } = value;
  return typeof host === 'string' && typeof boot === 'string' && typeof processes === 'string' ? { host, boot, processes } : undefined;
}

/**
 * When a process of this process table began, in clock ticks since boot, as text: with the process id it names one process for good,
 * where the id alone is given out again. Empty when there is no such process (a zombie counts as none) or no /proc.
 */
export function processBirth(pid: number): string {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // The name in parentheses may hold spaces; the fields after its last ')' are state (3rd) … start time (22nd), proc_pid_stat(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? '' : fields[19] ?? '';
}

/** Whether this system can tell {@link processBirth}. */
export function knowsBirths(): boolean {
  return processBirth(process.pid) !== '';
}

/** Whether a process of this process table exists, also one of another user. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
