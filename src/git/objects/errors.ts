import type { Oid } from './object-source.js';

/** Base of every fault that the engine raises about stored or received bytes; `code` is part of the closed set of the API. */
export abstract class GitDataError extends Error {
  abstract readonly code: 'OBJECT_MISSING' | 'OBJECT_CORRUPT' | 'PACK_INVALID' | 'BUDGET_EXCEEDED' | 'OBJECT_UNWRITABLE' | 'PATH_CLASH';
}

/** The object is referred to but not stored. */
export class ObjectMissing extends GitDataError {
  readonly code = 'OBJECT_MISSING';
  override readonly name = 'ObjectMissing';
  constructor(readonly oid: Oid) {
    super(`object ${oid} is missing`);
  }
}

/** The stored bytes are not the object they claim to be: wrong hash, broken zlib stream, impossible delta, malformed tree. */
export class ObjectCorrupt extends GitDataError {
  readonly code = 'OBJECT_CORRUPT';
  override readonly name = 'ObjectCorrupt';
  constructor(readonly oid: Oid, readonly detail: string, options?: ErrorOptions) {
    super(`object ${oid} is corrupt: ${detail}`, options);
  }
}

/** A received pack, index or bundle breaks its format or a bound; nothing of it has been kept. */
export class PackInvalid extends GitDataError {
  readonly code = 'PACK_INVALID';
  override readonly name = 'PackInvalid';
  constructor(readonly detail: string, options?: ErrorOptions) {
    super(`pack refused: ${detail}`, options);
  }
}

/** A diff or merge would cost more than its budget of time or size. */
export class BudgetExceeded extends GitDataError {
  readonly code = 'BUDGET_EXCEEDED';
  override readonly name = 'BudgetExceeded';
  constructor(readonly budget: string, readonly maximum: number, readonly actual: number) {
    super(`${budget} of ${actual} exceeds the budget of ${maximum}`);
  }
}

/** What was asked to be written cannot be an object that reads back as it was given: a line break in a name, an impossible zone. */
export class ObjectUnwritable extends GitDataError {
  readonly code = 'OBJECT_UNWRITABLE';
  override readonly name = 'ObjectUnwritable';
  constructor(readonly detail: string) {
    super(`object cannot be written: ${detail}`);
  }
}

/** Why a change does not fit the tree that it was made for. */
export type PathClashReason = 'absent' | 'file-in-the-way' | 'directory-in-the-way' | 'malformed';

const CLASH_SENTENCES: Readonly<Record<PathClashReason, string>> = {
  absent: 'there is nothing at this path',
  'file-in-the-way': 'a file stands where the path needs a directory',
  'directory-in-the-way': 'a directory stands at this path',
  malformed: 'this is not a path that a tree can hold',
};

/** A change of a tree names a path that does not fit the tree; nothing was made. `path` is readable UTF-8. */
export class PathClash extends GitDataError {
  readonly code = 'PATH_CLASH';
  override readonly name = 'PathClash';
  constructor(readonly path: string, readonly reason: PathClashReason) {
    super(`${JSON.stringify(path)}: ${CLASH_SENTENCES[reason]}`);
  }
}
