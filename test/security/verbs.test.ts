import { isEnumType, isListType, isNonNullType, isObjectType, isScalarType, isUnionType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '../../schema/index.js';
import type { Census } from '../support/verbs.js';
import { KEY_KINDS } from './key-kinds.js';
import { forbiddenWords, mayRead, verdict } from './model.js';
import { REPO } from './names.js';
import { ROWS, rowsOf, type Row } from './rows.js';
import { ASKED, titleOf, type Asked } from './verbs-asked.js';
import { fill, openMatrixWorld, valueAt, type MatrixWorld } from './world.js';

const KINDS = Object.keys(KEY_KINDS);

let world: MatrixWorld;
let before: Census;
let cells = 0;
const met = new Set<string>();

beforeAll(async () => {
  world = await openMatrixWorld();
  before = await world.verbs.census();
});
afterAll(() => world.close());

function mutationFields() {
  return schema.getMutationType()?.getFields() ?? {};
}

/** Everything that the mutation can answer, each field under the name of its type. */
function documentOf(mutation: string): string {
  const field = mutationFields()[mutation];
  const [argument] = field?.args ?? [];
  const result = field !== undefined && isNonNullType(field.type) ? field.type.ofType : field?.type;
  if (argument === undefined || !isUnionType(result)) throw new TypeError(`${mutation} does not answer a union`);
  const parts = result.getTypes().map(({ name }) => `... on ${name} { ${rowsOf(name).map(selectionOf).join(' ')} }`);
  return `mutation ($input: ${String(argument.type)}) { ${mutation}(input: $input) { __typename ${parts.join(' ')} } }`;
}

function selectionOf({ type, field }: Row): string {
  const parent = schema.getType(type);
  let named: unknown = isObjectType(parent) ? parent.getFields()[field]?.type : undefined;
  while (isNonNullType(named) || isListType(named)) named = named.ofType;
  return `${type}_${field}: ${field}${isScalarType(named) || isEnumType(named) ? '' : ' { __typename }'}`;
}

async function call(kind: string, { mutation, input }: Asked): Promise<Readonly<Record<string, unknown>>> {
  const filled: unknown = JSON.parse(fill(JSON.stringify(input), world.words));
  const { data, errors } = await world.ask(kind, documentOf(mutation), { input: filled });
  const answer = valueAt(data, mutation);
  if (errors !== undefined || typeof answer !== 'object' || answer === null) throw new TypeError(`${mutation} answered ${JSON.stringify({ data, errors })}`);
  return { ...answer };
}

/** Calls as a key of this kind and answers what is wrong with the refusal, in words. */
async function faultsOf(kind: string, asked: Asked): Promise<string[]> {
  const traits = KEY_KINDS[kind] ?? {};
  const expected = verdict(traits, asked);
  if (expected === 'PASSED' && asked.after === null) return [];
  const answer = await call(kind, asked);
  const type = String(answer['__typename']);
  const code = answer[`${type}_code`];
  const lacking = !(traits.scopes ?? []).some((scope) => scope === asked.scope || scope === asked.or || scope === 'ADMIN');
  const after = mayRead(traits, 'read') ? asked.after : (asked.afterUnread ?? asked.after);
  const needs = lacking ? asked.scope : null;
  // The name that was given comes back in the refusal.
  const told = JSON.stringify(answer).replaceAll(REPO, '');
  met.add(type);
  cells += rowsOf(type).length;
  return [
    ...(code === (expected === 'PASSED' ? after : expected) ? [] : [`${kind}: ${told}, where the model says ${expected}`]),
    ...(code !== 'FORBIDDEN' || answer['Forbidden_needs'] === needs ? [] : [`${kind}: needs ${String(needs)}, not ${told}`]),
    ...forbiddenWords(traits).filter((word) => told.includes(word)).map((word) => `${kind}: tells ${word}: ${told}`),
    ...rowsOf(type).flatMap((row) => (fitsRow(kind, asked, row, answer[`${type}_${row.field}`]) ? [] : [`${kind}: ${type}.${row.field} in ${told}`])),
  ];
}

/** True when a field of a problem is told, and the branch of a stale head to those alone who may read it. */
function fitsRow(kind: string, { writes, reads }: Asked, { field, needs }: Row, value: unknown): boolean {
  if (value === undefined) return false;
  const guard = (writes ?? reads?.[0]) === 'main' ? 'main' : needs;
  return field !== 'branch' || (value !== null) === mayRead(KEY_KINDS[kind] ?? {}, guard);
}

function scopeOf(mutation: string): string | undefined {
  return Object.entries(ROWS['Mutation'] ?? {}).find(([, names]) => names.split(' ').includes(mutation))?.[0];
}

describe('every mutation, called by every kind of key', () => {
  test('is asked for, under the scope of its row', () => {
    expect(Object.keys(mutationFields()).filter((name) => !ASKED.some(({ mutation }) => mutation === name))).toEqual([]);
    expect(ASKED.filter(({ mutation, scope }) => scopeOf(mutation) !== scope)).toEqual([]);
  });

  test.each(ASKED.map((asked) => [titleOf(asked), asked] as const))('%s', async (_title, asked) => {
    const faults: string[] = [];
    for (const kind of KINDS) faults.push(...(await faultsOf(kind, asked)));
    expect(faults).toEqual([]);
  });

  test('meets the problems that can be met without breaking anything', () => {
    const unmet = ['Busy', 'LimitExceeded', 'ObjectCorrupt', 'Unavailable'];
    const problems = Object.keys(ROWS).filter((type) => 'refused' in (ROWS[type] ?? {}));
    expect(problems.filter((type) => !met.has(type)).sort()).toEqual(unmet);
    expect(cells).toBeGreaterThan(1_000);
  });

  test('leaves no trace', async () => {
    expect(await world.verbs.census()).toEqual(before);
  });
});
