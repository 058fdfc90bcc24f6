import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mountDisk, objectsOf } from './disk.js';
import { FAILING_MS, type Fault } from './fault.js';

/** ENOSPC in the middle of packs, until room is made. */
export const DISK_FULL: Fault = {
  what: 'the disk of the objects is full',
  rounds: 50,
  shard: 50,
  smoke: 1,
  readsOn: true,
  prepare: mountDisk,
  async hit(storm) {
    const filler = join(objectsOf(storm.room.sandbox.data), 'filler');
    spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k'], { stdio: 'ignore' });
    await sleep(FAILING_MS);
    return async () => rmSync(filler);
  },
};
