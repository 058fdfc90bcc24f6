import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { nodeDurableFiles } from '../packs/durable-files.js';

/** What a file held when it was written; `sha256` in lowercase hex. */
export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/** What was read from a file, and whether it ends in the SHA-1 of all before that, as packs and their indexes do (gitformat-pack). */
export interface ReadDigest extends FileDigest {
  readonly endsInChecksum: boolean;
}

const PIECE_BYTES = 1 << 20;
const CHECKSUM_BYTES = 20;

/**
 * Reads a file to its end and answers what it holds; `take` gets every piece, which is only good until it answers.
 * Rejects as the disk does.
 */
export async function digestFile(path: string, take: (piece: Buffer) => Promise<void> = async () => undefined): Promise<ReadDigest> {
  const sha256 = createHash('sha256');
  const sha1 = createHash('sha1');
  let end = Buffer.alloc(0);
  let bytes = 0;
  const file = await open(path, 'r');
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(piece, 0, PIECE_BYTES, bytes);
      if (bytesRead === 0) break;
      const read = piece.subarray(0, bytesRead);
      bytes += bytesRead;
      sha256.update(read);
      const waiting = Buffer.concat([end, read]);
      sha1.update(waiting.subarray(0, -CHECKSUM_BYTES));
      end = Buffer.from(waiting.subarray(-CHECKSUM_BYTES));
      await take(read);
    }
  } finally {
    await file.close();
  }
  return { bytes, sha256: sha256.digest('hex'), endsInChecksum: bytes > CHECKSUM_BYTES && sha1.digest().equals(end) };
}

/**
 * Copies a file to a name that nobody reads yet, and answers what was read once the copy is on the disk; a file that is there by that
 * name already, of a copy that was interrupted, is replaced. The directory is the caller's to sync.
 */
export async function copyDurably(from: string, to: string): Promise<ReadDigest> {
  const draft = `${to}.partial`;
  await nodeDurableFiles.remove(draft);
  const file = await nodeDurableFiles.create(draft);
  let digest: ReadDigest;
  try {
    digest = await digestFile(from, (piece) => file.write([piece]));
    await file.sync();
  } catch (error) {
    await file.close();
    await nodeDurableFiles.remove(draft);
    throw error;
  }
  await file.close();
  await nodeDurableFiles.rename(draft, to);
  return digest;
}

/** Writes a new file that its owner alone may read, and answers what is in it once it is on the disk, its name too. */
export async function writeDurably(path: string, text: string | Buffer): Promise<FileDigest> {
  const content = Buffer.from(text);
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await nodeDurableFiles.syncDirectory(dirname(path));
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}
