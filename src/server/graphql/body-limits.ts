import { GraphQLError } from 'graphql';
import { documentTooLong, LONGEST_DOCUMENT } from './document-limits.js';
import { type JsonExcess, type JsonLimits, jsonShape } from './json-limits.js';

/** Members: as many as a document has aliases, each with a variable of its own. graphql-js writes out an object that it refuses. */
const OF_ANY: Omit<JsonLimits, 'values'> = { depth: 40, members: 200 };
/** Values that one change of a checkpoint has use for: each object of it, and what they hold. */
const VALUES_PER_CHANGE = 10;
/** What only mutations have a use for: more values, and more bytes, than this. */
const READING = { values: 10_000, bytes: 256 << 10 } as const;

/**
 * The refusal of a body that is too much to be parsed, or null: too deep, too many values, a document that is too long, or as
 * large as only a mutation may be. `changes` are those of the largest checkpoint, `level` is that of the object with the member `query`: 1 over HTTP, 2 in a message of a WebSocket.
 */
export function bodyRefusal(bytes: Buffer, level: number, changes: number): GraphQLError | null {
  const most = Math.max(READING.values, VALUES_PER_CHANGE * changes);
  const wanted = { name: 'query', level, values: (text: Buffer) => (text.length > 2 * LONGEST_DOCUMENT ? 0 : isMutation(text) ? most : READING.values) };
  const { excess, member } = jsonShape(bytes, { ...OF_ANY, values: most }, wanted);
  const document = member === null ? null : bytes.subarray(...member);
  if (document !== null && document.length > 2 * LONGEST_DOCUMENT) return documentTooLong();
  if (excess !== null) return tooMuch('The body', excess);
  if (bytes.length <= READING.bytes || document === null || isMutation(document)) return null;
  return budget(`The body of a query may have ${READING.bytes} bytes; this one has ${bytes.length}.`);
}

/** Whether it may be one: it has the word somewhere. */
function isMutation(document: Buffer): boolean {
  return document.includes('mutation');
}

/** As {@link bodyRefusal}, for JSON that is a part of a request. */
export function jsonRefusal(text: string, place: string): GraphQLError | null {
  const { excess } = jsonShape(Buffer.from(text), { ...OF_ANY, values: READING.values }, null);
  return excess === null ? null : tooMuch(place, excess);
}

function tooMuch(place: string, { what, maximum }: JsonExcess): GraphQLError {
  return budget(`${place} has more than ${maximum} ${what}.`);
}

function budget(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BUDGET_EXCEEDED', http: { status: 413 } } });
}
