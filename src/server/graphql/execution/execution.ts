import {
  defaultTypeResolver, getArgumentValues, GraphQLError, isObjectType, locatedError, responsePathAsArray,
  type ExecutionResult, type GraphQLObjectType, type GraphQLResolveInfo, type ResponsePath,
} from 'graphql';
import type { FieldPlan, PlainField, QueryPlan, SelectionPlan } from './plan.js';
import type { Shape } from './shape.js';

type Path = ResponsePath;
type Values = Record<string, unknown>;

/** A value that does not fit its type: a bug behind the schema, never the client's. */
class ResultMisfit extends Error {
  override readonly name = 'ResultMisfit';
}

/** Told apart from every value: the object is none that can be answered by reading its properties. */
const NOT_PLAIN = Symbol('not plain');

/** One execution of a planned query (GraphQL October 2021, sections 6.2.1 to 6.4.4). Used once. */
export class Execution {
  readonly #plan: QueryPlan;
  readonly #variables: Readonly<Values>;
  readonly #context: unknown;
  readonly #errors: GraphQLError[] = [];
  /** Arguments with variables, the same for every object of a list. */
  readonly #arguments = new Map<FieldPlan, Values>();

  constructor(plan: QueryPlan, variables: Readonly<Values>, context: unknown) {
    this.#plan = plan;
    this.#variables = variables;
    this.#context = context;
  }

  /** Runs it. Rejects for nothing that a resolver does: that is among the errors of the result. */
  run(): ExecutionResult | Promise<ExecutionResult> {
    try {
      const data = this.#selection(undefined, undefined, this.#plan.root);
      return isPromise(data) ? data.then((values) => this.#result(values), (error: unknown) => this.#failed(error)) : this.#result(data);
    } catch (error) {
      return this.#failed(error);
    }
  }

  #result(data: Values | null): ExecutionResult {
    return this.#errors.length === 0 ? { data } : { errors: this.#errors, data };
  }

