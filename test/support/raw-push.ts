import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** The id that stands for no object in a command of a push. */
export const NO_OBJECT = '0'.repeat(40);

/** Numbers of the types that objects have in a pack (gitformat-pack). */
export const TYPES = { commit: 1, tree: 2, blob: 3, tag: 4 } as const;

/** An object as it is sent whole. */
export interface RawObject {
  readonly type: keyof typeof TYPES;
  readonly content: Buffer;
}

/** The id of an object. */
export function idOf({ type, content }: RawObject): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}

/** The header of an entry: three bits of type, then the size by sevens (gitformat-pack). */
export function entryHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let [first, rest] = [(type << 4) | (size % 16), Math.floor(size / 16)];
  while (rest > 0) {
    bytes.push(first | 0x80);
    [first, rest] = [rest % 128, Math.floor(rest / 128)];
  }
  return Buffer.from([...bytes, first]);
}

/** An object as an entry of a pack. */
export function entryOf({ type, content }: RawObject): Buffer {
  return Buffer.concat([entryHeader(TYPES[type], content.length), deflateSync(content)]);
}

/** A pack of these entries. `count` is what it says it holds, unless that is a lie the number of entries. */
export function packOf(entries: readonly Buffer[], count = entries.length): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK', 'latin1');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(count, 8);
  return sealed(Buffer.concat([head, ...entries]));
}

/** These bytes with the checksum that a pack ends in. */
export function sealed(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, createHash('sha1').update(bytes).digest()]);
}

/** A commit of one file without a parent, its tree, and the file. */
export function commitOfFile(path: string, text: string): readonly [RawObject, RawObject, RawObject] {
  const blob: RawObject = { type: 'blob', content: Buffer.from(text) };
  const tree: RawObject = { type: 'tree', content: Buffer.concat([Buffer.from(`100644 ${path}\0`), Buffer.from(idOf(blob), 'hex')]) };
  const person = 'Ada <ada@example.org> 1700000000 +0000';
  const commit: RawObject = { type: 'commit', content: Buffer.from(`tree ${idOf(tree)}\nauthor ${person}\ncommitter ${person}\n\nWrite ${path}\n`) };
  return [commit, tree, blob];
}

/** One line of the protocol. */
export function pktLine(line: string): string {
  return (Buffer.byteLength(line) + 4).toString(16).padStart(4, '0') + line;
}

/** The body of a push: commands as `before after name`, then the pack. */
export function pushBody(commands: readonly string[], pack: Buffer, capabilities = 'report-status'): Buffer {
  return Buffer.concat([Buffer.from(`${commands.map((command, at) => pktLine(at === 0 ? `${command}\0${capabilities}` : command)).join('')}0000`), pack]);
}
