import { GitDataError } from '../objects/errors.js';
import { hashObject } from '../objects/hash.js';
import { MODE_FILE } from '../objects/tree.js';
import { applyDelta } from '../pack/delta.js';
import { inflateSizedAsync } from '../pack/inflate.js';
import { applyHunks } from './apply-hunks.js';
import { parsePatch, type BinaryHunk, type PatchedFile } from './parse-patch.js';
import { PatchRefused } from './patch-refused.js';

/** A file as a tree holds it. Of a submodule the content is the line `Subproject commit <oid>\n`, as patches show it. */
export interface PatchTarget {
  readonly mode: number;
  readonly content: Buffer;
}

/** What a patch comes to for one path: its new mode and content, or null when the path is gone. `path` is a latin1 reading. */
export interface AppliedFile {
  readonly path: string;
  readonly file: PatchTarget | null;
  /** Where the content came from, when the patch moved or copied it. */
  readonly from: string | null;
}

/** Reads a file of the tree that is patched; null when there is none. */
export type ReadTarget = (path: string) => Promise<PatchTarget | null>;

/** Bounds of {@link applyPatch}. */
export interface ApplyOptions {
  /** Bytes that one binary file may grow to; 100 MB unless told. */
  readonly maxFileBytes?: number;
}

const MAX_FILE_BYTES = 100_000_000;

/**
 * Applies a unified diff to a tree that is only read: answers each path that changes, once, in the order of the patch.
 * Like `git apply`, all or nothing; renames, copies and deletions speak of the tree as it was, a second section for the
 * same path of what the first made. Hunks may stand elsewhere than they say, but must match exactly.
 *
 * Throws {@link PatchRefused} for what the patch gets wrong, and whatever `read` throws.
 */
export async function applyPatch(patch: Buffer, read: ReadTarget, options: ApplyOptions = {}): Promise<AppliedFile[]> {
  const files = parsePatch(patch);
  const application = new PatchApplication(files, read, options.maxFileBytes ?? MAX_FILE_BYTES);
  for (const file of files) await application.apply(file);
  return application.results();
}

class PatchApplication {
  readonly #read: ReadTarget;
  readonly #maxFileBytes: number;
  readonly #made = new Map<string, AppliedFile>();
  /** Paths of the old tree that the patch takes away: they are free for others, whatever the order of the sections. */
  readonly #leaving: ReadonlySet<string>;

  constructor(files: readonly PatchedFile[], read: ReadTarget, maxFileBytes: number) {
    this.#read = read;
    this.#maxFileBytes = maxFileBytes;
    this.#leaving = new Set(files.flatMap(({ oldPath, newPath, isCopy }) => (oldPath === null || oldPath === newPath || isCopy ? [] : [oldPath])));
  }

  results(): AppliedFile[] {
    return [...this.#made.values()];
  }

  async apply(patch: PatchedFile): Promise<void> {
    for (const path of [patch.oldPath, patch.newPath]) if (path !== null && !isSafePath(path)) throw new PatchRefused('UNSAFE_PATH', 'no tree may hold this path', path);
    const path = patch.newPath ?? patch.oldPath ?? '';
    const before = await this.#before(patch, path);
    const content = await this.#content(patch, path, before?.content ?? Buffer.alloc(0));
    const moved = patch.oldPath !== null && patch.newPath !== null && patch.oldPath !== patch.newPath;
    if (patch.newPath === null) {
      if (content.length > 0) throw new PatchRefused('LEFTOVER', 'the patch leaves content in a file that it deletes', path);
      this.#made.set(path, { path, file: null, from: null });
      return;
    }
    if (patch.oldPath === null || moved) await this.#requireFree(path);
    // The place in the order is that of the last section, so that a path that was deleted and made again comes once.
    if (this.#made.get(path)?.file === null) this.#made.delete(path);
    this.#made.set(path, { path, file: { mode: patch.newMode ?? before?.mode ?? MODE_FILE, content }, from: moved ? patch.oldPath : null });
    if (moved && !patch.isCopy && patch.oldPath !== null && !this.#made.has(patch.oldPath)) {
      this.#made.set(patch.oldPath, { path: patch.oldPath, file: null, from: null });
    }
  }

  async #before(patch: PatchedFile, path: string): Promise<PatchTarget | null> {
    if (patch.oldPath === null) return null;
    const made = patch.isCopy || patch.isRename ? undefined : this.#made.get(patch.oldPath);
    const before = made === undefined ? await this.#read(patch.oldPath) : made.file;
    if (before === null) throw new PatchRefused('MISSING_FILE', `there is no ${patch.oldPath === path ? 'such file' : 'file to take it from'}`, patch.oldPath);
    return before;
  }

  async #requireFree(path: string): Promise<void> {
    const made = this.#made.get(path);
    const taken = made === undefined ? !this.#leaving.has(path) && (await this.#read(path)) !== null : made.file !== null;
    if (taken) throw new PatchRefused('FILE_EXISTS', 'the patch creates a file that exists', path);
  }

  async #content(patch: PatchedFile, path: string, before: Buffer): Promise<Buffer> {
    if (patch.binary === null) return patch.hunks.length === 0 ? before : applyHunks(path, before, patch.hunks);
    if (patch.binary === 'OMITTED') throw new PatchRefused('NO_CONTENT', 'the patch says that binary content differs, but not how', path);
    if (patch.oldOid === null || patch.newOid === null || patch.oldOid.length < 40) {
      throw new PatchRefused('MALFORMED', 'binary content needs an index line with full ids', path);
    }
    if (patch.oldPath !== null && hashObject('blob', before) !== patch.oldOid) {
      throw new PatchRefused('CONTENT_MISMATCH', `the patch was made from ${patch.oldOid}`, path);
    }
    const after = await this.#inflate(patch.binary, path, before);
    if (patch.newPath !== null && hashObject('blob', after) !== patch.newOid) {
      throw new PatchRefused('MALFORMED', `the content does not hash to ${patch.newOid}`, path);
    }
    return after;
  }

  async #inflate(hunk: BinaryHunk, path: string, before: Buffer): Promise<Buffer> {
    if (hunk.size > this.#maxFileBytes) throw new PatchRefused('MALFORMED', `${hunk.size} bytes are more than the limit of ${this.#maxFileBytes}`, path);
    try {
      const data = await inflateSizedAsync(hunk.data, hunk.size);
      return hunk.kind === 'literal' ? data : applyDelta(before, data, this.#maxFileBytes);
    } catch (error) {
      if (error instanceof GitDataError) throw new PatchRefused('MALFORMED', error.message, path);
      throw error;
    }
  }
}

/** Whether a tree may hold a path: no empty, `.` or `..` part, no NUL, nothing that a file system could take for `.git`. */
function isSafePath(path: string): boolean {
  return path !== '' && !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');
}
