import { deflateSync } from 'node:zlib';
import { entryHeader, entryOf, idOf, packOf, TYPES, type RawObject } from '../raw-push.js';
import { honest, pushing, type Honest, type HostilePush } from './hostile-push.js';

const KINDS = ['commit', 'tree', 'blob', 'tag'] as const satisfies readonly (keyof Honest)[];
const OFS_DELTA = 6;
const REF_DELTA = 7;

/** A number by sevens, the lowest first, as sizes are written in a delta (gitformat-pack, "Deltified representation"). */
function deltaSize(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** The distance back to a base, as it is written in an entry: by sevens, the highest first, each but the last plus one. */
function distance(value: number): Buffer {
  const bytes = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(((rest -= 1) % 128) | 0x80);
  return Buffer.from(bytes);
}

/** An entry that is made of a base by its id. */
function refDelta(base: string, delta: Buffer): Buffer {
  return Buffer.concat([entryHeader(REF_DELTA, delta.length), Buffer.from(base, 'hex'), deflateSync(delta)]);
}

/** An entry that is made of the entry that begins so many bytes before it. */
function ofsDelta(back: Buffer | number, delta: Buffer): Buffer {
  return Buffer.concat([entryHeader(OFS_DELTA, delta.length), typeof back === 'number' ? distance(back) : back, deflateSync(delta)]);
}

/** An instruction that copies `size` bytes from `from` of the base. */
function copy(from: number, size: number): Buffer {
  let flags = 0x80;
  const parts: number[] = [];
  for (let bit = 0; bit < 7; bit++) {
    const part = bit < 4 ? Math.floor(from / 256 ** bit) % 256 : Math.floor(size / 256 ** (bit - 4)) % 256;
    if (part === 0) continue;
    flags |= 1 << bit;
    parts.push(part);
  }
  return Buffer.from([flags, ...parts]);
}

/** Instructions that lie, for a base of `length` bytes. Whatever they make is no object that anything leads to. */
const DELTAS: readonly (readonly [string, (length: number) => Buffer])[] = [
  ['is empty', () => Buffer.alloc(0)],
  ['has only the size of its base', (length) => deltaSize(length)],
  ['has no instruction for what it makes', (length) => Buffer.concat([deltaSize(length), deltaSize(9)])],
  ['says its base has a byte more', (length) => Buffer.concat([deltaSize(length + 1), deltaSize(4), copy(0, 4)])],
  ['says its base has a byte less', (length) => Buffer.concat([deltaSize(length - 1), deltaSize(4), copy(0, 4)])],
  ['says its base is huge', () => Buffer.concat([deltaSize(2 ** 40), deltaSize(4), copy(0, 4)])],
  ['makes a byte less than it says', (length) => Buffer.concat([deltaSize(length), deltaSize(5), copy(0, 4)])],
  ['makes a byte more than it says', (length) => Buffer.concat([deltaSize(length), deltaSize(3), copy(0, 4)])],
  ['says it makes 32 tebibytes', (length) => Buffer.concat([deltaSize(length), deltaSize(2 ** 45), copy(0, 4)])],
  ['has a size that never ends', () => Buffer.alloc(64, 0xff)],
  ['copies from behind its base', (length) => Buffer.concat([deltaSize(length), deltaSize(4), copy(length, 4)])],
  ['copies beyond its base', (length) => Buffer.concat([deltaSize(length), deltaSize(4), copy(length - 1, 4)])],
  ['copies from four gibibytes away', (length) => Buffer.concat([deltaSize(length), deltaSize(4), copy(2 ** 32 - 2, 4)])],
  ['copies no bytes, which means 65,536', (length) => Buffer.concat([deltaSize(length), deltaSize(65_536), Buffer.from([0x80])])],
  ['has the instruction that is reserved', (length) => Buffer.concat([deltaSize(length), deltaSize(1), Buffer.from([0, 65])])],
  ['ends within what it inserts', (length) => Buffer.concat([deltaSize(length), deltaSize(9), Buffer.from([9, 65])])],
  ['ends within a copy', (length) => Buffer.concat([deltaSize(length), deltaSize(4), Buffer.from([0xff, 1, 2])])],
  ['goes on when it has made everything', (length) => Buffer.concat([deltaSize(length), deltaSize(4), copy(0, 4), Buffer.from([1, 65])])],
];

function withEntry(name: string, harmless: boolean, entry: (objects: Honest, backTo: (kind: keyof Honest) => number) => readonly Buffer[]): HostilePush {
  return {
    name: `delta: ${name}`,
    harmless,
    body(branch) {
      const objects = honest(branch);
      const entries = KINDS.map((kind) => entryOf(objects[kind]));
      const backTo = (kind: keyof Honest): number => entries.slice(KINDS.indexOf(kind)).reduce((sum, { length }) => sum + length, 0);
      return pushing(branch, packOf([...entries, ...entry(objects, backTo)]));
    },
  };
}

function* instructions(): Generator<HostilePush> {
  for (const kind of KINDS) {
    for (const [what, delta] of DELTAS) {
      yield withEntry(`of a ${kind} by its id ${what}`, false, (objects) => [refDelta(idOf(objects[kind]), delta(objects[kind].content.length))]);
      yield withEntry(`of a ${kind} by its place ${what}`, false, (objects, backTo) => [ofsDelta(backTo(kind), delta(objects[kind].content.length))]);
    }
  }
}

const JUNK = Buffer.concat([deltaSize(4), deltaSize(1), Buffer.from([1, 65])]);
const fakeId = (number: number): string => number.toString(16).padStart(40, 'a');

function* bases(): Generator<HostilePush> {
  yield withEntry('of an object that is nowhere', false, () => [refDelta(fakeId(1), JUNK)]);
  yield withEntry('of no object', false, () => [refDelta('0'.repeat(40), JUNK)]);
  yield withEntry('of nothing but itself', false, () => [ofsDelta(0, JUNK)]);
  for (const back of [1, 2, 7]) yield withEntry(`of ${back} bytes before it, where nothing begins`, false, () => [ofsDelta(back, JUNK)]);
  yield withEntry('of what is before the pack', false, () => [ofsDelta(1_000_000, JUNK)]);
  yield withEntry('of the header of the pack', false, (_, backTo) => [ofsDelta(backTo('commit') + 12, JUNK)]);
  yield withEntry('of the middle of an object', false, (_, backTo) => [ofsDelta(backTo('blob') - 3, JUNK)]);
  yield withEntry('at a distance that overflows', false, () => [ofsDelta(Buffer.from([...Array<number>(12).fill(0xff), 0x7f]), JUNK)]);
  yield withEntry('at a distance that never ends', false, () => [ofsDelta(Buffer.alloc(40, 0x80), JUNK)]);
  for (const length of [2, 3, 10, 100]) yield withEntry(`each of the next, ${length} in a circle`, false, () => Array.from({ length }, (_, at) => refDelta(fakeId((at + 1) % length), JUNK)));
  yield withEntry('of its own result', false, ({ blob }) => [refDelta(idOf({ type: 'blob', content: Buffer.from(`${blob.content.toString()}x`) }), Buffer.concat([deltaSize(blob.content.length + 1), deltaSize(blob.content.length + 1), copy(0, blob.content.length), Buffer.from([1, 120])]))]);
  yield withEntry('that makes its own base again', false, ({ blob }) => [refDelta(idOf(blob), Buffer.concat([deltaSize(blob.content.length), deltaSize(blob.content.length), copy(0, blob.content.length)]))]);
  for (const depth of [10, 60, 300, 2_000]) yield withEntry(`upon delta, ${depth} deep`, true, ({ blob }) => chain(blob, depth));
  yield withEntry('of a tree that makes a tree with a fault', false, ({ tree }) => [refDelta(idOf(tree), Buffer.concat([deltaSize(tree.content.length), deltaSize(4), Buffer.from([4, 1, 2, 3, 4])]))]);
  yield withEntry('of a commit that makes a commit with a fault', false, ({ commit }) => [refDelta(idOf(commit), Buffer.concat([deltaSize(commit.content.length), deltaSize(20), copy(0, 20)]))]);
}

/** Deltas of deltas, each a letter more than the one before: by place, each right behind its base. */
function chain(blob: RawObject, depth: number): Buffer[] {
  const entries: Buffer[] = [entryOf({ type: 'blob', content: Buffer.concat([blob.content, Buffer.from('+')]) })];
  for (let at = 0, length = blob.content.length + 1; at < depth; at++, length++) {
    entries.push(ofsDelta(entries[at]?.length ?? 0, Buffer.concat([deltaSize(length), deltaSize(length + 1), copy(0, length), Buffer.from([1, 97 + (at % 26)])])));
  }
  return entries;
}

/** Deltas that lie about their base, their result or their instructions. */
export function* deltas(): Generator<HostilePush> {
  yield* instructions();
  yield* bases();
}

/** A file of `doublings` doublings of a mebibyte of zeros, each a delta of the one before: some kilobytes that ask for gibibytes. */
export function deltaBomb(doublings: number): readonly Buffer[] {
  const entries: Buffer[] = [Buffer.concat([entryHeader(TYPES.blob, 1 << 20), deflateSync(Buffer.alloc(1 << 20), { level: 9 })])];
  for (let at = 0, size = 2 ** 20; at < doublings; at++, size *= 2) {
    const half = Array.from({ length: Math.ceil(size / 0x80_0000) }, (_, piece) => copy(piece * 0x80_0000, Math.min(0x80_0000, size - piece * 0x80_0000)));
    entries.push(ofsDelta(entries[at]?.length ?? 0, Buffer.concat([deltaSize(size), deltaSize(2 * size), ...half, ...half])));
  }
  return entries;
}