  #failed(error: unknown): ExecutionResult {
    this.#errors.push(error instanceof GraphQLError ? error : locatedError(error, undefined));
    return this.#result(null);
  }

  /** ExecuteSelectionSet: a promise only where one of its fields is. Rejects with the first field that has to be and is not. */
  #selection(source: unknown, path: Path | undefined, { fields }: SelectionPlan): Values | Promise<Values> {
    const values: Values = {};
    const pending: Promise<void>[] = [];
    try {
      for (const field of fields) {
        const value = this.#field(field, source, path);
        values[field.key] = value;
        if (isPromise(value)) pending.push(put(values, field.key, value));
      }
    } catch (error) {
      // What is under way is awaited: a rejection that nobody hears would end the process.
      return pending.length === 0 ? fail(error) : Promise.allSettled(pending).then(() => fail(error));
    }
    return pending.length === 0 ? values : Promise.all(pending).then(() => values);
  }

  /** ExecuteField, with the error handled where the field may be null. */
  #field(field: FieldPlan, source: unknown, parent: Path | undefined): unknown {
    const path: Path = { prev: parent, key: field.key, typename: field.parentType.name };
    try {
      const info = this.#info(field, path);
      const resolved: unknown = field.resolve(source, this.#argumentsOf(field), this.#context, info);
      const completed = isPromise(resolved) ? resolved.then((value) => this.#complete(field.shape, field, info, path, value)) : this.#complete(field.shape, field, info, path, resolved);
      return isPromise(completed) ? completed.then(undefined, (error: unknown) => this.#handled(error, field, path, field.shape)) : completed;
    } catch (error) {
      return this.#handled(error, field, path, field.shape);
    }
  }

  #info({ definition, nodes, parentType }: FieldPlan, path: Path): GraphQLResolveInfo {
    const { schema, fragments, operation } = this.#plan;
    return { fieldName: definition.name, fieldNodes: nodes, returnType: definition.type, parentType, path, schema, fragments, rootValue: undefined, operation, variableValues: this.#variables };
  }

  #argumentsOf(field: FieldPlan): { readonly [name: string]: unknown } {
    if (field.args !== null) return field.args;
    const known = this.#arguments.get(field);
    if (known !== undefined) return known;
    const made = getArgumentValues(field.definition, field.first, this.#variables);
    this.#arguments.set(field, made);
    return made;
  }

  /** Null, and the error among those of the result; where null is not allowed, the error is the parent's. */
  #handled(raw: unknown, { nodes }: FieldPlan, path: Path, { isNonNull }: Shape): null {
    const error = locatedError(raw, nodes, responsePathAsArray(path));
    if (isNonNull) throw error;
    this.#errors.push(error);
    return null;
  }

  /** CompleteValue. */
  #complete(shape: Shape, field: FieldPlan, info: GraphQLResolveInfo, path: Path, value: unknown): unknown {
    if (value instanceof Error) throw value;
    if (value === null || value === undefined) {
      if (shape.isNonNull) throw new ResultMisfit(`Cannot return null for non-nullable field ${field.parentType.name}.${field.definition.name}.`);
      return null;
    }
    switch (shape.kind) {
      case 'leaf':
        return shape.isSerialized(value) ? value : serialized(shape.type, value);
      case 'list':
        return this.#list(shape.of, field, info, path, value);
      case 'object':
        return this.#object(shape.type, field, info, path, value);
      case 'abstract':
        return this.#abstract(shape, field, info, path, value);
    }
  }

  #list(of: Shape, field: FieldPlan, info: GraphQLResolveInfo, path: Path, value: unknown): unknown {
    if (!isList(value)) throw new GraphQLError(`Expected Iterable, but did not find one for field "${field.parentType.name}.${field.definition.name}".`);
    const plain = of.kind === 'object' ? this.#plan.below(field, of.type).plain : null;
    const items: unknown[] = [];
    const pending: Promise<void>[] = [];
    try {
      for (const item of value) {
        const at = items.length;
        const quick = plain === null ? NOT_PLAIN : plainObject(plain, item);
        if (quick !== NOT_PLAIN) {
          items.push(quick);
          continue;
        }
        const completed = this.#item(of, field, info, { prev: path, key: at, typename: undefined }, item);
        items.push(completed);
        if (isPromise(completed)) pending.push(put(items, at, completed));
      }
    } catch (error) {
      return pending.length === 0 ? fail(error) : Promise.allSettled(pending).then(() => fail(error));
    }
    return pending.length === 0 ? items : Promise.all(pending).then(() => items);
  }

  #item(of: Shape, field: FieldPlan, info: GraphQLResolveInfo, path: Path, item: unknown): unknown {
    try {
      const completed = isPromise(item) ? item.then((value) => this.#complete(of, field, info, path, value)) : this.#complete(of, field, info, path, item);
      return isPromise(completed) ? completed.then(undefined, (error: unknown) => this.#handled(error, field, path, of)) : completed;
    } catch (error) {
      return this.#handled(error, field, path, of);
    }
  }

  #object(type: GraphQLObjectType, field: FieldPlan, info: GraphQLResolveInfo, path: Path, value: unknown): unknown {
    const selection = this.#plan.below(field, type);
    if (type.isTypeOf === undefined || type.isTypeOf === null) {
      const quick = selection.plain === null ? NOT_PLAIN : plainObject(selection.plain, value);
      return quick === NOT_PLAIN ? this.#selection(value, path, selection) : quick;
    }
    const isOfType = type.isTypeOf(value, this.#context, info);
    const judged = (fits: boolean): Values | Promise<Values> => {
      if (!fits) throw new ResultMisfit(`Expected a value of type "${type.name}".`);
      return this.#selection(value, path, selection);
    };
    return isPromise(isOfType) ? isOfType.then(judged) : judged(isOfType === true);
  }

  /** ResolveAbstractType, then as for the object type that it is. */
  #abstract({ type }: Shape & { readonly kind: 'abstract' }, field: FieldPlan, info: GraphQLResolveInfo, path: Path, value: unknown): unknown {
    const complete = (name: unknown): unknown => {
      const named = typeof name === 'string' ? this.#plan.schema.getType(name) : undefined;
      if (!isObjectType(named) || !this.#plan.schema.isSubType(type, named)) throw new ResultMisfit(`Abstract type "${type.name}" was resolved to a type that it does not have.`);
      return this.#object(named, field, info, path, value);
    };
    const name = (type.resolveType ?? defaultTypeResolver)(value, this.#context, info, type);
    return isPromise(name) ? name.then(complete) : complete(name);
  }
}

/** An object answered from its properties alone; NOT_PLAIN, and nothing is told, wherever that would not be all there is to it. */
function plainObject(fields: readonly PlainField[], source: unknown): Values | typeof NOT_PLAIN {
  if (!isObject(source) || source instanceof Error || isPromise(source)) return NOT_PLAIN;
  const values: Values = {};
  for (const { key, property, constant, isNonNull, type, isSerialized } of fields) {
    if (property === null) {
      values[key] = constant;
      continue;
    }
    const value = source[property];
    if (isSerialized(value)) values[key] = value;
    else if (value === null || value === undefined) {
      if (isNonNull) return NOT_PLAIN;
      values[key] = null;
    } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      try {
        values[key] = serialized(type, value);
      } catch {
        return NOT_PLAIN;
      }
    } else return NOT_PLAIN;
  }
  return values;
}

function serialized(type: PlainField['type'], value: unknown): unknown {
  const made: unknown = type.serialize(value);
  if (made === null || made === undefined) throw new ResultMisfit(`A value of ${type.name} was serialized to nothing.`);
  return made;
}

/** Puts what comes later where its promise stands, so that the order of fields stays that of the selection. */
async function put<K extends number | string>(into: { [key in K]: unknown }, key: K, later: Promise<unknown>): Promise<void> {
  into[key] = await later;
}

function fail(error: unknown): never {
  throw error;
}

function isObject(value: unknown): value is Readonly<Values> {
  return typeof value === 'object' && value !== null;
}

/** A list is anything that can be iterated and is no text. */
function isList(value: unknown): value is Iterable<unknown> {
  return isObject(value) && Symbol.iterator in value;
}

function isPromise<T>(value: T | PromiseLike<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
