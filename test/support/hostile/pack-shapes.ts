import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { entryHeader, entryOf, idOf, packOf, sealed, TYPES, type RawObject } from '../raw-push.js';
import { honest, pushing, type Honest, type HostilePush } from './hostile-push.js';

type Kind = keyof Honest;
const KINDS = ['commit', 'tree', 'blob', 'tag'] as const satisfies readonly Kind[];
const flip = (bytes: Buffer, at: number): Buffer => Buffer.concat([bytes.subarray(0, at), Buffer.from([(bytes[at] ?? 0) ^ 0xff]), bytes.subarray(at + 1)]);

/** How the entry of one object lies; the others are honest. */
const ENTRIES: readonly (readonly [string, (object: RawObject) => Buffer])[] = [
  ...[['one byte too few', -1], ['one byte too many', 1], ['twice its bytes', 10_000], ['four gibibytes', 2 ** 32], ['32 tebibytes', 2 ** 45]].map(([what, more]) => [`says it has ${what}`, ({ type, content }: RawObject) => Buffer.concat([entryHeader(TYPES[type], content.length + Number(more)), deflateSync(content)])] as const),
  ['says it has no bytes', ({ type, content }) => Buffer.concat([entryHeader(TYPES[type], 0), deflateSync(content)])],
  ['has a size that overflows', ({ type, content }) => Buffer.concat([Buffer.from([(TYPES[type] << 4) | 0x8f, ...Array<number>(12).fill(0xff), 0x01]), deflateSync(content)])],
  ['has a size that never ends', ({ type }) => Buffer.concat([Buffer.from([(TYPES[type] << 4) | 0x8f]), Buffer.alloc(200, 0x80)])],
  ...[0, 1, 2, 3, 4, 5, 6, 7].map((number) => [`says it is of type ${number}`, ({ content }: RawObject) => Buffer.concat([entryHeader(number, content.length), deflateSync(content)])] as const),
  ['is not compressed', ({ type, content }) => Buffer.concat([entryHeader(TYPES[type], content.length), content])],
  ['is compressed without a header', ({ type, content }) => Buffer.concat([entryHeader(TYPES[type], content.length), deflateRawSync(content)])],
  ['is compressed by gzip', ({ type, content }) => Buffer.concat([entryHeader(TYPES[type], content.length), gzipSync(content)])],
  ['has no bytes at all', ({ type, content }) => entryHeader(TYPES[type], content.length)],
  ['has a wrong checksum of its own', ({ type, content }) => { const z = deflateSync(content); return Buffer.concat([entryHeader(TYPES[type], content.length), flip(z, z.length - 1)]); }],
  ['wants a dictionary', ({ type, content }) => Buffer.concat([entryHeader(TYPES[type], content.length), deflateSync(content, { dictionary: Buffer.from('tree ') })])],
  ['ends in the middle', ({ type, content }) => { const z = deflateSync(content); return Buffer.concat([entryHeader(TYPES[type], content.length), z.subarray(0, z.length >> 1)]); }],
  ['has a block of no kind', ({ type, content }) => { const z = deflateSync(content); z[2] = (z[2] ?? 0) | 0x06; return Buffer.concat([entryHeader(TYPES[type], content.length), z]); }],
  ['is followed by a byte', (object) => Buffer.concat([entryOf(object), Buffer.from([0])])],
  ['is stored without compression', ({ type, content }) => Buffer.concat([entryHeader(TYPES[type], content.length), deflateSync(content, { level: 0 })])],
  ['has another byte', ({ type, content }) => { const other = flip(content, content.length - 1); return Buffer.concat([entryHeader(TYPES[type], other.length), deflateSync(other)]); }],
  ['is cut by a byte, and honest about it', ({ type, content }) => Buffer.concat([entryHeader(TYPES[type], content.length - 1), deflateSync(content.subarray(0, -1))])],
  ['is empty, and honest about it', ({ type }) => Buffer.concat([entryHeader(TYPES[type], 0), deflateSync(Buffer.alloc(0))])],
  ['is there twice', (object) => Buffer.concat([entryOf(object), entryOf(object)])],
];

/** Entries that say what is there, however oddly; the tag is not what is pushed, and may be another one. */
const HARMLESS_ENTRIES: ReadonlySet<string> = new Set(['is stored without compression', 'tag says it is of type 3', 'tag has another byte', 'tag is cut by a byte, and honest about it']);

function isHarmless(kind: Kind, what: string): boolean {
  return HARMLESS_ENTRIES.has(what) || HARMLESS_ENTRIES.has(`${kind} ${what}`);
}

function entriesOf(branch: string): Buffer[] {
  const objects = honest(branch);
  return KINDS.map((kind) => entryOf(objects[kind]));
}

function shape(name: string, change: (pack: Buffer, entries: readonly Buffer[]) => Buffer, harmless = false): HostilePush {
  return { name: `pack: ${name}`, harmless, body: (branch) => pushing(branch, change(packOf(entriesOf(branch)), entriesOf(branch))) };
}

