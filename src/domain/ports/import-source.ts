import type { ObjectSource, Oid } from '../../git/objects/object-source.js';
import type { StoredPack } from './repo-objects.js';

/** A reference of another repository, by its short name (`main`, `v1.0`). */
export interface ForeignRef {
  readonly name: string;
  readonly oid: Oid;
}

/** Objects that were taken over: durable, not yet live, and readable through `objects` meanwhile. */
export interface TakenObjects {
  readonly packs: readonly StoredPack[];
  readonly objects: ObjectSource;
}

/** Another repository, or a bundle of one, about to be taken over. */
export interface ImportSource {
  /** What is imported, as messages name it. */
  readonly shown: string;
  /** The branch that its HEAD names; null when HEAD is detached or names a branch that does not exist. */
  readonly headBranch: string | null;
  readonly branches: readonly ForeignRef[];
  readonly tags: readonly ForeignRef[];
  /** Takes all objects over into the directory of this repository: packs as they are, loose objects as one pack more. */
  take(repoId: number): Promise<TakenObjects>;
}

/** What was named cannot be imported, for a reason that its owner can act on; `message` is a sentence for a person. Nothing was kept. */
export class ImportRefused extends Error {
  override readonly name = 'ImportRefused';
}
