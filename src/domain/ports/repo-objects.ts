import type { ObjectSource, Oid } from '../../git/objects/object-source.js';
import type { StagedObjects } from '../../git/objects/staged-objects.js';
import type { QuotaUse, RepoQuotas } from '../quotas.js';

/** A pack that is durable on disk but not yet live: its row makes it so. `name` is `pack-<40 hex>`, sizes in bytes. */
export interface StoredPack {
  readonly name: string;
  readonly bytes: number;
  readonly objects: number;
}

/** One repository's objects: the engine's port, and their write path. */
export interface RepoObjects extends ObjectSource {
  /** A layer over this store to make objects on. */
  stage(): StagedObjects;
  /**
   * Writes what was staged and is not stored yet as one pack, durable before it answers; null when there was nothing new.
   * The pack becomes visible to readers once its row is committed and {@link adopt} was called. Rejects with QuotaPassed, before
   * anything is on the disk, when the pack would be more than what `room` leaves; without it any size fits.
   */
  persist(staged: StagedObjects, room?: QuotaUse): Promise<StoredPack | null>;
  /** Tells the store that the pack's row is committed. */
  adopt(pack: StoredPack): void;
}

/** The object stores of all repositories, by id. */
export interface ObjectStores {
  open(repoId: number): RepoObjects;
}

/** How bytes that were streamed in are stored: in a new pack, or already (null) as of this epoch; and what the repository may hold. */
export interface UploadState {
  readonly pack: StoredPack | null;
  readonly gcEpoch: number;
  readonly quotas: RepoQuotas;
}

/** Bytes streamed in ahead of a checkpoint. */
export interface UploadedBlob {
  readonly oid: Oid;
  readonly size: number;
}
