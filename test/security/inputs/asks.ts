import { getNamedType, isEnumType, isNonNullType, isObjectType, isScalarType, type GraphQLArgument, type GraphQLField, type GraphQLSchema } from 'graphql';
import { PLACES } from '../places.js';
import { argumentWith, inputOf, inputWith, placesOf } from './places.js';
import { badValues } from './values.js';
import { routeAsks } from './routes.js';

/** One bad input with a name of its own: an operation of GraphQL, or a request to another address. */
export type Ask =
  | { readonly name: string; readonly document: string; readonly variables: Record<string, unknown> }
  | { readonly name: string; readonly url: string; readonly init: RequestInit };

/** Every bad input there is: each place of each mutation, of each field's arguments, and of each address, with each value that is bad there. */
export function allAsks(schema: GraphQLSchema): readonly Ask[] {
  return [...mutationAsks(schema), ...queryAsks(schema), ...routeAsks()];
}

function mutationAsks(schema: GraphQLSchema): Ask[] {
  return Object.keys(schema.getMutationType()?.getFields() ?? {}).flatMap((mutation) => {
    const argument = inputOf(schema, mutation);
    const document = `mutation ($input: ${String(argument.type)}) { ${mutation}(input: $input) { __typename ... on Problem { code } } }`;
    return placesOf(argument).flatMap((place) =>
      badValues(place.type).map(([what, value]) => ({ name: `${mutation} ${place.path.join('.')}: ${what}`, document, variables: { input: inputWith(mutation, argument, place, value) } })),
    );
  });
}

/** The arguments of the fields of each type, at the first place that needs no id to get there. */
function queryAsks(schema: GraphQLSchema): Ask[] {
  const wayTo = new Map<string, readonly string[]>();
  for (const { type, path } of PLACES) {
    const way = path.map((step) => step.replaceAll('<repo>', 'fuzz'));
    if (!wayTo.has(type) && !way.some((step) => step.includes('<'))) wayTo.set(type, way);
  }
  return [...wayTo].flatMap(([name, way]) => {
    const type = schema.getType(name);
    return isObjectType(type) ? Object.values(type.getFields()).flatMap((field) => field.args.flatMap((argument) => argumentAsks(name, way, field, argument))) : [];
  });
}

function argumentAsks(type: string, way: readonly string[], field: GraphQLField<unknown, unknown>, argument: GraphQLArgument): Ask[] {
  const others = field.args.filter((other) => other !== argument && isNonNullType(other.type));
  const given = [argument, ...others];
  const named = getNamedType(field.type);
  const isLeaf = isScalarType(named) || isEnumType(named);
  const asked = `${field.name}(${given.map(({ name }) => `${name}: $${name}`).join(', ')})${isLeaf ? '' : ' { __typename }'}`;
  const document = `query (${given.map((each) => `$${each.name}: ${String(each.type)}`).join(', ')}) { ${way.toReversed().reduce((selected, step) => `${step} { ${selected} }`, asked)} }`;
  const besides = Object.fromEntries(others.map((other) => [other.name, argumentWith(other, null, null)]));
  return placesOf(argument).flatMap((place) =>
    badValues(place.type).map(([what, value]) => ({
      name: `${type}.${field.name} ${[argument.name, ...place.path].join('.')}: ${what}`, document, variables: { ...besides, [argument.name]: argumentWith(argument, place.path, value) },
    })),
  );
}
