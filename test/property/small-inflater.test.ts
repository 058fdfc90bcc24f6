import { constants, deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inflateMeasured, inflateSized } from '../../src/git/pack/inflate.js';
import { SmallInflater } from '../../src/git/pack/small-inflater.js';
import { PackInvalid } from '../../src/git/objects/errors.js';
import { fc } from '../support/fast-check.js';

/** Cases of each kind; `WEIR_TEST_CASES` makes it a soak. */
const CASES = Number(process.env['WEIR_TEST_CASES'] ?? 1000);
const MARGIN = 8;
const inflater = new SmallInflater();

/** What it makes of the stream that begins at `from`, with a margin around that must stay as it was; null where it declines. */
function attempt(source: Buffer, from: number, size: number): { content: Buffer; consumed: number } | null {
  const target = Buffer.alloc(size + 2 * MARGIN, 0xa5);
  const consumed = inflater.inflate(source, from, target, MARGIN, size);
  if (![...target.subarray(0, MARGIN), ...target.subarray(MARGIN + size)].every((byte) => byte === 0xa5)) throw new TypeError('wrote outside its range');
  return consumed < 0 ? null : { content: target.subarray(MARGIN, MARGIN + size), consumed };
}

/** What zlib makes of it; null where it refuses, or the size is another. */
function judged(source: Buffer, size: number): Buffer | null {
  try {
    const content = inflateSync(source);
    return content.length === size ? content : null;
  } catch {
    return null;
  }
}

/** True where it declined, or made what zlib makes. */
function agrees(stream: Buffer, size: number): boolean {
  const got = attempt(stream, 0, size);
  return got === null || judged(stream, size)?.equals(got.content) === true;
}

/** What a call answers; null where it throws {@link PackInvalid}. */
function answerOf<T>(call: () => T): T | null {
  try {
    return call();
  } catch (fault) {
    if (fault instanceof PackInvalid) return null;
    throw fault;
  }
}

/** Bytes as objects have them: noise, few different bytes, and words that repeat near and far. */
const contents = fc.oneof(
  fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
  fc.array(fc.integer({ min: 97, max: 100 }), { maxLength: 4000 }).map((bytes) => Buffer.from(bytes)),
  fc.array(fc.stringMatching(/^[a-z]{1,9} $/u), { minLength: 1, maxLength: 40 }).chain((words) =>
    fc.array(fc.nat(words.length - 1), { maxLength: 900 }).map((order) => Buffer.from(order.map((at) => words[at]).join('')))),
  fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 40_000 })).map(([bytes, size]) => Buffer.alloc(size, bytes)),
);
const options = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
  strategy: fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_FILTERED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE, constants.Z_FIXED),
});

describe('the inflater of small streams', () => {
  it('makes of every stream that zlib writes what went in, and says where the stream ended', () => {
    let made = 0;
    fc.assert(
      fc.property(contents, options, fc.nat(5), fc.nat(9), (content, how, before, behind) => {
        const stream = deflateSync(content, how);
        const got = attempt(Buffer.concat([Buffer.alloc(before, 0x78), stream, Buffer.alloc(behind, 0xff)]), before, content.length);
        expect(got === null ? null : got.content.equals(content) && got.consumed).toBe(stream.length);
        made += content.length;
      }),
      { numRuns: CASES },
    );
    expect(made).toBeGreaterThan(CASES * 500);
  });

  it('accepts nothing of a damaged stream but what zlib makes of it, too', () => {
    let declined = 0;
    fc.assert(
      fc.property(contents, options, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }), (content, how, damage) => {
        const stream = deflateSync(content, how);
        for (const [at, byte] of damage) stream[at % stream.length] = byte;
        if (attempt(stream, 0, content.length) === null) declined++;
        expect(agrees(stream, content.length)).toBe(true);
      }),
      { numRuns: CASES },
    );
    expect(declined).toBeGreaterThan(CASES / 2);
  });

  it('accepts no stream that is cut short, nor one of another size', () => {
    fc.assert(
      fc.property(contents, options, fc.nat(), fc.integer({ min: 1, max: 40 }), (content, how, cut, more) => {
        const stream = deflateSync(content, how);
        expect(attempt(stream.subarray(0, cut % stream.length), 0, content.length)).toBeNull();
        expect(attempt(stream, 0, content.length + more)).toBeNull();
        expect(attempt(stream, 0, Math.max(0, content.length - more)) === null).toBe(content.length > 0);
      }),
      { numRuns: CASES },
    );
  });

  it('accepts no noise behind a head of zlib that zlib would not, and comes to an end with it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(7), fc.nat(400), (noise, first, size) => {
        // Every kind of block comes first as often as the others.
        const stream = Buffer.concat([Buffer.from([0x78, 0x9c]), noise]);
        if (stream.length > 2) stream[2] = ((stream[2] ?? 0) & 0xf8) | first;
        expect(agrees(stream, size)).toBe(true);
      }),
      { numRuns: CASES * 5 },
    );
  });

  it('answers through the public functions as zlib alone would, whichever of the two was asked', () => {
    fc.assert(
      fc.property(contents, options, fc.nat(), fc.nat(255), fc.boolean(), (content, how, at, byte, harm) => {
        const stream = deflateSync(content, how);
        if (harm) stream[at % stream.length] = byte;
        const expected = judged(stream, content.length);
        const same = (made: Buffer | undefined): boolean => (made === undefined ? expected === null : expected?.equals(made) === true);
        expect(same(answerOf(() => inflateSized(stream, content.length)) ?? undefined)).toBe(true);
        const measured = answerOf(() => inflateMeasured(Buffer.concat([stream, Buffer.from([1, 2, 3])]), content.length));
        expect(same(measured?.content)).toBe(true);
        expect(measured?.consumed ?? null).toBe(expected === null ? null : stream.length);
      }),
      { numRuns: CASES },
    );
  });
});
