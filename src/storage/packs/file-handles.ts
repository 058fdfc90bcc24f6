import { closeSync, fstatSync, openSync, read, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { PackInvalid } from '../../git/objects/errors.js';
import { requireRange, type RandomAccess } from '../../git/pack/random-access.js';

interface Handle {
  readonly fd: number;
  /** Asynchronous reads under way; the descriptor stays open until the last one is back. */
  pins: number;
  retired: boolean;
}

const readInPool = promisify(read);

/**
 * The open files of the process that belong to packs: at most `limit` descriptors, the least recently read closed first and
 * opened again when needed. Reads retry once with every idle descriptor closed where the system has none left (EMFILE).
 */
export class FileHandles {
  readonly #open = new Map<string, Handle>();
  readonly #limit: number;

  /** `limit` descriptors; reads under way may pass it for their time. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many descriptors are open. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * Positioned reads of one file, whose size is taken now. Throws the system's error where it cannot be opened. `close` gives
   * the descriptor back; a read after that opens the file again, which fails with ENOENT where it was unlinked.
   */
  access(path: string): RandomAccess {
    const size = fstatSync(this.#acquire(path).fd).size;
    return {
      size,
      read: (position, length) => {
        requireRange(position, length, size);
        const bytes = Buffer.allocUnsafe(length);
        this.#read(path, bytes, position, length);
        return bytes;
      },
      readInto: (target, position, length) => {
        requireRange(position, length, size);
        requireRange(0, length, target.length);
        this.#read(path, target, position, length);
      },
      readAsync: async (position, length) => {
        requireRange(position, length, size);
        return this.#readAsync(path, position, length);
      },
      close: () => this.forget(path),
    };
  }

  /** Closes the descriptor of a file, now or when its last read is back. */
  forget(path: string): void {
    const handle = this.#open.get(path);
    if (handle !== undefined) this.#retire(path, handle);
  }

  /** Closes everything that is idle. */
  closeAll(): void {
    for (const [path, handle] of this.#open) this.#retire(path, handle);
  }

  #read(path: string, bytes: Buffer, position: number, length: number): void {
    const { fd } = this.#acquire(path);
    for (let done = 0; done < length; ) {
      const got = orUnreadable(() => readSync(fd, bytes, done, length - done, position + done));
      if (got === 0) throw new PackInvalid('a file became shorter');
      done += got;
    }
  }

  async #readAsync(path: string, position: number, length: number): Promise<Buffer> {
    const handle = this.#acquire(path);
    const bytes = Buffer.allocUnsafe(length);
    handle.pins++;
    try {
      for (let done = 0; done < length; ) {
        const { bytesRead } = await readInPool(handle.fd, bytes, done, Math.min(length - done, 1 << 30), position + done);
        if (bytesRead === 0) throw new PackInvalid('a file became shorter');
        done += bytesRead;
      }
      return bytes;
    } catch (fault) {
      throw asUnreadable(fault);
    } finally {
      handle.pins--;
      if (handle.retired && handle.pins === 0) closeSync(handle.fd);
    }
  }

  #acquire(path: string): Handle {
    const held = this.#open.get(path);
    if (held !== undefined) {
      this.#open.delete(path);
      this.#open.set(path, held);
      return held;
    }
    const handle = { fd: this.#openFile(path), pins: 0, retired: false };
    this.#open.set(path, handle);
    for (const [oldest, old] of this.#open) {
      if (this.#open.size <= this.#limit) break;
      if (old !== handle) this.#retire(oldest, old);
    }
    return handle;
  }

  #openFile(path: string): number {
    try {
      return openSync(path, 'r');
    } catch (fault) {
      const code = systemCode(fault);
      if (code !== 'EMFILE' && code !== 'ENFILE') throw fault;
      this.closeAll();
      return openSync(path, 'r');
    }
  }

  #retire(path: string, handle: Handle): void {
    this.#open.delete(path);
    handle.retired = true;
    if (handle.pins === 0) closeSync(handle.fd);
  }
}

/** The system's name of a fault (`ENOENT`, `EIO`); undefined for what is none of the system's. */
export function systemCode(fault: unknown): string | undefined {
  if (typeof fault !== 'object' || fault === null || !('code' in fault) || !('syscall' in fault)) return undefined;
  return typeof fault.code === 'string' ? fault.code : undefined;
}

/** A disk that cannot give the bytes back is a fault of what is stored, not of the process. */
function asUnreadable(fault: unknown): unknown {
  return systemCode(fault) === 'EIO' ? new PackInvalid('the disk cannot read it', { cause: fault }) : fault;
}

function orUnreadable<T>(action: () => T): T {
  try {
    return action();
  } catch (fault) {
    throw asUnreadable(fault);
  }
}
