import { parseCommit } from '../objects/commit.js';
import { ObjectCorrupt } from '../objects/errors.js';
import type { ObjectSource, Oid } from '../objects/object-source.js';
import { Pace } from '../objects/pace.js';
import type { StagedObjects } from '../objects/staged-objects.js';
import { parseTag } from '../objects/tag.js';
import { parseTrailers } from '../objects/trailers.js';
import { MODE_DIRECTORY, MODE_SUBMODULE, readTree, type TreeEntry } from '../objects/tree.js';
import { editCommit, editTag } from './header-edits.js';
import { TOMBSTONE, TOMBSTONE_MESSAGE, TOMBSTONE_OID } from './tombstone.js';

const OID_BYTES = 20;

/** What a rewriting is to remove. */
export interface RewriteOptions {
  /** Reads the history as it is. */
  readonly source: ObjectSource;
  /** Blobs in whose place the tombstone is put, wherever they stand. */
  readonly blobs: ReadonlySet<Oid>;
  /** Commits that lose their message; their `Weir-` trailers stay. */
  readonly silenced: ReadonlySet<Oid>;
  /** Where the next new object goes; asked for each, so that a caller can store what has gathered and begin again. */
  stage(): Promise<StagedObjects> | StagedObjects;
  readonly signal?: AbortSignal;
}

/** A commit on the way: its parents from `next` on are not done yet. */
interface Open {
  readonly oid: Oid;
  readonly content: Buffer;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  next: number;
}

/** A commit that got another id, with what the graph keeps of it. */
export interface RewrittenCommit {
  readonly before: Oid;
  readonly after: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  /** Whether it holds a removed content or lost its message; false where only what it descends from changed. */
  readonly touched: boolean;
}

/**
 * Makes a history anew in which some blobs are replaced by {@link TOMBSTONE}: paths, modes, order of entries, authors, dates and
 * messages stay byte for byte, and what does not reach a removed blob keeps its id. Remembers every object that it has been
 * through, so going through more roots later costs only what they add. About 100 bytes of memory an object of the history.
 *
 * Every walk rejects with ObjectMissing or ObjectCorrupt where the history is damaged.
 */
export class HistoryRewriter {
  readonly #options: RewriteOptions;
  readonly #trees = new Map<Oid, Oid>();
  readonly #commits = new Map<Oid, Oid>();
  readonly #others = new Map<Oid, Oid>();
  readonly #rewritten: RewrittenCommit[] = [];
  readonly #pace = new Pace();

  constructor(options: RewriteOptions) {
    this.#options = options;
  }

  /** The commits that got another id so far, parents before children. */
  get commits(): readonly RewrittenCommit[] {
    return this.#rewritten;
  }

  /** Every commit, tag and other root that got another id, with its new one: what rows can name. */
  renamed(): (readonly [Oid, Oid])[] {
    return [...this.#commits, ...this.#others].filter(([before, after]) => before !== after);
  }

  /** The id of a commit, tag, tree or blob in the new history; of one whose walk is over. The same id where nothing changed. */
  newId(oid: Oid): Oid {
    return this.#commits.get(oid) ?? this.#others.get(oid) ?? this.#trees.get(oid) ?? this.#ofBlob(oid);
  }

  /** Goes through everything that a root leads to: a commit, an annotated tag, a tree or a blob. Answers its new id. */
  async follow(root: Oid): Promise<Oid> {
    const known = this.#commits.get(root) ?? this.#others.get(root);
    if (known !== undefined) return known;
    const { type } = await this.#options.source.header(root);
    if (type === 'commit') return this.#followCommit(root);
    const after = type === 'tree' ? await this.#tree(root) : type === 'tag' ? await this.#tag(root) : this.#ofBlob(root);
    if (type === 'blob' && after !== root) await this.#tombstone();
    this.#others.set(root, after);
    return after;
  }

  async #followCommit(root: Oid): Promise<Oid> {
    const open = [await this.#open(root)];
    // Depth first without recursion: real histories are deeper than any call stack.
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const parent = top.parents[top.next++];
      if (parent !== undefined) {
        if (!this.#commits.has(parent)) open.push(await this.#open(parent));
        continue;
      }
      open.pop();
      if (!this.#commits.has(top.oid)) await this.#finish(top);
      await this.#breathe();
    }
    return this.newId(root);
  }

  async #open(oid: Oid): Promise<Open> {
    const { type, content } = await this.#options.source.read(oid);
    if (type !== 'commit') throw new ObjectCorrupt(oid, `expected a commit, found a ${type}`);
    const { tree, parents } = parseCommit(oid, content);
    return { oid, content, tree, parents, next: 0 };
  }

  async #finish({ oid, content, tree, parents }: Open): Promise<void> {
    const newTree = await this.#tree(tree);
    const newParents = parents.map((parent) => this.newId(parent));
    const silenced = this.#options.silenced.has(oid);
    const touched = newTree !== tree || silenced;
    if (!touched && newParents.every((parent, at) => parent === parents[at])) {
      this.#commits.set(oid, oid);
      return;
    }
    const message = silenced ? silentMessage(parseCommit(oid, content).message) : null;
    const after = (await this.#options.stage()).put('commit', editCommit(content, { tree: newTree, parents: newParents, message }));
    this.#commits.set(oid, after);
    this.#rewritten.push({ before: oid, after, tree: newTree, parents: newParents, touched });
  }

  async #tag(oid: Oid): Promise<Oid> {
    const { content } = await this.#options.source.read(oid);
    const { target } = parseTag(oid, content);
    const newTarget = await this.follow(target);
    return newTarget === target ? oid : (await this.#options.stage()).put('tag', editTag(content, newTarget));
  }

  async #tree(oid: Oid): Promise<Oid> {
    const known = this.#trees.get(oid);
    if (known !== undefined) return known;
    await this.#breathe();
    const entries = await readTree(this.#options.source, oid);
    const raw: Buffer[] = [];
    let changed = false;
    for (const entry of entries) {
      const after = await this.#entry(entry);
      if (after !== entry.oid) changed = true;
      raw.push(after === entry.oid ? entry.raw : Buffer.concat([entry.raw.subarray(0, entry.raw.length - OID_BYTES), Buffer.from(after, 'hex')]));
    }
    // Entries keep their places and their raw modes, also where another git padded them or sorted them wrongly.
    const after = changed ? (await this.#options.stage()).put('tree', Buffer.concat(raw)) : oid;
    this.#trees.set(oid, after);
    return after;
  }

  async #entry({ mode, oid }: TreeEntry): Promise<Oid> {
    if (mode === MODE_SUBMODULE) return oid;
    if (mode === MODE_DIRECTORY) return this.#tree(oid);
    const after = this.#ofBlob(oid);
    if (after !== oid) await this.#tombstone();
    return after;
  }

  #ofBlob(oid: Oid): Oid {
    return this.#options.blobs.has(oid) ? TOMBSTONE_OID : oid;
  }

  async #tombstone(): Promise<void> {
    (await this.#options.stage()).put('blob', TOMBSTONE);
  }

  async #breathe(): Promise<void> {
    if (!this.#pace.due()) return;
    this.#options.signal?.throwIfAborted();
    await this.#pace.breathe();
  }
}

/** The trailers with authority stay: they tell which run it was, which is not what it said. */
function silentMessage(message: string): Buffer {
  const trailers = parseTrailers(message).filter(({ key }) => key.startsWith('Weir-'));
  const block = trailers.map(({ key, value }) => `${key}: ${value}\n`).join('');
  return Buffer.from(`${TOMBSTONE_MESSAGE}\n${block === '' ? '' : `\n${block}`}`, 'utf8');
}
