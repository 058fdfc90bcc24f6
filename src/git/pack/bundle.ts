import { PackInvalid } from '../objects/errors.js';
import type { Oid } from '../objects/object-source.js';
import type { RandomAccess } from './random-access.js';

/** A reference that a bundle carries; `name` in full (`refs/heads/main`, `HEAD`). */
export interface BundleReference {
  readonly name: string;
  readonly oid: Oid;
}

/** What stands in front of a bundle's pack. `packOffset` is where the pack begins. */
export interface BundleHeader {
  readonly version: 2 | 3;
  /** `@key=value` lines of version 3; the value is empty where there is none. */
  readonly capabilities: ReadonlyMap<string, string>;
  /** Commits that the receiver must have already; their presence makes the pack thin. */
  readonly prerequisites: readonly Oid[];
  readonly references: readonly BundleReference[];
  readonly packOffset: number;
}

/** A million references of 60 bytes; what is longer is no header. */
const MAX_HEADER_BYTES = 64 << 20;
const FIRST_READ = 64 << 10;
const PREREQUISITE = /^-([0-9a-f]{40})(?: .*)?$/su;
const REFERENCE = /^([0-9a-f]{40}) (.+)$/su;

/**
 * Parses the header of a bundle (gitformat-bundle, versions 2 and 3). Throws {@link PackInvalid} for another signature, a
 * line of no known form, an object format other than SHA-1, an unknown capability, and a filtered bundle, whose objects
 * would be missing.
 */
export function readBundleHeader(access: RandomAccess): BundleHeader {
  const { lines, packOffset } = headerLines(access);
  const signature = lines[0];
  const version = signature === '# v2 git bundle' ? 2 : signature === '# v3 git bundle' ? 3 : null;
  if (version === null) throw new PackInvalid('it is not a git bundle of version 2 or 3');
  const capabilities = new Map<string, string>();
  const prerequisites: Oid[] = [];
  const references: BundleReference[] = [];
  for (const line of lines.slice(1)) {
    if (version === 3 && line.startsWith('@') && prerequisites.length + references.length === 0) {
      const [key = '', ...value] = line.slice(1).split('=');
      requireKnown(key, value.join('='));
      capabilities.set(key, value.join('='));
      continue;
    }
    const prerequisite = PREREQUISITE.exec(line)?.[1];
    const reference = REFERENCE.exec(line);
    if (prerequisite !== undefined && references.length === 0) prerequisites.push(prerequisite);
    else if (reference?.[1] !== undefined && reference[2] !== undefined) references.push({ oid: reference[1], name: reference[2] });
    else throw new PackInvalid('the bundle has a line that is neither a prerequisite nor a reference');
  }
  return { version, capabilities, prerequisites, references, packOffset };
}

function requireKnown(key: string, value: string): void {
  if (key === 'filter') throw new PackInvalid('the bundle was filtered, so it lacks objects');
  if (key !== 'object-format') throw new PackInvalid(`the bundle asks for the unknown capability ${JSON.stringify(key)}`);
  if (value !== 'sha1') throw new PackInvalid(`the bundle has objects named by ${JSON.stringify(value)}, not by SHA-1`);
}

/** The lines before the first empty one. Names are UTF-8; reads as little as finds that line. */
function headerLines(access: RandomAccess): { lines: string[]; packOffset: number } {
  const bound = Math.min(access.size, MAX_HEADER_BYTES);
  for (let length = Math.min(FIRST_READ, bound); ; length = Math.min(length * 4, bound)) {
    const bytes = access.read(0, length);
    if (!bytes.toString('latin1', 0, 4).startsWith('# v')) throw new PackInvalid('it is not a git bundle');
    const end = bytes.indexOf('\n\n');
    if (end >= 0) return { lines: bytes.toString('utf8', 0, end).split('\n'), packOffset: end + 2 };
    if (length === bound) throw new PackInvalid('the bundle has no end of its header');
  }
}
