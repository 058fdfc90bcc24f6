import { isObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../../schema/index.js';
import { PLACES } from './places.js';
import { ROWS, rowsOf } from './rows.js';

/** `Type.field` of every object type; the fields of interfaces are those of the types that implement them. */
function fieldsOfSchema(): string[] {
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith('__'));
  return types.flatMap((type) => (isObjectType(type) ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`) : []));
}

const named = new Set(Object.keys(ROWS).flatMap((type) => rowsOf(type).map(({ field }) => `${type}.${field}`)));

describe('the rows of the authorization matrix', () => {
  test('there is one for every field of the schema', () => {
    expect(fieldsOfSchema().filter((field) => !named.has(field))).toEqual([]);
    expect(named.size).toBeGreaterThan(400);
  });

  test('none is of a field that the schema does not have', () => {
    const known = new Set(fieldsOfSchema());
    expect([...named].filter((field) => !known.has(field))).toEqual([]);
  });

  test('every type that can be read is read at some place, and no place is of a type without rows', () => {
    const read = Object.keys(ROWS).filter((type) => rowsOf(type).some(({ needs }) => !['doer', 'refused'].includes(needs)));
    const placed = new Set(PLACES.map(({ type }) => type));
    const elsewhere = ['Mutation', 'Subscription', 'StaleHead'];
    expect(read.filter((type) => !placed.has(type) && !elsewhere.includes(type))).toEqual([]);
    expect([...placed].filter((type) => !(type in ROWS))).toEqual([]);
  });
});
