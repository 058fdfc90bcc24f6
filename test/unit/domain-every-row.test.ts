import { describe, expect, it } from 'vitest';
import { everyRow } from '../../src/domain/every-row.js';

/** Numbers below `total`, a page of which is what a statement would answer. */
async function asked(total: number): Promise<{ readonly rows: readonly number[]; readonly pages: number }> {
  let pages = 0;
  const rows = await everyRow<number>(async ({ count, after }) => {
    pages += 1;
    const from = after === null ? 0 : Number(after) + 1;
    const nodes = Array.from({ length: Math.min(count, total - from) }, (_, at) => from + at);
    return { edges: nodes.map((node) => ({ node, key: String(node) })), hasNext: from + nodes.length < total, hasPrevious: from > 0 };
  });
  return { rows, pages };
}

describe('every row of a list', () => {
  it.each([0, 1, 5000, 5001, 12_000])('of %i is read in order, each once', async (total) => {
    expect((await asked(total)).rows).toEqual(Array.from({ length: total }, (_, at) => at));
  });

  it('takes a statement for thousands, as a fetch from a repository with many branches reads them all', async () => {
    expect((await asked(100_000)).pages).toBeLessThanOrEqual(20);
  });
});
