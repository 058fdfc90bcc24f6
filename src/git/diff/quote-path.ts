const ESCAPES: Readonly<Record<number, string>> = {
  0x07: '\\a',
  0x08: '\\b',
  0x09: '\\t',
  0x0a: '\\n',
  0x0b: '\\v',
  0x0c: '\\f',
  0x0d: '\\r',
  0x22: '\\"',
  0x5c: '\\\\',
};
const LETTERS: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/**
 * A path as git prints it under its default `core.quotePath`: as it stands, or in double quotes with C escapes when it
 * holds a control character, a quote, a backslash or a byte from 0x80. `path` is the latin1 reading of its bytes.
 */
export function quotePath(path: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are exactly what must be escaped
  if (!/[\u0000-\u001f"\\\u007f-\u00ff]/u.test(path)) return path;
  let quoted = '"';
  for (let i = 0; i < path.length; i++) {
    const byte = path.charCodeAt(i);
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    quoted += plain ? path.charAt(i) : (ESCAPES[byte] ?? `\\${byte.toString(8).padStart(3, '0')}`);
  }
  return `${quoted}"`;
}

/** A quoted path read back, and where it ended in `text`; null when the quotes are malformed. */
export function unquotePath(text: string, from = 0): { readonly path: string; readonly end: number } | null {
  if (text[from] !== '"') return null;
  let path = '';
  for (let at = from + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') return { path, end: at + 1 };
    if (char !== '\\') {
      path += char;
      continue;
    }
    const octal = /^[0-3][0-7]{2}/u.exec(text.slice(at + 1, at + 4));
    const letter = LETTERS[text.charAt(at + 1)];
    if (octal !== null) path += String.fromCharCode(Number.parseInt(octal[0], 8));
    else if (letter !== undefined) path += String.fromCharCode(letter);
    else return null;
    at += octal === null ? 1 : 3;
  }
  return null;
}
