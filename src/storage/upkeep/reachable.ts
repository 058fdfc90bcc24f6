import { ObjectCorrupt, ObjectMissing } from '../../git/objects/errors.js';
import { parseCommit } from '../../git/objects/commit.js';
import type { ObjectSource, Oid } from '../../git/objects/object-source.js';
import { Pace } from '../../git/objects/pace.js';
import { parseTag } from '../../git/objects/tag.js';
import { MODE_DIRECTORY, MODE_SUBMODULE, parseTree } from '../../git/objects/tree.js';
import { BitSet } from '../../git/pack/bit-set.js';
import type { PackFile } from '../../git/pack/pack-file.js';

/**
 * Which objects of some packs can be reached, one bit each: an eighth of a byte of memory an object where a set of ids takes
 * about a hundred. Objects outside of those packs, such as those written since, are kept as ids.
 */
export class Reachable {
  readonly #source: ObjectSource;
  readonly #packs: readonly { readonly file: PackFile; readonly marks: BitSet }[];
  readonly #elsewhere = new Set<Oid>();

  /** `packs` in the order in which {@link marksOf} is asked; `source` holds them and everything else. */
  constructor(source: ObjectSource, packs: readonly PackFile[]) {
    this.#source = source;
    this.#packs = packs.map((file) => ({ file, marks: new BitSet(file.index.count) }));
  }

  /** The marked positions of one of the packs; undefined for another. */
  marksOf(file: PackFile): BitSet | undefined {
    return this.#packs.find((pack) => pack.file === file)?.marks;
  }

  /**
   * Marks everything that the roots lead to and that is not marked yet. Reads each commit, tag and tree once, no blob. Rejects
   * with ObjectMissing or ObjectCorrupt where the walk cannot go on: what lies behind would be taken for garbage.
   */
  async markFrom(roots: readonly Oid[], signal?: AbortSignal): Promise<void> {
    const open: Oid[] = [];
    const pace = new Pace();
    for (const oid of roots) {
      // A root may be a blob of 100 MB on lease, which leads nowhere.
      if ((await this.#mark(oid)) && (await this.#source.header(oid)).type !== 'blob') open.push(oid);
      if (pace.due()) await pace.breathe();
    }
    for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
      await this.#follow(oid, open);
      if (!pace.due()) continue;
      signal?.throwIfAborted();
      await pace.breathe();
    }
  }

  async #follow(oid: Oid, open: Oid[]): Promise<void> {
    const { type, content } = await this.#source.read(oid);
    if (type === 'commit') {
      const { tree, parents } = parseCommit(oid, content);
      for (const next of [tree, ...parents]) if (await this.#mark(next)) open.push(next);
    } else if (type === 'tag') {
      const { target } = parseTag(oid, content);
      if (await this.#mark(target)) open.push(target);
    } else if (type === 'tree') {
      for (const { mode, oid: entry } of parseTree(oid, content)) {
        if (mode === MODE_SUBMODULE) continue;
        if ((await this.#mark(entry)) && mode === MODE_DIRECTORY) open.push(entry);
      }
    }
  }

  /** True when it was not marked before. Rejects with ObjectMissing for what is nowhere. */
  async #mark(oid: Oid): Promise<boolean> {
    const bytes = Buffer.from(oid, 'hex');
    if (bytes.length !== 20) throw new ObjectCorrupt(oid, 'a root that is no object id');
    let known = false;
    let fresh = false;
    for (const { file, marks } of this.#packs) {
      const position = file.index.positionOfBytes(bytes);
      if (position < 0) continue;
      known = true;
      if (marks.add(position)) fresh = true;
    }
    if (known) return fresh;
    if (this.#elsewhere.has(oid)) return false;
    if (!(await this.#source.has(oid))) throw new ObjectMissing(oid);
    this.#elsewhere.add(oid);
    return true;
  }
}
