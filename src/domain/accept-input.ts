type Maybe<T> = T | null | undefined;

/** A file of a change to accept, whole or by hunks. Paths are readable; a renamed file answers to both of its paths. */
export interface AcceptInput {
  readonly path: string;
  readonly hunks?: Maybe<readonly string[]>;
}

/** A part of a change: some of what lies between a commit and the one that comes in. */
export interface MergePart {
  readonly base: string;
  readonly only: readonly AcceptInput[];
}
