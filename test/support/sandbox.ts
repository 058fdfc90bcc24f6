import { chmodSync, mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A directory of its own for one test, passable for other accounts. */
export interface Sandbox {
  readonly directory: string;
  /** For `WEIR_DATA` and `WEIR_SYSTEM_DIR`; not made yet. */
  readonly data: string;
  readonly system: string;
  /** Kills every process that still works beneath it (servers outlive their starters by design) and removes it. */
  remove(): Promise<void>;
}

/** Whether the suite runs as root, which may start processes under other accounts. */
export const isRoot = process.geteuid?.() === 0;

/** Makes a {@link Sandbox} in the system's temporary directory. */
export function makeSandbox(): Sandbox {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'weir-start-')));
  chmodSync(directory, 0o711);
  return {
    directory,
    data: join(directory, 'data'),
    system: join(directory, 'system'),
    async remove() {
      for (let beneath = processesBeneath(directory); beneath.length > 0; beneath = processesBeneath(directory)) {
        for (const pid of beneath) killIfThere(pid);
        await sleep(10);
      }
      rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    },
  };
}

/** Processes, other than this one, whose working directory lies in `directory`; empty on systems without /proc. */
export function processesBeneath(directory: string): number[] {
  return processIds().filter((pid) => pid !== process.pid && `${workingDirectory(pid)}/`.startsWith(`${directory}/`));
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter((pid) => pid > 0);
  } catch {
    return [];
  }
}

function workingDirectory(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
