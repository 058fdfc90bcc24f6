import type { MirrorCredentials } from '../mirror.js';
import type { ObjectSource, Oid } from '../../git/objects/object-source.js';
import type { StoredPack } from './repo-objects.js';

/** The bytes that a run of git gives, at the pace of whoever takes them. */
export interface GitOutput {
  /** The next bytes; null at the end. Rejects with {@link GitFailed}, and with the signal's reason once that is aborted. */
  next(): Promise<Buffer | null>;
  /** Resolves when the program has ended and everything it had was given back, whether or not it did its work. Never rejects. */
  readonly ended: Promise<void>;
  /** Ends the program, its children included, if it has not ended; resolves as {@link ended} does. */
  close(): Promise<void>;
}

/** A pack to be made: what the client said, checked and rendered anew, and the references that it may know of. */
export interface PackRequest {
  readonly version: 0 | 2;
  readonly input: Buffer;
  /** By full name. */
  readonly references: ReadonlyMap<string, Oid>;
}

/** An archive of one commit; every path in it begins with `prefix`. */
export interface ArchiveRequest {
  readonly commit: Oid;
  readonly format: 'tar' | 'zip';
  readonly prefix: string;
}

/** A push to another server. */
export interface MirrorPush {
  readonly url: string;
  readonly credentials: MirrorCredentials | null;
  /** All that the other side is to have below `refs/heads/` and `refs/tags/`, by full name. */
  readonly references: ReadonlyMap<string, Oid>;
  /** The longest push, in milliseconds. */
  readonly timeMs: number;
  /** True for an address that must not be connected to. */
  isRefused(address: string): boolean;
}

/** The objects of a push: where they come from, and how far they are trusted. */
export interface PackReceipt {
  /** The bytes of the pack; nothing at all where a push brings no objects. */
  readonly pack: AsyncIterable<Uint8Array>;
  readonly maxBytes: number;
  /** True: the pack may build on any object of the repository (`--fix-thin`), which a key from which something is hidden must not. */
  readonly thin: boolean;
  /** Faults of objects that are let pass, by the names of git fsck. */
  readonly allowed: readonly string[];
  /** What the key may know of, by full name: what is new is what these do not reach. */
  readonly references: ReadonlyMap<string, Oid>;
}

/**
 * A pack that came in, whole and free of faults, apart from everything: nobody sees it before it is taken, and nothing is left of it when
 * it is not.
 */
export interface Quarantine {
  /** The repository's objects and those that came. */
  readonly objects: ObjectSource;
  /** Objects that came: 0 where the push brought none. */
  readonly count: number;
  /** True when the object itself came in the pack. */
  brought(oid: Oid): boolean;
  /**
   * Walks from these tips to what {@link PackReceipt.references} reach, and tells of every object in between, commits without a path.
   * false: an object is missing.
   */
  walk(tips: readonly Oid[], visit: (oid: Oid, isCommit: boolean) => void): Promise<boolean>;
  /** Makes the pack one of the repository's, durable and not yet live; the same one when asked again. null where none came. */
  take(): Promise<StoredPack | null>;
  /** Removes what was not taken. Never rejects. */
  close(): Promise<void>;
}

/**
 * The git program of this machine, which is asked only for what it does best: to make, check and walk packs and archives. It knows nothing of keys:
 * whoever calls has checked every object id before.
 */
export interface NativeGit {
  /** Why it cannot be used, in one sentence; null when it can. Found out once, and again until it can. */
  fault(): Promise<string | null>;
  /** Rejects with {@link GitBusy} when as many programs run as may. */
  uploadPack(repoId: number, request: PackRequest, signal: AbortSignal): Promise<GitOutput>;
  /** Takes a pack in and checks it, each object and the links between them. Rejects with {@link PackRefused}, and as {@link uploadPack} does. */
  receive(repoId: number, receipt: PackReceipt, signal: AbortSignal): Promise<Quarantine>;
  archive(repoId: number, request: ArchiveRequest, signal: AbortSignal): Promise<GitOutput>;
  /** Makes the branches and tags of another server those of `push`. Rejects with MirrorRefused, with {@link GitBusy}, and with the signal's reason. */
  pushMirror(repoId: number, push: MirrorPush, signal: AbortSignal): Promise<void>;
  /** Ends every program that still runs. */
  close(): Promise<void>;
}

/** As many programs run as may, and none of them ended in time. */
export class GitBusy extends Error {
  override readonly name = 'GitBusy';
  constructor(readonly processes: number) {
    super(`${processes} git programs run already`);
  }
}

/** The program did not do its work. `detail` is its own last words, for the log alone. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';
  constructor(readonly why: 'EXIT' | 'TIME' | 'STALL' | 'START' | 'INPUT', readonly detail: string, options?: ErrorOptions) {
    super(`git failed (${why}): ${detail}`, options);
  }
}

/** The pack of a push cannot be taken: it is damaged, too large, or has an object with a fault. `sentence` is for whoever pushed. */
export class PackRefused extends Error {
  override readonly name = 'PackRefused';
  constructor(readonly sentence: string, options?: ErrorOptions) {
    super(sentence, options);
  }
}
