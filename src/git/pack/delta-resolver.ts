import { ByteLru } from '../memory/byte-lru.js';
import { BudgetExceeded, PackInvalid } from '../objects/errors.js';
import { hashObject, hashObjectPaced } from '../objects/hash.js';
import type { Oid } from '../objects/object-source.js';
import { Pace } from '../objects/pace.js';
import { applyDelta, applyDeltaPaced, parseDeltaHeader } from './delta.js';
import { MAX_ENTRY_HEADER, objectTypeOf, parseEntryHeader } from './entry-header.js';
import type { IndexPackLimits } from './index-limits.js';
import { inflateSized, inflateSizedAsync } from './inflate.js';
import type { PackScan } from './pack-scan.js';
import type { RandomAccess } from './random-access.js';

const MAX_CHAIN = 4096;

/** Fills in type and id of every delta of a scanned pack. Rejects as `indexPack` says. */
export async function resolveDeltas(pack: RandomAccess, scan: PackScan, limits: IndexPackLimits, signal: AbortSignal | undefined): Promise<void> {
  await new DeltaResolver(pack, scan, limits).run(signal);
}

/**
 * Resolves deltas depth first from each object that has some, so that a base is used while it is at hand. Bases live in a
 * cache of bounded bytes; one that fell out is made again from its own base, and that work counts against the total.
 */
class DeltaResolver {
  readonly #pack: RandomAccess;
  readonly #scan: PackScan;
  readonly #limits: IndexPackLimits;
  readonly #bases: ByteLru<number, Buffer>;
  /** The tree of deltas, as columns: an entry's base, its first delta, and the next delta of the same base; -1 for none. */
  readonly #parents: Int32Array;
  readonly #firstChild: Int32Array;
  readonly #nextSibling: Int32Array;
  readonly #depths: Uint16Array;
  readonly #waiting = new Map<Oid, number[]>();
  #spent: number;

  constructor(pack: RandomAccess, scan: PackScan, limits: IndexPackLimits) {
    this.#pack = pack;
    this.#scan = scan;
    this.#limits = limits;
    this.#bases = new ByteLru(limits.memoryBytes, limits.memoryBytes);
    this.#parents = new Int32Array(scan.count).fill(-1);
    this.#firstChild = new Int32Array(scan.count).fill(-1);
    this.#nextSibling = new Int32Array(scan.count).fill(-1);
    this.#depths = new Uint16Array(scan.count);
    this.#spent = scan.totalBytes;
  }

  async run(signal: AbortSignal | undefined): Promise<void> {
    const { count, types, baseOffsets, baseOids } = this.#scan;
    for (let entry = 0; entry < count; entry++) {
      const offset = baseOffsets[entry] ?? -1;
      if (offset >= 0) this.#adopt(entry, this.#entryAt(offset));
    }
    for (const [entry, oid] of baseOids) {
      const waiting = this.#waiting.get(oid);
      if (waiting === undefined) this.#waiting.set(oid, [entry]);
      else waiting.push(entry);
    }
    const roots: number[] = [];
    for (let entry = 0; entry < count; entry++) if (types[entry] !== 0) roots.push(entry);
    const pace = new Pace();
    for (const root of roots) {
      const stack = this.#childrenOf(root);
      for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
        await this.#resolve(entry);
        for (const child of this.#childrenOf(entry)) stack.push(child);
        if (pace.due()) {
          signal?.throwIfAborted();
          await pace.breathe();
        }
      }
    }
    this.#requireAllResolved();
  }

