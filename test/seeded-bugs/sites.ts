/** What a call answers when it lets everything pass, by the name of the function. */
export type Passing = Readonly<Record<string, string>>;

/** The questions of authorization, and the answers with which they refuse nothing. */
export const AUTHORIZATION: Passing = {
  authorize: 'null',
  creationRefusal: 'null',
  derivationRefusal: 'null',
  isAllowed: 'true',
  keyManagementRefusal: 'null',
  mayReadEvent: 'true',
  mustAllow: 'undefined',
  tendingRefusal: 'null',
};

/** One call in a source, by the places where it begins and ends. */
export interface Site {
  readonly name: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Every call of these functions in a source text, in order; declarations and imports are none. Parentheses are counted, so the arguments may
 * hold calls, but no parenthesis within quotes.
 */
export function callSites(text: string, passing: Passing): Site[] {
  const names = Object.keys(passing).join('|');
  const sites: Site[] = [];
  for (const match of text.matchAll(new RegExp(`(?<!function |[\\w.])(${names})\\(`, 'gu'))) {
    const end = closingParenthesis(text, match.index + match[0].length);
    if (end !== null) sites.push({ name: match[1] ?? '', line: text.slice(0, match.index).split('\n').length, start: match.index, end });
  }
  return sites;
}

function closingParenthesis(text: string, from: number): number | null {
  let open = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '(') open += 1;
    if (text[at] === ')') open -= 1;
    if (open === 0) return at + 1;
  }
  return null;
}

/** The text with this call replaced by the answer that lets everything pass. */
export function withoutCall(text: string, { name, start, end }: Site, passing: Passing): string {
  return `${text.slice(0, start)}${passing[name] ?? 'null'}${text.slice(end)}`;
}
