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

/** The last paragraph of a message: its first line, the line after its last, and whether it is a block of trailers. */
interface LastParagraph {
  readonly lines: readonly string[];
  readonly start: number;
  readonly end: number;
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
  const { lines, start, end, isTrailers } = lastParagraph(message);
  if (!isTrailers) return [];
  const found: { key: string; value: string }[] = [];
  let open = false;
  for (const line of lines.slice(start, end)) {
    const last = found.at(-1);
    if (isContinuation(line)) {
      if (open && last !== undefined) last.value += ` ${line.trimStart()}`;
      continue;
    }
    // A comment is skipped, and what is folded behind it belongs to nothing.
    const match = isComment(line) ? null : TRAILER_LINE.exec(line);
    open = match !== null;
    if (match !== null) found.push({ key: match[1] ?? '', value: match[2] ?? '' });
  }
  return found.map(({ key, value }) => ({ key, value: value.trim() }));
}

/**
 * The message with `trailers` added: behind the last line of its trailer block where it has one, otherwise as a new last
 * paragraph. Blank and comment lines that end the message stay behind them, as git leaves them; every other byte stays
 * as it is, and the result ends in a line break. Equal to `git interpret-trailers --no-divider --if-exists add` but that git
 * also reformats folded values and drops comments within the block. Throws {@link ObjectUnwritable} for a key that is not letters, digits and `-`, and for a
 * value with a line break or NUL.
 */
export function appendTrailers(message: string, trailers: readonly Trailer[]): string {
  if (trailers.length === 0) return message;
  const added = trailers.map(({ key, value }) => {
    if (!KEY.test(key)) throw new ObjectUnwritable(`${JSON.stringify(key)} is not a trailer key`);
    if (/[\0\n\r]/u.test(value)) throw new ObjectUnwritable(`the value of trailer ${key} is not one line`);
    return `${key}: ${value.trim()}\n`;
  });
  const { lines, end, isTrailers } = lastParagraph(message);
  const head = lines.slice(0, end).map((line) => `${line}\n`);
  const tail = lines.slice(end).map((line) => `${line}\n`);
  if (head.length === 0) return [...(tail.length === 0 ? ['\n'] : tail), ...added].join('');
  return [...head, ...(isTrailers ? [] : ['\n']), ...added, ...tail].join('');
}

function lastParagraph(message: string): LastParagraph {
  const lines = message.split('\n');
  if (lines.at(-1) === '') lines.pop();
  let end = lines.length;
  while (end > 0 && (isBlank(lines[end - 1] ?? '') || isComment(lines[end - 1] ?? ''))) end--;
  let start = end;
  while (start > 0 && !isBlank(lines[start - 1] ?? '')) start--;
  // What no blank line precedes is the title, and a title is never a trailer.
  return { lines, start, end, isTrailers: start > 0 && areTrailers(lines.slice(start, end)) };
}

function areTrailers(lines: readonly string[]): boolean {
  let trailers = 0;
  let others = 0;
  let generated = false;
  let continues: 'trailer' | 'other' = 'other';
  for (const line of lines) {
    if (isComment(line)) {
      continues = 'other';
      continue;
    }
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
