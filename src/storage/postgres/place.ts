import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, readlinkSync, realpathSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { chown, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { StartRefused, errorCode } from '../../shared/start-refused.js';
import { type Account, canEnter, serverAccount } from './account.js';

/**
 * Where everything of one embedded cluster is. Files that Weir trusts lie in the data directory, which belongs to Weir; the server's
 * account owns `home` and nothing else, so a server gone bad cannot plant a link for root to follow.
 */
export interface Place {
  /** The data directory, absolute, without links, so that every spelling of it means the same server. */
  readonly dataDir: string;
  /** Beneath it: tickets of starters, the record of the host, the log of the server, and where `home` is when it is elsewhere. */
  readonly startLock: string;
  readonly hostRecord: string;
  readonly log: string;
  readonly pointer: string;
  /** Mode 0700, owned by `account`; holds `cluster` (what Postgres calls its data directory) and `sockets`. */
  readonly home: string;
  readonly cluster: string;
  readonly sockets: string;
  readonly account: Account;
}

/** The file name of Postgres' socket for the one port number used here; it never listens on a network. */
export const SOCKET_PORT = 5432;
export const SOCKET_NAME = `.s.PGSQL.${SOCKET_PORT}`;

/** Longest path of a socket in bytes, without the closing zero: sun_path is 108 bytes on Linux, 104 on the BSDs and macOS. */
const LONGEST_SOCKET = process.platform === 'linux' ? 107 : 103;

/** Creates the data directory where missing and answers its real path. @throws StartRefused when it cannot be created or written. */
export function openDataDirectory(directory: string): string {
  try {
    // Passable but not listable for others when root makes it, so that the database can live beneath it under another account.
    mkdirSync(directory, { recursive: true, mode: process.geteuid?.() === 0 ? 0o711 : 0o700 });
    const path = realpathSync(directory);
    const probe = join(path, `.probe-${randomBytes(6).toString('hex')}`);
    mkdirSync(probe);
    rmdirQuietly(probe);
    return path;
  } catch (error) {
    const user = process.geteuid?.();
    const who = user === undefined ? 'this process' : `the account with id ${user}`;
    throw new StartRefused(`The data directory ${directory} cannot be written by ${who} (${errorCode(error) ?? String(error)}). Make it writable or name another with WEIR_DATA.`, { cause: error });
  }
}

function rmdirQuietly(directory: string): void {
  void rm(directory, { recursive: true, force: true }).catch(() => undefined);
}

/**
 * Finds, or decides and records, where the cluster of `dataDir` (from {@link openDataDirectory}) lives: beneath it, or, where root runs
 * Weir in a directory that the server's account cannot enter (a root home), in a directory of its own beneath `systemDir`.
 * The caller holds the start lock. Nothing is initialised here.
 * @throws StartRefused when the recorded place is gone or belongs to another data directory, or neither place will do.
 */
export async function settlePlace(dataDir: string, systemDir: string): Promise<Place> {
  const pointer = join(dataDir, 'postgres.location');
  const settled = recordedHome(dataDir, pointer) ?? (await newHome(dataDir, systemDir, pointer));
  const account = serverAccount(statSync(settled, { throwIfNoEntry: false }));
  refuseForeignOwner(settled, account);
  if (account.switched && !canEnter(dirname(settled), account)) {
    throw new StartRefused(`The database in ${settled} belongs to the account with id ${account.uid}, which cannot pass through the directories above it. Let it (chmod o+x), or move the data directory to where it can.`);
  }
  await makeOwned(settled, account);
  const home = realpathSync(settled);
  await makeOwned(join(home, 'sockets'), account);
  return {
    dataDir, pointer, home, account,
    cluster: join(home, 'cluster'),
    startLock: startLockOf(dataDir),
    hostRecord: join(dataDir, 'postgres.host'),
    log: join(dataDir, 'postgres.log'),
    sockets: shortPath(join(home, 'sockets')),
  };
}

/** The start lock of a data directory; known before its {@link Place} is, because settling that needs the lock. */
export function startLockOf(dataDir: string): string {
  return join(dataDir, 'postgres.lock');
}

function recordedHome(dataDir: string, pointer: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(pointer, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const home = text.trim();
  if (home === '') return undefined;
  // A lost cluster must not be replaced by an empty one: that would look like lost repositories.
  if (statSync(home, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new StartRefused(`The database of ${dataDir} is kept in ${home} (says ${pointer}), which does not exist on this machine. Bring it back, or delete that file to begin with an empty database.`);
  }
  adopt(home, dataDir);
  return home;
}

/** A copied data directory must not share the original's database; a moved one takes it along. */
function adopt(home: string, dataDir: string): void {
  const owner = ownerFile(home);
  const recorded = readFileSync(owner, 'utf8').trim();
  if (recorded === dataDir) return;
  if (statSync(join(recorded, 'postgres.location'), { throwIfNoEntry: false }) !== undefined) {
    throw new StartRefused(`The database in ${home} belongs to the data directory ${recorded}, of which ${dataDir} is a copy. Use the original, or export its repositories and import them here.`);
  }
  writeDurably(owner, dataDir);
}

/** Beside `home`, not in it, since what lies within belongs to the server's account. */
function ownerFile(home: string): string {
  return `${home}.owner`;
}

async function newHome(dataDir: string, systemDir: string, pointer: string): Promise<string> {
  const beneath = join(dataDir, 'postgres');
  const account = serverAccount();
  // One that exists stays where it is: it may belong to an ordinary account, in a directory that nobody else can enter.
  const exists = statSync(join(beneath, 'cluster'), { throwIfNoEntry: false }) !== undefined;
  if (exists || !account.switched || canEnter(dataDir, account)) return beneath;
  // The random part: a data directory that was deleted and made anew must not find the old one's database.
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const home = join(systemDir, `${name}-${randomBytes(4).toString('hex')}`);
  try {
    mkdirSync(systemDir, { recursive: true, mode: 0o755 });
    if (!canEnter(systemDir, account)) {
      throw new StartRefused(`Neither ${dataDir} nor ${systemDir} can be entered by the account with id ${account.uid} that the database runs as. Name another place with WEIR_SYSTEM_DIR.`);
    }
    writeDurably(ownerFile(home), dataDir);
    await makeOwned(home, account);
  } catch (error) {
    if (error instanceof StartRefused) throw error;
    throw new StartRefused(`The database cannot be kept beneath ${systemDir} (${errorCode(error) ?? String(error)}), and ${dataDir} is closed to the account with id ${account.uid} that it runs as. Name another place with WEIR_SYSTEM_DIR.`, { cause: error });
  }
  writeDurably(pointer, home);
  return home;
}

function refuseForeignOwner(home: string, account: Account): void {
  const owner = statSync(home, { throwIfNoEntry: false })?.uid;
  if (owner === undefined || owner === account.uid) return;
  // Root hands a directory that it made, but had not yet given away when it was killed, to the account: `makeOwned` completes that.
  if (account.switched && owner === 0) return;
  throw new StartRefused(`The database in ${home} belongs to the account with id ${owner} and Weir runs as ${account.uid}. Run it as that account, or as root.`);
}

async function makeOwned(directory: string, account: Account): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (account.switched) await chown(directory, account.uid, account.gid);
}

function writeDurably(path: string, text: string): void {
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, `${text}\n`, { mode: 0o600, flush: true });
  renameSync(draft, path);
}

/**
 * A path to `sockets` that leaves room for the socket's name. Where the real one is too long, it is a link in a directory of this
 * account in the system's temporary directory: the socket itself still lies in `sockets`, so who shares the disk finds the server.
 */
export function shortPath(sockets: string): string {
  if (Buffer.byteLength(join(sockets, SOCKET_NAME)) <= LONGEST_SOCKET) return sockets;
  const uid = process.geteuid?.() ?? 0;
  // Links directly in /tmp would be refused to other accounts (fs.protected_symlinks); and in /tmp anybody could have come first.
  const name = join(`weir-${uid}`, createHash('sha256').update(sockets).digest('hex').slice(0, 16));
  const fits = (base: string): boolean => Buffer.byteLength(join(base, name, SOCKET_NAME)) <= LONGEST_SOCKET;
  const base = [realpathSync(tmpdir()), '/tmp'].find(fits) ?? '/tmp';
  const directory = join(base, `weir-${uid}`);
  mkdirOwn(directory, uid);
  const link = join(base, name);
  try {
    symlinkSync(sockets, link);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST' || readlinkSync(link) !== sockets) throw error;
  }
  return link;
}

/** Makes the short path anew when somebody cleaned the temporary directory. Never fails: the next call tries again. */
export function keepShortPath({ home, sockets }: Place): void {
  try {
    if (lstatSync(sockets, { throwIfNoEntry: false }) === undefined) shortPath(join(home, 'sockets'));
  } catch {
    // The directory of links is being cleaned right now, or the disk is full.
  }
}

function mkdirOwn(directory: string, uid: number): void {
  try {
    mkdirSync(directory, { mode: 0o711 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
  const stats = lstatSync(directory);
  if (stats.isDirectory() && stats.uid === uid && (stats.mode & 0o022) === 0) return;
  throw new StartRefused(`${directory} belongs to somebody else or is writable by others, so the database's socket cannot be reached through it. Remove it, or name a shorter directory with WEIR_DATA.`);
}
