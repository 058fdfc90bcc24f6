import { createHash, randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { DurableFile, DurableFiles } from './durable-files.js';

/** Named points of the write path at which a crash test may stop the process; see {@link writePackFiles}. */
export interface FaultPoints {
  at(point: string): void;
}

/** Where the packs of one repository are written and through what; one for the life of a store. */
export class PackTarget {
  readonly directory: string;
  readonly files: DurableFiles;
  readonly faults: FaultPoints | undefined;
  /** The uppermost directory whose name may not be on the disk yet. */
  #unsynced: string;
  /** The making of the directory, under way or done; writers that come meanwhile wait for it. Null before, and after a fault. */
  #ready: Promise<void> | null = null;

  constructor(directory: string, files: DurableFiles, faults: FaultPoints | undefined) {
    this.directory = directory;
    this.files = files;
    this.faults = faults;
    this.#unsynced = directory;
  }

  /**
   * Makes the directory where it is absent and syncs the names above it. The first call of a process syncs the parent even
   * when the directory exists: whoever made it may have been killed, or failed, before its sync.
   */
  ensureDirectory(): Promise<void> {
    this.#ready ??= this.#makeDirectory();
    return this.#ready;
  }

  async #makeDirectory(): Promise<void> {
    try {
      const made = await this.files.makeDirectory(this.directory);
      if (made !== undefined && made.length < this.#unsynced.length) this.#unsynced = made;
      for (let at = this.directory; at.length >= this.#unsynced.length && dirname(at) !== at; at = dirname(at)) await this.files.syncDirectory(dirname(at));
    } catch (fault) {
      this.#ready = null;
      throw fault;
    }
  }
}

/** The shape of every pack's name, without its ending. */
export const PACK_NAME = /^pack-[0-9a-f]{40}$/u;

/**
 * A name for a new pack: 40 hex digits of the pack's checksum mixed with chance. Chance, because a pack of the same objects
 * may have had the plain name before and still wait for its removal, which would then remove the new one.
 */
export function newPackName(checksum: string): string {
  return `pack-${createHash('sha1').update(checksum, 'hex').update(randomBytes(16)).digest('hex')}`;
}

/** Temporary files of one write, named so that `git gc` knows them for rubbish when a crash leaves them. */
export function temporaryPaths(directory: string): { readonly pack: string; readonly idx: string } {
  const chance = randomBytes(8).toString('hex');
  return { pack: join(directory, `tmp_pack_${chance}`), idx: join(directory, `tmp_idx_${chance}`) };
}

/**
 * Writes a pack and its index as `<name>.pack` and `<name>.idx` and answers when both survive a power loss: both temporary
 * files are written and synced side by side (`pack.written`), then the pack is renamed (`pack.renamed`), then the index, which
 * makes git see the pack (`idx.renamed`), then the directory is synced (`dir.synced`). On a fault nothing but an unlisted
 * pack can stay behind, and the system's error is thrown.
 */
export async function writePackFiles(target: PackTarget, name: string, pack: readonly Buffer[], idx: Buffer): Promise<void> {
  await target.ensureDirectory();
  const temporary = temporaryPaths(target.directory);
  try {
    await all([writeSynced(target.files, temporary.pack, pack), writeSynced(target.files, temporary.idx, [idx])]);
    target.faults?.at('pack.written');
    await publish(target, name, temporary);
  } catch (fault) {
    await discard(target.files, [temporary.pack, temporary.idx]);
    throw fault;
  }
}

/** Renames two synced temporary files to a pack's final names, the pack first, and syncs the directory. */
export async function publish(target: PackTarget, name: string, temporary: { readonly pack: string; readonly idx: string }): Promise<void> {
  await target.files.rename(temporary.pack, join(target.directory, `${name}.pack`));
  target.faults?.at('pack.renamed');
  await target.files.rename(temporary.idx, join(target.directory, `${name}.idx`));
  target.faults?.at('idx.renamed');
  await target.files.syncDirectory(target.directory);
  target.faults?.at('dir.synced');
}

/** Creates a file with these bytes and answers when they are on the disk. */
export async function writeSynced(files: DurableFiles, path: string, chunks: readonly Buffer[]): Promise<void> {
  await syncing(await files.create(path), async (file) => file.write(chunks));
}

/** Runs `fill` on an open file, syncs it, and closes it in every case. */
export async function syncing(file: DurableFile, fill: (file: DurableFile) => Promise<void>): Promise<void> {
  try {
    await fill(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Removes files as far as that is possible; the fault that led here matters more than one of the removal. */
export async function discard(files: DurableFiles, paths: readonly string[]): Promise<void> {
  await Promise.allSettled(paths.map(async (path) => files.remove(path)));
}

/** Waits for all, also when one fails, so that no write outlives the answer; then throws the first fault. */
async function all(actions: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(actions);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
