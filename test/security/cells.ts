import { isObjectType, isScalarType, isEnumType, getNamedType, type ExecutionResult } from 'graphql';
import { schema } from '../../schema/index.js';
import type { Place } from './places.js';
import type { Row } from './rows.js';

/** What one place answered: the object there, and everything around it. */
export interface Reply {
  /** Null or undefined where there is no object. */
  readonly object: unknown;
  readonly codes: readonly unknown[];
  /** The whole response as it would be sent. */
  readonly body: string;
}

/** The document that asks for these fields of the object at a place; their answers are called f0, f1 …, composite ones say their type. */
export function documentOf(place: Place, rows: readonly Row[]): string {
  const fields = rows.map((row, index) => `f${index}: ${row.asked}${isComposite(row) ? ' { __typename }' : ''}`);
  const inner = place.path.toReversed().reduce((selected, step) => `${step} { ${selected} }`, ['__typename', ...fields].join(' '));
  return `{ ${inner} }`;
}

function isComposite({ type, field }: Row): boolean {
  const named = fieldType(type, field);
  return !isScalarType(named) && !isEnumType(named);
}

function fieldType(typeName: string, field: string): ReturnType<typeof getNamedType> {
  const type = schema.getType(typeName);
  const found = isObjectType(type) ? type.getFields()[field] : undefined;
  if (found === undefined) throw new TypeError(`the schema has no ${typeName}.${field}`);
  return getNamedType(found.type);
}

/** Walks down a response to the object at a place. Of lists it takes the first item that is not empty. */
export function replyAt(place: Place, { data, errors }: ExecutionResult): Reply {
  const object = place.path.reduce<unknown>((value, step) => (step.startsWith('...') ? first(value) : member(first(value), step.replace(/\(.*$/u, ''))), data);
  return { object: first(object), codes: (errors ?? []).map((error) => error.extensions['code']), body: JSON.stringify({ data, errors }) };
}

function first(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** The answer to one field of a reply. */
export function answerTo(reply: Reply, index: number): unknown {
  return member(reply.object, `f${index}`);
}

/** True for what tells nothing: null, nothing at all, and lists of such, pages included. */
export function tellsNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return Array.isArray(value) && value.every(tellsNothing);
}
