import { writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from './index.js';

/** The schema as text, types and fields sorted by name, descriptions included: what `schema.graphql` holds. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

const [, script, target] = process.argv;
// Run as a program, it writes the file that is named; imported, it writes nothing.
if (script !== undefined && target !== undefined && /[\\/]print\.[jt]s$/u.test(script)) writeFileSync(target, printedSchema());
