import { BudgetExceeded, ObjectCorrupt, PackInvalid } from '../objects/errors.js';
import { hashObjectPaced } from '../objects/hash.js';
import type { GitObject, Oid } from '../objects/object-source.js';
import { isObjectType } from '../objects/tag.js';
import { inflatePrefix, inflateSizedAsync } from './inflate.js';

/** Where git keeps a loose object, below `objects/`. */
export function loosePath(oid: Oid): string {
  return `${oid.slice(0, 2)}/${oid.slice(2)}`;
}

/** The longest header: a type, a space, 16 digits and NUL are 24 bytes. */
const MAX_HEADER_BYTES = 32;
/** A stream's Huffman tables and the header behind them fit in here. */
const PREFIX_BYTES = 512;

/**
 * Reads a loose object from its file's bytes: type and size first, then the content, hashed again. Rejects with
 * {@link ObjectCorrupt} where it is not the object `oid`, and with {@link BudgetExceeded} for one over `maxBytes` before its
 * content is inflated.
 */
export async function decodeLooseObject(oid: Oid, file: Buffer, maxBytes: number): Promise<GitObject> {
  try {
    const prefix = inflatePrefix(file.subarray(0, PREFIX_BYTES)).subarray(0, MAX_HEADER_BYTES);
    const header = /^([a-z]+) (0|[1-9][0-9]{0,15})\0/u.exec(prefix.toString('latin1'));
    const type = header?.[1] ?? '';
    if (header === null || !isObjectType(type)) throw new PackInvalid('a loose object without type and size');
    const size = Number(header[2]);
    if (size > maxBytes) throw new BudgetExceeded('object bytes', maxBytes, size);
    const whole = await inflateSizedAsync(file, header[0].length + size);
    const content = whole.subarray(header[0].length);
    if ((await hashObjectPaced(type, content)) !== oid) throw new PackInvalid('what is stored hashes to another id');
    return { type, content };
  } catch (fault) {
    if (fault instanceof PackInvalid) throw new ObjectCorrupt(oid, fault.message, { cause: fault });
    throw fault;
  }
}
