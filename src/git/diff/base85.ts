import type { Steps } from './steps.js';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~';
const CODES = Buffer.from(ALPHABET, 'latin1');
const VALUES = new Int16Array(256).fill(-1);
for (let value = 0; value < CODES.length; value++) VALUES[CODES[value] ?? 0] = value;

const LINE_BYTES = 52;
const NEWLINE = 0x0a;
const YIELD_LINES = 4096;

/**
 * The lines of a `GIT binary patch`: up to 52 bytes each, headed by a letter for their number (A–Z 1–26, a–z 27–52), in
 * groups of four bytes as five digits of base 85, most significant first, the last group filled up with zeros.
 */
export function* encodeBase85(bytes: Buffer): Steps<Buffer> {
  const lines = Math.ceil(bytes.length / LINE_BYTES);
  const out = Buffer.allocUnsafe(Math.ceil(bytes.length / 4) * 5 + lines * 7);
  let to = 0;
  for (let line = 0; line < lines; line++) {
    const from = line * LINE_BYTES;
    const end = Math.min(bytes.length, from + LINE_BYTES);
    const count = end - from;
    out[to++] = count <= 26 ? 0x40 + count : 0x60 + count - 26;
    for (let at = from; at < end; at += 4) {
      let group = (bytes[at] ?? 0) * 0x1000000 + ((bytes[at + 1] ?? 0) << 16) + ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0);
      for (let digit = 4; digit >= 0; digit--) {
        out[to + digit] = CODES[group % 85] ?? 0;
        group = Math.floor(group / 85);
      }
      to += 5;
    }
    out[to++] = NEWLINE;
    if (line % YIELD_LINES === YIELD_LINES - 1) yield YIELD_LINES * LINE_BYTES;
  }
  return out.subarray(0, to);
}

/** The bytes of one line, newline not included; null when it is malformed. */
export function decodeBase85Line(line: Buffer): Buffer | null {
  const head = line[0] ?? 0;
  const count = head >= 0x41 && head <= 0x5a ? head - 0x40 : head >= 0x61 && head <= 0x7a ? head - 0x60 + 26 : 0;
  if (count === 0 || line.length !== 1 + Math.ceil(count / 4) * 5) return null;
  const out = Buffer.alloc(Math.ceil(count / 4) * 4);
  for (let at = 1, to = 0; at < line.length; at += 5, to += 4) {
    let group = 0;
    for (let digit = 0; digit < 5; digit++) {
      const value = VALUES[line[at + digit] ?? 0] ?? -1;
      if (value < 0) return null;
      group = group * 85 + value;
    }
    if (group > 0xffffffff) return null;
    out.writeUInt32BE(group, to);
  }
  return out.subarray(0, count);
}
