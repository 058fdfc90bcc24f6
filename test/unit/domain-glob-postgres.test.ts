import type postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { globSource, matchesGlob } from '../../src/domain/glob.js';
import { fc } from '../support/fast-check.js';
import { clientFor, createTestDatabase, type TestDatabase } from '../support/postgres.js';

let database: TestDatabase;
let sql: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  sql = clientFor(database.connection, 1);
});

afterAll(async () => {
  await sql.end();
  await database.drop();
});

test('Postgres matches a glob’s regular expression as this process matches the glob', async () => {
  const part = fc.constantFrom('a', 'b', 'B', '/', '*', '**', '.', '+', '(', ')', '[', ']', '{1}', '?', '|', '^', '$', '\\', '\\d', '-', 'é', '😀', '\n', '***:', '(?i)');
  const filled: Readonly<Record<string, string>> = { '*': 'ab', '**': 'a/b' };
  const pairs = fc.sample(
    fc.array(fc.record({ glob: part, name: fc.option(part) }), { maxLength: 6 }).map((parts) => ({
      glob: parts.map((each) => each.glob).join(''),
      // The name is what the glob asks for, here and there replaced by something else.
      name: parts.map((each) => each.name ?? filled[each.glob] ?? each.glob).join(''),
    })),
    4000,
  );
  const rows = await sql<{ matches: boolean }[]>`
    select name ~ source as matches
    from unnest(${pairs.map((pair) => pair.name)}::text[], ${pairs.map((pair) => globSource(pair.glob))}::text[]) with ordinality as pair(name, source, place)
    order by place`;
  const expected = pairs.map((pair) => matchesGlob(pair.glob, pair.name));
  expect(rows.map((row) => row.matches)).toEqual(expected);
  expect(expected.filter(Boolean).length).toBeGreaterThan(200);
});
