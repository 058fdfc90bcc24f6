import type { StoredPack } from '../../../domain/ports/repo-objects.js';
import type { StagedObjects } from '../../../git/objects/staged-objects.js';
import type { PackDirectory } from '../../packs/pack-directory.js';

/** New objects after which a pack is written: 100 bytes to 2 kB each, so some 20 MB of memory. */
const OBJECTS_A_PACK = 20_000;

/** Gathers the objects of a new history and stores them as packs that no row names yet, so that memory stays bounded. */
export class PackStaging {
  readonly #store: PackDirectory;
  readonly #packs: StoredPack[] = [];
  readonly #keep: boolean;
  #staged: StagedObjects;

  /** `keep` false stores nothing: for who only wants to know what would be made. */
  constructor(store: PackDirectory, keep: boolean) {
    this.#store = store;
    this.#keep = keep;
    this.#staged = store.stage();
  }

  /** Where the next object goes. */
  async stage(): Promise<StagedObjects> {
    if (this.#staged.entries().size >= OBJECTS_A_PACK) await this.#flush();
    return this.#staged;
  }

  /** Stores what is left; answers every pack written since the last call, durable. */
  async packs(): Promise<StoredPack[]> {
    await this.#flush();
    return this.#packs.splice(0);
  }

  async #flush(): Promise<void> {
    const staged = this.#staged;
    this.#staged = this.#store.stage();
    const pack = this.#keep ? await this.#store.persist(staged) : null;
    if (pack !== null) this.#packs.push(pack);
  }
}
