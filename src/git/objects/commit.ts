import { ObjectCorrupt, ObjectUnwritable } from './errors.js';
import { decodeText, readHeaders, type Header } from './header-lines.js';
import type { ObjectSource, Oid } from './object-source.js';
import { formatSignature, parseSignature, type Signature } from './signature.js';

export type { Signature } from './signature.js';

/** A commit, parsed. `message` is the text after the first blank line, as stored. */
export interface Commit {
  readonly oid: Oid;
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

const OID = /^[0-9a-f]{40}$/u;

/**
 * Parses a commit's content (gitformat-pack has no section on it; the layout is that of `git cat-file commit`): `tree`,
 * `parent`s, `author`, `committer`, further headers such as `encoding`, `gpgsig` and `mergetag`, a blank line, the message.
 * Text is UTF-8 unless an `encoding` header names another; bytes that are no such text read as latin1.
 *
 * Throws {@link ObjectCorrupt} where tree, author or committer are missing or an id is malformed. Broken names, mails and
 * dates, which real histories hold, are tolerated as {@link parseSignature} says.
 */
export function parseCommit(oid: Oid, content: Buffer): Commit {
  const { headers, body } = readHeaders(oid, content);
  const encoding = find(headers, 'encoding')?.toString('latin1');
  const parents: Oid[] = [];
  for (let at = 1; headers[at]?.key === 'parent'; at++) parents.push(idOf(oid, headers[at]));
  if (headers[0]?.key !== 'tree') throw new ObjectCorrupt(oid, 'a commit begins with its tree');
  return {
    oid,
    tree: idOf(oid, headers[0]),
    parents,
    author: parseSignature(decodeText(required(oid, headers, 'author'), encoding)),
    committer: parseSignature(decodeText(required(oid, headers, 'committer'), encoding)),
    message: decodeText(body, encoding),
  };
}

/**
 * The content of a commit with these fields, UTF-8, the message exactly as given. What was rendered is parsed again and
 * compared, so no value can forge a header: throws {@link ObjectUnwritable} where it would read back as something else,
 * where a message holds NUL, and for malformed ids, names, mails, times and zones.
 */
export function encodeCommit(commit: Omit<Commit, 'oid'>): Buffer {
  for (const id of [commit.tree, ...commit.parents]) if (!OID.test(id)) throw new ObjectUnwritable(`${JSON.stringify(id)} is not an object id`);
  if (commit.message.includes('\0')) throw new ObjectUnwritable('the message holds NUL');
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${formatSignature(commit.author)}`,
    `committer ${formatSignature(commit.committer)}`,
  ];
  const content = Buffer.from(`${lines.join('\n')}\n\n${commit.message}`, 'utf8');
  if (!sameCommit(commit, parseCommit(NOT_YET_HASHED, content))) throw new ObjectUnwritable('the commit reads back as something else');
  return content;
}

/** Reads and parses a commit. Rejects when the object is missing, corrupt or not a commit. */
export async function readCommit(source: ObjectSource, oid: Oid): Promise<Commit> {
  const object = await source.read(oid);
  if (object.type !== 'commit') throw new ObjectCorrupt(oid, `expected a commit, found a ${object.type}`);
  return parseCommit(oid, object.content);
}

const NOT_YET_HASHED = '0'.repeat(40);

function sameCommit(a: Omit<Commit, 'oid'>, b: Commit): boolean {
  return (
    a.tree === b.tree &&
    a.message === b.message &&
    a.parents.length === b.parents.length &&
    a.parents.every((parent, at) => parent === b.parents[at]) &&
    sameSignature(a.author, b.author) &&
    sameSignature(a.committer, b.committer)
  );
}

function sameSignature(a: Signature, b: Signature): boolean {
  return a.name === b.name && a.email === b.email && a.seconds === b.seconds && a.zone === b.zone;
}

function idOf(oid: Oid, header: Header | undefined): Oid {
  const id = header?.value.toString('latin1') ?? '';
  if (!OID.test(id)) throw new ObjectCorrupt(oid, `${header?.key ?? 'a header'} names no object id`);
  return id;
}

function find(headers: readonly Header[], key: string): Buffer | undefined {
  return headers.find((header) => header.key === key)?.value;
}

function required(oid: Oid, headers: readonly Header[], key: string): Buffer {
  const value = find(headers, key);
  if (value === undefined) throw new ObjectCorrupt(oid, `a commit without ${key}`);
  return value;
}
