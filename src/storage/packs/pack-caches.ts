import { ByteLru } from '../../git/memory/byte-lru.js';
import type { GitObject, Oid } from '../../git/objects/object-source.js';
import type { BaseCache } from '../../git/pack/pack-file.js';
import { FileHandles } from './file-handles.js';

/** How much the caches of all repositories hold together. */
export interface PackCacheLimits {
  /** Verified objects by id; 160 MB. */
  readonly objectBytes?: number;
  /** Bases of deltas; 96 MB. */
  readonly baseBytes?: number;
  /** Open descriptors; 256. */
  readonly openFiles?: number;
}

/**
 * What all repositories of a process share. Everything in it is immutable and verified, so nothing is ever invalidated. An
 * object found here is served by a repository only when one of its own packs lists it.
 */
export interface PackCaches {
  readonly objects: ByteLru<Oid, GitObject>;
  readonly bases: BaseCache;
  readonly handles: FileHandles;
}

/** Makes the caches of a process: 256 MB in all unless told otherwise. */
export function createPackCaches(limits: PackCacheLimits = {}): PackCaches {
  return {
    objects: new ByteLru(limits.objectBytes ?? 160 << 20),
    bases: new ByteLru(limits.baseBytes ?? 96 << 20),
    handles: new FileHandles(limits.openFiles ?? 256),
  };
}
