import { entryOf, idOf, NO_OBJECT, packOf, pushBody, type RawObject } from '../raw-push.js';

/** A push that no honest client sends. */
export interface HostilePush {
  /** What is wrong with it: unique among all. */
  readonly name: string;
  /** True where nothing is wrong with it in the end: it may be taken, whole and without a fault. */
  readonly harmless: boolean;
  /** The whole request, for a branch that nobody else pushes. */
  body(branch: string): Buffer;
}

/** A person as commits and tags name one. */
export const PERSON = 'Ada <ada@example.org> 1700000000 +0000';

/** What an honest push of one new file has. */
export interface Honest {
  readonly commit: RawObject;
  readonly tree: RawObject;
  readonly blob: RawObject;
  readonly tag: RawObject;
}

/** One entry of a tree; `mode` and `name` as they are written, whatever they are. */
export function treeEntry(mode: string, name: string | Buffer, oid: string | Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${mode} `), Buffer.from(name), Buffer.from([0]), typeof oid === 'string' ? Buffer.from(oid, 'hex') : oid]);
}

/** A commit of this tree without a parent. */
export function commitOf(tree: string, message = 'Honest'): RawObject {
  return { type: 'commit', content: Buffer.from(`tree ${tree}\nauthor ${PERSON}\ncommitter ${PERSON}\n\n${message}\n`) };
}

/** Objects that hold together, of one branch alone. */
export function honest(branch: string): Honest {
  const blob: RawObject = { type: 'blob', content: Buffer.from(`${branch}\n`.repeat(20)) };
  const tree: RawObject = { type: 'tree', content: treeEntry('100644', 'file.txt', idOf(blob)) };
  const commit = commitOf(idOf(tree), branch);
  const tag: RawObject = { type: 'tag', content: Buffer.from(`object ${idOf(commit)}\ntype commit\ntag v1\ntagger ${PERSON}\n\n${branch}\n`) };
  return { commit, tree, blob, tag };
}

/** The command that makes the branch at an object. */
export function making(branch: string, oid: string): string {
  return `${NO_OBJECT} ${oid} refs/heads/${branch}`;
}

/** The request that makes the branch at the honest commit, with this pack. */
export function pushing(branch: string, pack: Buffer): Buffer {
  return pushBody([making(branch, idOf(honest(branch).commit))], pack);
}

/** The request that makes the branch at a commit of its own, with these objects whole. */
export function pushingObjects(branch: string, tip: RawObject, others: readonly RawObject[]): Buffer {
  return pushBody([making(branch, idOf(tip))], packOf([tip, ...others].map(entryOf)));
}
