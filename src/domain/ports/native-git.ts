import type { Oid } from '../../git/objects/object-source.js';

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

/**
 * The git program of this machine, which is asked only for what it does best: to make packs and archives. It knows nothing of keys:
 * whoever calls has checked every object id before.
 */
export interface NativeGit {
  /** Why it cannot be used, in one sentence; null when it can. Found out once, and again until it can. */
  fault(): Promise<string | null>;
  /** Rejects with {@link GitBusy} when as many programs run as may. */
  uploadPack(repoId: number, request: PackRequest, signal: AbortSignal): Promise<GitOutput>;
  archive(repoId: number, request: ArchiveRequest, signal: AbortSignal): Promise<GitOutput>;
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
  constructor(readonly why: 'EXIT' | 'TIME' | 'STALL' | 'START', readonly detail: string, options?: ErrorOptions) {
    super(`git failed (${why}): ${detail}`, options);
  }
}
