import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectStores } from '../../domain/ports/repo-objects.js';
import { createPackCaches } from './pack-caches.js';
import { openPackDirectory, type PackDirectory, type PackDirectoryOptions } from './pack-directory.js';

/** What the stores of all repositories share, and how each learns its live packs. */
export interface PackStoresOptions extends Omit<PackDirectoryOptions, 'directory' | 'livePacks'> {
  /** Holds one directory a repository, named by its id. */
  readonly root: string;
  readonly livePacks: (repoId: number) => Promise<readonly string[]>;
  /** Repositories whose indexes stay open; the least recently used is closed beyond them. 256 when absent. */
  readonly maxOpen?: number;
  /** Bytes of memory that the open indexes may hold together, 32 an object; 512 MB when absent. One store may pass it alone. */
  readonly maxIndexBytes?: number;
}

/** The stores of all repositories of a process, opened when they are first asked for, over one set of caches. */
export class PackStores implements ObjectStores {
  readonly #options: PackStoresOptions;
  readonly #open = new Map<number, PackDirectory>();

  constructor(options: PackStoresOptions) {
    this.#options = { ...options, caches: options.caches ?? createPackCaches() };
  }

  open(repoId: number): PackDirectory {
    const { root, livePacks, maxOpen = 256, maxIndexBytes = 512 << 20, ...shared } = this.#options;
    const held = this.#open.get(repoId);
    const store = held ?? openPackDirectory({ ...shared, directory: join(root, String(repoId)), livePacks: async () => livePacks(repoId) });
    this.#open.delete(repoId);
    this.#open.set(repoId, store);
    if (held !== undefined) return store;
    let indexBytes = 0;
    for (const other of this.#open.values()) indexBytes += other.indexBytes;
    for (const [oldest, old] of this.#open) {
      if (old === store || (this.#open.size <= maxOpen && indexBytes <= maxIndexBytes)) break;
      indexBytes -= old.indexBytes;
      this.#open.delete(oldest);
      old.close();
    }
    return store;
  }

  /** Asks for the live packs of every open store: gives back the descriptors of packs that were replaced. */
  async refresh(): Promise<void> {
    // Opening a store moves it to the end, which a walk over the map itself would follow for ever.
    const stores = [...this.#open.values()];
    for (const store of stores) await store.refresh();
  }

  /**
   * Drops every cached object of all repositories, and asks for the packs of this one again in the background: something was removed
   * from it for good. Objects are found again on the disk.
   */
  forget(repoId: number): void {
    this.#options.caches?.objects.clear();
    this.#options.caches?.bases.clear();
    // What cannot be listed now is listed by the next miss.
    void this.#open.get(repoId)?.refresh().catch(() => undefined);
  }

  /** Removes the directory of a repository with whatever is in it. Rejects as the disk does; what is left then goes with the next call. */
  async remove(repoId: number): Promise<void> {
    this.#open.get(repoId)?.close();
    this.#open.delete(repoId);
    await rm(join(this.#options.root, String(repoId)), { recursive: true, force: true });
  }

  /** Closes every store and the descriptors behind them. */
  close(): void {
    for (const store of this.#open.values()) store.close();
    this.#open.clear();
    this.#options.caches?.handles.closeAll();
  }
}
