import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema, isInterfaceType, isObjectType, parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';

const schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'));
const documents = readFileSync('src/client/documents.graphql', 'utf8');

describe('the documents of the client', () => {
  it('are valid, and printed anew for this schema', () => {
    expect(validate(schema, parse(documents))).toEqual([]);
    expect(validate(schema, parse(readFileSync('src/review/documents.graphql', 'utf8')))).toEqual([]);
    const directory = mkdtempSync(join(tmpdir(), 'weir-client-'));
    try {
      execFileSync(process.execPath, ['test/config/print-client.mjs', directory]);
      for (const room of ['client', 'review']) {
        const [printed, kept] = [join(directory, room), `src/${room}`].map((folder) => readFileSync(join(folder, 'documents.ts'), 'utf8'));
        expect(printed === kept, 'run `npm run client:print`').toBe(true);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('ask every kind of problem for all that it says, and every mutation for its problem', () => {
    const problem = schema.getType('Problem');
    if (!isInterfaceType(problem)) throw new TypeError('Problem is an interface');
    const fragment = /fragment ProblemParts on Problem \{([\s\S]*?)\n\}/u.exec(documents)?.[1] ?? '';
    const own = schema.getPossibleTypes(problem).filter((type) => isObjectType(type) && Object.keys(type.getFields()).length > Object.keys(problem.getFields()).length);
    for (const { name } of own) expect(fragment).toContain(`... on ${name} `);
    const mutations = documents.match(/^mutation [\s\S]*?(?=^mutation|^subscription)/gmu) ?? [];
    expect(mutations.length).toBeGreaterThan(15);
    for (const mutation of mutations) expect(mutation).toContain('...ProblemParts');
  });
});
