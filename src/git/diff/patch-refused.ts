import { quotePath } from './quote-path.js';

/**
 * Why a patch was refused:
 * - `MALFORMED`: not a unified diff, or one that contradicts itself.
 * - `UNSAFE_PATH`: a path that no tree may hold (`..`, `.git`, an empty part).
 * - `MISSING_FILE`: what is to be changed, moved or deleted is not there.
 * - `FILE_EXISTS`: what is to be created is there already.
 * - `HUNK_MISMATCH`: the lines that a hunk expects stand nowhere in the file.
 * - `LEFTOVER`: the file is to be deleted, but the patch does not take away all of it.
 * - `CONTENT_MISMATCH`: binary content is not what the patch was made from.
 * - `NO_CONTENT`: the patch says that binary files differ, and no more.
 */
export type PatchRefusal =
  | 'MALFORMED'
  | 'UNSAFE_PATH'
  | 'MISSING_FILE'
  | 'FILE_EXISTS'
  | 'HUNK_MISMATCH'
  | 'LEFTOVER'
  | 'CONTENT_MISMATCH'
  | 'NO_CONTENT';

/** A patch cannot be applied; nothing of it has been. The fault lies with the patch or what it is applied to, not with storage. */
export class PatchRefused extends Error {
  override readonly name = 'PatchRefused';

  /** `path` is a latin1 reading, null before any file was named; `hunk` counts from 1 within its file, null when no hunk is to blame. */
  constructor(
    readonly reason: PatchRefusal,
    readonly detail: string,
    readonly path: string | null = null,
    readonly hunk: number | null = null,
  ) {
    super([path === null ? 'patch' : quotePath(path), ...(hunk === null ? [] : [`hunk ${hunk}`]), detail].join(': '));
  }
}
