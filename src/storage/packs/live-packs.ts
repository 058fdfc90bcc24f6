import { readFile } from 'node:fs/promises';
import { PackInvalid } from '../../git/objects/errors.js';
import type { Oid } from '../../git/objects/object-source.js';
import { PackFile, type PackReadOptions } from '../../git/pack/pack-file.js';
import { PackIndex } from '../../git/pack/pack-index.js';
import { PackLookup } from '../../git/pack/pack-lookup.js';
import { systemCode, type FileHandles } from './file-handles.js';
import { packPaths } from './take-pack.js';
import { PACK_NAME } from './write-pack.js';

/** What the list of live packs of one repository needs. */
export interface LivePacksOptions {
  readonly directory: string;
  /** The names of the packs that are live now, as rows tell it. */
  readonly list: () => Promise<readonly string[]>;
  readonly handles: FileHandles;
  readonly reading: PackReadOptions;
  /** Indexes over this are read by pages, and verified when an answer depends on it. */
  readonly pagedIndexBytes: number;
}

/**
 * The open packs of one repository. The list of names is asked for again only when {@link reload} is called, which a reader
 * does on a miss. A pack that is listed and cannot be opened does not hide the others: it is remembered in
 * {@link unreadable} and tried again at the next reload.
 */
export class LivePacks {
  readonly #options: LivePacksOptions;
  #open: ReadonlyMap<string, PackFile> = new Map();
  /** The same, large ones first: they hold most of what is asked for. */
  #order: readonly PackFile[] = [];
  #lookup = new PackLookup([]);
  /** The pack that answered last. */
  #preferred: PackFile | null = null;
  #unreadable: ReadonlyMap<string, unknown> = new Map();
  #loaded = false;
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  constructor(options: LivePacksOptions) {
    this.#options = options;
  }

  /** The packs as last known, an array that never changes: a reload makes a new one. */
  get packs(): readonly PackFile[] {
    return this.#order;
  }

  /** The packs that list an object, the one that answered last in front: neighbours in time are neighbours in packs. */
  *holding(oid: Oid): Generator<PackFile, void, undefined> {
    const bytes = Buffer.from(oid, 'hex');
    const preferred = this.#preferred;
    if (preferred !== null && preferred.lists(bytes)) yield preferred;
    for (const pack of this.#lookup.holding(bytes)) if (pack !== preferred) yield pack;
  }

  /** The same by name. */
  get byName(): ReadonlyMap<string, PackFile> {
    return this.#open;
  }

  /** Listed packs that could not be opened, with why. */
  get unreadable(): ReadonlyMap<string, unknown> {
    return this.#unreadable;
  }

  /** Bytes of memory that the indexes hold. */
  get indexBytes(): number {
    return this.#order.reduce((sum, pack) => sum + pack.index.bytes, 0);
  }

  /** Loads the list if that has never been done. */
  async ensureLoaded(): Promise<void> {
    if (!this.#loaded) await this.reload();
  }

  /**
   * Asks for the list again and opens what is new. A load that is already under way may have been answered before the
   * caller's pack was committed, so it does not count; callers that wait together share the one after it.
   */
  async reload(): Promise<void> {
    if (this.#next === null) {
      const next = this.#loadAfter(this.#current);
      this.#next = next;
      this.#current = next.catch(() => undefined);
    }
    return this.#next;
  }

  /**
   * Verifies every index whose verification was put off; those that are broken are in {@link unreadable} after the next reload. Answers
   * false when there was nothing to do: nothing that was absent before can be found now.
   */
  async settle(): Promise<boolean> {
    const open = this.#order.filter(({ index, indexFault }) => !index.isSettled || indexFault !== null);
    for (const pack of open) await pack.settle();
    return open.length > 0;
  }

  /** Puts a pack of this process beside the others at once. */
  add(name: string, pack: PackFile): void {
    if (this.#open.has(name)) return;
    this.#open = new Map([...this.#open, [name, pack]]);
    this.#order = [...this.#order, pack];
    this.#lookup.add(pack);
  }

  /** Notes which pack has just answered. */
  prefer(pack: PackFile): void {
    this.#preferred = pack;
  }

  /** Closes every pack; reading again loads anew. */
  close(): void {
    for (const pack of this.#order) pack.close();
    this.#install(new Map());
    this.#loaded = false;
  }

  async #loadAfter(earlier: Promise<void>): Promise<void> {
    await earlier;
    this.#next = null;
    await this.#load();
  }

  async #load(): Promise<void> {
    let names = await this.#options.list();
    let { opened, failed } = await this.#openAll(names);
    if ([...failed.values()].some((fault) => systemCode(fault) === 'ENOENT')) {
      // Consolidation may have replaced the pack between the answer and the opening.
      names = await this.#options.list();
      ({ opened, failed } = await this.#openAll(names));
    }
    const listed = new Set(names);
    for (const [name, pack] of this.#open) if (!listed.has(name)) pack.close();
    this.#unreadable = failed;
    this.#install(opened);
    this.#loaded = true;
  }

  #install(opened: ReadonlyMap<string, PackFile>): void {
    const unchanged = opened.size === this.#open.size && [...opened].every(([name, pack]) => this.#open.get(name) === pack);
    this.#open = opened;
    // A reload that finds what was there, as every miss is, keeps the table.
    if (unchanged) return;
    this.#order = [...opened.values()].sort((a, b) => b.index.count - a.index.count);
    this.#lookup = new PackLookup(this.#order);
    this.#preferred = null;
  }

  async #openAll(names: readonly string[]): Promise<{ opened: Map<string, PackFile>; failed: Map<string, unknown> }> {
    const opened = new Map<string, PackFile>();
    const failed = new Map<string, unknown>();
    for (const name of names) {
      try {
        const known = this.#open.get(name);
        opened.set(name, known === undefined || known.indexFault !== null ? await this.#openPack(name, known) : known);
      } catch (fault) {
        failed.set(name, fault);
      }
    }
    return { opened, failed };
  }

  /** Opens a pack; one whose index has failed `before` is opened anew, and its index verified at once. */
  async #openPack(name: string, before: PackFile | undefined): Promise<PackFile> {
    const { directory, handles, reading, pagedIndexBytes } = this.#options;
    if (!PACK_NAME.test(name)) throw new PackInvalid(`${JSON.stringify(name)} is not a pack's name`);
    const paths = packPaths(directory, name);
    before?.close();
    const index = await openIndex(paths.idx, handles, before === undefined ? pagedIndexBytes : Infinity);
    return PackFile.open(index, handles.access(paths.pack), reading);
  }
}

async function openIndex(path: string, handles: FileHandles, pagedBytes: number): Promise<PackIndex> {
  const access = handles.access(path);
  if (access.size > pagedBytes) return PackIndex.lazily(access);
  try {
    return await PackIndex.open(await readFile(path));
  } finally {
    access.close();
  }
}
