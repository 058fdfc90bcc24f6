import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import type { StoredPack } from '../../domain/ports/repo-objects.js';
import { PackInvalid } from '../../git/objects/errors.js';
import { Pace } from '../../git/objects/pace.js';
import type { IndexPackLimits } from '../../git/pack/index-limits.js';
import { indexPack } from '../../git/pack/index-pack.js';
import { readPackHeader, type PackFile } from '../../git/pack/pack-file.js';
import { PackIndex } from '../../git/pack/pack-index.js';
import type { RandomAccess } from '../../git/pack/random-access.js';
import { systemCode, type FileHandles } from './file-handles.js';
import { discard, newPackName, publish, syncing, temporaryPaths, writeSynced, type PackTarget } from './write-pack.js';

const PIECE_BYTES = 4 << 20;

/**
 * Takes the pack that `source` holds into the target's directory: copied, indexed here within `limits`, durable. The copy is
 * what is indexed, so a source that changes meanwhile cannot mislead. Rejects as {@link indexPack} does; then nothing stays.
 */
export async function importPack(target: PackTarget, handles: FileHandles, source: RandomAccess, limits: Partial<IndexPackLimits>, signal: AbortSignal | undefined): Promise<StoredPack> {
  readPackHeader(source);
  await target.ensureDirectory();
  const temporary = temporaryPaths(target.directory);
  try {
    await syncing(await target.files.create(temporary.pack), async (file) => {
      for (let at = 0; at < source.size; at += PIECE_BYTES) {
        signal?.throwIfAborted();
        await file.write([await source.readAsync(at, Math.min(PIECE_BYTES, source.size - at))]);
      }
    });
    const copy = handles.access(temporary.pack);
    const indexed = await indexPack(copy, limits, signal).finally(() => copy.close());
    await writeSynced(target.files, temporary.idx, [indexed.idx]);
    target.faults?.at('pack.written');
    const name = newPackName(indexed.checksum);
    await publish(target, name, temporary);
    return { name, bytes: indexed.bytes, objects: indexed.objects };
  } catch (fault) {
    await discard(target.files, [temporary.pack, temporary.idx]);
    throw fault;
  }
}

/**
 * Takes a pack and its index from another repository on this machine: the checksums of both are computed and must fit
 * each other, then both get second names here by hard link, or are copied where the file system cannot link. Durable when
 * it answers. Each object is verified when it is read, as everywhere. Rejects with {@link PackInvalid}.
 */
export async function linkPack(target: PackTarget, handles: FileHandles, packPath: string, idxPath: string): Promise<StoredPack> {
  const index = await PackIndex.open(await readFile(idxPath));
  const pack = handles.access(packPath);
  try {
    const count = readPackHeader(pack);
    if (count !== index.count) throw new PackInvalid(`a pack of ${count} objects beside an index of ${index.count}`);
    const checksum = await checksumOf(pack);
    if (checksum !== index.packChecksum) throw new PackInvalid('pack and index do not belong together');
    await target.ensureDirectory();
    const temporary = temporaryPaths(target.directory);
    try {
      await linkOrCopy(target, packPath, temporary.pack);
      await linkOrCopy(target, idxPath, temporary.idx);
      target.faults?.at('pack.written');
      const name = newPackName(checksum);
      await publish(target, name, temporary);
      return { name, bytes: pack.size, objects: count };
    } catch (fault) {
      await discard(target.files, [temporary.pack, temporary.idx]);
      throw fault;
    }
  } finally {
    pack.close();
  }
}

/**
 * Gives a pack of another repository of this server a second name here, by hard link where that is possible. Its bytes were made
 * durable when they were written, and its objects are verified when they are read, so nothing of it is read now.
 */
export async function linkOwnPack(target: PackTarget, from: { readonly pack: string; readonly idx: string }, { index, bytes }: PackFile): Promise<StoredPack> {
  await target.ensureDirectory();
  const temporary = temporaryPaths(target.directory);
  try {
    await linkOrCopy(target, from.pack, temporary.pack);
    await linkOrCopy(target, from.idx, temporary.idx);
    target.faults?.at('pack.written');
    const name = newPackName(index.packChecksum);
    await publish(target, name, temporary);
    return { name, bytes, objects: index.count };
  } catch (fault) {
    await discard(target.files, [temporary.pack, temporary.idx]);
    throw fault;
  }
}

/** The checksum of a pack's bytes, which must equal its last twenty. Rejects with {@link PackInvalid}. */
async function checksumOf(pack: RandomAccess): Promise<string> {
  const hash = createHash('sha1');
  const pace = new Pace();
  const end = pack.size - 20;
  for (let at = 0; at < end; at += PIECE_BYTES) {
    hash.update(await pack.readAsync(at, Math.min(PIECE_BYTES, end - at)));
    if (pace.due()) await pace.breathe();
  }
  const checksum = hash.digest('hex');
  if (checksum !== pack.read(end, 20).toString('hex')) throw new PackInvalid('its checksum is wrong');
  return checksum;
}

async function linkOrCopy({ files }: PackTarget, from: string, to: string): Promise<void> {
  try {
    await files.link(from, to);
  } catch (fault) {
    const code = systemCode(fault);
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'EMLINK' && code !== 'ENOTSUP') throw fault;
    await files.copy(from, to);
  }
  // The other repository may have left its bytes in the page cache only.
  await syncing(await files.openExisting(to), async () => undefined);
}

/** The path of a pack's index beside its pack. */
export function packPaths(directory: string, name: string): { readonly pack: string; readonly idx: string } {
  return { pack: join(directory, `${name}.pack`), idx: join(directory, `${name}.idx`) };
}
