import { ObjectUnwritable } from './errors.js';

/** One trailer of a commit message, as `git interpret-trailers --parse` prints it: the value unfolded to one line. */
export interface Trailer {
  readonly key: string;
  readonly value: string;
}

/** The two lines that git itself generates; one of them makes a mixed paragraph a trailer block. */
const GENERATED = ['Signed-off-by: ', '(cherry picked from commit '];
const TRAILER_LINE = /^([A-Za-z0-9-]+)[ \t]*:(.*)$/su;
const KEY = /^[A-Za-z0-9-]+$/u;

/** The lines of a message that end it, and whether they are a block of trailers. */
interface LastParagraph {
  readonly lines: readonly string[];
  readonly isTrailers: boolean;
}

/**
 * The trailers of a commit message, in order: the `key: value` lines of its last paragraph, continuation lines unfolded.
 *
 * Follows the documentation of git-interpret-trailers: the block is the last paragraph, never the title; either every line
 * of it is a trailer, or a quarter are and one of them is a line that git generates (`Signed-off-by:`, `(cherry picked
 * from commit`). Equal to `git interpret-trailers --parse --no-divider`, which reads messages as they are stored.
 */
export function parseTrailers(message: string): Trailer[] {
  const { lines, isTrailers } = lastParagraph(message);
  if (!isTrailers) return [];
  const found: { key: string; value: string }[] = [];
  let open = false;
  for (const line of lines) {
    if (isComment(line)) continue;
    const last = found.at(-1);
    if (isContinuation(line)) {
      if (open && last !== undefined) last.value = `${last.value} ${line.trim()}`.trim();
      continue;
    }
    const match = TRAILER_LINE.exec(line);
    open = match !== null;
    if (match !== null) found.push({ key: match[1] ?? '', value: (match[2] ?? '').trim() });
  }
  return found;
}

/**
 * The message with `trailers` at its end: in its trailer block where it has one, otherwise as a new paragraph. The text
 * before keeps every byte but trailing blank lines; the result ends in a line break. Equal to
 * `git interpret-trailers --no-divider --if-exists add`. Throws {@link ObjectUnwritable} for a key that is not letters,
 * digits and `-`, and for a value with a line break or NUL.
 */
export function appendTrailers(message: string, trailers: readonly Trailer[]): string {
  if (trailers.length === 0) return message;
  const added = trailers.map(({ key, value }) => {
    if (!KEY.test(key)) throw new ObjectUnwritable(`${JSON.stringify(key)} is not a trailer key`);
    if (/[\0\n\r]/u.test(value)) throw new ObjectUnwritable(`the value of trailer ${key} is not one line`);
    return `${key}: ${value.trim()}\n`;
  });
  const kept = message.replace(/(?:[ \t]*\n)*[ \t]*$/u, '');
  const text = kept === '' ? '' : `${kept}\n`;
  const gap = lastParagraph(message).isTrailers ? '' : '\n';
  return `${text}${gap}${added.join('')}`;
}

function lastParagraph(message: string): LastParagraph {
  const lines = message.split('\n');
  let end = lines.length;
  while (end > 0 && isBlank(lines[end - 1] ?? '')) end--;
  let start = end;
  while (start > 0 && !isBlank(lines[start - 1] ?? '')) start--;
  const paragraph = lines.slice(start, end);
  // A message of one paragraph is all title, and a title is never a trailer.
  const title = !lines.slice(0, start).some((line) => !isBlank(line) && !isComment(line));
  return { lines: paragraph, isTrailers: !title && areTrailers(paragraph) };
}

function areTrailers(lines: readonly string[]): boolean {
  let trailers = 0;
  let others = 0;
  let generated = false;
  let continues: 'trailer' | 'other' = 'other';
  for (const line of lines) {
    if (isComment(line)) continue;
    if (isContinuation(line)) {
      if (continues === 'other') others++;
      continue;
    }
    if (GENERATED.some((start) => line.startsWith(start))) {
      generated = true;
      trailers++;
      continues = 'trailer';
    } else if (TRAILER_LINE.test(line)) {
      trailers++;
      continues = 'trailer';
    } else {
      others++;
      continues = 'other';
    }
  }
  if (trailers > 0 && others === 0) return true;
  return generated && trailers * 3 >= others;
}

function isBlank(line: string): boolean {
  return line.trim() === '';
}

function isComment(line: string): boolean {
  return line.startsWith('#');
}

function isContinuation(line: string): boolean {
  return line.startsWith(' ') || line.startsWith('\t');
}
