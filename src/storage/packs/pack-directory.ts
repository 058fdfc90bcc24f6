import type { RepoObjects, StoredPack } from '../../domain/ports/repo-objects.js';
import { QuotaPassed } from '../../domain/ports/transaction.js';
import type { QuotaUse } from '../../domain/quotas.js';
import { BudgetExceeded, ObjectCorrupt, ObjectMissing, PackInvalid } from '../../git/objects/errors.js';
import type { GitObject, ObjectHeader, Oid } from '../../git/objects/object-source.js';
import { StagedObjects } from '../../git/objects/staged-objects.js';
import type { IndexPackLimits } from '../../git/pack/index-limits.js';
import type { CopySource } from '../../git/pack/pack-copier.js';
import { packObjects, type EncodedPack, type PackInput } from '../../git/pack/pack-encoder.js';
import { PackFile, type PackReadOptions } from '../../git/pack/pack-file.js';
import { PackIndex } from '../../git/pack/pack-index.js';
import type { RandomAccess } from '../../git/pack/random-access.js';
import { failureType, NO_TRACING, type Tracing } from '../../shared/tracing.js';
import { nodeDurableFiles, type DurableFiles } from './durable-files.js';
import { systemCode } from './file-handles.js';
import { LivePacks } from './live-packs.js';
import { createPackCaches, type PackCaches } from './pack-caches.js';
import { removePackFiles, removeStrays, removeStraysHolding, straysIn } from './stray-files.js';
import { importPack, linkOwnPack, linkPack, packPaths } from './take-pack.js';
import { writeCopy } from './write-copy.js';
import { newPackName, writePackFiles, PackTarget, type FaultPoints } from './write-pack.js';

/** What a repository's store needs; everything but the first two has a default. */
export interface PackDirectoryOptions {
  /** Where the repository's packs lie; made by the first write. */
  readonly directory: string;
  /** The names (`pack-<40 hex>`) of the packs that are live now. Asked only on a miss. */
  readonly livePacks: () => Promise<readonly string[]>;
  /** Shared by all repositories of the process; its own where absent. */
  readonly caches?: PackCaches;
  readonly files?: DurableFiles;
  readonly faults?: FaultPoints;
  /** Is told of what is written; of nothing where absent. */
  readonly tracing?: Tracing;
  /** Objects over this are refused when read; 1 GiB. */
  readonly maxObjectBytes?: number;
  /** Objects over this are read, inflated and hashed off the event loop; 1 MiB. */
  readonly largeObjectBytes?: number;
  /** Indexes over this are read by pages and verified when an answer depends on it; 4 MiB, 130,000 objects, which take 4 ms. */
  readonly pagedIndexBytes?: number;
  /** zlib's level for what is written; 6, as git. */
  readonly zlibLevel?: number;
}

/** Opens the store of one repository. Reads nothing from the disk before it is used. */
export function openPackDirectory(options: PackDirectoryOptions): PackDirectory {
  return new PackDirectory(options);
}

/** What one object costs in the cache beside its content: entry, key and buffer header. */
const CACHE_OVERHEAD = 256;
/** Headers that are verified by the object's hash while the index is not verified; who asks for more lists directories, and wants the index. */
const MAX_HEADERS_BY_HASH = 256;
/** Packs written and not adopted that are remembered; what falls out is found by a reload instead. */
const MAX_PENDING = 64;

/**
 * The objects of one repository in packs on disk, and their write path. Every object served
 * was hashed when it came from the disk. One that is corrupt in one pack and whole in another is served from the other.
 *
 * A miss asks for the list of live packs once more before it is believed; a pack that vanished under a reader does too.
 * Where a listed pack cannot be opened, an object that is nowhere else is {@link ObjectCorrupt} and not missing.
 */
export class PackDirectory implements RepoObjects {
  readonly #target: PackTarget;
  readonly #caches: PackCaches;
  readonly #reading: PackReadOptions;
  readonly #live: LivePacks;
  readonly #zlibLevel: number;
  readonly #tracing: Tracing;
  #headersByHash = 0;
  readonly #pending = new Map<string, PackFile>();
  readonly #underWay = new Map<Oid, Promise<GitObject>>();

