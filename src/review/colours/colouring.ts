import hljs from 'highlight.js/lib/common';
import type { Colour, ColourKind } from './shapes.js';

/** The words of highlight.js for what a piece is, by ours; what stands in neither keeps the colour of text. */
const KINDS: Readonly<Record<string, ColourKind>> = {
  comment: 'comment', quote: 'comment', doctag: 'comment',
  keyword: 'keyword', operator: 'keyword', 'meta keyword': 'keyword', 'selector-tag': 'keyword',
  string: 'string', regexp: 'string', 'template-tag': 'string', code: 'string', addition: 'string', char: 'string',
  number: 'number', literal: 'number', symbol: 'number', bullet: 'number', link: 'number',
  title: 'title', section: 'title', name: 'title', 'selector-id': 'title', 'selector-class': 'title',
  type: 'type', built_in: 'type', attr: 'type', attribute: 'type', property: 'type', variable: 'type', 'template-variable': 'type', meta: 'type', tag: 'type',
};

const NAMES: Readonly<Record<string, string>> = { makefile: 'makefile', gemfile: 'ruby', rakefile: 'ruby', mjs: 'javascript', cjs: 'javascript', mts: 'typescript', cts: 'typescript', pyi: 'python', h: 'c', hpp: 'cpp', svg: 'xml', toml: 'ini' };

/** A line of more characters is data rather than something that is read, and stays plain. */
const LONGEST = 2_000;

const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'" };

/** The language of a file by its name, as highlight.js calls it; null where none is known. */
export function languageOf(path: string): string | null {
  const file = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const end = file.slice(file.lastIndexOf('.') + 1);
  const name = NAMES[end] ?? end;
  return hljs.getLanguage(name) === undefined ? null : name;
}

/**
 * The colours of consecutive lines, an entry for each. What began before the first of them, such as a comment of many lines, is not
 * known, and colours a part of a file as if it were the whole.
 */
export function coloursOf(path: string, lines: readonly string[]): readonly (readonly Colour[])[] {
  const language = languageOf(path);
  if (language === null || lines.some(({ length }) => length > LONGEST)) return lines.map(() => []);
  return coloursIn(hljs.highlight(lines.join('\n'), { language, ignoreIllegals: true }).value);
}

/** Reads the markup of highlight.js: nested spans with classes around escaped text. */
function coloursIn(markup: string): Colour[][] {
  const rows: Colour[][] = [[]];
  const open: (ColourKind | undefined)[] = [];
  let at = 0;
  for (const [piece, name] of markup.matchAll(/<span class="([^"]*)">|<\/span>|&[^;]+;|\n|[^<&\n]+/gu)) {
    if (name !== undefined) open.push(kindOf(name) ?? open.at(-1));
    else if (piece === '</span>') open.pop();
    else if (piece === '\n') {
      rows.push([]);
      at = 0;
    } else {
      const end = at + (ENTITIES[piece] ?? piece).length;
      const kind = open.at(-1);
      if (kind !== undefined) extend(rows.at(-1) ?? [], { start: at, end, kind });
      at = end;
    }
  }
  return rows;
}

function kindOf(classes: string): ColourKind | undefined {
  const [scope = ''] = classes.split(' ');
  return KINDS[scope.replace('hljs-', '')];
}

/** Adds a colour, to the last one where it goes on. */
function extend(row: Colour[], colour: Colour): void {
  const last = row.at(-1);
  if (last?.kind === colour.kind && last.end === colour.start) row[row.length - 1] = { ...last, end: colour.end };
  else row.push(colour);
}
