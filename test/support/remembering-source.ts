import type { GitObject, ObjectHeader, ObjectSource, Oid } from '../../src/git/objects/object-source.js';

/** A source that keeps everything it has read, for tests that read the same small history many times; counts the reads behind it. */
export class RememberingSource implements ObjectSource {
  readonly #source: ObjectSource;
  readonly #known = new Map<Oid, Promise<GitObject>>();
  reads = 0;

  constructor(source: ObjectSource) {
    this.#source = source;
  }

  read(oid: Oid): Promise<GitObject> {
    const known = this.#known.get(oid);
    if (known !== undefined) return known;
    this.reads++;
    const object = this.#source.read(oid);
    this.#known.set(oid, object);
    return object;
  }

  async header(oid: Oid): Promise<ObjectHeader> {
    const { type, content } = await this.read(oid);
    return { type, size: content.length };
  }

  has(oid: Oid): Promise<boolean> {
    return this.#source.has(oid);
  }

  withPrefix(prefix: string, limit: number): Promise<readonly Oid[]> {
    return this.#source.withPrefix(prefix, limit);
  }
}
