// Writes the typed documents of the client: `node test/config/print-client.mjs [FILE]`, src/client/documents.ts unless a file is named.
import { codegen } from '@graphql-codegen/core';
import * as operations from '@graphql-codegen/typescript-operations';
import { readFileSync, writeFileSync } from 'node:fs';
import { buildSchema, Kind, parse, print, visit } from 'graphql';

const target = process.argv[2] ?? 'src/client/documents.ts';
const schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'));
const document = parse(readFileSync('src/client/documents.graphql', 'utf8'), { noLocation: true });

const types = await codegen({
  schema: parse(readFileSync('schema/schema.graphql', 'utf8')),
  schemaAst: schema,
  documents: [{ location: 'src/client/documents.graphql', document }],
  filename: target,
  config: {},
  plugins: [
    {
      operations: {
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
      },
    },
  ],
  pluginMap: { operations },
});

const fragments = new Map(document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).map((definition) => [definition.name.value, definition]));

/** The fragments that a definition spreads, and those that these spread, in the order of the file. */
function spreadBy(definition, found = new Set()) {
  visit(definition, {
    FragmentSpread({ name }) {
      if (found.has(name.value)) return;
      found.add(name.value);
      spreadBy(fragments.get(name.value), found);
    },
  });
  return found;
}

const texts = document.definitions.flatMap((definition) => {
  if (definition.kind !== Kind.OPERATION_DEFINITION) return [];
  const name = definition.name.value;
  const type = `${name}${definition.operation[0].toUpperCase()}${definition.operation.slice(1)}`;
  const used = spreadBy(definition);
  const text = [definition, ...[...fragments.values()].filter((fragment) => used.has(fragment.name.value))].map((part) => print(part)).join('\n');
  return [`export const ${name}: TypedText<${type}, ${type}Variables> = typed(${JSON.stringify(text.replaceAll(/\s+/gu, ' '))});`];
});

writeFileSync(
  target,
  [
    '// Written by `npm run client:print` from documents.graphql and the schema; not edited by hand.',
    "import { typed, type TypedText } from './typed-text.js';",
    '',
    types.trim(),
    '',
    ...texts,
    '',
  ].join('\n'),
);
