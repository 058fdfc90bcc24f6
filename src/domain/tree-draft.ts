import { applyTreeChanges, type TreeChange } from '../git/objects/edit-tree.js';
import { ObjectMissing, PathClash } from '../git/objects/errors.js';
import type { Oid } from '../git/objects/object-source.js';
import type { StagedObjects } from '../git/objects/staged-objects.js';
import { decodeName, EMPTY_TREE, MODE_DIRECTORY } from '../git/objects/tree.js';
import { entryAt, listTree } from '../git/objects/walk-tree.js';
import * as violations from './input-violations.js';
import { exceeds, type Limits } from './limits.js';
import { DEFAULT_PATH_RULES, siblingViolation, type PathRules } from './path.js';
import type { Problem } from './problem.js';
import * as problems from './problems.js';
import { SiblingNames } from './sibling-names.js';
import type { Violation } from './violation.js';

/** What the changes are applied to, and within which bounds. */
export interface ChangeGround {
  readonly staged: StagedObjects;
  readonly tree: Oid;
  readonly limits: Limits;
  /** True when this key may use the bytes of that blob: it streamed them in, or can read them. */
  mayUseBlob(oid: Oid): Promise<boolean>;
}

/** The tree that came out, and every path whose entry changed. */
export interface ChangedTree {
  readonly tree: Oid;
  readonly paths: readonly string[];
}

/** Raised while changes are applied, and turned into the answer by `applyFileChanges`; never reaches a verb. */
export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

/** A file of a draft. */
export interface DraftFile extends TreeChange {
  readonly path: string;
}

/** A tree with changes laid over it, path by path; written once, at the end. */
export class TreeDraft {
  readonly #ground: ChangeGround;
  readonly #changes = new Map<string, TreeChange | null>();
  /** Directories that hold a file of the changes, with how many: 10,000 deletes must not scan 10,000 changes each. */
  readonly #made = new Map<string, number>();
  /** Whether the tree as it was has a file at a path that leads to a change; asked once for each directory. */
  readonly #treeFiles = new Map<string, boolean>();
  readonly #siblings: SiblingNames;
  #written = 0;

  constructor(ground: ChangeGround) {
    this.#ground = ground;
    this.#siblings = new SiblingNames(ground.staged, ground.tree);
  }

