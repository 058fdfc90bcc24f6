type Maybe<T> = T | null | undefined;

/** Modes that a client may name; DIRECTORY and SUBMODULE are refused, because a file is what is written. */
export type WritableMode = 'FILE' | 'EXECUTABLE' | 'SYMLINK' | 'DIRECTORY' | 'SUBMODULE';

/** One file to write; exactly one of `text`, `base64` and `blob`. */
export interface WriteFile {
  readonly path: string;
  readonly text?: Maybe<string>;
  readonly base64?: Maybe<string>;
  readonly blob?: Maybe<string>;
  readonly mode?: Maybe<WritableMode>;
}
