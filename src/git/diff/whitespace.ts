import type { Steps } from './steps.js';

/** How white space takes part in comparing lines: as it stands, as `git diff -b` or as `git diff -w`. */
export type Whitespace = 'SHOW' | 'IGNORE_CHANGE' | 'IGNORE_ALL';

const STEP_BYTES = 1 << 18;

const TAB = 0x09;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;

/** The bytes that git counts as white space in a line: space, tab, carriage return, newline; not vertical tab, not form feed. */
export function isSpace(byte: number): boolean {
  return byte === SPACE || byte === TAB || byte === CARRIAGE_RETURN || byte === NEWLINE;
}

/**
 * `bytes` with each line in the form in which `mode` compares it, one line for each line of the input:
 * - `SHOW`: `bytes` itself.
 * - `IGNORE_CHANGE`: a run of white space is one space, and none stands before the newline.
 * - `IGNORE_ALL`: no white space but the newlines.
 *
 * Except in `SHOW` every line ends in a newline, so that a missing one at the end of the file is no difference, as in git.
 * Suspendable about every quarter of a megabyte.
 */
export function* normalizeLines(bytes: Buffer, mode: Whitespace): Steps<Buffer> {
  if (mode === 'SHOW') return bytes;
  const out = Buffer.allocUnsafe(bytes.length + 1);
  let length = 0;
  let pending = false;
  for (let at = 0; at < bytes.length; at++) {
    if (at % STEP_BYTES === STEP_BYTES - 1) yield STEP_BYTES;
    const byte = bytes[at] ?? 0;
    if (byte === NEWLINE) {
      out[length++] = NEWLINE;
      pending = false;
    } else if (isSpace(byte)) {
      pending = mode === 'IGNORE_CHANGE';
    } else {
      if (pending) out[length++] = SPACE;
      pending = false;
      out[length++] = byte;
    }
  }
  if (bytes.length > 0 && bytes[bytes.length - 1] !== NEWLINE) out[length++] = NEWLINE;
  return out.subarray(0, length);
}
