import {
  execute, GraphQLEnumType, GraphQLError, GraphQLInt, GraphQLInterfaceType, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLScalarType, GraphQLSchema, GraphQLString,
  GraphQLUnionType, parse, responsePathAsArray, validate,
  type ExecutionResult, type GraphQLFieldConfig, type GraphQLOutputType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { QueryExecutor } from '../../src/server/graphql/execution/query-executor.js';
import { fc } from '../support/fast-check.js';

type Field = GraphQLFieldConfig<unknown, { readonly calls: string[] }>;

const Color = new GraphQLEnumType({ name: 'Color', values: { RED: { value: 1 }, BLUE: { value: 'b' } } });
const Odd = new GraphQLScalarType({
  name: 'Odd',
  serialize(value) {
    if (typeof value !== 'number') throw new TypeError('no number');
    return value % 2 === 0 ? undefined : value;
  },
});
const Named = new GraphQLInterfaceType({ name: 'Named', fields: { name: { type: new GraphQLNonNull(GraphQLString) } } });

/** Every value that a resolver of a plain field may meet. */
const VALUES: readonly unknown[] = [
  'text', '', 7, 0, -0, 2 ** 40, 1.5, Number.NaN, true, null, undefined, 1, 'b', new Error('as a value'), Promise.resolve('later'), Promise.resolve(null),
  [1, null, 'x'], { toString: () => 'object' }, () => 'called', () => Promise.resolve(3), () => { throw new GraphQLError('from a method'); }, new Date(0), Symbol.iterator, 5n,
];

/** A row is the same object twice where `seed` says so, and its properties are whatever the seed picks. */
function row(seed: number): Record<string, unknown> {
  const pick = (n: number): unknown => {
    const at = (seed * 31 + n * 17) % 60;
    return at < VALUES.length ? VALUES[at] : ['fine', 3, 1, 'RED', true][at % 5];
  };
  return { text: pick(1), number: pick(2), color: pick(3), odd: pick(4), must: pick(5), name: pick(6), id: seed };
}

const plain = (type: GraphQLOutputType): Field => ({ type });
const Plain: GraphQLObjectType = new GraphQLObjectType({
  name: 'Plain',
  interfaces: [Named],
  fields: { text: plain(GraphQLString), number: plain(GraphQLInt), color: plain(Color), odd: plain(Odd), must: plain(new GraphQLNonNull(GraphQLString)), name: plain(new GraphQLNonNull(GraphQLString)), id: plain(GraphQLInt) },
});
const Typed = new GraphQLObjectType({ name: 'Typed', interfaces: [Named], isTypeOf: (value) => typeof value === 'object' && value !== null && !('number' in value && value.number === 7), fields: { name: plain(new GraphQLNonNull(GraphQLString)), number: plain(GraphQLInt) } });
const Either = new GraphQLUnionType({ name: 'Either', types: () => [Plain, Typed, Node], resolveType: (value) => resolvedName(value) });

function resolvedName(value: unknown): string | Promise<string> {
  const id = typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'number' ? value.id : 0;
  return id % 6 === 5 ? Promise.reject(new Error('no type')) : ([Promise.resolve('Plain'), 'Plain', 'Typed', 'Node', 'Color'][id % 6] ?? 'Nothing');
}

/** What a resolver of `Node` does, chosen by the argument: the ways in which an answer may come, fail and be missing. */
function acted(seed: number): unknown {
  const ways: readonly (() => unknown)[] = [
    () => row(seed), () => Promise.resolve(row(seed)), () => null, () => Promise.resolve(null), () => { throw new Error(`thrown ${seed}`); },
    () => Promise.reject(new GraphQLError(`rejected ${seed}`, { extensions: { code: 'X' } })), () => new Error('returned'), () => row(seed + 1), () => row(seed + 2),
  ];
  return ways[seed % ways.length]?.();
}

const seeded = { seed: { type: GraphQLInt, defaultValue: 1 } };
const logged = (type: GraphQLOutputType, resolve: (seed: number) => unknown): Field => ({
  type,
  args: seeded,
  resolve(_source, args, { calls }, info) {
    calls.push(`${responsePathAsArray(info.path).join('.')} ${info.parentType.name}.${info.fieldName} ${String(info.returnType)} ${JSON.stringify(args)} ${info.fieldNodes.length} ${JSON.stringify(info.variableValues)}`);
    return resolve(typeof args['seed'] === 'number' ? args['seed'] : 0);
  },
});
const listOf = (seed: number): unknown[] => [row(seed), null, acted(seed), row(seed + 3), Promise.resolve(row(seed + 4))].slice(seed % 3);
const many = (type: GraphQLOutputType, list = listOf): Field => logged(new GraphQLList(type), (seed) => (seed % 7 === 6 ? 'no list' : seed % 2 === 0 ? list(seed) : Promise.resolve(new Set(list(seed)))));
/** All of them later, or only one: of a list whose item fails at once, graphql-js leaves the rejections of the others unheard. */
const alikeOf = (seed: number): unknown[] => (seed % 4 < 2 ? listOf(seed).map((item) => Promise.resolve(item)) : [seed % 3 === 0 ? null : row(seed)]);
const Node: GraphQLObjectType = new GraphQLObjectType({
  name: 'Node',
  fields: () => ({
    plain: logged(Plain, acted),
    plainMust: logged(new GraphQLNonNull(Plain), acted),
    rows: many(Plain),
    rowsMust: many(new GraphQLNonNull(Plain), alikeOf),
    mixedMust: many(new GraphQLNonNull(Plain)),
    typed: logged(Typed, acted),
    either: logged(Either, acted),
    eithers: many(Either),
    grid: logged(new GraphQLList(new GraphQLList(new GraphQLNonNull(Color))), (seed) => [[1, 'b', Promise.resolve(1)], null, [seed], Promise.resolve([1])]),
    node: logged(Node, (seed) => (seed % 3 === 0 ? Promise.resolve({}) : {})),
    nodeMust: logged(new GraphQLNonNull(Node), (seed) => (seed % 5 === 4 ? null : {})),
    say: logged(new GraphQLNonNull(GraphQLString), (seed) => (seed % 4 === 3 ? Promise.resolve(null) : `said ${seed}`)),
    text: plain(GraphQLString),
  }),
});
const schema = new GraphQLSchema({ query: Node, types: [Typed] });
const executor = new QueryExecutor(schema);

interface Seen {
  readonly result: string;
  /** By the place in the data that is null for them. */
  readonly errors: ReadonlyMap<string, readonly string[]>;
  readonly calls: readonly string[];
}

/** The deepest place of the data on the way to an error: what became null for it. */
function nulledBy(data: unknown, path: readonly (string | number)[] = []): string {
  let at: unknown = data;
  const walked = path.findIndex((key) => {
    if (at === null || at === undefined) return true;
    at = new Map<unknown, unknown>(Object.entries(at)).get(String(key));
    return false;
  });
  return path.slice(0, walked < 0 ? path.length : walked).join('.');
}

/** graphql-js has other words for what does not fit its type; no client sees either. */
const words = (message: string): string => message.replace(/^(?:Expected a? ?value of type|Abstract type|A value of|Expected `).*$/su, 'misfit');

/** What an executor answered, once nothing of it is under way any more. */
async function seen(run: (context: { calls: string[] }) => ExecutionResult | Promise<ExecutionResult>): Promise<Seen> {
  const calls: string[] = [];
  const { data, errors = [] } = await run({ calls });
  const result = JSON.stringify(data);
  await new Promise((resolve) => { setImmediate(resolve); });
  const grouped = new Map<string, string[]>();
  for (const error of errors) {
    const place = nulledBy(data, error.path);
    grouped.set(place, [...(grouped.get(place) ?? []), JSON.stringify([words(error.message), error.path, error.locations, error.extensions, error.originalError === undefined])].sort());
  }
  return { result, errors: new Map([...grouped].sort(([a], [b]) => (a < b ? -1 : 1))), calls: calls.sort() };
}

async function both(source: string, variableValues: Record<string, unknown> = {}, operationName: string | null = null): Promise<{ ours: Seen; native: Seen }> {
  const document = parse(source);
  return {
    ours: await seen(async (contextValue) => executor.execute({ document, operationName, variableValues, contextValue, hideSuggestions: false })),
    native: await seen(async (contextValue) => execute({ schema, document, operationName, variableValues, contextValue })),
  };
}

/**
 * What two executors answered otherwise; nothing where they agree. Where several fields fail below what becomes null, which of the
 * later ones are still told is a matter of microtasks: there one error in common is asked for.
 */
function differences(ours: Seen, native: Seen): unknown[] {
  const told = (seen: Seen): string => JSON.stringify([seen.result, seen.calls, [...seen.errors.keys()]]);
  if (told(ours) !== told(native)) return [told(ours), told(native)];
  return [...ours.errors].flatMap(([place, errors]) => {
    const others = native.errors.get(place) ?? [];
    const agree = errors.length === 1 && others.length === 1 ? errors[0] === others[0] : errors.some((error) => others.includes(error));
    return agree ? [] : [[place, errors, others]];
  });
}

/** What both answered, which has to be the same. */
async function expectSame(source: string, variables?: Record<string, unknown>, operationName?: string): Promise<Seen> {
  const { ours, native } = await both(source, variables, operationName);
  expect(differences(ours, native), `${source}`).toEqual([]);
  return ours;
}

const PLAIN_FIELDS = ['text', 'number', 'color', 'odd', 'must', 'name', 'id', '__typename', 'again: text', 'other: number'];
const seeds = fc.oneof(fc.nat(40).map((seed) => `(seed: ${seed})`), fc.constant(''), fc.constant('(seed: $seed)'), fc.constant('(seed: $missing)'));
const leaves = fc.subarray(PLAIN_FIELDS, { minLength: 1 }).map((fields) => fields.join(' '));
const abstracts = fc.tuple(leaves, fc.boolean()).map(([fields, spread]) => `__typename ... on Plain { ${fields} } ... on Named { name } ... on Typed { number } ${spread ? '...Both' : ''}`);

/** Selections of `Node`, each field under an alias of its own so that any two may stand together. */
const selections: fc.Arbitrary<string> = fc.letrec<{ node: string; field: string }>((tie) => ({
  node: fc.array(tie('field'), { minLength: 1, maxLength: 4 }).map((fields) => fields.map((field, at) => `f${at}_${field}`).join(' ')),
  field: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(fc.constantFrom('plain', 'plainMust', 'rows', 'rowsMust'), seeds, leaves).map(([name, args, below]) => `: ${name}${args} { ${below} ... on Named { name } }`),
    fc.tuple(fc.constantFrom('either', 'eithers'), seeds, abstracts).map(([name, args, below]) => `: ${name}${args} { ${below} }`),
    fc.tuple(fc.constantFrom('say', 'grid'), seeds).map(([name, args]) => `: ${name}${args}`),
    seeds.map((args) => `: typed${args} { name number }`),
    fc.tuple(fc.constantFrom('node', 'nodeMust'), seeds, tie('node')).map(([name, args, below]) => `: ${name}${args} { __typename ${below} ${below} }`),
  ),
})).node;

describe('the executor of queries', () => {
  test('answers generated queries as graphql-js does: data, errors with their paths, and the same calls of resolvers', async () => {
    let withErrors = 0;
    let withData = 0;
    await fc.assert(
      fc.asyncProperty(selections, fc.nat(40), async (selection, seed) => {
        const source = `query ($seed: Int, $missing: Int) { ${selection} ${selection.includes('$seed') && selection.includes('$missing') ? '' : 'a: say(seed: $seed) b: say(seed: $missing)'} } fragment Both on Either { __typename ... on Plain { must } ... on Node { say } }`;
        const spread = selection.includes('...Both') ? source : source.replace(/ fragment .*$/su, '');
        expect(validate(schema, parse(spread))).toEqual([]);
        const { result, errors } = await expectSame(spread, { seed });
        if (errors.size > 0) withErrors += 1;
        if (result !== 'null') withData += 1;
      }),
      { numRuns: 700 },
    );
    // Neither side of it is a rare case.
    expect(withErrors).toBeGreaterThan(150);
    expect(withData).toBeGreaterThan(150);
  });

  test.each([
    ['a property that is a function, called with arguments, context and info', '{ node { rows(seed: 12) { text number } } }'],
    ['the same field in several places, merged', '{ node { rows(seed: 3) { text } rows(seed: 3) { number text } ... { rows(seed: 3) { id } } } }'],
    ['a fragment spread twice', '{ node { ...N ...N } } fragment N on Node { text say }'],
    ['introspection', '{ __schema { queryType { name } } __type(name: "Color") { enumValues { name } } text }'],
    ['an answer called __proto__', '{ __proto__: text node { __proto__: say } }'],
    ['@skip and @include', 'query ($seed: Int) { text @skip(if: true) node @include(if: true) { say(seed: $seed) } }'],
    ['an argument that does not fit its type, unvalidated', '{ say(seed: "x") text }'],
    ['fields that nobody knows, unvalidated', '{ nothing text }'],
  ])('answers %s as graphql-js does', async (_what, source) => {
    const { ours, native } = await both(source, { seed: 1 });
    expect(differences(ours, native)).toEqual([]);
  });

  test('refuses variables in the words of graphql-js', async () => {
    const { errors } = await expectSame('query ($seed: Int!) { say(seed: $seed) }', { seed: 'x' });
    expect([...errors.values()].flat().join()).toContain('Int cannot represent non-integer value');
    await expectSame('query ($seed: Int!) { say(seed: $seed) }', {});
  });

  test('chooses the operation by its name, and tells when there is none or there are several', async () => {
    const source = 'query A { a: say(seed: 1) } query B { b: say(seed: 2) }';
    expect((await expectSame(source, {}, 'A')).result).toBe('{"a":"said 1"}');
    expect((await expectSame(source, {}, 'B')).result).toBe('{"b":"said 2"}');
    expect((await expectSame(source)).result).toBeUndefined();
    expect((await expectSame(source, {}, 'C')).result).toBeUndefined();
  });

  test('keeps the answers of one execution out of the next: the same document with other variables', async () => {
    const document = parse('query ($seed: Int) { node { rows(seed: $seed) { id } say(seed: $seed) } }');
    const ask = async (seed: number): Promise<string> => JSON.stringify((await executor.execute({ document, operationName: null, variableValues: { seed }, contextValue: { calls: [] }, hideSuggestions: true })).data);
    expect(await ask(2)).toContain('said 2');
    expect(await ask(5)).toContain('said 5');
    expect(await Promise.all([ask(8), ask(9)])).toEqual([expect.stringContaining('said 8'), expect.stringContaining('said 9')]);
  });

  test('answers a document that selects exponentially much by fragments, and goes on', async () => {
    const fragments = Array.from({ length: 11 }, (_, n) => `fragment F${n} on Node { a: node(seed: 1) { ...F${n + 1} } b: node(seed: 1) { ...F${n + 1} } }`);
    const source = `{ ...F0 } ${fragments.join(' ')} fragment F11 on Node { say(seed: 1) }`;
    for (let n = 0; n < 12; n++) {
      const document = parse(source);
      const { data } = await executor.execute({ document, operationName: null, variableValues: null, contextValue: { calls: [] }, hideSuggestions: true });
      expect(JSON.stringify(data).match(/said 1/gu)).toHaveLength(2048);
    }
    await expectSame('{ say(seed: 2) }');
  });

  test('leaves no rejection unheard when one field fails at once while others are under way', async () => {
    // Vitest fails the run on an unhandled rejection.
    for (let seed = 0; seed < 60; seed++) {
      const document = parse(`{ mixedMust(seed: ${seed}) { name must } }`);
      const { data } = await executor.execute({ document, operationName: null, variableValues: null, contextValue: { calls: [] }, hideSuggestions: true });
      expect(data).toHaveProperty('mixedMust');
    }
    await expectSame('{ a: plain(seed: 5) { text } b: rows(seed: 5) { text } c: plainMust(seed: 4) { id } d: plainMust(seed: 5) { id } }');
    await expectSame('{ node { d: plainMust(seed: 5) { id } c: plainMust(seed: 4) { id } } }');
  });
});
