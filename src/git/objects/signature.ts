import { ObjectUnwritable } from './errors.js';

/** Who and when: seconds since the epoch, and the zone as git writes it (`+0200`). */
export interface Signature {
  readonly name: string;
  readonly email: string;
  readonly seconds: number;
  readonly zone: string;
}

/** Seconds and zone at the end of a signature; git itself reads nothing but digits here. */
const DATE = /^\s*(-?\d{1,15})(?:\s+([+-]\d{1,6}))?/u;
/** What would end the name or the line that it stands in: brackets, NUL, line breaks and the other control characters. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const FORBIDDEN = /[<>\u0000-\u001f\u007f]/u;
const ZONE = /^[+-]\d{4}$/u;
/** The largest time that every git accepts: a signed 64-bit number would do, older gits end at 2^53. */
const MAX_SECONDS = 2 ** 53 - 1;

/**
 * Parses `Name <mail> seconds zone`, as it stands behind `author`, `committer` or `tagger`. Real histories hold broken
 * ones; what cannot be read becomes empty text, second 0 and zone `+0000`, as `git log` shows them. Never throws.
 */
export function parseSignature(text: string): Signature {
  const open = text.indexOf('<');
  const close = text.lastIndexOf('>');
  if (open < 0 || close < open) return { name: text.trim(), email: '', seconds: 0, zone: '+0000' };
  const date = DATE.exec(text.slice(close + 1));
  return {
    name: text.slice(0, open).trim(),
    email: text.slice(open + 1, close),
    seconds: Number(date?.[1] ?? 0),
    zone: date?.[2] ?? '+0000',
  };
}

/**
 * Renders a signature as git writes it. Throws {@link ObjectUnwritable} for a name or mail that would not read back as it
 * was given or that would forge another header (`<`, `>`, control characters), and for an impossible time or zone.
 */
export function formatSignature(signature: Signature): string {
  const { name, email, seconds, zone } = signature;
  requireSafe('name', name);
  requireSafe('email', email);
  if (name.trim() !== name || email.trim() !== email) throw new ObjectUnwritable('a name or email begins or ends with white space');
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_SECONDS) throw new ObjectUnwritable(`the time ${seconds} is not a number of seconds`);
  if (!ZONE.test(zone)) throw new ObjectUnwritable('a zone is a sign and four digits');
  // An empty name keeps its space: git fsck calls a signature that begins with `<` broken.
  return `${name} <${email}> ${seconds} ${zone}`;
}

function requireSafe(what: string, text: string): void {
  if (FORBIDDEN.test(text)) throw new ObjectUnwritable(`the ${what} holds an angle bracket, a line break or a control character`);
  if (Buffer.from(text, 'utf8').toString('utf8') !== text) throw new ObjectUnwritable(`the ${what} is not well-formed Unicode`);
}
