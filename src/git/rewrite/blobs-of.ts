import { readCommit } from '../objects/commit.js';
import type { ObjectSource, Oid } from '../objects/object-source.js';
import { Pace } from '../objects/pace.js';
import { encodeName, MODE_DIRECTORY, MODE_SUBMODULE, readTree } from '../objects/tree.js';
import { EMPTY_BLOB } from './tombstone.js';

/** Walks trees, each once, and gathers the blobs below them. */
class BlobGatherer {
  readonly blobs = new Set<Oid>();
  /** The trees that were opened. */
  readonly trees = new Set<Oid>();
  readonly #source: ObjectSource;
  readonly #pace = new Pace();

  constructor(source: ObjectSource) {
    this.#source = source;
  }

  /** Gathers below a tree. Trees in `except` hold nothing of interest and are not opened. */
  async below(tree: Oid, except: ReadonlySet<Oid> = new Set()): Promise<void> {
    const open = [tree];
    for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
      if (this.trees.has(oid) || except.has(oid)) continue;
      this.trees.add(oid);
      for (const entry of await readTree(this.#source, oid)) {
        if (entry.mode === MODE_DIRECTORY) open.push(entry.oid);
        else if (entry.mode !== MODE_SUBMODULE) this.blobs.add(entry.oid);
      }
      if (this.#pace.due()) await this.#pace.breathe();
    }
  }
}

/**
 * Every blob that any of these commits has at `path` (readable UTF-8; of a directory, everything below it), but for the empty
 * one. Rejects with ObjectMissing or ObjectCorrupt where a commit or a tree cannot be read.
 */
export async function blobsAtPath(source: ObjectSource, commits: Iterable<Oid>, path: string): Promise<Set<Oid>> {
  const names = path.split('/').map(encodeName);
  const gatherer = new BlobGatherer(source);
  const seen = names.map(() => new Set<Oid>());
  const pace = new Pace();
  const descend = async (tree: Oid, depth: number): Promise<void> => {
    const known = seen[depth];
    if (known === undefined || known.has(tree)) return;
    known.add(tree);
    const entry = (await readTree(source, tree)).find(({ name }) => name === names[depth]);
    if (entry === undefined || entry.mode === MODE_SUBMODULE) return;
    const last = depth === names.length - 1;
    if (entry.mode === MODE_DIRECTORY) await (last ? gatherer.below(entry.oid) : descend(entry.oid, depth + 1));
    else if (last) gatherer.blobs.add(entry.oid);
  };
  for (const commit of commits) {
    await descend((await readCommit(source, commit)).tree, 0);
    if (pace.due()) await pace.breathe();
  }
  gatherer.blobs.delete(EMPTY_BLOB);
  return gatherer.blobs;
}

/**
 * The blobs that these commits brought: in the tree of one of them, in that of none of its parents, and in no commit of `elsewhere`.
 * The empty one is never among them. Rejects as {@link blobsAtPath} does.
 */
export async function blobsBrought(source: ObjectSource, commits: Iterable<Oid>, elsewhere: Iterable<Oid>): Promise<Set<Oid>> {
  const brought = new Set<Oid>();
  for (const oid of commits) {
    const { tree, parents } = await readCommit(source, oid);
    const before = new BlobGatherer(source);
    for (const parent of parents) await before.below((await readCommit(source, parent)).tree);
    const after = new BlobGatherer(source);
    await after.below(tree, before.trees);
    for (const blob of after.blobs) if (!before.blobs.has(blob)) brought.add(blob);
  }
  if (brought.size === 0) return brought;
  const others = new BlobGatherer(source);
  for (const oid of elsewhere) await others.below((await readCommit(source, oid)).tree);
  for (const blob of others.blobs) brought.delete(blob);
  brought.delete(EMPTY_BLOB);
  return brought;
}

/** The paths, readable, at which the trees of these commits hold one of the blobs; each once, in order, `limit` at most. */
export async function pathsOfBlobs(source: ObjectSource, commits: Iterable<Oid>, blobs: ReadonlySet<Oid>, limit: number): Promise<string[]> {
  const paths = new Set<string>();
  const seen = new Set<string>();
  const pace = new Pace();
  const descend = async (tree: Oid, prefix: string): Promise<void> => {
    const key = `${tree}${prefix}`;
    if (paths.size >= limit || seen.has(key)) return;
    seen.add(key);
    for (const { name, mode, oid } of await readTree(source, tree)) {
      if (mode === MODE_DIRECTORY) await descend(oid, `${prefix}${name}/`);
      else if (mode !== MODE_SUBMODULE && blobs.has(oid) && paths.size < limit) paths.add(`${prefix}${name}`);
    }
    if (pace.due()) await pace.breathe();
  };
  for (const commit of commits) await descend((await readCommit(source, commit)).tree, '');
  return [...paths].map((path) => Buffer.from(path, 'latin1').toString('utf8')).sort();
}