  /** Makes one delta's object from its base, and writes down its id and type. */
  async #resolve(entry: number): Promise<void> {
    const parent = this.#parents[entry] ?? -1;
    const depth = (this.#depths[parent] ?? 0) + 1;
    if (depth > MAX_CHAIN) throw new PackInvalid(`deltas nest deeper than ${MAX_CHAIN}`);
    const typeNumber = this.#scan.types[parent] ?? 0;
    const content = await this.#apply(await this.#contentOf(parent), entry);
    const type = objectTypeOf(typeNumber);
    const oid = content.length > this.#limits.largeObjectBytes ? await hashObjectPaced(type, content) : hashObject(type, content);
    this.#scan.oids.write(oid, entry * 20, 'hex');
    this.#scan.types[entry] = typeNumber;
    this.#depths[entry] = depth;
    if (this.#firstChild[entry] !== -1 || this.#waiting.has(oid)) this.#bases.set(entry, content, content.length);
  }

  /** The content of a resolved entry: from the cache, or made again from the nearest ancestor that is there. */
  async #contentOf(entry: number): Promise<Buffer> {
    const chain: number[] = [];
    let at = entry;
    let content = this.#bases.get(at);
    while (content === undefined) {
      const parent = this.#parents[at] ?? -1;
      if (parent < 0) {
        content = await this.#inflate(at);
        break;
      }
      chain.push(at);
      at = parent;
      content = this.#bases.get(at);
    }
    for (let next = chain.pop(); next !== undefined; next = chain.pop()) content = await this.#apply(content, next);
    this.#bases.set(entry, content, content.length);
    return content;
  }

  async #apply(base: Buffer, entry: number): Promise<Buffer> {
    const delta = await this.#inflate(entry);
    const { resultSize } = parseDeltaHeader(delta);
    const { maxObjectBytes, largeObjectBytes } = this.#limits;
    this.#spend(resultSize);
    return resultSize > largeObjectBytes ? applyDeltaPaced(base, delta, maxObjectBytes) : applyDelta(base, delta, maxObjectBytes);
  }

  async #inflate(entry: number): Promise<Buffer> {
    const offset = this.#scan.offsets[entry] ?? 0;
    const end = this.#scan.offsets[entry + 1] ?? this.#pack.size - 20;
    const large = end - offset > this.#limits.largeObjectBytes;
    const raw = large ? await this.#pack.readAsync(offset, end - offset) : this.#pack.read(offset, end - offset);
    const { size, length } = parseEntryHeader(raw.subarray(0, MAX_ENTRY_HEADER), offset);
    this.#spend(size);
    const compressed = raw.subarray(length);
    return size > this.#limits.largeObjectBytes ? inflateSizedAsync(compressed, size) : inflateSized(compressed, size);
  }

  #spend(bytes: number): void {
    this.#spent += bytes;
    if (this.#spent > this.#limits.maxTotalBytes) throw new BudgetExceeded('bytes of all objects', this.#limits.maxTotalBytes, this.#spent);
  }

  /** The deltas of a resolved entry, those that name it by id included, which are hung in now. */
  #childrenOf(entry: number): number[] {
    if (this.#waiting.size > 0) {
      const at = entry * 20;
      const oid = this.#scan.oids.toString('hex', at, at + 20);
      for (const child of this.#waiting.get(oid) ?? []) this.#adopt(child, entry);
      this.#waiting.delete(oid);
    }
    const children: number[] = [];
    for (let child = this.#firstChild[entry] ?? -1; child >= 0; child = this.#nextSibling[child] ?? -1) children.push(child);
    return children;
  }

  #adopt(child: number, parent: number): void {
    this.#parents[child] = parent;
    this.#nextSibling[child] = this.#firstChild[parent] ?? -1;
    this.#firstChild[parent] = child;
  }

  /** The entry that begins at `offset`. Throws {@link PackInvalid} where none does. */
  #entryAt(offset: number): number {
    const { offsets, count } = this.#scan;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((offsets[middle] ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    if (offsets[low] !== offset) throw new PackInvalid(`a delta has its base at ${offset}, where no object begins`);
    return low;
  }

  #requireAllResolved(): void {
    const known = new Set<Oid>();
    for (const [entry, oid] of this.#scan.baseOids) if (this.#scan.types[entry] === 0) known.add(oid);
    const [thin] = known;
    if (thin !== undefined) throw new PackInvalid(`it is thin or its deltas turn in a circle: ${thin} is not among its objects`);
    const open = this.#scan.types.indexOf(0);
    if (open >= 0) throw new PackInvalid(`the object at ${this.#scan.offsets[open] ?? 0} has no base`);
  }
}
