import {
  GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString, isAbstractType, isLeafType, isListType, isNonNullType,
  type GraphQLAbstractType, type GraphQLLeafType, type GraphQLObjectType, type GraphQLOutputType,
} from 'graphql';

/** An output type taken apart once, so that completing a value asks no type what it is. */
export type Shape = LeafShape | ListShape | ObjectShape | AbstractShape;

interface LeafShape {
  readonly kind: 'leaf';
  readonly isNonNull: boolean;
  readonly type: GraphQLLeafType;
  /** A value that is already what the type would make of it; of the others {@link GraphQLLeafType.serialize} decides. */
  readonly isSerialized: (value: unknown) => boolean;
}

interface ListShape {
  readonly kind: 'list';
  readonly isNonNull: boolean;
  readonly of: Shape;
}

interface ObjectShape {
  readonly kind: 'object';
  readonly isNonNull: boolean;
  readonly type: GraphQLObjectType;
}

interface AbstractShape {
  readonly kind: 'abstract';
  readonly isNonNull: boolean;
  readonly type: GraphQLAbstractType;
}

/** The shape of an output type. */
export function shapeOf(type: GraphQLOutputType): Shape {
  const isNonNull = isNonNullType(type);
  const nullable = isNonNull ? type.ofType : type;
  if (isListType(nullable)) return { kind: 'list', isNonNull, of: shapeOf(nullable.ofType) };
  if (isLeafType(nullable)) return { kind: 'leaf', isNonNull, type: nullable, isSerialized: SERIALIZED.get(nullable) ?? never };
  return isAbstractType(nullable) ? { kind: 'abstract', isNonNull, type: nullable } : { kind: 'object', isNonNull, type: nullable };
}

const never = (): boolean => false;
const isString = (value: unknown): boolean => typeof value === 'string';

/** Values that the built-in scalars answer as they are (GraphQL October 2021, 3.5.1 to 3.5.5). */
const SERIALIZED: ReadonlyMap<GraphQLLeafType, (value: unknown) => boolean> = new Map<GraphQLLeafType, (value: unknown) => boolean>([
  [GraphQLString, isString],
  [GraphQLID, isString],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
  // An Int has 32 bits; -0 is left to the type.
  [GraphQLInt, (value) => typeof value === 'number' && (value | 0) === value && value !== 0],
  [GraphQLFloat, (value) => typeof value === 'number' && Number.isFinite(value)],
]);
