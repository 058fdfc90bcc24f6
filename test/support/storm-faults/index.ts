import { spawnSync } from 'node:child_process';
import { isRoot } from '../sandbox.js';
import { CLIENTS_GONE } from './clients-gone.js';
import { CLOCK_JUMPS } from './clock-jumps.js';
import { CONNECTIONS_TAKEN } from './connections-taken.js';
import { DATABASE_FROZEN } from './database-frozen.js';
import { DATABASE_IMMEDIATE } from './database-immediate.js';
import { DATABASE_KILL } from './database-kill.js';
import { DATABASE_TERMINATE } from './database-terminate.js';
import { DISK_FULL } from './disk-full.js';
import { DISK_READ_ONLY } from './disk-read-only.js';
import type { Fault } from './fault.js';
import { FILE_SIZE } from './file-size.js';
import { FSYNC_FAILS } from './fsync-fails.js';
import { GATEWAY_CRASH } from './gateway-crash.js';
import { GATEWAY_FROZEN } from './gateway-frozen.js';
import { GATEWAY_FROZEN_LONG } from './gateway-frozen-long.js';
import { GATEWAY_KILL } from './gateway-kill.js';
import { GATEWAY_STOP } from './gateway-stop.js';
import { LOCKS_HELD } from './locks-held.js';
import { mixed } from './mixed.js';
import { NO_DESCRIPTORS } from './no-descriptors.js';
import { RENAME_FAILS } from './rename-fails.js';
import { WRITE_FAILS } from './write-fails.js';

/** What one needs of the machine. A container may run as root and still not mount. */
const mayMount = isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0;
const has = (program: string): boolean => spawnSync(program, ['-V']).status === 0;
const mayTrace = has('strace');
const mayLimit = has('prlimit');

/** A fault by its name, and whether this machine allows it. */
const ROWS: readonly (readonly [name: string, fault: Fault, allowed: boolean])[] = [
  ['gateway-kill', GATEWAY_KILL, true],
  ['gateway-crash', GATEWAY_CRASH, true],
  ['gateway-stop', GATEWAY_STOP, true],
  ['gateway-frozen', GATEWAY_FROZEN, true],
  ['gateway-frozen-long', GATEWAY_FROZEN_LONG, true],
  ['clients-gone', CLIENTS_GONE, true],
  ['clock-jumps', CLOCK_JUMPS, true],
  ['database-kill', DATABASE_KILL, true],
  ['database-immediate', DATABASE_IMMEDIATE, true],
  ['database-terminate', DATABASE_TERMINATE, true],
  ['database-frozen', DATABASE_FROZEN, true],
  ['locks-held', LOCKS_HELD, true],
  ['connections-taken', CONNECTIONS_TAKEN, true],
  ['disk-full', DISK_FULL, mayMount],
  ['disk-read-only', DISK_READ_ONLY, mayMount],
  ['write-fails', WRITE_FAILS, mayTrace],
  ['fsync-fails', FSYNC_FAILS, mayTrace],
  ['rename-fails', RENAME_FAILS, mayTrace],
  ['no-descriptors', NO_DESCRIPTORS, mayLimit],
  ['file-size', FILE_SIZE, mayLimit],
];

/** What takes long has few rounds, and would be most of a mixture. */
const MIXED_FROM = 40;

const allowed = ROWS.filter(([, , may]) => may).map(([name, fault]): [string, Fault] => [name, fault]);

/** What happens in the storm, by name; what this machine does not allow is not among it. */
export const FAULTS: ReadonlyMap<string, Fault> = new Map([...allowed, ['mixed', mixed(allowed.filter(([, { rounds }]) => rounds >= MIXED_FROM).map(([, fault]) => fault))]]);
