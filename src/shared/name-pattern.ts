/** A placeholder: a word in angle brackets, which stands for one character or more of one segment. */
const PLACEHOLDER = /<[a-z][a-z0-9-]*>/gu;

/** The longest pattern, in characters: as many as the longest branch name has. */
const MAX_LENGTH = 200;

/**
 * Patterns of names, as people write them: `session/<id>`, `proposal/<feature>-<run-id>`. A word in angle brackets stands for one
 * character or more, but no slash; everything else is literal, and case counts. There is nothing to backtrack over, so patterns may come
 * from anybody.
 *
 * Answers what is wrong with a pattern, to follow “The pattern "…” in a sentence; null for a good one.
 */
export function patternFault(pattern: string): string | null {
  if (pattern === '') return 'is empty';
  if (pattern.length > MAX_LENGTH) return `has more than ${MAX_LENGTH} characters`;
  if (pattern.includes('><')) return 'has two placeholders with nothing between them';
  const literals = pattern.replaceAll(PLACEHOLDER, 'x');
  if (/[<>]/u.test(literals)) return 'has an angle bracket that belongs to no placeholder';
  if (/[^A-Za-z0-9._/-]/u.test(literals)) return 'holds characters that no name has';
  return literals.split('/').includes('') ? 'has an empty segment' : null;
}

/** True when all of `name` fits the pattern. Linear in the name for each placeholder. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [wanted, given] = [pattern.split('/'), name.split('/')];
  return wanted.length === given.length && wanted.every((segment, at) => matchesSegment(segment.split(PLACEHOLDER), given[at] ?? ''));
}

/** True when the literals stand in the text in this order, the first at its start, the last at its end, with something between each two. */
function matchesSegment(literals: readonly string[], text: string): boolean {
  const [first = '', ...rest] = literals;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const literal of rest) {
    const found = text.indexOf(literal, at + 1);
    if (found === -1) return false;
    at = found + literal.length;
  }
  return at < end;
}

/** A name that fits the pattern: each placeholder becomes its own word and a digit. */
export function exampleOf(pattern: string): string {
  return pattern.replaceAll(PLACEHOLDER, (word) => `${word.replaceAll(/[<>-]/gu, '')}1`);
}
