import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readSync, renameSync } from 'node:fs';
import { chown, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartRefused, errorCode } from '../../shared/start-refused.js';
import type { Binaries } from './binaries.js';
import { forgetHost, recordHost } from './host-record.js';
import { SOCKET_NAME, type Place } from './place.js';
import { isServerProcess, readServerRecord, serverProcesses, signalServer } from './processes.js';

/** The one role of an embedded cluster. Whoever may enter the socket's directory is that role: no password could protect more. */
export const SERVER_ROLE = 'weir';

const POLL_MS = 10;
const LOG_KEPT_BYTES = 10 * 1024 * 1024;
/** A fast shutdown writes a checkpoint; on a slow disk with 1 GB of log that takes seconds. After these it is ordered to stop at once. */
const FAST_STOP_MS = 20_000;
const IMMEDIATE_STOP_MS = 5_000;

/** What the server is told beyond Postgres' defaults. Given at every start, so that a new release of Weir applies its own. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: '64MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  // Compiling a plan costs more than the short statements of a gateway ever win back.
  jit: 'off',
};

/** Makes the cluster where there is none yet. The caller holds the start lock. Killed at any point it leaves a draft that the next call removes. */
export async function initialiseCluster(place: Place, binaries: Binaries): Promise<void> {
  if (lstatSync(place.cluster, { throwIfNoEntry: false }) !== undefined) {
    refuseOtherMajor(place, binaries);
    return;
  }
  for (const name of await readdir(place.home)) {
    if (name.startsWith('draft-')) await rm(join(place.home, name), { recursive: true, force: true });
  }
  const draft = join(place.home, `draft-${randomUUID()}`);
  await mkdir(draft, { mode: 0o700 });
  if (place.account.switched) await chown(draft, place.account.uid, place.account.gid);
  const args = ['-D', draft, '-U', SERVER_ROLE, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-instructions'];
  const from = logSize(place);
  const child = launch(binaries.initdb, args, place, false);
  const code = await ended(child, place);
  if (code !== 0) throw new StartRefused(initialisationSentence(place, complaint(place, from) ?? `initdb ended with ${String(code)}`));
  await rename(draft, place.cluster);
}

function initialisationSentence({ home, log, account }: Place, reason: string): string {
  // Containers that run under a made-up id meet this: initdb insists on a name, the server does not.
  if (reason.includes('could not look up effective user ID')) {
    return `The database cannot run as the account with id ${account.uid}, because that has no name on this system. Add it to /etc/passwd, run Weir as an account with a name, or set DATABASE_URL.`;
  }
  return `The database could not be initialised in ${home}: ${reason}. The whole story is in ${log}.`;
}

function refuseOtherMajor(place: Place, { version }: Binaries): void {
  const cluster = readFileSync(join(place.cluster, 'PG_VERSION'), 'utf8').trim();
  const program = version.split('.', 1)[0];
  if (cluster === program) return;
  throw new StartRefused(`The database in ${place.cluster} was made by Postgres ${cluster} and this release of Weir carries Postgres ${program ?? '?'}. Take a backup with the release that made it (weir backup), and restore that with this one into an empty data directory (weir restore).`);
}

/**
 * Answers when a server of the cluster accepts connections, and whether this call started it. The caller holds the start lock, so
 * nobody else starts or stops it meanwhile. Adopts a running one; waits for one that stops; heals what a killed one left behind.
 * @throws StartRefused when none is ready by `deadline` (milliseconds since the epoch) or the server says why it cannot run.
 */
export async function ensureServer(place: Place, binaries: Binaries, settings: Readonly<Record<string, string>>, deadline: number): Promise<'started' | 'adopted'> {
  for (;;) {
    const record = readServerRecord(place.cluster);
    const answers = await socketAnswers(place);
    if (answers && record?.status === 'ready') return 'adopted';
    const alive = record !== undefined && isServerProcess(record.pid, place.cluster);
    if (!answers && !alive && serverProcesses(place.cluster).length === 0) {
      await clearRemains(place);
      await recordHost(place.hostRecord);
      if (await start(place, binaries, settings, deadline)) return 'started';
    }
    if (Date.now() > deadline) throw new StartRefused(`The database in ${place.cluster} does not become ready. Its log is ${place.log}.`);
    await sleep(POLL_MS);
  }
}

/**
 * Removes the lock files of a killed server. Only after it is known that no process works in the cluster: Postgres would trust their
 * process ids, and refuse to start forever when an id was given out again, as after every restart of a container.
 */
async function clearRemains(place: Place): Promise<void> {
  for (const path of [join(place.cluster, 'postmaster.pid'), join(place.sockets, SOCKET_NAME), join(place.sockets, `${SOCKET_NAME}.lock`)]) {
    await rm(path, { force: true });
  }
}

/** Starts it; false when it lost against remains of an earlier one that are about to vanish, so that trying again makes sense. */
async function start(place: Place, binaries: Binaries, settings: Readonly<Record<string, string>>, deadline: number): Promise<boolean> {
  rotateLog(place);
  const from = logSize(place);
  const options = Object.entries({ ...SETTINGS, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = launch(binaries.postgres, ['-D', place.cluster, '-k', place.sockets, ...options], place, true);
  // Or a running server would keep its starter from exiting.
  child.unref();
  const ending = ended(child, place);
  let exit = await Promise.race([ending, sleep(POLL_MS)]);
  for (; exit === undefined; exit = await Promise.race([ending, sleep(POLL_MS)])) {
    const record = readServerRecord(place.cluster);
    if (record !== undefined && record.pid === child.pid && record.status === 'ready') return true;
    if (Date.now() > deadline) {
      throw new StartRefused(`The database in ${place.cluster} has not become ready in time; it may be recovering from a crash. Its log is ${place.log}; start again to wait longer.`);
    }
  }
  const reason = complaint(place, from) ?? `it ended with ${exit}`;
  if (/pre-existing shared memory|lock file .* already exists|Address already in use/.test(reason) && Date.now() < deadline) return false;
  throw new StartRefused(`The database in ${place.cluster} does not start: ${reason}. The whole story is in ${place.log}.`);
}

/**
 * Stops the server and answers once it has ended; nothing happens where none runs. The caller holds the start lock.
 * A fast shutdown first; a server that does not end is stopped like a crash, which loses nothing that was committed.
 */
export async function stopServer(place: Place): Promise<void> {
  const record = readServerRecord(place.cluster);
  if (record !== undefined && isServerProcess(record.pid, place.cluster)) {
    for (const [signal, patience] of [['SIGINT', FAST_STOP_MS], ['SIGQUIT', IMMEDIATE_STOP_MS], ['SIGKILL', IMMEDIATE_STOP_MS]] as const) {
      signalServer(record.pid, signal, place);
      if (await gone(record.pid, place, Date.now() + patience)) break;
    }
  }
  // A server in another container of this kernel cannot be signalled from here: it keeps its record and is adopted again.
  if (serverProcesses(place.cluster).length === 0 && !(await socketAnswers(place))) await forgetHost(place.hostRecord);
}

async function gone(pid: number, { cluster }: Place, deadline: number): Promise<boolean> {
  while (Date.now() < deadline) {
    if (!isServerProcess(pid, cluster)) return true;
    await sleep(POLL_MS);
  }
  return false;
}

/** Whether anything listens on the socket: the one sign of life that also reaches across containers on a shared disk. */
function socketAnswers({ sockets }: Place): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(join(sockets, SOCKET_NAME));
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', (error) => { socket.destroy(); resolve(errorCode(error) === 'EAGAIN'); });
  });
}

