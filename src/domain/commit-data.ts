import type { Label } from './label.js';
import { ACTOR, isWellFormedText, byteLength, RUN_ID, textViolation, type TextRule } from './text.js';
import { quote, rulesOf, type Violation } from './violation.js';

/** Names of people in commits. */
const PERSON_NAME: TextRule = { kind: 'person-name', subject: 'The name', maxBytes: 200, lines: 'one', blank: false };
/** Their addresses: RFC 5321's longest, though nothing is ever sent there. */
const EMAIL: TextRule = { kind: 'email', subject: 'The email address', maxBytes: 254, lines: 'one', blank: false };
/** Values of labels: they travel as commit trailers, one line each. */
const LABEL_VALUE: TextRule = { kind: 'label-value', subject: 'The value', maxBytes: 1024, lines: 'one', blank: true };

/** The longest commit message, in bytes. */
const MAX_MESSAGE_BYTES = 64 * 1024;
const MAX_LABEL_KEY_BYTES = 64;
/** The most labels that one thing carries. */
export const MAX_LABELS = 64;

const brokenKey = rulesOf('label-key');
const brokenMessage = rulesOf('message');

/**
 * The rule that a person's name in a commit breaks, or null. Angle brackets and line breaks would let a name forge the lines
 * behind it (`a> 1 +0000\ncommitter evil <e@e` passes `git fsck --strict`).
 */
export function personNameViolation(name: string): Violation | null {
  return textViolation(PERSON_NAME, name) ?? bracketViolation(PERSON_NAME, name);
}

/** The rule that a person's address in a commit breaks, or null. It need not be one that mail could reach. */
export function emailViolation(email: string): Violation | null {
  const violation = textViolation(EMAIL, email) ?? bracketViolation(EMAIL, email);
  if (violation !== null || !/\s/u.test(email)) return violation;
  return { rule: 'email/white-space', message: `The email address ${quote(email)} holds white space.`, hint: 'Leave it out.' };
}

/** The rule that an actor's name breaks, or null; actors become the authors of commits that name none, and a trailer. */
export function actorViolation(actor: string): Violation | null {
  return textViolation(ACTOR, actor) ?? bracketViolation(ACTOR, actor);
}

/** The rule that the id of a run or session breaks, or null; ids become trailers. */
export function runIdViolation(id: string): Violation | null {
  return textViolation(RUN_ID, id);
}

function bracketViolation(rule: TextRule, text: string): Violation | null {
  if (!/[<>]/u.test(text)) return null;
  return { rule: `${rule.kind}/angle-bracket`, message: `${rule.subject} ${quote(text)} holds "<" or ">".`, hint: 'Leave them out.' };
}

/**
 * The rule that a commit message breaks, or null. Lines that begin with `Weir-…:` are refused wherever they stand: which
 * paragraph git takes for trailers depends on what is appended later, and these carry authority.
 */
export function messageViolation(message: string): Violation | null {
  if (!isWellFormedText(message)) return brokenMessage('malformed', 'The message holds a NUL character or half of a surrogate pair.', 'Send well-formed Unicode without NUL.');
  const bytes = byteLength(message);
  if (bytes > MAX_MESSAGE_BYTES) return brokenMessage('too-long', `The message has ${bytes} bytes, of ${MAX_MESSAGE_BYTES} that are allowed.`, 'Shorten it.');
  if (message.trim() === '') return brokenMessage('empty', 'The message is empty.', 'Say in a line what changes.');
  const reserved = /^[^\S\n]*(weir-[a-z0-9-]*)\s*:/imu.exec(message)?.[1];
  if (reserved === undefined) return null;
  return brokenMessage('reserved-trailer', `The message has a line that begins with ${quote(`${reserved}:`)}, which only the server writes.`, 'Reword the line; the server adds its own trailers.');
}

/** The rule that a label's key breaks, or null. */
export function labelKeyViolation(key: string): Violation | null {
  if (key === '') return brokenKey('empty', 'The key is empty.', 'Use letters, digits and "-".');
  if (key.length > MAX_LABEL_KEY_BYTES) return brokenKey('too-long', `The key has ${key.length} characters, of ${MAX_LABEL_KEY_BYTES} that are allowed.`, 'Shorten it.');
  if (!/^[A-Za-z0-9-]+$/u.test(key)) return brokenKey('characters', `The key ${quote(key)} holds a character that is not a letter, a digit or "-".`, 'Use letters, digits and "-".');
  if (/^weir-/iu.test(key)) return brokenKey('reserved', `The key ${quote(key)} begins with "Weir-", which only the server writes.`, 'Choose another key.');
  return null;
}

/** A label that breaks a rule: where in the list, which half, and the rule. */
export interface LabelViolation {
  readonly index: number;
  readonly member: 'key' | 'value';
  readonly violation: Violation;
}

/** The first rule that a list of labels (metadata) breaks, or null. Keys that differ by case only count as the same, as for trailers. */
export function labelsViolation(labels: readonly Label[]): LabelViolation | null {
  const seen = new Set<string>();
  for (const [index, label] of labels.entries()) {
    const key = labelKeyViolation(label.key) ?? repeatedKey(label.key, seen) ?? tooMany(index);
    if (key !== null) return { index, member: 'key', violation: key };
    const value = textViolation(LABEL_VALUE, label.value);
    if (value !== null) return { index, member: 'value', violation: value };
    seen.add(label.key.toLowerCase());
  }
  return null;
}

function repeatedKey(key: string, seen: ReadonlySet<string>): Violation | null {
  if (!seen.has(key.toLowerCase())) return null;
  return brokenKey('repeated', `The key ${quote(key)} is there twice.`, 'Give each key once.');
}

function tooMany(index: number): Violation | null {
  if (index < MAX_LABELS) return null;
  return { rule: 'labels/too-many', message: `There are more than ${MAX_LABELS} labels.`, hint: 'Keep what is searched for, and put the rest into a file.' };
}
