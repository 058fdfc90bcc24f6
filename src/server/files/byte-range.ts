/** Which bytes are wanted: `end` is exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The one range that a request names (RFC 9110, 14.1.2): null for the whole, which also answers what is malformed, of another unit, or several
 * ranges at once; NONE where it lies behind the end.
 */
export function byteRange(header: string | null, size: number): ByteRange | null | 'NONE' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/u.exec(header?.replaceAll(' ', '') ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return null;
  if (first === '' && Number(last) === 0) return 'NONE';
  // The end of an empty file is all of it, for which a part has no words (14.4).
  if (first === '') return size === 0 ? null : { start: Math.max(0, size - Number(last)), end: size };
  const start = Number(first);
  if (last !== '' && Number(last) < start) return null;
  if (start >= size) return 'NONE';
  return { start, end: last === '' ? size : Math.min(size, Number(last) + 1) };
}