function* entryFaults(): Generator<HostilePush> {
  for (const kind of KINDS) {
    for (const [what, entry] of ENTRIES) {
      if (what === `says it is of type ${TYPES[kind]}`) continue;
      yield {
        name: `entry: the ${kind} ${what}`,
        harmless: isHarmless(kind, what),
        body(branch) {
          const objects = honest(branch);
          return pushing(branch, packOf(KINDS.map((one) => (one === kind ? entry(objects[one]) : entryOf(objects[one])))));
        },
      };
    }
  }
}

/** Cut at each place where a parser changes its mind, as it is and with a right checksum after the cut. */
function* truncations(): Generator<HostilePush> {
  const places: (readonly [string, (entries: readonly Buffer[]) => number])[] = Array.from({ length: 12 }, (_, at) => [`byte ${at} of its header`, () => at] as const);
  for (const [at, kind] of KINDS.entries()) {
    const start = (entries: readonly Buffer[]): number => 12 + entries.slice(0, at).reduce((sum, { length }) => sum + length, 0);
    places.push([`the start of its ${kind}`, start], [`the first byte of its ${kind}`, (entries) => start(entries) + 1], [`the stream of its ${kind}, a byte in`, (entries) => start(entries) + 3]);
    places.push([`the middle of its ${kind}`, (entries) => start(entries) + ((entries[at]?.length ?? 0) >> 1)], [`the last byte of its ${kind}`, (entries) => start(entries) + (entries[at]?.length ?? 0) - 1]);
  }
  for (const [what, place] of places) {
    yield shape(`ends at ${what}`, (pack, entries) => pack.subarray(0, place(entries)));
    yield shape(`ends at ${what}, with a checksum`, (pack, entries) => sealed(pack.subarray(0, place(entries))));
  }
  for (const left of [0, 1, 10, 19]) yield shape(`has ${left} bytes of its checksum`, (pack) => pack.subarray(0, pack.length - 20 + left));
}

function* headersAndEnds(): Generator<HostilePush> {
  for (const count of [0, 1, 2, 3, 5, 6, 8, 255, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]) yield shape(`counts ${count} objects of 4`, (_, entries) => packOf(entries, count));
  for (const version of [0, 1, 3, 4, 5, 255, 2 ** 31, 2 ** 32 - 1]) {
    yield shape(`is of version ${version}`, (pack) => {
      const bytes = Buffer.from(pack.subarray(0, -20));
      bytes.writeUInt32BE(version, 4);
      return sealed(bytes);
    }, version === 3);
  }
  for (const magic of ['pack', 'PACL', 'KCAP', '\0\0\0\0', '0000', 'PK\u0003\u0004', '# v2', '\u001f\u008b\b\0']) yield shape(`begins with ${JSON.stringify(magic)}`, (pack) => sealed(Buffer.concat([Buffer.from(magic, 'latin1'), pack.subarray(4, -20)])));
  for (let at = 1; at <= 20; at++) yield shape(`has another byte ${at} from its end`, (pack) => flip(pack, pack.length - at));
  yield shape('has zeros for a checksum', (pack) => Buffer.concat([pack.subarray(0, -20), Buffer.alloc(20)]));
  yield shape('has a longer checksum', (pack) => Buffer.concat([pack, Buffer.alloc(12, 1)]), true);
  const tails: readonly (readonly [string, (pack: Buffer) => Buffer])[] = [['two zeros', () => Buffer.alloc(2)], ['a line end', () => Buffer.from('\n')], ['a flush', () => Buffer.from('0000')], ['its checksum again', (pack) => pack.subarray(-20)], ['itself', (pack) => pack], ['an empty pack', () => packOf([])], ['a page of zeros', () => Buffer.alloc(4096)]];
  for (const [what, tail] of tails) {
    // What comes behind a whole pack is not read.
    yield shape(`is followed by ${what}`, (pack) => Buffer.concat([pack, tail(pack)]), true);
    yield shape(`has ${what} before its checksum`, (pack) => sealed(Buffer.concat([pack.subarray(0, -20), tail(pack)])), what === 'its checksum again');
  }
  yield shape('has each object twice', (_, entries) => packOf([...entries, ...entries]));
  yield shape('has its commit a hundred times', (_, entries) => packOf([...entries, ...Array.from({ length: 100 }, () => entries[0] ?? Buffer.alloc(0))]));
  yield shape('is without the flush before it', (pack) => Buffer.concat([Buffer.from('0000'), pack]));
  for (const [at, kind] of KINDS.entries()) yield shape(`is without its ${kind}`, (_, entries) => packOf(entries.filter((_entry, one) => one !== at)), kind === 'tag');
  yield shape('brings its objects backwards', (_, entries) => packOf([...entries].reverse()), true);
  yield { name: 'pack: has the objects of another branch', harmless: false, body: (branch) => pushing(branch, packOf(entriesOf(`${branch}-other`))) };
  yield { name: 'pack: has two files of one id each', harmless: true, body: (branch) => pushing(branch, packOf([...entriesOf(branch), entryOf({ type: 'blob', content: Buffer.from(idOf(honest(branch).blob)) })])) };
}

/** Packs that are not what they say, by shape: headers, counts, sizes, types, streams, cuts, ends and checksums. */
export function* packShapes(): Generator<HostilePush> {
  yield* entryFaults();
  yield* truncations();
  yield* headersAndEnds();
}
