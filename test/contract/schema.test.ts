import { readFileSync } from 'node:fs';
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, isUnionType, isSpecifiedScalarType, validateSchema, type GraphQLNamedType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../../schema/index.js';
import { printedSchema } from '../../schema/print.js';

const types: readonly GraphQLNamedType[] = Object.values(schema.getTypeMap()).filter((type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type));

/** Every element with its description: types, fields, arguments and values, as `Type`, `Type.field`, `Type.field(argument)`, `Enum.VALUE`. */
function elements(): Map<string, string | null | undefined> {
  const found = new Map<string, string | null | undefined>();
  for (const type of types) {
    found.set(type.name, type.description);
    if (isEnumType(type)) for (const value of type.getValues()) found.set(`${type.name}.${value.name}`, value.description);
    if (isInputObjectType(type)) for (const field of Object.values(type.getFields())) found.set(`${type.name}.${field.name}`, field.description);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      found.set(`${type.name}.${field.name}`, field.description);
      for (const argument of field.args) found.set(`${type.name}.${field.name}(${argument.name})`, argument.description);
    }
  }
  return found;
}

function names(file: string): string[] {
  const value: unknown = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8'));
  if (!Array.isArray(value)) throw new TypeError(`${file} is not a list`);
  return value.map(String);
}

describe('the printed schema', () => {
  test('schema.graphql is what the code says; print it again with `npm run schema:print`', () => {
    expect(readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8')).toBe(printedSchema());
  });

  test('is valid GraphQL', () => {
    expect(validateSchema(schema)).toEqual([]);
  });

  test('describes every type, field, argument and value in a sentence', () => {
    const undescribed = [...elements()].filter(([, description]) => typeof description !== 'string' || !/^\P{Ll}.*[.!?)`]$/su.test(description)).map(([name]) => name);
    expect(undescribed).toEqual([]);
  });
});

describe('the contract', () => {
  test('has every name that clients were promised, but for a list that may only shrink', () => {
    const present = elements();
    const missing = names('./api-names.json').filter((name) => !present.has(name));
    expect(missing).toEqual(names('./still-missing.json'));
  });

  test('the list of what is missing is sorted and without repeats', () => {
    const listed = names('./still-missing.json');
    expect(listed).toEqual([...new Set(listed)].sort());
  });
});

describe('conventions', () => {
  test('every mutation takes one input and answers a union of one success and the refusals of every verb', () => {
    const always = ['InvalidInput', 'NotFound', 'Forbidden', 'LimitExceeded', 'Busy', 'Unavailable'];
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      const verb = `${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}`;
      expect(field.args.map((argument) => argument.name)).toEqual(['input']);
      const union = schema.getType(`${verb}Result`);
      if (!isUnionType(union)) throw new TypeError(`${verb}Result is not a union`);
      expect(String(field.type)).toBe(`${union.name}!`);
      const members = union.getTypes().map((type) => type.name);
      expect(members).toEqual(expect.arrayContaining([`${verb}Success`, ...always]));
      expect(members.filter((name) => name.endsWith('Success'))).toHaveLength(1);
      const success = schema.getType(`${verb}Success`);
      expect(isObjectType(success) && 'operation' in success.getFields()).toBe(true);
    }
  });

  test('every connection has edges with cursors, nodes without, page information, and a limit on its pages', () => {
    const connections = types.filter((type) => type.name.endsWith('Connection'));
    expect(connections.length).toBeGreaterThan(10);
    for (const type of connections) {
      if (!isObjectType(type)) throw new TypeError(type.name);
      const node = type.name.replace(/Connection$/u, '');
      expect(Object.values(type.getFields()).map((field) => `${field.name}: ${String(field.type)}`).sort()).toEqual([`edges: [${node}Edge!]!`, `nodes: [${node}!]!`, 'pageInfo: PageInfo!']);
    }
    for (const type of types) {
      if (!isObjectType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        if (!/Connection!?$/u.test(String(field.type))) continue;
        const place = `${type.name}.${field.name}`;
        expect([place, ...field.args.map((argument) => argument.name)]).toEqual(expect.arrayContaining([place, 'first', 'after']));
        expect([place, typeof field.extensions['complexity']]).toEqual([place, 'function']);
      }
    }
  });

  test('whatever has a node id says so by its interface', () => {
    const nodes = schema.getPossibleTypes(nodeInterface()).map((type) => type.name);
    expect(nodes).toEqual(expect.arrayContaining(['Repo', 'Branch', 'Checkpoint', 'Commit', 'Tree', 'File', 'Diff', 'DiffFile', 'MergePreview', 'Proposal', 'Review', 'Operation', 'ApiKey', 'BranchMoved', 'ProposalOpened']));
  });
});

function nodeInterface() {
  const node = schema.getType('Node');
  if (!isInterfaceType(node)) throw new TypeError('Node is not an interface');
  return node;
}
