import { fc } from './fast-check.js';

/** Two versions of a file's content, in the latin1 reading of their bytes. */
export interface TextPair {
  readonly before: string;
  readonly after: string;
}

/** One edit of a list of lines; positions are parts of the whole, so that they fit lists of any length. */
interface Edit {
  readonly kind: 'delete' | 'insert' | 'duplicate' | 'move' | 'change' | 'indent' | 'swap';
  readonly at: number;
  readonly to: number;
  readonly count: number;
  readonly lines: readonly string[];
}

function editsOf(line: fc.Arbitrary<string>, most: number): fc.Arbitrary<Edit[]> {
  return fc.array(
    fc.record({
      kind: fc.constantFrom<Edit['kind']>('delete', 'insert', 'duplicate', 'move', 'change', 'indent', 'swap'),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      to: fc.double({ min: 0, max: 1, noNaN: true }),
      count: fc.integer({ min: 1, max: 6 }),
      lines: fc.array(line, { minLength: 1, maxLength: 5 }),
    }),
    { maxLength: most },
  );
}

function edited(lines: readonly string[], edits: readonly Edit[]): string[] {
  const out = [...lines];
  for (const { kind, at, to, count, lines: fresh } of edits) {
    const from = Math.floor(at * out.length);
    const goal = Math.floor(to * out.length);
    const block = out.slice(from, from + count);
    if (kind === 'delete') out.splice(from, count);
    else if (kind === 'insert') out.splice(from, 0, ...fresh);
    else if (kind === 'duplicate') out.splice(goal, 0, ...block);
    else if (kind === 'move') out.splice(Math.min(goal, out.length - count), 0, ...out.splice(from, count));
    else if (kind === 'change') out.splice(from, fresh.length, ...fresh);
    else if (kind === 'indent') out.splice(from, count, ...block.map((line) => `    ${line}`));
    else out.splice(from, count, ...block.toReversed());
  }
  return out;
}

/** A file with its last line finished or not. */
function fileOf(lines: readonly string[], finished: boolean): string {
  const text = lines.join('');
  return finished ? text : text.replace(/\r?\n$/u, '');
}

/** A list of lines and an edited copy of it. */
function editedPairs(line: fc.Arbitrary<string>, size: number, edits: number): fc.Arbitrary<TextPair> {
  return fc
    .record({ lines: fc.array(line, { maxLength: size, size: 'max' }), edits: editsOf(line, edits), old: fc.boolean(), new: fc.boolean() })
    .map(({ lines, edits: list, old, new: fresh }) => ({ before: fileOf(lines, old), after: fileOf(edited(lines, list), fresh) }));
}

/** Unrelated lists of few distinct lines: nothing but ties. */
export const repeatedLines: fc.Arbitrary<TextPair> = fc
  .record({ before: fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n'), { maxLength: 40, size: 'max' }), after: fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n'), { maxLength: 40, size: 'max' }) })
  .map(({ before, after }) => ({ before: before.join(''), after: after.join('') }));

const codeLine = fc.constantFrom(
  'function first(a, b) {\n',
  'function second(c) {\n',
  'export class Third {\n',
  'def fourth(self):\n',
  '  if (a) {\n',
  '    return a;\n',
  '    return b;\n',
  '    call(a, b);\n',
  '  }\n',
  '}\n',
  '\n',
  '\n',
  '  \n',
  '        deep();\n',
  '\ttabbed();\n',
  '\t\ttabbed(twice);\n',
  '    # comment\n',
  '_private = 1\n',
  '$dollar = 1\n',
  '1digit\n',
  `${'long heading that goes on '.repeat(5)}\n`,
  `heading ${'\u00c3\u00a9'.repeat(50)}\n`,
  `heading x${'\u00e2\u0082\u00ac'.repeat(40)}\n`,
  'trailing spaces in a heading      \n',
);

/** Code with indentation, blank lines and headings: where groups slide and what stands after `@@`. */
export const codeFiles: fc.Arbitrary<TextPair> = editedPairs(codeLine, 80, 8);

const spacedLine = fc.constantFrom('a b\n', 'a  b\n', 'ab\n', ' a b\n', 'a b \n', 'a\tb\n', 'a b\r\n', '\n', ' \n', '\t\n', '\r\n', '\v\n', 'a\fb\n', 'c\n', 'a b', '\r');

/** Lines that differ in nothing but white space and ends of line. */
export const spacedFiles: fc.Arbitrary<TextPair> = editedPairs(spacedLine, 30, 6);

const oddLine = fc.constantFrom('plain\n', 'crlf\r\n', '\\ No newline at end of file\n', '-- \n', '+++ b/x\n', '--- a/x\n', '@@ -1 +1 @@\n', 'diff --git a/x b/x\n', '\u00ff\u00fe\n', `${'w'.repeat(300)}\n`, '\n', '\r', 'x');

/** Lines that look like parts of a patch, bytes that are no UTF-8, lines without an end. */
export const oddFiles: fc.Arbitrary<TextPair> = editedPairs(oddLine, 20, 5);

/** A generator of numbers below 1 from a seed: large files are made by it, as drawing each line would take longer than comparing them. */
function numbersFrom(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    state ^= state >>> 15;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * Files of up to `size` lines drawn from an alphabet of any size, the second one edited or drawn anew: this is where git
 * stops looking for the shortest answer.
 */
export function largeFiles(size: number): fc.Arbitrary<TextPair> {
  return fc
    .record({ seed: fc.integer(), size: fc.integer({ min: 200, max: size }), letters: fc.constantFrom(2, 5, 20, 100, 1000, 100_000), rate: fc.constantFrom(0, 0.01, 0.05, 0.2, 0.5, 0.9, 1), blocks: fc.integer({ min: 0, max: 6 }) })
    .map(({ seed, size: count, letters, rate, blocks }) => {
      const next = numbersFrom(seed);
      const draw = (): string => `${' '.repeat(Math.floor(next() * 3) * 2)}line ${Math.floor(next() * letters)}\n`;
      const before = Array.from({ length: count }, draw);
      const after: string[] = [];
      for (const line of before) {
        if (next() >= rate) after.push(line);
        else if (next() < 0.5) after.push(draw());
        if (next() < rate / 3) after.push(draw());
      }
      for (let i = 0; i < blocks; i++) after.splice(Math.floor(next() * after.length), 0, ...after.splice(Math.floor(next() * after.length), Math.floor(next() * 100)));
      return { before: before.join(''), after: after.join('') };
    });
}
