import { encodeEventCursor } from '../../domain/cursor.js';
import type { EventCursor } from '../../domain/ports/event-log.js';

/** By the cursor's object, which all who are told of an event have in common. */
const texts = new WeakMap<EventCursor, string>();

/** The cursor as clients have it, encoded once however many subscribers stand there: its checksum costs more than telling one of them. */
export function cursorText(cursor: EventCursor): string {
  const known = texts.get(cursor);
  if (known !== undefined) return known;
  const text = encodeEventCursor(cursor);
  texts.set(cursor, text);
  return text;
}
