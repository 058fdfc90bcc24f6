import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StartRefused, errorCode } from '../../shared/start-refused.js';
import { nodeDurableFiles } from '../packs/durable-files.js';
import { copyDurably, type FileDigest, type ReadDigest } from './hashed-files.js';
import { packFiles, type BackupPack } from './pack-list.js';

/** Files that are copied at a time: most of a small one's time is the wait for its fsync. */
const AT_ONCE = 8;

/** What to copy, from where to where. */
export interface PacksToCopy {
  readonly packs: readonly Pick<BackupPack, 'repoId' | 'name'>[];
  /** The directory of objects, and that of the packs of a backup directory. */
  readonly from: string;
  readonly to: string;
  /** What is there from the backup before this one. */
  readonly there: readonly BackupPack[];
  /** Whether a pack is live now: one that is, and whose file is gone, was lost by the store and not by its upkeep. */
  readonly isLive: (repoId: number, name: string) => Promise<boolean>;
}

/** What came of it; `damaged` has a sentence for each pack that is not what it should be. */
export interface CopiedPacks {
  readonly packs: readonly BackupPack[];
  readonly copied: number;
  readonly copiedBytes: number;
  readonly damaged: readonly string[];
}

/**
 * Copies the packs that are not there yet; a pack's name is never given twice, so one that is there by name and size is not read again.
 * All of it is on the disk when this answers. A pack that is damaged, or lost by the store, costs a sentence and not the backup of everything else.
 * @throws StartRefused when a pack was removed meanwhile although a lease was held: the holder was frozen for longer than that lasts.
 */
export async function copyPacks(order: PacksToCopy): Promise<CopiedPacks> {
  const there = new Map(order.there.map((pack) => [keyOf(pack), pack]));
  const packs: BackupPack[] = [];
  const damaged: string[] = [];
  const touched = new Set<number>();
  let copied = 0;
  let copiedBytes = 0;
  const copyNext = async (pack: PacksToCopy['packs'][number]): Promise<void> => {
    const known = there.get(keyOf(pack));
    if (known !== undefined && (await isThere(order.to, known))) return void packs.push(known);
    if (!touched.has(pack.repoId)) await mkdir(join(order.to, String(pack.repoId)), { recursive: true, mode: 0o700 });
    touched.add(pack.repoId);
    const { copy, fault } = await copyPack(order, pack);
    if (fault !== null) damaged.push(`${pack.name} of repository ${pack.repoId} ${fault}`);
    if (copy === null) return;
    packs.push(copy);
    copied++;
    copiedBytes += copy.pack.bytes + copy.idx.bytes;
  };
  const waiting = order.packs.values();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const pack of waiting) await copyNext(pack);
  }));
  for (const repoId of touched) await nodeDurableFiles.syncDirectory(join(order.to, String(repoId)));
  if (touched.size > 0) await nodeDurableFiles.syncDirectory(order.to);
  return { packs, copied, copiedBytes, damaged: damaged.sort() };
}

function keyOf({ repoId, name }: Pick<BackupPack, 'repoId' | 'name'>): string {
  return `${repoId}/${name}`;
}

/** By size: to read a terabyte at every backup is what `weir backup --check` is for. */
async function isThere(root: string, pack: BackupPack): Promise<boolean> {
  const files = packFiles(root, pack);
  return (await sizeOf(files.pack)) === pack.pack.bytes && (await sizeOf(files.idx)) === pack.idx.bytes;
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function copyPack({ from, to, isLive }: PacksToCopy, { repoId, name }: Pick<BackupPack, 'repoId' | 'name'>): Promise<{ readonly copy: BackupPack | null; readonly fault: string | null }> {
  const [source, target] = [packFiles(from, { repoId, name }), packFiles(to, { repoId, name })];
  try {
    const pack = await copyDurably(source.pack, target.pack);
    const idx = await copyDurably(source.idx, target.idx);
    const fault = pack.endsInChecksum && idx.endsInChecksum ? null : 'is damaged: its checksum is wrong. It is in the backup as it is';
    return { copy: { repoId, name, pack: digestOf(pack), idx: digestOf(idx) }, fault };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EIO') return { copy: null, fault: 'cannot be read from the disk (EIO) and is not in the backup' };
    if (code !== 'ENOENT') throw error;
    if (await isLive(repoId, name)) return { copy: null, fault: 'is missing from the data directory, and so from the backup' };
    throw new StartRefused(`${source.pack} was removed while the backup was taken, which therefore is not one. Run the command again.`, { cause: error });
  }
}

function digestOf({ bytes, sha256 }: ReadDigest): FileDigest {
  return { bytes, sha256 };
}
