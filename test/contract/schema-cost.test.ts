import { complexityFromQuery } from '@pothos/plugin-complexity';
import { graphql } from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../../schema/index.js';
import { DEFAULT_LIMITS } from '../../src/domain/limits.js';

function nested(first: number): string {
  return `{ repos(first: ${first}) { edges { node { branches(first: ${first}) { edges { node { checkpoints(first: ${first}) { edges { node { number message } } } } } } } } } }`;
}

const DIFF = `query ($files: Int) { repo(name: "a") { diff(from: "x", to: "y") { stats { files } files(first: $files) { edges { node { path status
  hunks { edges { node { oldStart newStart lines { kind text oldNumber newNumber spans { start end } } } } } } } pageInfo { endCursor } } } } }`;

/** The cost of a document, as it is counted before anything is resolved. */
function cost(source: string, variables: Readonly<Record<string, unknown>> = {}): number {
  return complexityFromQuery(source, { schema, ctx: {}, variables: { ...variables } }).complexity;
}

/** What a document answers under the default limits; none of it is resolved when the cost refuses it first. */
async function codeOf(source: string): Promise<unknown> {
  const context = { request: { gateway: { limits: DEFAULT_LIMITS } } };
  const { errors } = await graphql({ schema, source, contextValue: context });
  return errors?.[0]?.extensions['code'];
}

describe('the cost of a document', () => {
  test('grows with the pages asked for: 100 × 100 × 100 is refused, 2 × 2 × 2 is not', async () => {
    expect(cost(nested(2))).toBeLessThan(200);
    expect(cost(nested(100))).toBeGreaterThan(1_000_000);
    expect(await codeOf(nested(100))).toBe('BUDGET_EXCEEDED');
    expect(await codeOf(nested(2))).not.toBe('BUDGET_EXCEEDED');
  });

  test('counts a default page as 50 items, and `last` like `first`', () => {
    const one = cost('{ repos(first: 1) { edges { node { id } } } }');
    const unstated = cost('{ repos { edges { node { id } } } }');
    expect(cost('{ repos(last: 50) { edges { node { id } } } }')).toBe(unstated);
    expect(unstated - 1).toBe(50 * (one - 1));
  });

  test('leaves room for the page that reviewers need: 20 files with all their hunks and lines', () => {
    expect(cost(DIFF, { files: 20 })).toBeLessThan(DEFAULT_LIMITS.queryCost);
    expect(cost(DIFF, { files: 100 })).toBeGreaterThan(cost(DIFF, { files: 20 }) * 4);
  });

  test('multiplies fragments and variables as what they stand for', () => {
    const direct = cost('{ repos(first: 10) { edges { node { name } } } }');
    expect(cost('query ($n: Int) { repos(first: $n) { ...page } } fragment page on RepoConnection { edges { node { name } } }', { n: 10 })).toBe(direct);
  });

  test('is multiplied by the number of ids that `nodes` is asked for', () => {
    const many = Array.from({ length: 100 }, (_, at) => `"Repo:${at + 1}"`).join(',');
    expect(cost(`{ nodes(ids: [${many}]) { id } }`)).toBeGreaterThan(100);
  });
});
