const BLOCK = 4096;

/** How many bytes both buffers share at their start: whole blocks by the runtime's own comparison, the rest byte by byte. */
export function commonPrefixBytes(a: Buffer, b: Buffer): number {
  const shorter = Math.min(a.length, b.length);
  let at = 0;
  while (at + BLOCK <= shorter && a.compare(b, at, at + BLOCK, at, at + BLOCK) === 0) at += BLOCK;
  while (at < shorter && a[at] === b[at]) at++;
  return at;
}

/** How many bytes both share at their end, `most` at most. */
export function commonSuffixBytes(a: Buffer, b: Buffer, most: number): number {
  let shared = 0;
  while (shared + BLOCK <= most) {
    const aFrom = a.length - shared - BLOCK;
    const bFrom = b.length - shared - BLOCK;
    if (a.compare(b, bFrom, bFrom + BLOCK, aFrom, aFrom + BLOCK) !== 0) break;
    shared += BLOCK;
  }
  while (shared < most && a[a.length - 1 - shared] === b[b.length - 1 - shared]) shared++;
  return shared;
}
