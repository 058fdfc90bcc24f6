import { kindOfMode, type EntryKind } from '../src/git/objects/tree.js';

/** The names of the public enum FileMode. */
export type FileModeName = 'FILE' | 'EXECUTABLE' | 'SYMLINK' | 'DIRECTORY' | 'SUBMODULE';

const NAMES: Readonly<Record<EntryKind, FileModeName>> = {
  file: 'FILE',
  executable: 'EXECUTABLE',
  symlink: 'SYMLINK',
  directory: 'DIRECTORY',
  submodule: 'SUBMODULE',
};

/** The public name of a canonical mode. */
export function fileMode(mode: number): FileModeName {
  return NAMES[kindOfMode(mode)];
}

/** Like {@link fileMode}, null where there is no file. */
export function fileModeOrNull(mode: number | null): FileModeName | null {
  return mode === null ? null : fileMode(mode);
}
