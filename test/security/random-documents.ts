import {
  getNamedType, isEnumType, isInputObjectType, isInterfaceType, isLeafType, isListType, isNonNullType, isObjectType, isUnionType,
  type GraphQLArgument, type GraphQLField, type GraphQLInputType, type GraphQLObjectType, type GraphQLOutputType, type GraphQLSchema,
} from 'graphql';

/** Draws a whole number from 0 up to and without `below`. */
export type Draw = (below: number) => number;

/** What arguments are filled with: texts by the name of the argument, and by the scalar where the name says nothing. */
export type Values = (argument: string, scalar: string) => readonly string[];

/** Deeper than this only leaves are asked for; the deepest object of the schema lies at 9. */
const MAX_DEPTH = 10;
/** Selections of one document. */
const MAX_FIELDS = 60;
/** Cursors that were not made for the very page are refused, and everything behind them with it. */
const PLACES_IN_PAGES: ReadonlySet<string> = new Set(['after', 'before']);
/** Of so many optional arguments one is given. */
const OPTIONAL_ONE_IN = 5;

/** Writes queries that are valid for a schema, at random: any field, any argument, as deep as it goes. */
export class RandomDocuments {
  readonly #schema: GraphQLSchema;
  readonly #draw: Draw;
  readonly #values: Values;
  #left = 0;
  #named = 0;

  constructor(schema: GraphQLSchema, draw: Draw, values: Values) {
    this.#schema = schema;
    this.#draw = draw;
    this.#values = values;
  }

  /** The next query. */
  next(): string {
    const type = this.#schema.getQueryType();
    if (type === null || type === undefined) throw new TypeError('the schema has no queries');
    this.#left = MAX_FIELDS;
    this.#named = 0;
    return `query ${this.#selection(type, 0)}`;
  }

  #selection(type: GraphQLObjectType, depth: number): string {
    const fields = Object.values(type.getFields());
    const leaves = fields.filter((field) => isLeafType(getNamedType(field.type)) && field.args.every(({ type: given }) => !isNonNullType(given)));
    const leading = fields.filter((field) => !leaves.includes(field));
    const chosen: string[] = ['__typename'];
    for (let n = 1 + this.#draw(3); n > 0; n--) {
      // From the root everything has to lead on; further down what leads nowhere is shown as often.
      const from = depth >= MAX_DEPTH ? leaves : depth === 0 || this.#draw(4) > 0 ? leading : fields;
      const field = from[this.#draw(from.length)];
      if (field !== undefined && this.#left-- > 0) chosen.push(`${this.#alias()}: ${this.#field(field, depth)}`);
    }
    for (let n = this.#draw(8); n > 0; n--) {
      const field = leaves[this.#draw(leaves.length)];
      if (field !== undefined) chosen.push(`${this.#alias()}: ${field.name}`);
    }
    return `{ ${chosen.join(' ')} }`;
  }

  /** Names are never used twice: fields of different types may not share one. */
  #alias(): string {
    return `f${this.#named++}`;
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const given = field.args.filter(({ name, type }) => isNonNullType(type) || (!PLACES_IN_PAGES.has(name) && this.#draw(OPTIONAL_ONE_IN) === 0)).flatMap((argument) => this.#argument(argument));
    const list = given.length === 0 ? '' : `(${given.join(', ')})`;
    return `${field.name}${list}${this.#below(field.type, depth + 1)}`;
  }

  #below(type: GraphQLOutputType, depth: number): string {
    const named = getNamedType(type);
    if (isObjectType(named)) return ` ${this.#selection(named, depth)}`;
    if (!isInterfaceType(named) && !isUnionType(named)) return '';
    const possible = this.#schema.getPossibleTypes(named);
    const shown = [0, 1, 2].flatMap(() => possible[this.#draw(possible.length)] ?? []);
    return ` { __typename ${shown.map((one) => `... on ${one.name} ${this.#selection(one, depth)}`).join(' ')} }`;
  }

  #argument({ name, type }: GraphQLArgument): string[] {
    const value = this.#input(name, type, 0);
    return value === null ? [] : [`${name}: ${value}`];
  }

  #input(name: string, type: GraphQLInputType, depth: number): string | null {
    if (isNonNullType(type)) return this.#input(name, type.ofType, depth);
    if (isListType(type)) return `[${[0, 1].slice(0, 1 + this.#draw(2)).map(() => this.#input(name, type.ofType, depth)).join(', ')}]`;
    if (isEnumType(type)) return type.getValues()[this.#draw(type.getValues().length)]?.name ?? null;
    if (isInputObjectType(type)) {
      const all = Object.values(type.getFields());
      const one = this.#draw(all.length);
      const members = all.filter((member, at) => (type.isOneOf ? at === one : isNonNullType(member.type) || (depth < 2 && this.#draw(OPTIONAL_ONE_IN) === 0)));
      return `{ ${members.map((member) => `${member.name}: ${this.#input(member.name, member.type, depth + 1)}`).join(', ')} }`;
    }
    switch (type.name) {
      case 'Int':
      case 'SafeInt': return String(name === 'first' || name === 'last' ? 1 + this.#draw(20) : this.#draw(6));
      case 'Boolean': return String(this.#draw(2) === 0);
      default: {
        const texts = this.#values(name, type.name);
        return JSON.stringify(texts[this.#draw(texts.length)] ?? '');
      }
    }
  }
}
