import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nodeDurableFiles, type DurableFile, type DurableFiles } from '../../src/storage/packs/durable-files.js';

/** Thrown by every call from the one on at which the power failed. */
class PowerLost extends TypeError {}

/** A file by itself, whatever its names: what was written, and how much of it was synced. */
interface Inode {
  readonly path: string;
  content: Buffer;
  synced: number;
}

/** A change of names in a directory: one file more, or one under another name, or one less. */
interface Renaming {
  readonly directory: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly inode: Inode;
}

/**
 * A file system that forgets what was not synced. It works on the real one until the power fails at a call that was drawn, and then leaves there
 * what a disk may: bytes that were synced, some or none or zeros of the others; names as they were when their directory was synced last, and any of
 * the later changes, in any selection. POSIX promises no more (fsync(2), rename(2)).
 */
export class CrashFiles implements DurableFiles {
  readonly #draw: (below: number) => number;
  readonly #failsAt: number;
  #calls = 0;
  readonly #inodes = new Map<string, Inode>();
  readonly #durable = new Map<string, Inode>();
  readonly #made = new Set<string>();
  #pending: Renaming[] = [];

  /** The power fails at this call, counted from 0; `draw` decides what is left. */
  constructor(failsAt: number, draw: (below: number) => number) {
    this.#failsAt = failsAt;
    this.#draw = draw;
  }

  /** Whether the power has failed. */
  get isOver(): boolean {
    return this.#calls > this.#failsAt;
  }

  async create(path: string): Promise<DurableFile> {
    this.#call();
    const file = await nodeDurableFiles.create(path);
    const inode: Inode = { path, content: Buffer.alloc(0), synced: 0 };
    this.#inodes.set(path, inode);
    this.#pending.push({ directory: dirname(path), from: null, to: path, inode });
    return {
      write: async (chunks) => {
        this.#call();
        await file.write(chunks);
        inode.content = Buffer.concat([inode.content, ...chunks]);
      },
      sync: async () => {
        this.#call();
        inode.synced = inode.content.length;
      },
      close: async () => file.close(),
    };
  }

  async openExisting(path: string): Promise<DurableFile> {
    this.#call();
    return nodeDurableFiles.openExisting(path);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#call();
    await nodeDurableFiles.rename(from, to);
    const inode = this.#inodes.get(from);
    if (inode === undefined) throw new TypeError(`${from} was not written here`);
    this.#inodes.delete(from);
    this.#inodes.set(to, inode);
    this.#pending.push({ directory: dirname(to), from, to, inode });
  }

  async link(): Promise<void> {
    throw new TypeError('links are not modelled');
  }

  async copy(): Promise<void> {
    throw new TypeError('copies are not modelled');
  }

  async remove(path: string): Promise<void> {
    this.#call();
    await nodeDurableFiles.remove(path);
    const inode = this.#inodes.get(path);
    if (inode !== undefined) this.#pending.push({ directory: dirname(path), from: path, to: null, inode });
    this.#inodes.delete(path);
  }

  async makeDirectory(path: string): Promise<string | undefined> {
    this.#call();
    const made = await nodeDurableFiles.makeDirectory(path);
    if (made === undefined) return undefined;
    for (let at = path; at.length >= made.length; at = dirname(at)) this.#made.add(at);
    return made;
  }

  async syncDirectory(path: string): Promise<void> {
    this.#call();
    for (const made of this.#made) if (dirname(made) === path) this.#made.delete(made);
    for (const change of this.#pending) if (change.directory === path) this.#keep(change);
    this.#pending = this.#pending.filter(({ directory }) => directory !== path);
  }

  /** Lays down what the disk has when the power is back. */
  restart(): void {
    for (const change of this.#pending) if (this.#draw(2) === 0) this.#keep(change);
    for (const path of this.#inodes.keys()) rmSync(path, { force: true });
    for (const made of this.#made) if (this.#draw(2) === 0) rmSync(made, { recursive: true, force: true });
    for (const [path, inode] of this.#durable) {
      if ([...this.#made].some((made) => join(path, '').startsWith(join(made, '/')))) continue;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, this.#left(inode));
    }
  }

  #left({ content, synced }: Inode): Buffer {
    const rest = content.length - synced;
    if (rest === 0) return content;
    const kept = content.subarray(0, synced + this.#draw(rest));
    return this.#draw(2) === 0 ? kept : Buffer.concat([kept, Buffer.alloc(content.length - kept.length)]);
  }

  #keep({ from, to, inode }: Renaming): void {
    if (from !== null) this.#durable.delete(from);
    if (to !== null) this.#durable.set(to, inode);
  }

  #call(): void {
    if (this.#calls++ >= this.#failsAt) throw new PowerLost('the power is gone');
  }
}
