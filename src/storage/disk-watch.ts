import { statfs } from 'node:fs/promises';

/** What is asked of a file system: blocks that an ordinary account may still take, and their size in bytes (statvfs(3)). */
type FileSystemAsked = (path: string) => Promise<{ readonly bavail: number; readonly bsize: number }>;

/** A disk that has less room than writes may leave it. In bytes. */
export interface DiskShortage {
  readonly freeBytes: number;
  readonly reserveBytes: number;
}

/** Which disk is watched, and who is told. */
export interface DiskWatchOptions {
  readonly directory: string;
  /** Free bytes below which nothing more is to be written; 0: the disk is measured and nothing else. */
  readonly reserveBytes: number;
  /** Is told once when writes are to stop, and once when they may go on. */
  readonly report: (sentence: string) => void;
  /** 2 s unless given. */
  readonly intervalMs?: number;
  readonly statfs?: FileSystemAsked;
}

/** At 500 MB/s a disk loses 1 GB between two looks: less than the reserve by default. */
const INTERVAL_MS = 2_000;
/** Writes go on with this much more than the reserve, so that a disk at its edge does not let through every other one. */
const CALM = 1.1;

/**
 * Looks how much room the disk has left. A full disk fails in the middle of things, and takes the database along where both share it:
 * writes are refused before. A disk that cannot be asked stops nothing; what was known of it stands.
 */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  #timer: NodeJS.Timeout | null = null;
  #freeBytes = Number.NaN;
  #short = false;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  /** Free bytes as of the last look; NaN before the first. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** Why nothing more is to be written; null when there is room. As of the last look. */
  shortage(): DiskShortage | null {
    return this.#short ? { freeBytes: this.#freeBytes, reserveBytes: this.#options.reserveBytes } : null;
  }

  /** Looks now, and then every two seconds until {@link close}. Never rejects. */
  async start(): Promise<void> {
    await this.look();
    this.#timer = setInterval(() => void this.look(), this.#options.intervalMs ?? INTERVAL_MS).unref();
  }

  /** Looks once. Never rejects. */
  async look(): Promise<void> {
    const { directory, reserveBytes, report } = this.#options;
    try {
      const { bavail, bsize } = await (this.#options.statfs ?? statfs)(directory);
      this.#freeBytes = bavail * bsize;
    } catch {
      return;
    }
    const short = this.#freeBytes < reserveBytes * (this.#short ? CALM : 1);
    if (short === this.#short) return;
    this.#short = short;
    report(short ? `the disk of ${directory} has ${this.#freeBytes} bytes left of the ${reserveBytes} that are kept free: writes are refused until there is room` : `the disk of ${directory} has room again, ${this.#freeBytes} bytes: writes go on`);
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
