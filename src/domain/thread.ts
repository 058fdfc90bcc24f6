/** Which side of a diff: what was there before, or what is there now. */
export type DiffSide = 'OLD' | 'NEW';

/** Where a thread began. NEW names a file of the head that was read, OLD one of the base that it was compared with. */
export interface ThreadAnchor {
  readonly path: string;
  readonly side: DiffSide;
  /** From 1; null: the file as a whole. */
  readonly line: number | null;
  /** The commit of that side. */
  readonly commit: string;
}

/** A thread as stored. Its place is that of {@link ThreadAnchor}, all null where it is about the proposal as a whole. */
export interface ThreadRecord {
  readonly id: number;
  readonly proposalId: number;
  /** The revision on which it began. */
  readonly revision: number;
  readonly path: string | null;
  readonly side: DiffSide | null;
  readonly line: number | null;
  readonly commit: string | null;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly keyId: string;
  /** Null while it is open. */
  readonly resolvedAt: Date | null;
  readonly resolvedBy: string | null;
}

/** A comment as stored; what it says is kept apart, and may have been erased. */
export interface CommentRecord {
  readonly id: number;
  readonly threadId: number;
  readonly actor: string;
  readonly keyId: string;
  readonly at: Date;
}
