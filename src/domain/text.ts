import { quote, type Violation } from './violation.js';

/** What a text may hold, in bytes of UTF-8 and in lines. */
export interface TextRule {
  /** The first half of every rule id: `title`, `label-value`. */
  readonly kind: string;
  /** How messages name it: `The title`. */
  readonly subject: string;
  readonly maxBytes: number;
  readonly lines: 'one' | 'many';
  /** True when white space alone, or nothing, will do. */
  readonly blank: boolean;
}

/** A title is one line that people read in lists. */
export const TITLE: TextRule = { kind: 'title', subject: 'The title', maxBytes: 512, lines: 'one', blank: false };
/** Bodies of proposals and reviews; markdown. */
export const BODY: TextRule = { kind: 'body', subject: 'The body', maxBytes: 256 * 1024, lines: 'many', blank: true };
/** A remark on a proposal; markdown. */
export const COMMENT: TextRule = { kind: 'comment', subject: 'The comment', maxBytes: 64 * 1024, lines: 'many', blank: false };
/** What was asked of the agent; stays in the database. */
export const PROMPT: TextRule = { kind: 'prompt', subject: 'The prompt', maxBytes: 1024 * 1024, lines: 'many', blank: true };
/** Why a proposal was rejected. */
export const REASON: TextRule = { kind: 'reason', subject: 'The reason', maxBytes: 16 * 1024, lines: 'many', blank: false };
/** What a repository is for. */
export const DESCRIPTION: TextRule = { kind: 'description', subject: 'The description', maxBytes: 4096, lines: 'many', blank: true };
/** Ids of runs and sessions: they travel as commit trailers. */
export const RUN_ID: TextRule = { kind: 'run-id', subject: 'The id', maxBytes: 200, lines: 'one', blank: false };
/** For whom a key speaks. */
export const ACTOR: TextRule = { kind: 'actor', subject: 'The actor', maxBytes: 200, lines: 'one', blank: false };
/** The name of an API key. */
export const KEY_NAME: TextRule = { kind: 'key-name', subject: 'The name', maxBytes: 100, lines: 'one', blank: false };
/** What makes a retry the same request. */
export const IDEMPOTENCY_KEY: TextRule = { kind: 'idempotency-key', subject: 'The idempotency key', maxBytes: 255, lines: 'one', blank: false };
/** One glob of a key. */
export const GLOB: TextRule = { kind: 'glob', subject: 'The glob', maxBytes: 1024, lines: 'one', blank: false };

/** One name that events are filtered by. */
export const FILTER: TextRule = { kind: 'filter', subject: 'The name', maxBytes: 1024, lines: 'one', blank: false };

/**
 * True when the text can be stored and read back as it is: no lone surrogate (it would silently become U+FFFD, so two
 * names could collide) and no NUL (Postgres refuses it).
 */
export function isWellFormedText(text: string): boolean {
  return !text.includes('\0') && !holdsHalfPair(text);
}

/** True when the text holds half of a surrogate pair: UTF-8 has no bytes for it, so it cannot be written as it is. */
export function holdsHalfPair(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/** The size of a text in bytes of UTF-8. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** The rule that `text` breaks, or null. One-line texts refuse control characters, tabs included, and white space at either end. */
export function textViolation(rule: TextRule, text: string): Violation | null {
  const { kind, subject } = rule;
  if (!isWellFormedText(text)) {
    return { rule: `${kind}/malformed`, message: `${subject} holds a NUL character or half of a surrogate pair.`, hint: 'Send well-formed Unicode without NUL.' };
  }
  const bytes = byteLength(text);
  if (bytes > rule.maxBytes) {
    return { rule: `${kind}/too-long`, message: `${subject} has ${bytes} bytes, of ${rule.maxBytes} that are allowed.`, hint: 'Shorten it.' };
  }
  if (!rule.blank && text.trim() === '') return { rule: `${kind}/empty`, message: `${subject} is empty.`, hint: 'Say something in it.' };
  if (rule.lines === 'many') return null;
  if (/\p{Control}/u.test(text)) {
    return { rule: `${kind}/control-character`, message: `${subject} ${quote(text)} holds a control character; it must be one plain line.`, hint: 'Leave out line breaks, tabs and other control characters.' };
  }
  if (text.trim() !== text) {
    return { rule: `${kind}/white-space`, message: `${subject} ${quote(text)} begins or ends with white space.`, hint: 'Trim it.' };
  }
  return null;
}

/** The rule that a client's idempotency key breaks, or null. */
export function idempotencyKeyViolation(key: string): Violation | null {
  return textViolation(IDEMPOTENCY_KEY, key);
}

/** The rule that one glob of a key breaks, or null. */
export function globViolation(glob: string): Violation | null {
  return textViolation(GLOB, glob);
}
