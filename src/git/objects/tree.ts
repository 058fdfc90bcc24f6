import { ObjectCorrupt } from './errors.js';
import type { ObjectSource, Oid } from './object-source.js';

/** What a tree entry's mode says, normalised; `raw` in {@link TreeEntry} keeps what was written (old trees pad with zeros). */
export type EntryKind = 'file' | 'executable' | 'symlink' | 'directory' | 'submodule';

/**
 * One entry of a tree. Names are bytes in git; `name` is their latin1 reading, one character a byte, so that comparing,
 * sorting and keying are exact for any bytes; {@link decodeName} makes it readable. `mode` is the canonical number
 * (0o100644, 0o100755, 0o120000, 0o40000, 0o160000; 0o100664 reads as 0o100644). `raw` are the entry's own bytes, which are
 * written back unchanged when the entry did not change.
 */
export interface TreeEntry {
  readonly name: string;
  readonly mode: number;
  readonly oid: Oid;
  readonly raw: Buffer;
}

/** Canonical mode of a plain file. */
export const MODE_FILE = 0o100644;
/** Canonical mode of an executable file. */
export const MODE_EXECUTABLE = 0o100755;
/** Canonical mode of a symbolic link; the blob is its target. */
export const MODE_SYMLINK = 0o120000;
/** Canonical mode of a subtree. */
export const MODE_DIRECTORY = 0o040000;
/** Canonical mode of a submodule; the id is a commit that is stored elsewhere. */
export const MODE_SUBMODULE = 0o160000;

/** What of a mode says anything, type and permissions: git lets longer ones overflow, and fsck takes them. */
export const MODE_BITS = 0o177777;

/** The bytes of a name as text: UTF-8 where they are UTF-8, otherwise with every foreign byte as `\ooo` (git's own quoting). */
export function decodeName(name: string): string {
  const bytes = Buffer.from(name, 'latin1');
  const text = bytes.toString('utf8');
  if (Buffer.from(text, 'utf8').equals(bytes)) return text;
  return [...bytes].map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\${byte.toString(8)}`)).join('');
}

/** The latin1 reading of a readable UTF-8 name: what {@link TreeEntry.name} holds. */
export function encodeName(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Parses a tree's content. Rejects with {@link ObjectCorrupt} what no git can have written; tolerates padded and overlong modes, and order. */
export function parseTree(oid: Oid, content: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < content.length) {
    const space = content.indexOf(0x20, at);
    if (space < 0 || space === at) throw new ObjectCorrupt(oid, 'tree entry without a mode');
    const nul = content.indexOf(0, space + 1);
    if (nul < 0 || nul === space + 1) throw new ObjectCorrupt(oid, 'tree entry without a name');
    const end = nul + 21;
    if (end > content.length) throw new ObjectCorrupt(oid, 'tree entry cut short');
    let mode = 0;
    for (let i = at; i < space; i++) {
      const digit = (content[i] ?? 0) - 0x30;
      if (digit < 0 || digit > 7) throw new ObjectCorrupt(oid, 'tree entry with a malformed mode');
      mode = (mode * 8 + digit) & MODE_BITS;
    }
    entries.push({
      name: content.toString('latin1', space + 1, nul),
      mode: canonicalMode(mode),
      oid: content.toString('hex', nul + 1, end),
      raw: content.subarray(at, end),
    });
    at = end;
  }
  return entries;
}

/**
 * Canonical form of any mode that a tree may hold: permission bits collapse to 644 or 755, and what is of no type is a submodule. Git reads
 * them so, and looks for no object behind a submodule: whoever read such an entry as a file would show one that no check has seen.
 */
export function canonicalMode(mode: number): number {
  const type = mode & 0o170000;
  if (type === 0o040000) return MODE_DIRECTORY;
  if (type === 0o120000) return MODE_SYMLINK;
  if (type !== 0o100000) return MODE_SUBMODULE;
  return (mode & 0o100) === 0 ? MODE_FILE : MODE_EXECUTABLE;
}

/** The kind that a canonical mode stands for. */
export function kindOfMode(mode: number): EntryKind {
  switch (mode) {
    case MODE_DIRECTORY:
      return 'directory';
    case MODE_SYMLINK:
      return 'symlink';
    case MODE_SUBMODULE:
      return 'submodule';
    case MODE_EXECUTABLE:
      return 'executable';
    default:
      return 'file';
  }
}

/** Makes an entry with fresh bytes; `name` in the latin1 reading. */
export function treeEntry(name: string, mode: number, oid: Oid): TreeEntry {
  const raw = Buffer.concat([Buffer.from(`${mode.toString(8)} `, 'latin1'), Buffer.from(name, 'latin1'), Buffer.from([0]), Buffer.from(oid, 'hex')]);
  return { name, mode, oid, raw };
}

/** git's order of entries: by bytes, a directory as if its name ended in `/`. */
export function compareEntries(a: Pick<TreeEntry, 'name' | 'mode'>, b: Pick<TreeEntry, 'name' | 'mode'>): number {
  const left = a.mode === MODE_DIRECTORY ? `${a.name}/` : a.name;
  const right = b.mode === MODE_DIRECTORY ? `${b.name}/` : b.name;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The content of a tree with these entries, in git's order, each with its own raw bytes. */
export function encodeTree(entries: readonly TreeEntry[]): Buffer {
  return Buffer.concat([...entries].sort(compareEntries).map((entry) => entry.raw));
}

/** Reads and parses a tree. Rejects when the object is missing, corrupt or not a tree. */
export async function readTree(source: ObjectSource, oid: Oid): Promise<TreeEntry[]> {
  const object = await source.read(oid);
  if (object.type !== 'tree') throw new ObjectCorrupt(oid, `expected a tree, found a ${object.type}`);
  return parseTree(oid, object.content);
}

/** The tree without entries; git knows it without storing it. */
export const EMPTY_TREE: Oid = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