  /** What stands at the path now: an entry of the tree, of the changes, or a directory that the changes have made. */
  async at(path: string): Promise<TreeChange | null> {
    const changed = this.#changes.get(path);
    if (changed !== undefined && changed !== null) return changed;
    if ((this.#made.get(path) ?? 0) > 0) return { mode: MODE_DIRECTORY, oid: EMPTY_TREE };
    if (changed === null) return null;
    const entry = await entryAt(this.#ground.staged, this.#ground.tree, path);
    if (entry?.mode !== MODE_DIRECTORY) return entry;
    return (await this.filesBelow(path)).length === 0 ? null : entry;
  }

  /** The file at the path, or every file below it when it is a directory; refused when there is neither. */
  async filesAt(path: string, field: string): Promise<readonly DraftFile[]> {
    const entry = await this.at(path);
    if (entry === null) throw brokenRule(field, violations.pathAbsent(path));
    return entry.mode === MODE_DIRECTORY ? this.filesBelow(path) : [{ path, mode: entry.mode, oid: entry.oid }];
  }

  async filesBelow(directory: string): Promise<DraftFile[]> {
    const { staged, tree, limits } = this.#ground;
    const prefix = `${directory}/`;
    const files = new Map<string, DraftFile>();
    const entry = await entryAt(staged, tree, directory);
    if (entry?.mode === MODE_DIRECTORY) {
      const { leaves, complete } = await listTree(staged, entry.oid, limits.changesPerCheckpoint);
      if (!complete) throw new Refused(problems.limitExceeded('changesPerCheckpoint', limits.changesPerCheckpoint, leaves.length + 1));
      for (const leaf of leaves) {
        const path = prefix + decodeName(leaf.path);
        files.set(path, { path, mode: leaf.entry.mode, oid: leaf.entry.oid });
      }
    }
    for (const [path, change] of this.#changes) {
      if (!path.startsWith(prefix)) continue;
      if (change === null) files.delete(path);
      else files.set(path, { path, ...change });
    }
    return [...files.values()];
  }

  /** Counts the bytes of one file that is written; refused where all of them together are more than a checkpoint may write. */
  wrote(bytes: number): void {
    this.#written += bytes;
    const tooMuch = exceeds(this.#ground.limits, 'checkpointBytes', this.#written);
    if (tooMuch !== null) throw new Refused(tooMuch);
  }

  async drop(path: string): Promise<void> {
    this.#count(path, this.#changes.get(path) ?? null, null);
    this.#changes.set(path, null);
    await this.#siblings.remove(path);
  }

  async put(path: string, change: TreeChange, field: string): Promise<void> {
    refuseIf(field, (await this.#fileAndDirectory(path)) ?? (await this.#clash(path)));
    this.#count(path, this.#changes.get(path) ?? null, change);
    this.#changes.set(path, change);
    await this.#siblings.add(path);
  }

  /** The refusal where the path would be a file and a directory at once: a directory stands there, or a file where a directory must. */
  async #fileAndDirectory(path: string): Promise<Violation | null> {
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      const directory = path.slice(0, slash);
      const changed = this.#changes.get(directory);
      if (changed === undefined ? await this.#treeHasFile(directory) : changed !== null) return violations.fileDirectoryClash(directory);
    }
    return (await this.at(path))?.mode === MODE_DIRECTORY ? violations.fileDirectoryClash(path) : null;
  }

  async #treeHasFile(path: string): Promise<boolean> {
    const known = this.#treeFiles.get(path);
    if (known !== undefined) return known;
    const entry = await entryAt(this.#ground.staged, this.#ground.tree, path);
    const found = entry !== null && entry.mode !== MODE_DIRECTORY;
    this.#treeFiles.set(path, found);
    return found;
  }

  /** The clash with a sibling that still stands; directories that the changes have emptied are forgotten on the way. */
  async #clash(path: string): Promise<Violation | null> {
    for (;;) {
      const found = await this.#siblings.clash(path);
      if (found === null) return null;
      if ((await this.at(found.sibling)) !== null) return siblingViolation(found.path, found.name);
      await this.#siblings.remove(found.sibling);
    }
  }

  #count(path: string, before: TreeChange | null, after: TreeChange | null): void {
    const step = (after === null ? 0 : 1) - (before === null ? 0 : 1);
    if (step === 0) return;
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const directory = path.slice(0, slash);
      this.#made.set(directory, (this.#made.get(directory) ?? 0) + step);
    }
  }

  /**
   * Writes the tree. A path that was made and dropped again by the same changes leaves no trace, also where a directory stood before
   * them: its files have been dropped one by one.
   */
  async finish(field: string): Promise<ChangedTree> {
    const { staged, tree } = this.#ground;
    const effective = new Map<string, TreeChange | null>();
    for (const [path, change] of this.#changes) {
      if (change !== null || (await this.#treeHasFile(path))) effective.set(path, change);
    }
    try {
      return { tree: await applyTreeChanges(staged, tree, effective), paths: [...effective.keys()] };
    } catch (error) {
      if (error instanceof PathClash) throw brokenRule(field, error.reason === 'absent' ? violations.pathAbsent(error.path) : violations.fileDirectoryClash(error.path));
      if (error instanceof ObjectMissing) throw brokenRule(field, violations.blobUnknown(error.oid));
      throw error;
    }
  }
}

/** The rules of new paths under these limits. */
export function pathRules({ limits }: ChangeGround): PathRules {
  return { ...DEFAULT_PATH_RULES, maxDepth: limits.treeDepth };
}

/** Throws {@link Refused} with InvalidInput where a rule is broken. */
export function refuseIf(field: string, violation: Violation | null): void {
  if (violation !== null) throw new Refused(problems.invalidInput(field, violation));
}

/** The refusal of a broken rule, to be thrown. */
export function brokenRule(field: string, violation: Violation): Refused {
  return new Refused(problems.invalidInput(field, violation));
}
