import { PackInvalid } from '../objects/errors.js';
import type { ObjectType, Oid } from '../objects/object-source.js';

/** Type number of a commit (gitformat-pack, "Object types"; 0 is invalid there, 5 reserved). */
export const ENTRY_COMMIT = 1;
/** Type number of a tree. */
export const ENTRY_TREE = 2;
/** Type number of a blob. */
export const ENTRY_BLOB = 3;
/** Type number of an annotated tag. */
export const ENTRY_TAG = 4;
/** Type number of a delta that names its base by distance. */
export const ENTRY_OFFSET_DELTA = 6;
/** Type number of a delta that names its base by id. */
export const ENTRY_REF_DELTA = 7;

/** The longest header: 8 bytes of type and size (sizes to 2^53), then 20 bytes of a base's id. */
export const MAX_ENTRY_HEADER = 28;

/**
 * The head of one object in a pack. `size` is the inflated size of what follows (of the delta, for a delta); `length` the
 * bytes that the header itself takes. A delta names its base by `baseOffset` (absolute) or by `baseOid`.
 */
export interface EntryHeader {
  readonly type: number;
  readonly size: number;
  readonly length: number;
  readonly baseOffset: number;
  readonly baseOid: Oid | null;
}

/**
 * Parses the header of the entry at `offset`, whose bytes lie in `window` from `start` on (gitformat-pack, "pack-*.pack files have the
 * following format"). Throws {@link PackInvalid} for unknown types, sizes over 2^53, and bases before the first entry or
 * not before this one.
 */
export function parseEntryHeader(window: Buffer, offset: number, start: number = 0): EntryHeader {
  let at = start;
  let byte = byteAt(window, at++);
  const type = (byte >> 4) & 7;
  let size = byte & 0x0f;
  let scale = 16;
  while ((byte & 0x80) !== 0) {
    byte = byteAt(window, at++);
    size += (byte & 0x7f) * scale;
    scale *= 128;
    if (at - start > 8) throw new PackInvalid(`the entry at ${offset} declares an impossible size`);
  }
  if (type === ENTRY_REF_DELTA) {
    if (window.length < at + 20) throw new PackInvalid(`the pack ends inside the entry at ${offset}`);
    return { type, size, length: at + 20 - start, baseOffset: -1, baseOid: window.toString('hex', at, at + 20) };
  }
  if (type !== ENTRY_OFFSET_DELTA) {
    if (type < ENTRY_COMMIT || type > ENTRY_TAG) throw new PackInvalid(`the entry at ${offset} has the unknown type ${type}`);
    return { type, size, length: at - start, baseOffset: -1, baseOid: null };
  }
  const distanceAt = at;
  byte = byteAt(window, at++);
  let distance = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    byte = byteAt(window, at++);
    distance = (distance + 1) * 128 + (byte & 0x7f);
    if (at - distanceAt > 8) throw new PackInvalid(`the entry at ${offset} has its base impossibly far away`);
  }
  const baseOffset = offset - distance;
  if (distance === 0 || baseOffset < 12) throw new PackInvalid(`the entry at ${offset} has a base outside the pack`);
  return { type, size, length: at - start, baseOffset, baseOid: null };
}

/** The bytes of an undeltified entry's header. `size` below 2^53. */
export function encodeEntryHeader(type: ObjectType, size: number): Buffer {
  return Buffer.from(typeAndSize(TYPE_NUMBERS[type], size));
}

/** The bytes of the header of a delta of `size` bytes whose base begins `distance` bytes before it (gitformat-pack, "offset encoding"). */
export function encodeOffsetDeltaHeader(size: number, distance: number): Buffer {
  const groups = [distance % 128];
  for (let rest = Math.floor(distance / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest--;
    groups.unshift(0x80 | rest % 128);
  }
  return Buffer.from([...typeAndSize(ENTRY_OFFSET_DELTA, size), ...groups]);
}

function typeAndSize(type: number, size: number): number[] {
  const bytes: number[] = [];
  let byte = (type << 4) | size % 16;
  let rest = Math.floor(size / 16);
  while (rest > 0) {
    bytes.push(byte | 0x80);
    byte = rest % 128;
    rest = Math.floor(rest / 128);
  }
  bytes.push(byte);
  return bytes;
}

const TYPE_NUMBERS: Readonly<Record<ObjectType, number>> = { commit: ENTRY_COMMIT, tree: ENTRY_TREE, blob: ENTRY_BLOB, tag: ENTRY_TAG };
const TYPE_NAMES: readonly (ObjectType | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag'];

/** The kind that an undeltified entry's type number stands for. Throws {@link PackInvalid} for a delta's. */
export function objectTypeOf(type: number): ObjectType {
  const name = TYPE_NAMES[type];
  if (name === undefined) throw new PackInvalid(`type ${type} is not an object's`);
  return name;
}

/** True for the two kinds of delta. */
export function isDelta(type: number): boolean {
  return type === ENTRY_OFFSET_DELTA || type === ENTRY_REF_DELTA;
}

function byteAt(window: Buffer, at: number): number {
  const byte = window[at];
  if (byte === undefined) throw new PackInvalid('the pack ends inside an entry header');
  return byte;
}
