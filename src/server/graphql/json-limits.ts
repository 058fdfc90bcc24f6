/** What JSON of a request may hold before anything is made of it. */
export interface JsonLimits {
  /** Lists and objects in each other. */
  readonly depth: number;
  /** Members of one object. */
  readonly members: number;
  /** Values in all, those of lists and members alike. */
  readonly values: number;
}

/** Which limit JSON has passed, and the maximum of it. */
export interface JsonExcess {
  readonly what: 'levels' | 'members of one object' | 'values' | 'bytes of one number or of white space';
  readonly maximum: number;
}

/** What was seen of JSON without parsing it. */
export interface JsonShape {
  readonly excess: JsonExcess | null;
  readonly values: number;
  /** Where the text of the member that was asked for stands, quotes left out: from, to. Null when it is no text, or not there. */
  readonly member: readonly [from: number, to: number] | null;
}

/** A number, a word or white space that is longer is nothing that a client means. */
const LONGEST_TOKEN = 4_096;
/** Short texts are cheaper to walk than to search. */
const WALKED_BYTES = 64;

const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** The member whose text is wanted: its name, the level of its object (1: the outermost), and how many values the rest may have once it is known. */
export interface WantedMember {
  readonly name: string;
  readonly level: number;
  readonly values: (text: Buffer) => number;
}

/**
 * Looks over JSON in one pass, a nanosecond a byte and less within long texts, and stops at the first limit that it passes: parsing
 * first would let 8 MB of brackets hold the thread for half a second. It does not say whether the text is JSON.
 */
export function jsonShape(bytes: Buffer, limits: JsonLimits, wanted: WantedMember | null): JsonShape {
  return new Scan(bytes, limits, wanted).run();
}

class Scan {
  readonly #bytes: Buffer;
  readonly #limits: JsonLimits;
  readonly #member: WantedMember | null;
  readonly #name: Buffer;
  #mostValues: number;
  /** For each level that is open the members of its object, or -1 for a list. */
  readonly #open: number[] = [];
  #values = 0;
  #found: readonly [number, number] | null = null;
  /** Whether the next text belongs to the member that is wanted. */
  #wanted = false;
  #excess: JsonExcess | null = null;

  constructor(bytes: Buffer, limits: JsonLimits, member: WantedMember | null) {
    this.#bytes = bytes;
    this.#limits = limits;
    this.#mostValues = limits.values;
    this.#member = member;
    this.#name = Buffer.from(`"${member?.name ?? ''}"`);
  }

  run(): JsonShape {
    const bytes = this.#bytes;
    let token = 0;
    for (let at = 0; at < bytes.length && this.#excess === null; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) at = this.#text(at);
      else if (byte === OPEN_LIST || byte === OPEN_OBJECT) this.#opened(byte);
      else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) this.#open.pop();
      else if (byte === COMMA) this.#next();
      else if (byte !== COLON) {
        if (++token > LONGEST_TOKEN) this.#excess = { what: 'bytes of one number or of white space', maximum: LONGEST_TOKEN };
        continue;
      }
      token = 0;
    }
    return { excess: this.#excess, values: this.#values, member: this.#found };
  }

  #opened(byte: number): void {
    this.#open.push(byte === OPEN_OBJECT ? 1 : -1);
    this.#wanted = false;
    if (this.#open.length > this.#limits.depth) this.#excess = { what: 'levels', maximum: this.#limits.depth };
    this.#count();
  }

  #next(): void {
    const last = this.#open.length - 1;
    const members = this.#open[last] ?? -1;
    this.#wanted = false;
    if (members > 0) {
      this.#open[last] = members + 1;
      if (members >= this.#limits.members) this.#excess = { what: 'members of one object', maximum: this.#limits.members };
    }
    this.#count();
  }

  #count(): void {
    if (++this.#values > this.#mostValues) this.#excess ??= { what: 'values', maximum: this.#mostValues };
  }

  /** Passes over a text; answers where its closing quote stands, or the end of what there is. */
  #text(start: number): number {
    const end = this.#end(start + 1);
    const member = this.#member;
    if (member === null) return end;
    if (this.#wanted) {
      this.#found = [start + 1, end];
      this.#mostValues = Math.min(this.#limits.values, member.values(this.#bytes.subarray(start + 1, end)));
      this.#wanted = false;
    } else if (this.#open.length === member.level && end - start + 1 === this.#name.length && this.#bytes.subarray(start, end + 1).equals(this.#name)) {
      this.#wanted = true;
    }
    return end;
  }

  #end(from: number): number {
    const bytes = this.#bytes;
    for (let at = from, walked = from + WALKED_BYTES; at < bytes.length; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) return at;
      if (byte === BACKSLASH) at++;
      else if (at >= walked) {
        const quote = bytes.indexOf(QUOTE, at);
        if (quote === -1) return bytes.length;
        if (!isEscaped(bytes, quote)) return quote;
        at = quote;
        walked = at + WALKED_BYTES;
      }
    }
    return bytes.length;
  }
}

/** Whether an odd number of backslashes stands before. */
function isEscaped(bytes: Buffer, at: number): boolean {
  let before = at;
  while (before > 0 && bytes[before - 1] === BACKSLASH) before--;
  return (at - before) % 2 === 1;
}
