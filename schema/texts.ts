import { defaultFieldResolver, getNamedType, GraphQLError, GraphQLID, GraphQLString, isInputObjectType, isListType, isNonNullType, isObjectType, type GraphQLField, type GraphQLFieldResolver, type GraphQLInputObjectType, type GraphQLInputType, type GraphQLSchema } from 'graphql';
import * as problems from '../src/domain/problems.js';
import { holdsHalfPair, isWellFormedText } from '../src/domain/text.js';

/** The extensions of an input field that carries contents of files: a NUL is content as any other there, half of a surrogate pair is none. */
export const CONTENTS = { contents: true } as const;

const MESSAGE = 'holds a NUL character or half of a surrogate pair.';
const HINT = 'Send well-formed Unicode without NUL.';

/** The place below a value, as a path that continues that of the value (`[3].write.path`), where a text is malformed; null when there is none. */
type Check = (value: unknown) => string | null;

/**
 * Has every field of the schema refuse arguments of which a text or an id, however deep, holds a NUL (the database keeps none) or half
 * of a surrogate pair (it would be stored as U+FFFD, so that two names could meet): a mutation answers InvalidInput with the rule
 * `text/malformed`, anything else is an error with the code INVALID_ARGUMENT. Nothing behind the field is asked. Changes the
 * schema that it is given, and answers it.
 */
export function refusingMalformedTexts(schema: GraphQLSchema): GraphQLSchema {
  const checks = new Map<GraphQLInputObjectType, Check>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) guard(field, type === schema.getMutationType(), checks);
  }
  return schema;
}

function guard(field: GraphQLField<unknown, unknown>, isMutation: boolean, checks: Map<GraphQLInputObjectType, Check>): void {
  const check = checkOfMembers(field.args, checks);
  if (check === null) return;
  const { subscribe, resolve = defaultFieldResolver } = field;
  const refusing = (inner: GraphQLFieldResolver<unknown, unknown>): GraphQLFieldResolver<unknown, unknown> => (source, args, context, info) => {
    const at = check(args);
    if (at === null) return inner(source, args, context, info);
    const place = at.slice(1);
    if (isMutation) return problems.invalidInput(place.replace(/^input\./u, ''), { rule: 'text/malformed', message: `The text ${MESSAGE}`, hint: HINT });
    throw new GraphQLError(`The argument "${place}" ${MESSAGE} ${HINT}`, { extensions: { code: 'INVALID_ARGUMENT' } });
  };
  // Of a subscription the events are resolved with the same arguments, which were looked at when it began.
  if (subscribe === undefined) field.resolve = refusing(resolve);
  else field.subscribe = refusing(subscribe);
}

interface Member {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly extensions: { readonly [name: string]: unknown };
}

/** The check of an object with these members; null when none of them can hold a text. */
function checkOfMembers(members: readonly Member[], checks: Map<GraphQLInputObjectType, Check>): Check | null {
  const texts = members.flatMap(({ name, type, extensions }) => {
    const check = checkOf(type, extensions['contents'] === true, checks);
    return check === null ? [] : [[name, check] as const];
  });
  if (texts.length === 0) return null;
  return (value) => {
    if (!isObject(value)) return null;
    for (const [name, check] of texts) {
      const at = check(value[name]);
      if (at !== null) return `.${name}${at}`;
    }
    return null;
  };
}

function checkOf(type: GraphQLInputType, isContents: boolean, checks: Map<GraphQLInputObjectType, Check>): Check | null {
  if (isNonNullType(type)) return checkOf(type.ofType, isContents, checks);
  if (isListType(type)) return checkOfList(checkOf(type.ofType, isContents, checks));
  if (isInputObjectType(type)) return checkOfObject(type, checks);
  const named = getNamedType(type);
  if (named !== GraphQLString && named !== GraphQLID) return null;
  const malformed = isContents ? holdsHalfPair : (text: string): boolean => !isWellFormedText(text);
  return (value) => (typeof value === 'string' && malformed(value) ? '' : null);
}

function checkOfList(check: Check | null): Check | null {
  if (check === null) return null;
  return (value) => {
    if (!Array.isArray(value)) return null;
    for (const [index, item] of value.entries()) {
      const at = check(item);
      if (at !== null) return `[${index}]${at}`;
    }
    return null;
  };
}

/** An input may hold itself: its check is there before its members are looked at. */
function checkOfObject(type: GraphQLInputObjectType, checks: Map<GraphQLInputObjectType, Check>): Check {
  const known = checks.get(type);
  if (known !== undefined) return known;
  let members: Check | null = null;
  const check: Check = (value) => members?.(value) ?? null;
  checks.set(type, check);
  members = checkOfMembers(Object.values(type.getFields()), checks);
  return check;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
