/** `*`: any run within a segment. */
const STAR = -1;
/** `**`: any run, slashes included. */
const GLOBSTAR = -2;
/** `**` and a slash at the start of a segment: nothing, or any run that ends in a slash. Always followed by {@link RUN}. */
const SEGMENTS = -3;
/** The inside of {@link SEGMENTS}: a run on its way to a slash, after which another may begin. */
const RUN = -4;

const ASTERISK = 0x2a;
const SLASH = 0x2f;

/**
 * A glob as code points of literals and the negative marks above; a name is the same without marks. Globs are over names of
 * repositories, branches and paths: `*` stands for any run of characters within a segment, `**` for any run across segments, and
 * where a segment begins with `**` and a slash, for any number of whole segments or none (`src/**` + `/x.ts` matches `src/x.ts`).
 * All else is literal, `?`, `[` and `\` too; the whole name must match, and case counts.
 */
type Symbols = readonly number[];

function pointsOf(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

function parseGlob(glob: string): Symbols {
  const points = pointsOf(glob);
  const symbols: number[] = [];
  let at = 0;
  while (at < points.length) {
    const start = at;
    while (points[at] === ASTERISK) at++;
    if (at === start) symbols.push(points[at++] ?? 0);
    else if (at === start + 1) symbols.push(STAR);
    else if ((start === 0 || points[start - 1] === SLASH) && points[at] === SLASH) {
      symbols.push(SEGMENTS, RUN);
      at++;
    } else symbols.push(GLOBSTAR);
  }
  return symbols;
}

/** Marks `state` and every state that needs no input to be reached from it. */
function enter(states: Uint8Array, symbols: Symbols, state: number): void {
  let at = state;
  for (;;) {
    states[at] = 1;
    const symbol = symbols[at];
    if (symbol === SEGMENTS) {
      states[at + 1] = 1;
      at += 2;
    } else if (symbol === STAR || symbol === GLOBSTAR) at++;
    else return;
  }
}

/** One step: which states follow `at` when the input is `input`, a code point or, for coverage, a mark that stands for any run of its kind. */
function advance(next: Uint8Array, symbols: Symbols, at: number, input: number): void {
  const symbol = symbols[at];
  if (symbol === GLOBSTAR) enter(next, symbols, at);
  else if (symbol === RUN) {
    next[at] = 1;
    if (input === SLASH) enter(next, symbols, at - 1);
  } else if (symbol === STAR) {
    if (input === STAR || (input >= 0 && input !== SLASH)) enter(next, symbols, at);
  } else if (symbol === SEGMENTS) {
    // Whole segments followed by whole segments are whole segments, so this state takes them and stays.
    if (input === SEGMENTS) enter(next, symbols, at);
  } else if (symbol === input && symbol >= 0) enter(next, symbols, at + 1);
}

/** True when the automaton of `symbols` takes all of `input`. Time is the product of the lengths at worst, for any glob: no backtracking. */
function accepts(symbols: Symbols, input: Symbols): boolean {
  let current = new Uint8Array(symbols.length + 1);
  enter(current, symbols, 0);
  for (const each of input) {
    if (each === RUN) continue;
    const next = new Uint8Array(symbols.length + 1);
    for (let at = 0; at < symbols.length; at++) if (current[at] === 1) advance(next, symbols, at, each);
    current = next;
  }
  return current[symbols.length] === 1;
}

/** True when all of `name` matches the glob (the rules are at {@link globSource}). Linear in the name for a given glob, whatever the glob. */
export function matchesGlob(glob: string, name: string): boolean {
  if (glob === '**') return true;
  if (!glob.includes('*')) return glob === name;
  return accepts(parseGlob(glob), pointsOf(name));
}

/** True when at least one of the globs matches `name`; false for an empty list. */
export function matchesAnyGlob(globs: readonly string[], name: string): boolean {
  return globs.some((glob) => matchesGlob(glob, name));
}

/**
 * True when every name that a glob of `child` matches is surely matched by a single glob of `parent`: a key derived from another
 * stays within it. Conservative: a `true` is always right; a `false` may be wrong where only several parents together would
 * cover a child, or where literals would have to be reasoned about (`*` with `**` is not seen to be `**`).
 */
export function globCovers(parent: readonly string[], child: readonly string[]): boolean {
  const parents = parent.map(parseGlob);
  return child.every((glob) => {
    const input = parseGlob(glob);
    return parents.some((symbols) => accepts(symbols, input));
  });
}

/** Any one character, a newline included, in the dialect that JavaScript and Postgres share. */
const ANY = '(?:[^/]|/)';

/**
 * The glob as the source of an anchored regular expression that JavaScript (`new RegExp(source, 'u')`) and Postgres
 * (`name ~ source`) both take and read alike: `*` is any run within a segment, `**` any run across segments, `**` and a slash at
 * the start of a segment any number of whole segments or none; everything else is literal, and case counts.
 *
 * For use in SQL, where matching does not backtrack. In this process use {@link matchesGlob}: JavaScript's own engine may
 * take time exponential in the number of stars.
 */
export function globSource(glob: string): string {
  let source = '';
  for (const symbol of parseGlob(glob)) {
    if (symbol === STAR) source += '[^/]*';
    else if (symbol === GLOBSTAR) source += `${ANY}*`;
    else if (symbol === SEGMENTS) source += `(?:${ANY}*/)?`;
    else if (symbol !== RUN) source += String.fromCodePoint(symbol).replace(/[$()*+.?[\\\]^{|}]/u, String.raw`\$&`);
  }
  return `^${source}$`;
}
