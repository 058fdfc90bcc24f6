import { ObjectMissing } from '../../src/git/objects/errors.js';
import { hashObject } from '../../src/git/objects/hash.js';
import type { GitObject, ObjectHeader, ObjectSource, ObjectType, Oid } from '../../src/git/objects/object-source.js';
import { encodeTree, MODE_DIRECTORY, MODE_FILE, treeEntry, type TreeEntry } from '../../src/git/objects/tree.js';

/** A file of {@link MemoryObjects.tree}: text, or content with a mode, or an object that need not be stored. */
export type FileSpec = string | Buffer | { readonly mode: number; readonly content: string | Buffer } | { readonly mode: number; readonly oid: Oid };

/** An {@link ObjectSource} in memory that remembers what was read of it, so that a test can say what must not be. */
export class MemoryObjects implements ObjectSource {
  readonly #objects = new Map<Oid, GitObject>();
  /** Oids whose content was read, in order. */
  readonly reads: Oid[] = [];

  put(type: ObjectType, content: Buffer): Oid {
    const oid = hashObject(type, content);
    this.#objects.set(oid, { type, content });
    return oid;
  }

  blob(content: string | Buffer): Oid {
    return this.put('blob', typeof content === 'string' ? Buffer.from(content) : content);
  }

  /** Stores a tree of these files by path; answers the oid of its root. */
  tree(files: Readonly<Record<string, FileSpec>>): Oid {
    const entries: TreeEntry[] = [];
    const directories = new Map<string, Record<string, FileSpec>>();
    for (const [path, spec] of Object.entries(files)) {
      const slash = path.indexOf('/');
      if (slash < 0) entries.push(this.#entry(path, spec));
      else {
        const name = path.slice(0, slash);
        directories.set(name, { ...directories.get(name), [path.slice(slash + 1)]: spec });
      }
    }
    for (const [name, inner] of directories) entries.push(treeEntry(name, MODE_DIRECTORY, this.tree(inner)));
    return this.put('tree', encodeTree(entries));
  }

  #entry(name: string, spec: FileSpec): TreeEntry {
    if (typeof spec === 'string' || Buffer.isBuffer(spec)) return treeEntry(name, MODE_FILE, this.blob(spec));
    return treeEntry(name, spec.mode, 'oid' in spec ? spec.oid : this.blob(spec.content));
  }

  header(oid: Oid): Promise<ObjectHeader> {
    const object = this.#objects.get(oid);
    return object === undefined ? Promise.reject(new ObjectMissing(oid)) : Promise.resolve({ type: object.type, size: object.content.length });
  }

  read(oid: Oid): Promise<GitObject> {
    const object = this.#objects.get(oid);
    if (object === undefined) return Promise.reject(new ObjectMissing(oid));
    this.reads.push(oid);
    return Promise.resolve(object);
  }

  has(oid: Oid): Promise<boolean> {
    return Promise.resolve(this.#objects.has(oid));
  }

  withPrefix(prefix: string, limit: number): Promise<readonly Oid[]> {
    return Promise.resolve([...this.#objects.keys()].filter((oid) => oid.startsWith(prefix)).slice(0, limit));
  }
}
