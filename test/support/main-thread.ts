import { readFileSync } from 'node:fs';

/** What one thread was seen doing between two turns of the event loop. */
export interface Watch {
  /** Ends the watching; answers the longest turn in milliseconds of processor time of this thread, and how many turns there were. */
  stop(): { readonly longestMs: number; readonly turns: number };
}

/**
 * Watches the event loop of the main thread by its processor time, which other processes and the thread pool do not add to: on a busy
 * machine the time on the wall says nothing about who held the loop. Call it in the main thread of a process.
 */
export function watchMainThread(): Watch {
  let longestMs = 0;
  let turns = 0;
  let watching = true;
  let since = processorMs();
  const turn = (): void => {
    const now = processorMs();
    longestMs = Math.max(longestMs, now - since);
    turns++;
    since = now;
    if (watching) setImmediate(turn);
  };
  setImmediate(turn);
  return {
    stop() {
      watching = false;
      turn();
      return { longestMs, turns };
    },
  };
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
