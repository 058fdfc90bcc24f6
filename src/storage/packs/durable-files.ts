import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';

/** A file that is being written. */
export interface DurableFile {
  /** Appends all bytes of all chunks. */
  write(chunks: readonly Buffer[]): Promise<void>;
  /** Returns when the bytes are on the disk (fsync). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** The few file-system calls on which durability rests, as a port: tests record their order and make each of them fail. */
export interface DurableFiles {
  /** Creates a file that must not exist yet, readable by all and writable by nobody once it is closed. */
  create(path: string): Promise<DurableFile>;
  /** Opens an existing file to sync it. */
  openExisting(path: string): Promise<DurableFile>;
  rename(from: string, to: string): Promise<void>;
  /** A second name for the same file; rejects with EXDEV or EPERM where the file system cannot. */
  link(from: string, to: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  /** Removes a file; one that is absent is no fault. */
  remove(path: string): Promise<void>;
  /** Makes a directory and those above it; answers the uppermost one that it made, undefined when all existed. */
  makeDirectory(path: string): Promise<string | undefined>;
  /** Returns when the names in a directory are on the disk. */
  syncDirectory(path: string): Promise<void>;
}

/** Chunks are joined to pieces of this size: one system call for a small pack, no second copy of a large one. */
const PIECE_BYTES = 4 << 20;

/** The real file system. */
export const nodeDurableFiles: DurableFiles = {
  create: async (path) => wrap(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY),
  openExisting: async (path) => wrap(path, constants.O_RDONLY),
  rename,
  link,
  copy: async (from, to) => copyFile(from, to, constants.COPYFILE_EXCL),
  remove: async (path) => rm(path, { force: true }),
  makeDirectory: async (path) => mkdir(path, { recursive: true, mode: 0o755 }),
  syncDirectory: async (path) => {
    const handle = await open(path, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
};

async function wrap(path: string, flags: number): Promise<DurableFile> {
  const handle = await open(path, flags, 0o444);
  let end = 0;
  return {
    write: async (chunks) => {
      for (const piece of pieces(chunks)) end = await writeAt(handle, piece, end);
    },
    sync: async () => handle.sync(),
    close: async () => handle.close(),
  };
}

/** Answers where it ends. By pwrite(2), which nothing else here uses: a disk that fails to write can be had without sockets that do. */
async function writeAt(handle: FileHandle, bytes: Buffer, start: number): Promise<number> {
  let done = 0;
  while (done < bytes.length) done += (await handle.write(bytes, done, bytes.length - done, start + done)).bytesWritten;
  return start + done;
}

function* pieces(chunks: readonly Buffer[]): Generator<Buffer, void, undefined> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for (const chunk of chunks) {
    if (bytes + chunk.length > PIECE_BYTES && bytes > 0) {
      yield joined(waiting);
      waiting = [];
      bytes = 0;
    }
    waiting.push(chunk);
    bytes += chunk.length;
  }
  if (bytes > 0) yield joined(waiting);
}

/** One buffer of all; a single one is not copied, for copying 100 MB holds the event loop for 0.1 s. */
function joined(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
}
