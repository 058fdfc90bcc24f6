import { readFileSync } from 'node:fs';

/** Processor time and memory of some processes, added up: milliseconds and MB. */
export interface Spent {
  readonly cpuMs: number;
  /** Resident and its own share of what several map (PSS): Postgres' processes have most of theirs in common. */
  readonly memoryMb: number;
}

/** Milliseconds of one tick of the kernel's clock as it shows it to programs. */
const TICK_MS = 10;
/** Places in /proc/PID/stat after the name (proc(5)): utime, stime, and those of children that have ended. */
const TIMES = [11, 12, 13, 14];

/** What these processes have spent so far; those that have ended count nothing. */
export function spentBy(pids: readonly number[]): Spent {
  let cpuMs = 0;
  let memoryKb = 0;
  for (const pid of pids) {
    const stat = read(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    for (const place of TIMES) cpuMs += Number(fields[place] ?? 0) * TICK_MS;
    memoryKb += Number(/^Pss:\s+(\d+)/mu.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
  }
  return { cpuMs, memoryMb: memoryKb / 1024 };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
