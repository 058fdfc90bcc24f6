import { ObjectMissing } from '../objects/errors.js';
import { hashObject } from '../objects/hash.js';
import type { GitObject, ObjectHeader, ObjectSource, ObjectType, Oid } from '../objects/object-source.js';

/** An {@link ObjectSource} held in memory: for tests, and as the empty base of objects that are made from nothing. */
export class MemoryObjects implements ObjectSource {
  readonly #objects = new Map<Oid, GitObject>();

  /** Hashes and keeps an object; answers its id. */
  put(type: ObjectType, content: Buffer): Oid {
    const oid = hashObject(type, content);
    this.#objects.set(oid, { type, content });
    return oid;
  }

  async header(oid: Oid): Promise<ObjectHeader> {
    const { type, content } = await this.read(oid);
    return { type, size: content.length };
  }

  async read(oid: Oid): Promise<GitObject> {
    const object = this.#objects.get(oid);
    if (object === undefined) throw new ObjectMissing(oid);
    return object;
  }

  async has(oid: Oid): Promise<boolean> {
    return this.#objects.has(oid);
  }

  async withPrefix(prefix: string, limit: number): Promise<readonly Oid[]> {
    const found: Oid[] = [];
    for (const oid of this.#objects.keys()) if (found.length < limit && oid.startsWith(prefix)) found.push(oid);
    return found;
  }
}
