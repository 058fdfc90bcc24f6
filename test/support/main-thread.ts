import { readFileSync } from 'node:fs';

/** What one thread was seen doing between two turns of the event loop. */
export interface Watch {
  /** Ends the watching; answers the longest turn in milliseconds of processor time of this thread, and how many turns there were. */
  stop(): { readonly longestMs: number; readonly turns: number };
}

/**
 * Watches the event loop of the main thread by its processor time, which other processes and the thread pool do not add to: on a busy
 * machine the time on the wall says nothing about who held the loop. Call it in the main thread of a process. With `everyMs` it looks only so
 * often, for a watch of minutes: the longest turn may be told as so much longer, never as shorter.
 */
export function watchMainThread(everyMs = 0): Watch {
  let longestMs = 0;
  let turns = 0;
  let watching = true;
  let since = processorMs();
  const turn = (): void => {
    const now = processorMs();
    longestMs = Math.max(longestMs, now - since);
    turns++;
    since = now;
    if (watching) next();
  };
  const next = (): void => void (everyMs > 0 ? setTimeout(turn, everyMs).unref() : setImmediate(turn));
  next();
  return {
    stop() {
      watching = false;
      turn();
      return { longestMs, turns };
    },
  };
}

/** Nobody writes to it: who waits for it sleeps. */
const QUIET = new Int32Array(new SharedArrayBuffer(4));

/**
 * Processor time of the calling thread in milliseconds, the main one of a process, exact to some microseconds: Linux adds up a thread's time when it
 * leaves the processor, so it sleeps for a moment first. Elsewhere the time of the whole process, which is more.
 */
export function mainThreadMs(): number {
  Atomics.wait(QUIET, 0, 0, 0.05);
  return processorMs();
}

/** Linux tells it by thread; elsewhere that of the whole process is taken, which is more. */
function processorMs(): number {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6;
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
}
