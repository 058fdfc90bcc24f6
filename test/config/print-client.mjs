// Writes the typed documents of the client and of the review page: `node test/config/print-client.mjs [DIRECTORY]`, src unless a directory is named.
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildSchema, getNamedType, isUnionType, Kind, parse, print, visit } from 'graphql';

const schemaText = readFileSync('schema/schema.graphql', 'utf8');
const schema = buildSchema(schemaText);

const CONFIG = {
  enumsAsTypes: true,
  immutableTypes: true,
  skipTypename: true,
  dedupeFragments: true,
  strictScalars: true,
  defaultScalarType: 'unknown',
  useTypeImports: true,
  onlyOperationTypes: true,
  inlineFragmentTypes: 'combine',
  scalars: { ID: 'string', DateTime: 'string', Duration: 'string', GitObjectID: 'string', SafeInt: 'number' },
};

/** The fragments that a definition spreads, and those that these spread. */
function spreadBy(definition, fragments, found = new Set()) {
  visit(definition, {
    FragmentSpread({ name }) {
      if (found.has(name.value)) return;
      found.add(name.value);
      spreadBy(fragments.get(name.value), fragments, found);
    },
  });
  return found;
}

/** A description as one line of a comment. */
function line(text) {
  return (text ?? '').replaceAll(/\s+/gu, ' ').trim();
}

/** What an operation is about: the description of the field that it leads to, past what only names things, down to the first list, union or thing that is asked for more. */
function about({ operation, selectionSet }) {
  let type = schema.getRootType(operation);
  let { selections } = selectionSet;
  let next = selections.findLast((each) => each.selectionSet) ?? selections[0];
  let found = null;
  while (next !== undefined) {
    if (next.kind === Kind.FIELD) {
      found = type.getFields()[next.name.value];
      type = getNamedType(found.type);
      if (isUnionType(type) || type.name.endsWith('Connection')) break;
    } else type = schema.getType(next.typeCondition.name.value);
    selections = next.selectionSet?.selections ?? [];
    const rest = selections.filter(({ name }) => name?.value !== 'name');
    next = rest.length === 1 && rest[0].selectionSet ? rest[0] : undefined;
  }
  return line(found?.description);
}

/** Gives each printed type that has no comment one: from the schema, by the operation or fragment that it belongs to. */
function described(types, document) {
  const definitions = new Map(document.definitions.map((definition) => [definition.name.value, definition]));
  const said = (name) => {
    const fragment = definitions.get(/^(\w+?)(?:_\w+_)?Fragment$/u.exec(name)?.[1] ?? '');
    if (fragment !== undefined) return `${line(schema.getType(fragment.typeCondition.name.value)?.description)} What the fragment \`${fragment.name.value}\` asks of it.`;
    const [, operation, kind] = /^(\w+?)(?:Query|Mutation|Subscription)(Variables)?$/u.exec(name) ?? [];
    const definition = definitions.get(operation);
    if (definition === undefined) return null;
    return kind === undefined ? `What \`${operation}\` answers. ${about(definition)}` : `What \`${operation}\` takes.`;
  };
  return types.replaceAll(/(?<!\*\/\n)^export type (\w+)/gmu, (declaration, name) => {
    const comment = said(name);
    return comment === null ? declaration : `/** ${comment.trim()} */\n${declaration}`;
  });
}

function textsOf(document) {
  const fragments = new Map(document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).map((definition) => [definition.name.value, definition]));
  return document.definitions.flatMap((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
    const name = definition.name.value;
    const type = `${name}${definition.operation[0].toUpperCase()}${definition.operation.slice(1)}`;
    const used = spreadBy(definition, fragments);
    const text = [definition, ...[...fragments.values()].filter((fragment) => used.has(fragment.name.value))].map((part) => print(part)).join('\n');
    return [`/** ${about(definition)} */\nexport const ${name}: TypedText<${type}, ${type}Variables> = typed(${JSON.stringify(text.replaceAll(/\s+/gu, ' '))});`];
  });
}

/** The declarations of a text of types, each with its comment. */
function declarationsOf(types) {
  return types.replaceAll(/\n+(?=\/\*\*)/gu, '\n\n').split(/\n\n(?=\/\*\*|export type|type )/u);
}

/** Leaves out what `known` has word by word, and imports of it what the rest names. */
function besides(known, from, types) {
  const own = declarationsOf(types).filter((text) => !known.has(text) || !/^export type/mu.test(text));
  const names = declarationsOf(types).filter((text) => !own.includes(text)).map((text) => /^export type (\w+)/mu.exec(text)?.[1] ?? '');
  const rest = own.join('\n\n');
  const used = names.filter((name) => new RegExp(`\\b${name}\\b`, 'u').test(rest));
  return [...(used.length === 0 ? [] : [`import type { ${used.join(', ')} } from '${from}';`]), '', rest];
}

/** Writes the documents of a room; answers the declarations, for rooms that build on it. */
async function write(room, typedText, known = new Set()) {
  const source = `src/${room}/documents.graphql`;
  const document = parse(readFileSync(source, 'utf8'), { noLocation: true });
  const target = join(process.argv[2] ?? 'src', room, 'documents.ts');
  const plugin = { schema: parse(schemaText), schemaAst: schema, documents: [{ location: source, document }], filename: target, config: {}, plugins: [{ operations: CONFIG }], pluginMap: { operations } };
  const types = (await codegen(plugin)).replace(/.*\nexport type Incremental.*\n/u, '').trim();
  const header = [`// Written by \`npm run client:print\` from documents.graphql and the schema; not edited by hand.`, `import { typed, type TypedText } from '${typedText}';`];
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, [...header, ...besides(known, '../client/documents.js', described(types, document)), '', ...textsOf(document), ''].join('\n'));
  return new Set(declarationsOf(described(types, document)));
}

const client = await write('client', './typed-text.js');
await write('review', '../client/typed-text.js', client);
