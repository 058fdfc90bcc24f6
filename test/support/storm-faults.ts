import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readServerRecord, serverProcesses } from '../../src/storage/postgres/processes.js';
import { isRoot } from './sandbox.js';
import type { Storm } from './storm.js';

/** Draws a whole number below the given one. */
type Draw = (below: number) => number;

/** Something that happens to a gateway, its database or its disk while clients write. */
export interface Fault {
  readonly what: string;
  /** How often the whole matrix asks for it, and how often at a time. */
  readonly rounds: number;
  readonly shard: number;
  /** Rounds that the suite makes: a few of what takes a second or so, none of the rest. */
  readonly smoke: number;
  /** Reading goes on while it lasts. */
  readonly readsOn?: boolean;
  /** Makes the place for it in a new data directory. */
  prepare?(dataDir: string): void;
  /** Begins it; answers what ends it. */
  hit(storm: Storm, draw: Draw): Promise<() => Promise<void>>;
}

const NOTHING = async (): Promise<void> => undefined;

/** The fault points of a write, in order; the last one lies behind the commit. */
const POINTS = ['pack.written', 'pack.renamed', 'idx.renamed', 'dir.synced', 'operation.objects-durable', 'operation.applied', 'operation.before-commit', 'operation.committed'];
/** A gateway is frozen, and a database, for so long at most: the leases of both are longer. */
const FROZEN_MS = 1_500;
const DRAIN_LIMIT_MS = 10_000;
/** While a disk fails, for so long. */
const FAILING_MS = 250;
const DISK_BYTES = 64 << 20;

const clusterOf = (storm: Storm): string => join(storm.room.sandbox.data, 'postgres', 'cluster');

function postmaster(storm: Storm): number {
  const record = readServerRecord(clusterOf(storm));
  if (record === undefined) throw new TypeError('the database has no server');
  return record.pid;
}

/** The processes that serve connections of the gateway. */
function backends(storm: Storm): number[] {
  return serverProcesses(clusterOf(storm)).filter((pid) => commandOf(pid).startsWith('postgres: weir'));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
  }
}

async function gatewayPid(storm: Storm): Promise<number> {
  const { pid } = (await storm.gateway()).child;
  if (pid === undefined) throw new TypeError('the gateway has no process');
  return pid;
}

/** A limit of a running process, lifted again by the answer. */
async function limited(storm: Storm, name: string, value: number): Promise<() => Promise<void>> {
  const pid = await gatewayPid(storm);
  const set = (limit: string): void => void execFileSync('prlimit', [`--pid=${pid}`, `--${name}=${limit}:`]);
  const [before = 'unlimited'] = execFileSync('prlimit', [`--pid=${pid}`, `--${name}`, '--noheadings', '--output=SOFT'], { encoding: 'utf8' }).trim().split(/\s+/u);
  set(String(value));
  await sleep(FAILING_MS);
  return async () => set(before);
}

