import { constants, deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { PackInvalid } from '../../../src/git/objects/errors.js';
import { endedEarly, inflateMeasured, inflateSized } from '../../../src/git/pack/inflate.js';
import { HuffmanCode } from '../../../src/git/pack/huffman-code.js';
import { SmallInflater } from '../../../src/git/pack/small-inflater.js';

const inflater = new SmallInflater();

function inflated(stream: Buffer, size: number): string | null {
  const target = Buffer.alloc(size);
  return inflater.inflate(stream, 0, target, 0, size) < 0 ? null : target.toString('latin1');
}

/** A zlib stream of these bits of deflate, written as RFC 1951 counts them: each field's lowest bit first, codes from their highest. */
function streamOf(bits: string, content: string): Buffer {
  const digits = bits.replaceAll(' ', '');
  const body = Buffer.alloc(Math.ceil(digits.length / 8));
  for (const [at, digit] of [...digits].entries()) if (digit === '1') body[at >> 3] = (body[at >> 3] ?? 0) | (1 << (at & 7));
  return Buffer.concat([Buffer.from([0x78, 0x9c]), body, deflateSync(content).subarray(-4)]);
}

/** What inflating to 50 bytes throws. */
function fault(bytes: Buffer): unknown {
  try {
    return inflateSized(bytes, 50);
  } catch (thrown) {
    return thrown;
  }
}

const LAST_FIXED = '1 10';
const END = '0000000';
/** The fixed code of a small literal. */
const literal = (text: string): string => (0x30 + text.charCodeAt(0)).toString(2).padStart(8, '0');

describe('the inflater of small streams', () => {
  it('makes literals and matches of the fixed code, a match that overlaps itself included', () => {
    // Length 3 is symbol 257, distance 1 symbol 0.
    const stream = streamOf(`${LAST_FIXED} ${literal('a')} 0000001 00000 ${END}`, 'aaaa');
    expect(inflated(stream, 4)).toBe('aaaa');
    expect(inflateSync(stream).toString()).toBe('aaaa');
  });

  it('takes several blocks of all three kinds one after the other', () => {
    const text = 'the quick brown fox jumps over the lazy dog, and the quick brown dog over the fox; ';
    const parts = [0, 9].map((level) => deflateSync(text, { level, finishFlush: constants.Z_SYNC_FLUSH }).subarray(2));
    const whole = deflateSync(text).subarray(2);
    const stream = Buffer.concat([Buffer.from([0x78, 0x9c]), ...parts, whole.subarray(0, -4), deflateSync(text.repeat(3)).subarray(-4)]);
    expect(inflateSync(stream).toString()).toBe(text.repeat(3));
    expect(inflated(stream, text.length * 3)).toBe(text.repeat(3));
  });

  it('decodes codes of 15 bits', () => {
    // Frequencies of Fibonacci make the most lopsided code there is.
    let [one, two] = [1, 1];
    const pieces: string[] = [];
    for (let symbol = 0; symbol < 22; symbol++) {
      pieces.push(String.fromCharCode(65 + symbol).repeat(one));
      [one, two] = [two, one + two];
    }
    const text = pieces.join('');
    const stream = deflateSync(text, { strategy: constants.Z_HUFFMAN_ONLY, memLevel: 9 });
    expect(inflated(stream, text.length) === text).toBe(true);
  });

  it.each([
    ['a match before the first byte', streamOf(`${LAST_FIXED} ${literal('a')} 0000001 00001 ${END}`, 'aaaa')],
    ['a length symbol that is none', streamOf(`${LAST_FIXED} ${literal('a')} 11000110 00000 ${END}`, 'aaaa')],
    ['a distance symbol that is none', streamOf(`${LAST_FIXED} ${literal('a')} 0000001 11110 ${END}`, 'aaaa')],
    ['the reserved kind of block', streamOf(`1 11 ${END}`, 'aaaa')],
    ['no last block', streamOf(`0 10 ${literal('a').repeat(4)} ${END}`, 'aaaa')],
    ['no end of its block', streamOf(`${LAST_FIXED} ${literal('a').repeat(4)}`, 'aaaa')],
    ['another checksum', streamOf(`${LAST_FIXED} ${literal('a').repeat(4)} ${END}`, 'aaab')],
    ['a stored block whose length is not confirmed', streamOf(`1 00 00000 0010000000000000 1101111111111110 ${'10000110'.repeat(4)}`, 'aaaa')],
    ['a stored block longer than it is', streamOf('1 00 00000 0000000011111111 1111111100000000', 'aaaa')],
    ['a preset dictionary', deflateSync('aaaa', { dictionary: Buffer.from('aaaa') })],
    ['a wrong head', Buffer.concat([Buffer.from([0x78, 0x9d]), deflateSync('aaaa').subarray(2)])],
    ['gzip in place of zlib', Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), deflateSync('aaaa').subarray(2)])],
    ['nothing', Buffer.alloc(0)],
  ])('declines a stream with %s, and zlib refuses it', (_, stream) => {
    expect(inflated(stream, 4)).toBeNull();
    expect(() => inflateSync(stream)).toThrow(/header|incorrect|invalid|unexpected|Missing/u);
    expect(() => inflateSized(stream.length === 0 ? Buffer.alloc(1) : stream, 4)).toThrow(PackInvalid);
  });

  it('has no room to write where its target ends before the size', () => {
    expect(inflater.inflate(deflateSync('hello'), 0, Buffer.alloc(4), 0, 5)).toBe(-1);
    expect(inflater.inflate(deflateSync('hello'), 0, Buffer.alloc(8), 4, 5)).toBe(-1);
  });

  it('takes the empty stream', () => {
    expect(inflated(deflateSync(''), 0)).toBe('');
  });
});

