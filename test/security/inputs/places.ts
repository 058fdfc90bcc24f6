import { getNamedType, getNullableType, isEnumType, isInputObjectType, isListType, isNonNullType, type GraphQLArgument, type GraphQLInputType, type GraphQLSchema } from 'graphql';

/** Where a value stands within an argument: `changes.0.write.path`; the argument itself is the empty one. */
export interface InputPlace {
  readonly path: readonly (string | number)[];
  readonly type: GraphQLInputType;
}

/** Inputs in inputs that are walked into; those that hold themselves would go on for ever. */
const DEPTH = 5;

/** Every place of an argument, those of inputs within inputs too. */
export function placesOf(argument: GraphQLArgument): InputPlace[] {
  const places: InputPlace[] = [];
  walk([], argument.type, places);
  return places;
}

function walk(path: readonly (string | number)[], type: GraphQLInputType, places: InputPlace[]): void {
  const nullable = getNullableType(type);
  places.push({ path, type });
  if (path.length >= DEPTH) return;
  if (isListType(nullable)) walk([...path, 0], nullable.ofType, places);
  else if (isInputObjectType(nullable)) for (const { name, type: inner } of Object.values(nullable.getFields())) walk([...path, name], inner, places);
}

/** The one argument of a mutation. Throws for a mutation that has none. */
export function inputOf(schema: GraphQLSchema, mutation: string): GraphQLArgument {
  const argument = schema.getMutationType()?.getFields()[mutation]?.args.find(({ name }) => name === 'input');
  if (argument === undefined) throw new TypeError(`${mutation} has no input`);
  return argument;
}

/** What stands in a place that has to be filled, by the name of its field. */
const USUAL: Readonly<Record<string, unknown>> = {
  repo: 'fuzz', branch: 'main', source: 'session/1', from: 'main', into: 'session/1', target: 'main', to: 'main', path: 'src/a.txt', text: 'text\n', message: 'message', title: 'title',
  head: '0'.repeat(40), repos: ['fuzz'], branches: ['session/**'], scopes: ['READ'], base64: 'AA==', runId: 'run', rev: 'main', base: 'main', number: 1,
};

/** Members of which one has to be named for a mutation to do anything; none is required by the schema. */
const BESIDES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  createCheckpoint: { changes: [{ write: { path: 'src/a.txt', text: 'text\n' } }] },
};

/** A whole input of a mutation, with this value at this place and only what is required elsewhere. */
export function inputWith(mutation: string, argument: GraphQLArgument, { path }: InputPlace, value: unknown): unknown {
  const filled = argumentWith(argument, path, value);
  const besides = path.length === 0 || path[0] === 'changes' || path[0] === 'patch' ? {} : (BESIDES[mutation] ?? {});
  return typeof filled === 'object' && filled !== null && !Array.isArray(filled) ? { ...besides, ...filled } : filled;
}

/** An argument with this value at this place; without a path one that is as it should be. */
export function argumentWith({ type, name }: GraphQLArgument, path: readonly (string | number)[] | null, value: unknown): unknown {
  return fill(type, name, path, value);
}

function fill(type: GraphQLInputType, name: string, path: readonly (string | number)[] | null, value: unknown): unknown {
  if (path?.length === 0) return value;
  if (path === null && name in USUAL) return USUAL[name];
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [fill(nullable.ofType, name, path === null ? null : path.slice(1), value)];
  if (!isInputObjectType(nullable)) return usualValue(name, nullable);
  const [next, ...rest] = path ?? [];
  const members = Object.values(nullable.getFields()).filter((field) => field.name === next || isNonNullType(field.type));
  return Object.fromEntries(members.map((field) => [field.name, fill(field.type, field.name, field.name === next ? rest : null, value)]));
}

/** What belongs into a place of this name and type that takes no members. */
export function usualValue(name: string, type: GraphQLInputType): unknown {
  if (name in USUAL) return USUAL[name];
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[0]?.name;
  return { Int: 1, SafeInt: 1, Float: 1, Boolean: true, Duration: 60_000, DateTime: '2030-01-01T00:00:00Z', GitObjectID: '0'.repeat(40) }[named.name] ?? (name === 'name' ? 'main' : 'text');
}
