import { graphql, isEnumType, isListType, isNonNullType, isObjectType, isScalarType, isUnionType, type GraphQLField, type GraphQLObjectType } from 'graphql';
import { schema } from '../../../schema/index.js';
import type { VerbWorld } from '../../support/verbs.js';

/** What a mutation answered: the members of the object, with `__typename`; an object in it as its id, or as its type where it has none. */
export type Told = Readonly<Record<string, unknown>>;

/** The input of a mutation. */
export type Input = Readonly<Record<string, unknown>>;

/** Changes of the key that calls; see `VerbWorld.as`. */
export type CallerKey = Parameters<VerbWorld['as']>[1];

/** What is asked of fields whose ids alone tell too little. */
const PARTS: Readonly<Record<string, string>> = { 'StaleHead.since': '{ edges { node { kind refs { branchName before after } } } }' };

/** The fields of the mutations, by name. */
export function mutations(): Readonly<Record<string, GraphQLField<unknown, unknown>>> {
  return schema.getMutationType()?.getFields() ?? {};
}

/** The names of the members that the input of a mutation has. */
export function inputMembers(mutation: string): readonly string[] {
  let named: unknown = mutations()[mutation]?.args.find(({ name }) => name === 'input')?.type;
  while (isNonNullType(named)) named = named.ofType;
  if (typeof named !== 'object' || named === null || !('getFields' in named) || typeof named.getFields !== 'function') throw new TypeError(`${mutation} takes no input`);
  const fields: unknown = Reflect.apply(named.getFields, named, []);
  return Object.keys(Object(fields));
}

function selection(parent: GraphQLObjectType, field: GraphQLField<unknown, unknown>): string {
  let named: unknown = field.type;
  while (isNonNullType(named) || isListType(named)) named = named.ofType;
  // Members of two types in one union may have one name and two shapes: `Type_field` keeps them apart.
  const alias = `${parent.name}_${field.name}: ${field.name}`;
  const part = PARTS[`${parent.name}.${field.name}`];
  if (part !== undefined) return `${alias} ${part}`;
  if (isScalarType(named) || isEnumType(named)) return alias;
  return `${alias} { __typename ${isObjectType(named) && 'id' in named.getFields() ? 'id' : ''} }`;
}

function documentOf(mutation: string): string {
  const field = mutations()[mutation];
  const result = field !== undefined && isNonNullType(field.type) ? field.type.ofType : field?.type;
  const [argument] = field?.args ?? [];
  if (argument === undefined || !isUnionType(result)) throw new TypeError(`${mutation} does not answer a union`);
  const parts = result.getTypes().map((type) => `... on ${type.name} { ${Object.values(type.getFields()).map((part) => selection(type, part)).join(' ')} }`);
  return `mutation ($input: ${String(argument.type)}) { ${mutation}(input: $input) { __typename ${parts.join(' ')} } }`;
}

/** Calls a mutation as a client does and answers all that it told. Throws when it answered no object, or an error of GraphQL. */
export async function callVerb(world: VerbWorld, actor: string, mutation: string, input: Input, key?: CallerKey): Promise<Told> {
  const { data, errors } = await graphql({ schema, source: documentOf(mutation), variableValues: { input }, contextValue: { request: world.as(actor, key) } });
  const answer: unknown = data?.[mutation];
  if (errors !== undefined || typeof answer !== 'object' || answer === null) throw new TypeError(`${mutation} answered ${JSON.stringify({ data, errors })}`);
  return Object.fromEntries(Object.entries(answer).map(([name, value]) => [name.slice(name.startsWith('__') ? 0 : name.indexOf('_') + 1), value]));
}
