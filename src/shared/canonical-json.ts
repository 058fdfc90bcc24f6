/** A value without a canonical form was to be hashed: a programming mistake, never a client's. */
export class NotCanonical extends TypeError {
  override readonly name = 'NotCanonical';
}

/**
 * JSON with sorted keys and no spaces: the same value always gives the same bytes, so that it can be hashed. Dates become ISO
 * strings, members that are undefined are left out. Follows RFC 8785 but for its number format, which JSON.stringify gives.
 * Throws {@link NotCanonical} for functions, symbols, bigints and numbers that are not finite.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (value instanceof Date) return JSON.stringify(value.toISOString());
  if (Array.isArray(value)) return `[${value.map((member) => canonicalJson(member ?? null)).join(',')}]`;
  if (typeof value !== 'object') throw new NotCanonical(`no canonical form for a ${typeof value}`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
