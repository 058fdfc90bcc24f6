import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { bodyRefusal } from '../../src/server/graphql/body-limits.js';
import { documentRefusal, FIXED_LIMITS, LONGEST_DOCUMENT, textRefusal } from '../../src/server/graphql/document-limits.js';
import { exceedsOverlap } from '../../src/server/graphql/document-overlap.js';
import { shapeOf } from '../../src/server/graphql/document-shape.js';
import { jsonShape } from '../../src/server/graphql/json-limits.js';
import { fc } from '../support/fast-check.js';

const ROOMY = { depth: 1_000, members: 10_000, values: 1_000_000 };

/** Values and levels of parsed JSON, counted the plain way: each list and object, and one for each comma. */
function counted(value: unknown): { readonly values: number; readonly depth: number } {
  if (typeof value !== 'object' || value === null) return { values: 0, depth: 0 };
  const inner = Object.values(value).map(counted);
  return { values: 1 + Math.max(0, inner.length - 1) + inner.reduce((sum, { values }) => sum + values, 0), depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)) };
}

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.stringMatching(/^[\\"{},:[\]x]{0,200}$/u));
const json = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 6 }, text, fc.double({ noNaN: true }), fc.boolean(), fc.constant(null), fc.array(tie('value'), { maxLength: 5 }), fc.dictionary(text, tie('value'), { maxKeys: 5 })),
})).value;

