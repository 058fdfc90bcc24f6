const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const BACKSLASH = 0x5c;
const NOT_A_SET = -1;

/** The characters of `pattern` before its first glob character (`*`, `?`, `[` or `\`); null when it has none. */
export function globStart(pattern: string): string | null {
  const at = pattern.search(/[*?[\\]/);
  return at < 0 ? null : pattern.slice(0, at);
}

/**
 * True when the whole of `text` matches the glob, by the rules of gitglossary(7) for a pathspec: `*` stands for any run of
 * bytes, slashes included, `?` for one byte, `[a-z]` for one of a set (`[!…]` and `[^…]` for one outside it, `[:alpha:]` and
 * its kin inside it), and `\` takes the next byte literally. Both are latin1 readings. A set that is never closed matches nothing.
 *
 * Takes time in the product of the lengths at worst: on a mismatch only the last `*` is tried again, which suffices as
 * an earlier one could only match what the later one then also reaches.
 */
export function globMatches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let starPattern = -1;
  let starText = -1;
  while (t < text.length) {
    const next = p < pattern.length ? matchOne(pattern, p, text.charCodeAt(t)) : NOT_A_SET;
    if (p < pattern.length && pattern.charCodeAt(p) === STAR) {
      starPattern = ++p;
      starText = t;
    } else if (next > 0) {
      p = next;
      t++;
    } else if (starPattern >= 0) {
      p = starPattern;
      t = ++starText;
    } else return false;
  }
  while (p < pattern.length && pattern.charCodeAt(p) === STAR) p++;
  return p === pattern.length;
}

/** Where the pattern goes on after matching one byte at `p`; negative when it does not match. */
function matchOne(pattern: string, p: number, byte: number): number {
  const code = pattern.charCodeAt(p);
  if (code === QUESTION) return p + 1;
  if (code === OPEN) return matchSet(pattern, p + 1, byte);
  if (code === BACKSLASH && p + 1 < pattern.length) return pattern.charCodeAt(p + 1) === byte ? p + 2 : NOT_A_SET;
  return code === byte ? p + 1 : NOT_A_SET;
}

const CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ['alnum', /[A-Za-z0-9]/],
  ['alpha', /[A-Za-z]/],
  ['blank', /[ \t]/],
  ['cntrl', /[^ -~\x80-\xff]/],
  ['digit', /[0-9]/],
  ['graph', /[!-~]/],
  ['lower', /[a-z]/],
  ['print', /[ -~]/],
  ['punct', /[!-/:-@[-`{-~]/],
  ['space', /[ \t-\r]/],
  ['upper', /[A-Z]/],
  ['xdigit', /[A-Fa-f0-9]/],
]);

/** As {@link matchOne}, for a set whose first character is at `start`. */
function matchSet(pattern: string, start: number, byte: number): number {
  let p = start;
  const negated = pattern[p] === '!' || pattern[p] === '^';
  if (negated) p++;
  const first = p;
  let found = false;
  while (p < pattern.length && (p === first || pattern.charCodeAt(p) !== CLOSE)) {
    const named = /^\[:([a-z]*):\]/.exec(pattern.slice(p, p + 12));
    if (named !== null) {
      const kind = CLASSES.get(named[1] ?? '');
      if (kind === undefined) return NOT_A_SET;
      found ||= kind.test(String.fromCharCode(byte));
      p += named[0].length;
      continue;
    }
    if (pattern.charCodeAt(p) === BACKSLASH) p++;
    const low = pattern.charCodeAt(p++);
    let high = low;
    if (pattern[p] === '-' && p + 1 < pattern.length && pattern.charCodeAt(p + 1) !== CLOSE) {
      p++;
      if (pattern.charCodeAt(p) === BACKSLASH) p++;
      high = pattern.charCodeAt(p++);
    }
    // The start of a range that runs backwards still stands for itself.
    found ||= byte === low || (byte >= low && byte <= high);
  }
  if (p >= pattern.length) return NOT_A_SET;
  return found === negated ? NOT_A_SET : p + 1;
}
