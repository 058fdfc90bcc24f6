import type { Oid } from '../objects/object-source.js';

/** A file on one side of a comparison; `path` in its latin1 reading, `mode` canonical. */
export interface RenameSide {
  readonly path: string;
  readonly mode: number;
  readonly oid: Oid;
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
