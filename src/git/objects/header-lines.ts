import { ObjectCorrupt } from './errors.js';
import type { Oid } from './object-source.js';

/** One header of a commit or tag: `key value`, with continuation lines (a leading space in the object) joined by `\n`. */
export interface Header {
  readonly key: string;
  readonly value: Buffer;
}

const LINE_FEED = 0x0a;
const SPACE = 0x20;

/**
 * Splits the content of a commit or tag into its headers and the bytes after the first blank line. A content without a
 * blank line has an empty body. Throws {@link ObjectCorrupt} for a line without a key.
 */
export function readHeaders(oid: Oid, content: Buffer): { headers: Header[]; body: Buffer } {
  const headers: Header[] = [];
  let at = 0;
  while (at < content.length && content[at] !== LINE_FEED) {
    let end = lineEnd(content, at);
    const space = content.indexOf(SPACE, at);
    if (space <= at || space >= end) throw new ObjectCorrupt(oid, 'a header line without a key and a value');
    const pieces = [content.subarray(space + 1, end)];
    while (content[end + 1] === SPACE) {
      const next = lineEnd(content, end + 1);
      pieces.push(content.subarray(end, end + 1), content.subarray(end + 2, next));
      end = next;
    }
    const value = pieces[0] !== undefined && pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    headers.push({ key: content.toString('latin1', at, space), value });
    at = end + 1;
  }
  return { headers, body: content.subarray(Math.min(at + 1, content.length)) };
}

/**
 * Text of a commit or tag: in `encoding` where it is named and known, otherwise UTF-8. Bytes that are no such text are read
 * as latin1, so that nothing is lost to replacement characters.
 */
export function decodeText(bytes: Buffer, encoding?: string): string {
  const text = bytes.toString('utf8');
  const isUtf8 = encoding === undefined || /^utf-?8$/iu.test(encoding);
  if (isUtf8 && !text.includes('\ufffd')) return text;
  try {
    return new TextDecoder(isUtf8 ? 'utf-8' : encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

function lineEnd(content: Buffer, from: number): number {
  const end = content.indexOf(LINE_FEED, from);
  return end < 0 ? content.length : end;
}