describe('inflating of a declared size', () => {
  it('tells a stream that more bytes might cure from one that is broken', () => {
    const stream = deflateSync('a text of some length, short enough for either way');
    expect(endedEarly(fault(stream.subarray(0, 20)))).toBe(true);
    const broken = Buffer.from(stream);
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
    expect(endedEarly(fault(broken))).toBe(false);
    expect(fault(broken)).toBeInstanceOf(PackInvalid);
  });

  it('lets zlib decide about a code of one distance, which its own inflater leaves', () => {
    // Codes of a, 256, 257 with 1, 2, 2 bits and of one distance with 1 bit, whose lengths are written with 1, 2 and 18 (RFC 1951, section 3.2.7).
    const head = `1 01 10000 00000 0111 000 000 100 000 ${'000 '.repeat(11)} 010 000 010`;
    const lengths = '0 0110101 10 0 1111111 0 1001000 11 11 10';
    const stream = streamOf(`${head} ${lengths} 0 11 0 10`, 'aaaa');
    expect(inflated(stream, 4)).toBeNull();
    expect(inflateSized(stream, 4).toString()).toBe('aaaa');
    expect(inflateMeasured(stream, 4)).toEqual({ content: Buffer.from('aaaa'), consumed: stream.length });
  });

  it('says where a small stream ended among others', () => {
    const [first, second] = [deflateSync('first'), deflateSync('second')];
    expect(inflateMeasured(Buffer.concat([first, second]), 5)).toEqual({ content: Buffer.from('first'), consumed: first.length });
  });
});

describe('a Huffman code', () => {
  it('is refused where its lengths fit no code, or leave some of it unused', () => {
    const code = new HuffmanCode(4, 2);
    expect(code.define(Uint8Array.of(1, 1, 1), 0, 3)).toBe(false);
    expect(code.define(Uint8Array.of(2, 2, 2), 0, 3)).toBe(false);
    expect(code.define(Uint8Array.of(0, 0, 0), 0, 3)).toBe(false);
    expect(code.define(Uint8Array.of(1, 2, 2), 0, 3)).toBe(true);
  });

  it('finds by the slow way what the fast one has, and longer codes only so', () => {
    const code = new HuffmanCode(4, 2);
    // RFC 1951, section 3.2.2: 0, 10, 110, 111, here with the first bit lowest.
    expect(code.define(Uint8Array.of(1, 2, 3, 3), 0, 4)).toBe(true);
    expect([0b0, 0b01, 0b011, 0b111].map((bits) => code.slow(bits) >> 4)).toEqual([0, 1, 2, 3]);
    expect([0b00, 0b01, 0b10, 0b11].map((bits) => code.fast[bits])).toEqual([1, 16 + 2, 1, 0]);
  });
});
