/** The four kinds of object that git stores. */
export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

/** 40 lowercase hexadecimal digits: the SHA-1 of `"<type> <size>\0<content>"`. */
export type Oid = string;

/** A whole object: its type and its content without the loose-object header. The buffer is shared, never written to. */
export interface GitObject {
  readonly type: ObjectType;
  readonly content: Buffer;
}

/** What is known of an object without inflating it: its type and the size of its content in bytes. */
export interface ObjectHeader {
  readonly type: ObjectType;
  readonly size: number;
}

/**
 * The port through which the engine reads. Everything in `src/git` works over this interface alone, so the same diff
 * runs on packs on disk, on objects staged in memory, and on a test's fixture.
 *
 * Every method rejects with {@link ObjectMissing} when the object is absent and with {@link ObjectCorrupt} when what is
 * stored does not hash to the id that was asked for: a bad object is never returned as a good one.
 */
export interface ObjectSource {
  /** Type and size; cheap, does not inflate the content where the container knows the size. */
  header(oid: Oid): Promise<ObjectHeader>;
  /** The whole object. */
  read(oid: Oid): Promise<GitObject>;
  /** True when the object is stored here. Does not promise that it reads back whole. */
  has(oid: Oid): Promise<boolean>;
  /** The ids that start with `prefix` (4–40 hex digits), at most `limit` of them, in no particular order. */
  withPrefix(prefix: string, limit: number): Promise<readonly Oid[]>;
}
