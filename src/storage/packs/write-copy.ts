import type { StoredPack } from '../../domain/ports/repo-objects.js';
import { GitDataError } from '../../git/objects/errors.js';
import type { Oid } from '../../git/objects/object-source.js';
import { Pace } from '../../git/objects/pace.js';
import { indexPack, type IndexedPack } from '../../git/pack/index-pack.js';
import { copyPack, type CopySource } from '../../git/pack/pack-copier.js';
import { PackIndex } from '../../git/pack/pack-index.js';
import type { FileHandles } from './file-handles.js';
import { discard, newPackName, publish, syncing, temporaryPaths, writeSynced, type PackTarget } from './write-pack.js';

/** The copy of some packs is not what it should be: `damaged` are the objects that do not read back whole where they were copied from. */
export class CopyDiffers extends Error {
  override readonly name = 'CopyDiffers';
  constructor(
    readonly damaged: readonly Oid[],
    options?: ErrorOptions,
  ) {
    super(`a copy of packs was given up: ${damaged.length === 0 ? 'it lists other objects than it was made of' : `${damaged.join(', ')} cannot be read whole`}`, options);
  }
}

/**
 * Writes the objects as one pack and answers when it survives a power loss. Before it gets its name every byte of it is read
 * again: each object is hashed from what was written, and the ids must be those that were asked for, no more and no less. Rejects
 * with {@link CopyDiffers} where they are not, and as the disk does; then nothing stays.
 */
export async function writeCopy(target: PackTarget, handles: FileHandles, sources: readonly CopySource[], signal: AbortSignal | undefined): Promise<StoredPack> {
  await target.ensureDirectory();
  const temporary = temporaryPaths(target.directory);
  try {
    const indexed = await copyAndIndex(target, handles, sources, temporary.pack, signal);
    await writeSynced(target.files, temporary.idx, [indexed.idx]);
    target.faults?.at('copy.written');
    const name = newPackName(indexed.checksum);
    await publish(target, name, temporary);
    return { name, bytes: indexed.bytes, objects: indexed.objects };
  } catch (fault) {
    await discard(target.files, [temporary.pack, temporary.idx]);
    throw fault;
  }
}

async function copyAndIndex(target: PackTarget, handles: FileHandles, sources: readonly CopySource[], path: string, signal: AbortSignal | undefined): Promise<IndexedPack> {
  try {
    await syncing(await target.files.create(path), async (file) => {
      await copyPack(sources, (chunks) => file.write(chunks), signal);
    });
    const copy = handles.access(path);
    const indexed = await indexPack(copy, {}, signal).finally(() => copy.close());
    if (!(await listsExactly(await PackIndex.open(indexed.idx), sources))) throw new CopyDiffers(await damagedOf(sources, signal));
    return indexed;
  } catch (fault) {
    if (fault instanceof GitDataError) throw new CopyDiffers(await damagedOf(sources, signal), { cause: fault });
    throw fault;
  }
}

async function listsExactly(index: PackIndex, sources: readonly CopySource[]): Promise<boolean> {
  const pace = new Pace();
  let wanted = 0;
  for (const { pack, positions } of sources) {
    wanted += positions.size;
    for (let position = 0; position < pack.index.count; position++) {
      if (positions.has(position) && index.positionOf(pack.index.oidAt(position)) < 0) return false;
      if ((position & 0xff) === 0 && pace.due()) await pace.breathe();
    }
  }
  return wanted === index.count;
}

async function damagedOf(sources: readonly CopySource[], signal: AbortSignal | undefined): Promise<Oid[]> {
  const damaged: Oid[] = [];
  const pace = new Pace();
  for (const { pack, positions } of sources) {
    for (let position = 0; position < pack.index.count; position++) {
      if (!positions.has(position)) continue;
      const oid = pack.index.oidAt(position);
      try {
        await pack.read(oid);
      } catch (fault) {
        if (!(fault instanceof GitDataError)) throw fault;
        damaged.push(oid);
      }
      signal?.throwIfAborted();
      if (pace.due()) await pace.breathe();
    }
  }
  return damaged;
}
