/** Why an input is refused by one rule. A value, never thrown: `invalidInput(field, violation)` makes the refusal of it. */
export interface Violation {
  /** Stable and machine-readable: the kind of input, a slash, the rule (`branch-name/reserved`). */
  readonly rule: string;
  /** One sentence that quotes what is wrong. */
  readonly message: string;
  /** What to do instead; null where the message says it. */
  readonly hint: string | null;
}

/** A maker of violations of one kind of input: rule ids begin with `kind` and a slash. */
export function rulesOf(kind: string): (rule: string, message: string, hint: string | null) => Violation {
  return (rule, message, hint) => ({ rule: `${kind}/${rule}`, message, hint });
}

/** Longest quotation of an input in a message, in characters: enough to recognise it, too little to fill a log. */
const MAX_QUOTE = 80;

/** An input as messages quote it: in double quotes, escaped as JSON, and cut where it is long. */
export function quote(input: string): string {
  const characters = Array.from(input.slice(0, MAX_QUOTE * 2 + 2));
  return JSON.stringify(characters.length > MAX_QUOTE ? `${characters.slice(0, MAX_QUOTE).join('')}…` : input);
}
