import { createHash } from 'node:crypto';
import { canonicalJson } from '../shared/canonical-json.js';
import type { EventCursor } from './ports/event-log.js';

/** A cursor that was not made here, was damaged on the way, or belongs to another query; `code` is that of the API. */
export class CursorInvalid extends Error {
  readonly code = 'CURSOR_INVALID';
  override readonly name = 'CursorInvalid';
}

/** Characters of the checksum that precedes every cursor: 48 bits, so that no flipped character passes by chance. */
const CHECKSUM_LENGTH = 8;
/** Longer than any cursor that is made; a keyset key holds a name of some hundred bytes at most. */
const MAX_CURSOR_LENGTH = 8 * 1024;

function checksum(payload: string): string {
  return createHash('sha256').update('weir cursor\0').update(payload).digest('base64url').slice(0, CHECKSUM_LENGTH);
}

function seal(value: unknown): string {
  const payload = Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
  return checksum(payload) + payload;
}

function unseal(cursor: string): unknown {
  const payload = cursor.slice(CHECKSUM_LENGTH);
  if (cursor.length > MAX_CURSOR_LENGTH || payload === '' || checksum(payload) !== cursor.slice(0, CHECKSUM_LENGTH)) {
    throw new CursorInvalid('This is not a cursor of this server, or it was changed on the way; begin again without one.');
  }
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch {
    throw new CursorInvalid('This is not a cursor of this server.');
  }
}

/**
 * What a page cursor is bound to: a digest of the connection's field, its parent's id and every argument that decides which rows
 * there are and in what order (filter, order, rev), but not of `first`, `last`, `after` and `before`. The order of members does not matter.
 */
export function cursorBinding(field: string, parent: string | null, argumentsOfRows: Readonly<Record<string, unknown>>): string {
  return createHash('sha256').update(canonicalJson([field, parent, argumentsOfRows])).digest('base64url').slice(0, 16);
}

/** An opaque cursor for the row with this keyset key. It carries a checksum, not a signature: rights and filters are applied anew to every page. */
export function encodePageCursor(binding: string, key: string): string {
  return seal(['page', binding, key]);
}

/** The keyset key of a cursor of this binding. Throws {@link CursorInvalid} for damaged cursors and for those of another query. */
export function decodePageCursor(binding: string, cursor: string): string {
  const value = unseal(cursor);
  if (!Array.isArray(value) || value.length !== 3 || value[0] !== 'page') {
    throw new CursorInvalid('This cursor is not one of a page.');
  }
  const key: unknown = value[2];
  if (value[1] !== binding || typeof key !== 'string') {
    throw new CursorInvalid('This cursor belongs to another connection, or to other arguments of this one; begin again without one.');
  }
  return key;
}

/** The opaque form of an event's place. Valid for every event field and filter. */
export function encodeEventCursor(cursor: EventCursor): string {
  return seal(['event', cursor.position, cursor.index]);
}

/** The place that an event cursor names. Throws {@link CursorInvalid} when it is damaged or none. */
export function decodeEventCursor(cursor: string): EventCursor {
  const value = unseal(cursor);
  if (Array.isArray(value) && value.length === 3 && value[0] === 'event') {
    const [, position, index]: readonly unknown[] = value;
    if (isCount(position) && isCount(index)) return { position, index };
  }
  throw new CursorInvalid('This cursor is not one of an event.');
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