  constructor(options: PackDirectoryOptions) {
    this.#target = new PackTarget(options.directory, options.files ?? nodeDurableFiles, options.faults);
    this.#caches = options.caches ?? createPackCaches();
    this.#reading = {
      maxObjectBytes: options.maxObjectBytes ?? 1 << 30,
      largeObjectBytes: options.largeObjectBytes ?? 1 << 20,
      bases: this.#caches.bases,
    };
    this.#zlibLevel = options.zlibLevel ?? 6;
    this.#tracing = options.tracing ?? NO_TRACING;
    this.#live = new LivePacks({ directory: options.directory, list: options.livePacks, handles: this.#caches.handles, reading: this.#reading, pagedIndexBytes: options.pagedIndexBytes ?? 4 << 20 });
  }

  /** Bytes of memory that the open indexes hold, for whoever bounds the number of open stores. */
  get indexBytes(): number {
    return this.#live.indexBytes;
  }

  async read(oid: Oid): Promise<GitObject> {
    const cached = this.#caches.objects.get(oid);
    if (cached !== undefined && this.#locate(oid) !== undefined) return cached;
    const underWay = this.#underWay.get(oid);
    if (underWay !== undefined) return underWay;
    const reading = this.#find(oid, async (pack) => pack.read(oid));
    this.#underWay.set(oid, reading);
    try {
      const object = await reading;
      this.#caches.objects.set(oid, object, object.content.length + CACHE_OVERHEAD);
      return object;
    } finally {
      this.#underWay.delete(oid);
    }
  }

  async header(oid: Oid): Promise<ObjectHeader> {
    return this.#find(oid, async (pack) => {
      const found = await pack.header(oid);
      if (pack.index.isSettled) return found;
      // An unverified index may have led to another object. To hash this one settles that for small ones, which are read next anyway.
      if (found.size <= this.#reading.largeObjectBytes && this.#headersByHash++ < MAX_HEADERS_BY_HASH) {
        const { type, content } = await this.read(oid);
        return { type, size: content.length };
      }
      return (await pack.settle()) ? pack.header(oid) : Promise.reject(new ObjectCorrupt(oid, 'the index of its pack is broken', { cause: pack.indexFault }));
    });
  }

  async has(oid: Oid): Promise<boolean> {
    if (this.#locate(oid) !== undefined) return true;
    await this.#live.reload();
    if (this.#locate(oid) !== undefined) return true;
    return (await this.#settled()) && this.#locate(oid) !== undefined;
  }

  async withPrefix(prefix: string, limit: number): Promise<readonly Oid[]> {
    // One of two ids that fit must not go unseen: neither in a pack that came in a moment ago nor behind an index that could hide it. Asked for
    // whether or not some id is known, this takes as long for what is there as for what is not.
    await this.#live.reload();
    await this.#settled();
    const found = new Set<Oid>();
    for (const pack of this.#live.packs) for (const oid of pack.index.withPrefix(prefix, limit)) found.add(oid);
    return [...found].slice(0, limit);
  }

  /** Asks for the list of live packs now: after a purge or a consolidation, what is no longer live is no longer served. */
  async refresh(): Promise<void> {
    await this.#live.reload();
  }

  /** Live packs that cannot be opened, with why; as of the last reload. */
  get unreadable(): ReadonlyMap<string, unknown> {
    return this.#live.unreadable;
  }

  /** Every id in the packs that are live when it is called, each once, pack by pack: what a check of everything reads. */
  async *oids(): AsyncGenerator<Oid, void, undefined> {
    await this.#live.reload();
    await this.#settled();
    const packs = this.#live.packs;
    for (const [at, pack] of packs.entries()) {
      const earlier = packs.slice(0, at);
      for (let position = 0; position < pack.index.count; position++) {
        const oid = pack.index.oidAt(position);
        if (!earlier.some((other) => other.contains(oid))) yield oid;
      }
    }
  }

  stage(): StagedObjects {
    return new StagedObjects(this);
  }

  persist(staged: StagedObjects, room?: QuotaUse): Promise<StoredPack | null> {
    return this.#tracing.step('objects write', { 'weir.objects.staged': staged.entries().size }, async (span) => {
      try {
        const pack = await this.#persist(staged, room);
        span.set({ 'weir.objects.written': pack?.objects ?? 0, 'weir.objects.bytes': pack?.bytes ?? 0 });
        return pack;
      } catch (error) {
        span.fail(failureType(error));
        throw error;
      }
    });
  }

  adopt(pack: StoredPack): void {
    const pending = this.#pending.get(pack.name);
    if (pending === undefined) return;
    this.#pending.delete(pack.name);
    this.#live.add(pack.name, pending);
  }

  /** The packs that are live now, by name, their indexes verified. One that is listed and cannot be opened is absent, and in {@link unreadable}. */
  async openPacks(): Promise<ReadonlyMap<string, PackFile>> {
    await this.#live.reload();
    await this.#settled();
    return this.#live.byName;
  }

  /**
   * Copies some objects of this repository's packs, all different, into one new pack. Durable when it answers, live once its row
   * is committed. Rejects with {@link CopyDiffers} when what was written are not those objects, whole: then nothing stays.
   */
  async copyPack(sources: readonly CopySource[], signal?: AbortSignal): Promise<StoredPack> {
    return writeCopy(this.#target, this.#caches.handles, sources, signal);
  }

  /** Removes the files of a pack that is not live: replaced, or never committed. Absent files are no fault. */
  async removeFiles(name: string): Promise<void> {
    await removePackFiles(this.#target.directory, name);
  }

  /** The names of the files that crashes have left behind; see {@link straysIn}. */
  async strays(ageMs: number, known: (names: readonly string[]) => Promise<ReadonlySet<string>>): Promise<readonly string[]> {
    return straysIn(this.#target.directory, ageMs, known);
  }

  /** Removes what crashes have left behind; see {@link removeStrays}. */
  async removeStrays(ageMs: number, known: (names: readonly string[]) => Promise<ReadonlySet<string>>): Promise<number> {
    return removeStrays(this.#target.directory, ageMs, known);
  }

  /** Removes packs that were never committed and list one of these objects; see {@link removeStraysHolding}. */
  async removeStraysHolding(oids: readonly Oid[], ageMs: number, known: (names: readonly string[]) => Promise<ReadonlySet<string>>): Promise<number> {
    return removeStraysHolding(this.#target.directory, oids, ageMs, known);
  }

  /** Takes every live pack of another repository of this server by hard link. Durable when it answers, live once the rows are committed. */
  async linkFrom(other: PackDirectory): Promise<StoredPack[]> {
    const taken: StoredPack[] = [];
    for (const [name, file] of await other.openPacks()) taken.push(await linkOwnPack(this.#target, packPaths(other.#target.directory, name), file));
    const [unreadable] = other.unreadable;
    if (unreadable !== undefined) throw new PackInvalid(`${unreadable[0]} cannot be read`, { cause: unreadable[1] });
    return taken;
  }

  /**
   * Takes a pack and its index of another repository on this machine, by hard link where that is possible. Durable when it
   * answers, live once its row is committed. Rejects with {@link PackInvalid} where checksums are wrong.
   */
  async adoptFiles(packPath: string, idxPath: string): Promise<StoredPack> {
    return linkPack(this.#target, this.#caches.handles, packPath, idxPath);
  }

  /** Takes a foreign pack without trusting it: copied and indexed here within `limits`. Durable when it answers, live once its row is committed. */
  async importPack(source: RandomAccess, limits: Partial<IndexPackLimits> = {}, signal?: AbortSignal): Promise<StoredPack> {
    return importPack(this.#target, this.#caches.handles, source, limits, signal);
  }

  /** Gives descriptors and indexes back; reading again opens anew. */
  close(): void {
    this.#live.close();
    for (const pack of this.#pending.values()) pack.close();
    this.#pending.clear();
  }

  async #persist(staged: StagedObjects, room: QuotaUse | undefined): Promise<StoredPack | null> {
    await this.#live.ensureLoaded();
    // What is there already is believed only of packs that are live now, after the caller learned the repository's epoch: one that
    // garbage collection has replaced since goes on answering until its file is removed, but nothing keeps what only it has.
    if ([...staged.entries().keys()].some((oid) => this.#locate(oid) !== undefined)) await this.#live.reload();
    const fresh: PackInput[] = [];
    for (const [oid, { type, content }] of staged.entries()) {
      if (!(await this.#storedWhole(oid, content))) fresh.push({ oid, type, content });
    }
    if (fresh.length === 0) return null;
    const encoded = await packObjects(fresh, this.#zlibLevel);
    const used = encoded.bytes + (room?.used ?? 0);
    if (room !== undefined && used > room.maximum) throw new QuotaPassed({ ...room, used });
    const name = newPackName(encoded.checksum);
    await writePackFiles(this.#target, name, encoded.chunks, encoded.idx);
    await this.#remember(name, encoded);
    return { name, bytes: encoded.bytes, objects: encoded.objects };
  }

  #locate(oid: Oid): PackFile | undefined {
    for (const pack of this.#live.holding(oid)) return pack;
    return undefined;
  }

  /** Verifies what was put off of the indexes, and opens what was broken anew; false when nothing had been. */
  async #settled(): Promise<boolean> {
    if (!(await this.#live.settle())) return false;
    if (this.#live.packs.some(({ indexFault }) => indexFault !== null)) await this.#live.reload();
    return true;
  }

  /** Runs `use` on the packs that list the object until one gives it whole; asks for the list again, and settles all indexes, before it gives up. */
  async #find<T>(oid: Oid, use: (pack: PackFile) => Promise<T>): Promise<T> {
    let corrupt: ObjectCorrupt | undefined;
    for (let attempt = 0; ; attempt++) {
      for (const pack of this.#live.holding(oid)) {
        try {
          const answer = await use(pack);
          this.#live.prefer(pack);
          return answer;
        } catch (fault) {
          if (fault instanceof ObjectCorrupt) corrupt = fault;
          else if (systemCode(fault) !== 'ENOENT') throw fault;
        }
      }
      if (attempt === 0) await this.#live.reload();
      else if (!(await this.#settled())) break;
    }
    if (corrupt !== undefined) throw corrupt;
    const [unreadable] = this.#live.unreadable;
    if (unreadable === undefined) throw new ObjectMissing(oid);
    const [name, cause] = unreadable;
    // Too many open files or no permission is an outage, which passes; it says nothing about the object.
    const code = systemCode(cause);
    if (code !== undefined && code !== 'ENOENT' && code !== 'EIO') throw cause;
    throw new ObjectCorrupt(oid, `it is in no readable pack, and ${name} cannot be read`, { cause });
  }

  /** True when the object comes back from the disk, past every cache, with the very same bytes. */
  async #storedWhole(oid: Oid, content: Buffer): Promise<boolean> {
    for (const pack of this.#live.holding(oid)) {
      let stored: GitObject;
      try {
        stored = await pack.read(oid);
      } catch (fault) {
        if (fault instanceof ObjectCorrupt || fault instanceof BudgetExceeded || systemCode(fault) === 'ENOENT') continue;
        throw fault;
      }
      if (!stored.content.equals(content)) throw new ObjectCorrupt(oid, 'two different contents have this id');
      return true;
    }
    return false;
  }

  async #remember(name: string, encoded: EncodedPack): Promise<void> {
    const { pack: path } = packPaths(this.#target.directory, name);
    const pack = PackFile.open(await PackIndex.open(encoded.idx), this.#caches.handles.access(path), this.#reading);
    this.#pending.set(name, pack);
    for (const [oldest, old] of this.#pending) {
      if (this.#pending.size <= MAX_PENDING) break;
      this.#pending.delete(oldest);
      old.close();
    }
  }
}
