import { hashObject, hashObjectPaced } from './hash.js';
import type { GitObject, ObjectHeader, ObjectSource, ObjectType, Oid } from './object-source.js';

/**
 * Objects that an operation has made but not yet stored, laid over the source it reads from: whoever reads here sees
 * both. The storage layer turns the staged part into one small pack: one pack an operation.
 *
 * Not promised: that a staged object is new; the pack writer drops those that are already stored and read back whole.
 */
export class StagedObjects implements ObjectSource {
  readonly #base: ObjectSource;
  readonly #made = new Map<Oid, GitObject>();

  constructor(base: ObjectSource) {
    this.#base = base;
  }

  /** Hashes `content` and keeps it; answers its id. Staging the same content twice keeps it once. */
  put(type: ObjectType, content: Buffer): Oid {
    const oid = hashObject(type, content);
    if (!this.#made.has(oid)) this.#made.set(oid, { type, content });
    return oid;
  }

  /** As {@link put}, for contents of many megabytes: lets the event loop breathe while it hashes. */
  async putLarge(type: ObjectType, content: Buffer): Promise<Oid> {
    const oid = await hashObjectPaced(type, content);
    if (!this.#made.has(oid)) this.#made.set(oid, { type, content });
    return oid;
  }

  /** What has been staged, in the order it was made. */
  entries(): ReadonlyMap<Oid, GitObject> {
    return this.#made;
  }

  async header(oid: Oid): Promise<ObjectHeader> {
    const made = this.#made.get(oid);
    return made === undefined ? this.#base.header(oid) : { type: made.type, size: made.content.length };
  }

  async read(oid: Oid): Promise<GitObject> {
    return this.#made.get(oid) ?? this.#base.read(oid);
  }

  async has(oid: Oid): Promise<boolean> {
    return this.#made.has(oid) || this.#base.has(oid);
  }

  async withPrefix(prefix: string, limit: number): Promise<readonly Oid[]> {
    const found = new Set<Oid>();
    for (const oid of this.#made.keys()) if (oid.startsWith(prefix)) found.add(oid);
    for (const oid of await this.#base.withPrefix(prefix, limit)) found.add(oid);
    return [...found].slice(0, limit);
  }
}
