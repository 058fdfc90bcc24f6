/** A flat string pair: labels of repositories and keys, metadata of branches, checkpoints and proposals, trailers of commits. */
export interface Label {
  readonly key: string;
  readonly value: string;
}