/** Has a system call of a running gateway fail for a while, by a tracer that lets go of it again. */
async function failing(storm: Storm, call: string, error: string): Promise<() => Promise<void>> {
  const tracer = spawn('strace', ['-f', '-q', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:error=${error}`, '-p', String(await gatewayPid(storm))], { stdio: 'ignore' });
  await sleep(2 * FAILING_MS);
  return async () => {
    const gone = once(tracer, 'exit');
    tracer.kill('SIGINT');
    await gone;
  };
}

const objectsOf = (dataDir: string): string => join(dataDir, 'objects');

function mountDisk(dataDir: string): void {
  mkdirSync(objectsOf(dataDir), { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'weir-fault', objectsOf(dataDir)]);
}

/** Takes a disk away that {@link Fault.prepare} has made. */
export function unmountDisks(dataDir: string): void {
  if (readFileSync('/proc/mounts', 'utf8').includes(` ${objectsOf(dataDir)} `)) execFileSync('umount', ['--lazy', objectsOf(dataDir)]);
}

/** A container may run as root and still not mount. */
const mayMount = isRoot && spawnSync('unshare', ['--mount', 'true']).status === 0;
const runs = (program: string): boolean => spawnSync(program, ['-V']).status === 0;

const ENDS: readonly (readonly [string, Fault])[] = [
  ['gateway-kill', { what: 'the gateway is killed at any time', rounds: 1000, shard: 50, smoke: 3, hit: async (storm) => {
    await storm.replace((gateway) => gateway.kill());
    return NOTHING;
  } }],
  ['gateway-crash', { what: 'the gateway kills itself at one of the points of a write', rounds: 600, shard: 40, smoke: 0, hit: async (storm, draw) => {
    const aim = `${POINTS[draw(POINTS.length)] ?? ''}:${1 + draw(4)}`;
    await storm.replace((gateway) => gateway.kill(), { CRASH_AT: aim });
    // Clients go on asking the one that is to die, or it would never come to the point.
    await (await storm.gateway()).exited;
    await storm.replace(NOTHING);
    return NOTHING;
  } }],
  ['gateway-stop', { what: 'the gateway is told to stop with work under way, and exits with 0 within 10 s', rounds: 50, shard: 10, smoke: 1, hit: async (storm) => {
    await storm.replace(async (gateway) => {
      const asked = performance.now();
      const code = await gateway.stop();
      if (code !== 0 || performance.now() - asked > DRAIN_LIMIT_MS) throw new TypeError(`it ended with ${code} after ${performance.now() - asked} ms`);
    });
    return NOTHING;
  } }],
  ['gateway-frozen', { what: 'the gateway is frozen, and goes on', rounds: 50, shard: 10, smoke: 0, hit: async (storm, draw) => {
    const pid = await gatewayPid(storm);
    process.kill(pid, 'SIGSTOP');
    await sleep(draw(FROZEN_MS));
    return async () => void process.kill(pid, 'SIGCONT');
  } }],
];

const DATABASE: readonly (readonly [string, Fault])[] = [
  ['database-kill', { what: 'the database is killed', rounds: 60, shard: 10, smoke: 1, hit: async (storm) => {
    process.kill(postmaster(storm), 'SIGKILL');
    return NOTHING;
  } }],
  ['database-immediate', { what: 'the database is stopped at once', rounds: 40, shard: 10, smoke: 0, hit: async (storm) => {
    process.kill(postmaster(storm), 'SIGQUIT');
    return NOTHING;
  } }],
  ['database-terminate', { what: 'every connection to the database is terminated', rounds: 50, shard: 25, smoke: 1, hit: async (storm) => {
    signalAll(backends(storm), 'SIGTERM');
    return NOTHING;
  } }],
  ['database-frozen', { what: 'the database is frozen, and goes on', rounds: 50, shard: 10, smoke: 0, hit: async (storm, draw) => {
    const all = serverProcesses(clusterOf(storm));
    signalAll(all, 'SIGSTOP');
    await sleep(draw(FROZEN_MS));
    return async () => signalAll(all, 'SIGCONT');
  } }],
];

const DISK: readonly (readonly [string, Fault])[] = [
  ['disk-full', { what: 'the disk of the objects is full', rounds: 50, shard: 25, smoke: 1, readsOn: true, prepare: mountDisk, hit: async (storm) => {
    const filler = join(objectsOf(storm.room.sandbox.data), 'filler');
    spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k'], { stdio: 'ignore' });
    await sleep(FAILING_MS);
    return async () => rmSync(filler);
  } }],
  ['disk-read-only', { what: 'the disk of the objects is read-only', rounds: 50, shard: 25, smoke: 0, readsOn: true, prepare: mountDisk, hit: async (storm) => {
    const remount = (how: string): number | null => spawnSync('mount', ['-o', `remount,${how}`, objectsOf(storm.room.sandbox.data)]).status;
    // Refused while a file is open for writing: tried until it is taken between two packs.
    while (remount('ro') !== 0) await sleep(1);
    await sleep(FAILING_MS);
    return async () => void remount('rw');
  } }],
  ['fsync-fails', { what: 'every fsync fails with EIO', rounds: 50, shard: 25, smoke: 0, readsOn: true, hit: (storm) => failing(storm, 'fsync', 'EIO') }],
  ['rename-fails', { what: 'every rename fails with EIO', rounds: 50, shard: 25, smoke: 0, readsOn: true, hit: (storm) => failing(storm, 'rename', 'EIO') }],
  ['no-descriptors', { what: 'the gateway may open no more files', rounds: 50, shard: 25, smoke: 0, hit: async (storm) => limited(storm, 'nofile', readdirSync(`/proc/${await gatewayPid(storm)}/fd`).length) }],
  ['file-size', { what: 'no file may be larger than 100 bytes', rounds: 50, shard: 25, smoke: 1, readsOn: true, hit: (storm) => limited(storm, 'fsize', 100) }],
];

/** What happens in the storm, by name; what this machine does not allow is not among it. */
export const FAULTS: ReadonlyMap<string, Fault> = new Map([
  ...ENDS,
  ...DATABASE,
  ...DISK.filter(([name]) => (name.startsWith('disk-') ? mayMount : runs(name.endsWith('-fails') ? 'strace' : 'prlimit'))),
]);