describe('a look over JSON', () => {
  it('counts what a parser finds, and stops exactly where there is more than a limit', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(undefined, 2), (value, indent) => {
        const bytes = Buffer.from(JSON.stringify(value, null, indent));
        const { values, depth } = counted(JSON.parse(bytes.toString()));
        expect(jsonShape(bytes, ROOMY, null)).toEqual({ excess: null, values, member: null });
        expect(jsonShape(bytes, { ...ROOMY, depth, values }, null).excess).toBeNull();
        const one = jsonShape(bytes, { ...ROOMY, depth: depth - 1 }, null).excess;
        expect(one).toEqual(depth === 0 ? null : { what: 'levels', maximum: depth - 1 });
        const other = jsonShape(bytes, { ...ROOMY, values: values - 1 }, null).excess;
        expect(other).toEqual(values === 0 ? null : { what: 'values', maximum: values - 1 });
      }),
      { numRuns: 400 },
    );
  });

  it('finds the text of a member at its level, whatever stands before and in it', () => {
    fc.assert(
      fc.property(json, text, fc.boolean(), (before, query, nested) => {
        const body = { before, inner: { query: 'not this' }, list: ['query', 'nor this'], query };
        const bytes = Buffer.from(JSON.stringify(nested ? { payload: body } : body));
        const { member } = jsonShape(bytes, ROOMY, { name: 'query', level: nested ? 2 : 1, values: () => 1_000_000 });
        expect(member === null ? null : JSON.parse(`"${bytes.subarray(...member).toString()}"`)).toBe(JSON.parse(JSON.stringify(query)));
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, string]>([['levels', '['.repeat(50)], ['members of one object', `{${'"a":1,'.repeat(50)}"a":1}`], ['values', '[1'.repeat(5) + ',1'.repeat(200)], ['bytes of one number or of white space', `[${'9'.repeat(5_000)}]`], ['bytes of one number or of white space', ' '.repeat(5_000)]])('says which limit was passed: %s', (what, given) => {
    expect(jsonShape(Buffer.from(given), { depth: 40, members: 50, values: 200 }, null).excess?.what).toBe(what);
  });

  it('ends at the end of a text that does not', () => {
    for (const given of ['"', `"${'x'.repeat(500)}`, '"\\', `"${'x'.repeat(100)}\\`, '{"query":"']) expect(jsonShape(Buffer.from(given), ROOMY, { name: 'query', level: 1, values: () => 1 }).excess).toBeNull();
  });
});

function refused(body: unknown, changes = 10_000): string | null {
  return bodyRefusal(Buffer.from(JSON.stringify(body)), 1, changes)?.message ?? null;
}

function checkpoint(changes: number): unknown {
  const input = { repo: 'a', branch: 'b', message: 'm', changes: Array.from({ length: changes }, (_, at) => ({ write: { path: `src/${at}.ts`, text: 'x', executable: false } })) };
  return { query: 'mutation ($input: CreateCheckpointInput!) { createCheckpoint(input: $input) { __typename } }', variables: { input } };
}

describe('the body of an operation', () => {
  it('may be the largest checkpoint, with every member of every change', () => {
    expect(refused(checkpoint(10_000))).toBeNull();
    expect(refused(checkpoint(100_000), 100_000)).toBeNull();
    expect(refused(checkpoint(100_000))).toContain('100000 values');
  });

  it('may not be large for a query, wherever its members stand', () => {
    const variables = { ids: Array.from({ length: 10_001 }, () => 'a') };
    expect(refused({ query: '{ a }', variables })).toContain('10000 values');
    expect(refused({ query: '{ a }', variables: { text: 'x'.repeat(300_000) } })).toContain('262144 bytes');
    expect(refused({ variables: { text: 'x'.repeat(300_000) }, query: '{ a }' })).toContain('262144 bytes');
    expect(refused({ query: 'mutation { a }', variables: { text: 'x'.repeat(300_000) } })).toBeNull();
  });

  it('has a document of some length, however long the rest may be', () => {
    expect(refused({ query: `mutation { a(text: "${'x'.repeat(2 * LONGEST_DOCUMENT)}") }` })).toContain(`${LONGEST_DOCUMENT} characters`);
  });
});

describe('the text of a document', () => {
  it('has an end, and lines that have one', () => {
    expect(textRefusal(`{ a } #${'x'.repeat(40_000)}`)).toBeNull();
    expect(textRefusal(`{ a } #${'x'.repeat(50_000)}`)?.message).toContain('50000 characters');
    for (const end of ['\n', '\r', '\r\n']) expect(textRefusal(`{ a }${end.repeat(5_001)}`)?.message).toContain('5000');
  });
});

describe('the shape of a document', () => {
  it('is what it writes out, in every place', () => {
    const document = parse(`query A($v: [[Int!]!] = [[1], [2, 3]] @d(x: {a: [1]})) @d(x: 1) { f(a: 1, b: [{c: {d: 2}}]) @d(x: 2) { ... @d(x: 3) { ...F @d(x: 4) } } } query B { g } fragment F on T @d(x: 5) { h(i: 6) }`);
    expect(shapeOf(document)).toEqual({ operations: 2, fragments: 1, variables: 1, values: 6 + 3 + 1 + 1 + 4 + 1 + 1 + 1 + 1 + 1, nesting: 3, width: 2, levels: 3, breadth: 1 });
  });

  it.each([['operations', 'query Q { a } '.repeat(51)], ['fragments', `{ a } ${'fragment F on A { a } '.repeat(201)}`], ['variables', `query (${'$v: Int '.repeat(201)}) { a }`], ['values', `{ a(b: [${'1 '.repeat(1_500)}]) }`], ['values or types', `query ($v: ${'['.repeat(33)}Int${']'.repeat(33)}) { a }`], ['selections', `{ ${'... { '.repeat(60)}a${' }'.repeat(60)} }`], ['arguments or members', `{ a(${'b: 1 '.repeat(65)}) }`], ['selections side by side', `{ a { ${'b '.repeat(501)}} }`], ['fields', '{ __schema { a } __type { a } __type { a } __type { a } __type { a } __type { a } }']])('may not hold too many %s', (what, source) => {
    const refusal = documentRefusal(parse(source), { ...FIXED_LIMITS, depth: 20, levels: 60 });
    expect(refusal?.message).toContain(what);
    expect(refusal?.extensions['code']).toBe('BUDGET_EXCEEDED');
  });
});

const schema = buildSchema('type Query { a: Query b(x: Int, y: Int): Query c: Int }');

/** The fewest comparisons that a document does not exceed. */
function pairs(source: string): number {
  const document = parse(source);
  let [least, most] = [0, 1_000_000];
  while (least < most) {
    const middle = (least + most) >> 1;
    if (exceedsOverlap(document, middle)) least = middle + 1;
    else most = middle;
  }
  return least;
}

describe('fields that stand for one another', () => {
  it.each([
    ['{ c }', 0], ['{ c c }', 1], ['{ c c c c }', 6], ['{ x: c c }', 0], ['{ a { c } a { c } }', 2], ['{ a { c c } a { c } }', 4], ['{ b(x: 1, y: 2) { c } b(x: 1, y: 2) { c } }', 18],
    ['{ ... { c } ... on Query { c } }', 1], ['{ ...F ...F c } fragment F on Query { c }', 1], ['{ ...F ...G } fragment F on Query { c } fragment G on Query { c }', 2], ['{ c } fragment F on Query { c c }', 1], ['{ ...N ...N }', 0],
  ])('are counted pair by pair: %s', (source, expected) => {
    expect(pairs(source)).toBe(expected);
  });

  it('are never so many in a document that passes that validation gives up', () => {
    const leaf = fc.constantFrom('c', 'x: c', 'b(x: 1) { c }', '...F', '...G');
    const selections = fc.letrec<{ set: string }>((tie) => ({
      set: fc.array(fc.oneof({ maxDepth: 4 }, leaf, tie('set').map((set) => `a { ${set} }`), tie('set').map((set) => `... { ${set} }`)), { minLength: 1, maxLength: 12 }).map((parts) => parts.join(' ')),
    })).set;
    fc.assert(
      fc.property(selections, selections.map((set) => set.replaceAll(/\.\.\.[FG]/gu, 'c')), fc.integer({ min: 1, max: 30 }), (set, inner, times) => {
        const document = parse(`{ ${`${set} `.repeat(times)} } fragment F on Query { ${inner} } fragment G on Query { ${inner} }`);
        if (exceedsOverlap(document, FIXED_LIMITS.comparisons)) return;
        expect(validate(schema, document).map(({ message }) => message)).not.toContain('Validation aborted.');
      }),
      { numRuns: 40 },
    );
  });
});
