import type { Oid } from './object-source.js';


/** Who and when: seconds since the epoch, and the zone as git writes it (`+0200`). */
export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly seconds: number;
  readonly zone: string;
}

/** A commit, parsed. `message` is the text after the first blank line, as stored. */
export interface Commit {
  readonly oid: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}
