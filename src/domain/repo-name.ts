import { byteLength } from './text.js';
import { quote, rulesOf, type Violation } from './violation.js';

/** The longest repository name, in bytes, slashes included. */
const MAX_NAME_BYTES = 100;
const MAX_SEGMENTS = 3;

const broken = rulesOf('repo-name');
const HINT = 'Use one to three segments of lowercase letters, digits, ".", "_" and "-" that begin with a letter or digit, joined by "/".';

/**
 * The rule that a name for a new repository breaks, or null. `pattern` is a deployment's own narrowing (anchored or not, as
 * its author wrote it), or null. A segment may not end in `.git`: `/git/NAME.git` could not be read otherwise.
 */
export function repoNameViolation(name: string, pattern: RegExp | null = null): Violation | null {
  if (name === '') return broken('empty', 'The repository name is empty.', HINT);
  if (byteLength(name) > MAX_NAME_BYTES) return broken('too-long', `The repository name has ${byteLength(name)} bytes, of ${MAX_NAME_BYTES} that are allowed.`, HINT);
  const foreign = /[^a-z0-9._/-]/u.exec(name);
  if (foreign !== null) return broken('characters', `The repository name ${quote(name)} holds ${quote(foreign[0])}, which is not allowed.`, HINT);
  const segments = name.split('/');
  if (segments.length > MAX_SEGMENTS) return broken('segments', `The repository name ${quote(name)} has ${segments.length} segments, of ${MAX_SEGMENTS} that are allowed.`, HINT);
  for (const segment of segments) {
    if (!/^[a-z0-9]/u.test(segment)) {
      return broken('segment-start', `The repository name ${quote(name)} has a segment that does not begin with a letter or digit.`, HINT);
    }
    if (segment.endsWith('.git')) return broken('git-suffix', `The repository name ${quote(name)} has a segment that ends in ".git".`, HINT);
  }
  if (pattern !== null && pattern.exec(name) === null) {
    return broken('deployment', `The repository name ${quote(name)} does not fit this server’s own rule, ${pattern.source}.`, 'Choose a name that fits it.');
  }
  return null;
}
