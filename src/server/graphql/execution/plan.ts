import {
  BREAK, defaultFieldResolver, getArgumentValues, GraphQLError, isAbstractType, Kind, TypeNameMetaFieldDef, visit,
  type DocumentNode, type FieldNode, type FragmentDefinitionNode, type GraphQLField, type GraphQLFieldResolver, type GraphQLLeafType, type GraphQLObjectType,
  type GraphQLSchema, type OperationDefinitionNode, type SelectionSetNode,
} from 'graphql';
import { shapeOf, type Shape } from './shape.js';

/** A field of a selection, with everything about it that is the same for each object. */
export interface FieldPlan {
  /** Its name in the answer. */
  readonly key: string;
  /** Every place that selects it under that name. */
  readonly nodes: readonly FieldNode[];
  readonly first: FieldNode;
  readonly parentType: GraphQLObjectType;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
  readonly shape: Shape;
  /** Its arguments where no variable is among them; null where each execution has its own. */
  readonly args: { readonly [name: string]: unknown } | null;
  /** What is selected below it, by the type of the object: filled as objects come. */
  readonly below: Map<GraphQLObjectType, SelectionPlan>;
}

/** Everything selected of an object of one type. */
export interface SelectionPlan {
  readonly fields: readonly FieldPlan[];
  /** The same where each field is a property of the object and a leaf; null otherwise. */
  readonly plain: readonly PlainField[] | null;
}

/** A leaf that is a property of its object. */
export interface PlainField {
  readonly key: string;
  /** The property; null for `__typename`, whose value is `constant`. */
  readonly property: string | null;
  readonly constant: string;
  readonly isNonNull: boolean;
  readonly type: GraphQLLeafType;
  readonly isSerialized: (value: unknown) => boolean;
}

/** How a query is executed: made of its document as far as objects of each type have come by. */
export class QueryPlan {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly queryType: GraphQLObjectType;
  readonly root: SelectionPlan;
  readonly #onField: () => void;

  private constructor(schema: GraphQLSchema, queryType: GraphQLObjectType, { operation, fragments }: Chosen, onField: () => void) {
    this.schema = schema;
    this.operation = operation;
    this.fragments = fragments;
    this.queryType = queryType;
    this.#onField = onField;
    this.root = this.#selection(queryType, [operation]);
  }

  /**
   * The plan of a valid document's query; null for what is left to graphql-js: mutations, subscriptions, introspection, `@skip`
   * and `@include`, and the one name that a plain object cannot have. `onField` is told of each field that the plan keeps.
   */
  static of(schema: GraphQLSchema, document: DocumentNode, operationName: string | null, onField: () => void): QueryPlan | null {
    const chosen = choose(document, operationName);
    const queryType = schema.getQueryType();
    return chosen === null || queryType === null || queryType === undefined || !isPlannable(document) ? null : new QueryPlan(schema, queryType, chosen, onField);
  }

  /** What is selected below a field, of an object of this type. */
  below(field: FieldPlan, type: GraphQLObjectType): SelectionPlan {
    const known = field.below.get(type);
    if (known !== undefined) return known;
    const made = this.#selection(type, field.nodes);
    field.below.set(type, made);
    return made;
  }

  /** CollectFields of the specification (6.3.2) for every node at once. */
  #selection(type: GraphQLObjectType, nodes: readonly { readonly selectionSet?: SelectionSetNode | undefined }[]): SelectionPlan {
    const grouped = new Map<string, [FieldNode, ...FieldNode[]]>();
    const visited = new Set<string>();
    for (const { selectionSet } of nodes) if (selectionSet !== undefined) this.#collect(type, selectionSet, grouped, visited);
    const fields = [...grouped].flatMap(([key, selected]) => this.#field(type, key, selected));
    const plain = fields.map(plainOf);
    return { fields, plain: plain.every((field) => field !== null) && (type.isTypeOf ?? null) === null ? plain : null };
  }

  #collect(type: GraphQLObjectType, { selections }: SelectionSetNode, grouped: Map<string, [FieldNode, ...FieldNode[]]>, visited: Set<string>): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const same = grouped.get(key);
        if (same === undefined) grouped.set(key, [selection]);
        else same.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (this.#applies(selection.typeCondition?.name.value, type)) this.#collect(type, selection.selectionSet, grouped, visited);
      } else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        const fragment = this.fragments[selection.name.value];
        if (fragment !== undefined && this.#applies(fragment.typeCondition.name.value, type)) this.#collect(type, fragment.selectionSet, grouped, visited);
      }
    }
  }

  /** DoesFragmentTypeApply of the specification. */
  #applies(condition: string | undefined, type: GraphQLObjectType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const named = this.schema.getType(condition);
    return isAbstractType(named) && this.schema.isSubType(named, type);
  }

  /** None for a field that the type does not have, as graphql-js answers documents that nobody validated. */
  #field(parentType: GraphQLObjectType, key: string, nodes: readonly [FieldNode, ...FieldNode[]]): FieldPlan[] {
    const [first] = nodes;
    const definition = first.name.value === TypeNameMetaFieldDef.name ? TypeNameMetaFieldDef : parentType.getFields()[first.name.value];
    if (definition === undefined) return [];
    this.#onField();
    const args = constantArguments(definition, first);
    return [{ key, nodes, first, parentType, definition, resolve: definition.resolve ?? defaultFieldResolver, shape: shapeOf(definition.type), args, below: new Map() }];
  }
}

interface Chosen {
  readonly operation: OperationDefinitionNode;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
}

const NO_ARGUMENTS: { readonly [name: string]: unknown } = Object.freeze({});

/** GetOperation of the specification (6.1); null unless it is one query. */
function choose(document: DocumentNode, operationName: string | null): Chosen | null {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
    else if (definition.kind === Kind.OPERATION_DEFINITION && (operationName === null || definition.name?.value === operationName)) operations.push(definition);
  }
  const [operation] = operations;
  return operation === undefined || operations.length > 1 || operation.operation !== 'query' ? null : { operation, fragments };
}

function isPlannable(document: DocumentNode): boolean {
  let plannable = true;
  const refuse = (): typeof BREAK => {
    plannable = false;
    return BREAK;
  };
  visit(document, {
    Directive: ({ name }) => (name.value === 'skip' || name.value === 'include' ? refuse() : undefined),
    Field: ({ name, alias }) => (name.value === '__schema' || name.value === '__type' || (alias ?? name).value === '__proto__' ? refuse() : undefined),
  });
  return plannable;
}

/** Null for those that each execution has to look at: with variables, or refused, which is an error of each object's field. */
function constantArguments(definition: GraphQLField<unknown, unknown>, node: FieldNode): { readonly [name: string]: unknown } | null {
  if (definition.args.length === 0) return NO_ARGUMENTS;
  if (hasVariable(node)) return null;
  try {
    return getArgumentValues(definition, node);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return null;
  }
}

function hasVariable(field: FieldNode): boolean {
  let found = false;
  for (const argument of field.arguments ?? []) {
    visit(argument, {
      Variable: () => {
        found = true;
        return BREAK;
      },
    });
  }
  return found;
}

function plainOf({ key, definition, resolve, shape, first, parentType }: FieldPlan): PlainField | null {
  if (shape.kind !== 'leaf') return null;
  const { isNonNull, type, isSerialized } = shape;
  if (definition === TypeNameMetaFieldDef) return { key, property: null, constant: parentType.name, isNonNull, type, isSerialized };
  return resolve === defaultFieldResolver ? { key, property: first.name.value, constant: '', isNonNull, type, isSerialized } : null;
}