/** Runs a program of Postgres as the server's account, with an empty environment and its output in the log. */
function launch(program: string, args: readonly string[], place: Place, detached: boolean): ChildProcess {
  const log = openSync(place.log, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
  try {
    const { uid, gid, switched } = place.account;
    return spawn(program, args, {
      cwd: place.home,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', log, log],
      // A session of its own: Ctrl-C in the terminal must reach the gateway only, which still has answers to write.
      detached,
      ...(switched ? { uid, gid } : {}),
    });
  } finally {
    closeSync(log);
  }
}

async function ended(child: ChildProcess, place: Place): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'an unknown end'));
    child.once('error', (error) => reject(new StartRefused(launchSentence(error, place), { cause: error })));
  });
}

function launchSentence(error: Error, { account }: Place): string {
  const code = errorCode(error);
  if (code === 'EPERM') return `The database cannot run as root, and this process may not run it as the account with id ${account.uid} (EPERM). Run Weir as an ordinary user, or set DATABASE_URL.`;
  if (code === 'ENOENT') return 'The programs of the database cannot be run on this system: they need glibc, which Alpine and other musl systems lack. Set DATABASE_URL to a Postgres 15 or newer.';
  return `The programs of the database cannot be run (${code ?? error.message}). Set DATABASE_URL to a Postgres 15 or newer.`;
}

function rotateLog({ log }: Place): void {
  const size = lstatSync(log, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_KEPT_BYTES) renameSync(log, `${log}.1`);
}

function logSize({ log }: Place): number {
  return lstatSync(log, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last complaint that was logged after the first `from` bytes, without its time stamp; failing such, the last line. */
function complaint({ log }: Place, from: number): string | undefined {
  const file = openSync(log, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(Math.max(0, fstatSync(file).size - from), 64 * 1024));
    readSync(file, bytes, 0, bytes.length, from);
    const lines = bytes.toString('utf8').split('\n').filter((line) => line.trim() !== '');
    const worst = lines.findLast((line) => /\b(?:FATAL|PANIC|error):/i.test(line)) ?? lines.at(-1);
    return worst?.replace(/^.*?\b(?:FATAL|PANIC|error):\s*/i, '').replace(/[.\s]+$/, '');
  } finally {
    closeSync(file);
  }
}
