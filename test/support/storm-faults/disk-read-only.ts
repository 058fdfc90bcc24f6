import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { mountDisk, objectsOf } from './disk.js';
import { FAILING_MS, type Fault } from './fault.js';

/** EROFS, as after an error that the kernel answers by remounting. */
export const DISK_READ_ONLY: Fault = {
  what: 'the disk of the objects is read-only',
  rounds: 50,
  shard: 50,
  smoke: 1,
  readsOn: true,
  prepare: mountDisk,
  async hit(storm) {
    const remount = (how: string): number | null => spawnSync('mount', ['-o', `remount,${how}`, objectsOf(storm.room.sandbox.data)]).status;
    // Refused while a file is open for writing: tried until it is taken between two packs.
    while (remount('ro') !== 0) await sleep(1);
    await sleep(FAILING_MS);
    return async () => void remount('rw');
  },
};
