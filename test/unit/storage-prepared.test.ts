import { describe, expect, it } from 'vitest';
import { branchesById, branchesByName } from '../../src/storage/branches.js';
import { prepared } from '../../src/storage/prepared.js';
import { reposById, reposByName } from '../../src/storage/repos.js';
import { queriesOver, type Queries } from '../../src/storage/sending.js';

interface Sent {
  readonly statement: string;
  readonly parameters: readonly unknown[];
}

function recording(): { readonly queries: Queries; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const queries = queriesOver(async (statement, parameters) => {
    sent.push({ statement, parameters: [...parameters] });
    return [];
  });
  return { queries, sent };
}

describe('a prepared statement', () => {
  it('is built once for what it is run on, and anew for another', () => {
    let built = 0;
    const statement = prepared(() => ({ number: ++built }));
    const [one, other] = [recording().queries, recording().queries];
    expect([statement(one), statement(one), statement(other), statement(one)].map(({ number }) => number)).toEqual([1, 1, 2, 1]);
  });

  it.each([
    ['repositories by id', (queries: Queries, round: number) => reposById(queries, [round, 7]), (round: number) => [[round, 7]]],
    ['repositories by name', (queries: Queries, round: number) => reposByName(queries, [`r${round}`]), (round: number) => [[`r${round}`]]],
    ['branches by id', (queries: Queries, round: number) => branchesById(queries, [round]), (round: number) => [[round]]],
    ['branches by name', (queries: Queries, round: number) => branchesByName(queries, [[round, 'main'], [8, 'b']]), (round: number) => [[round, 8], ['main', 'b']]],
  ])('asks for %s with the same text and the keys of this run', async (_noun, ask, keys) => {
    const { queries, sent } = recording();
    for (const round of [1, 2]) await ask(queries, round);
    expect(sent.map(({ parameters }) => parameters)).toEqual([keys(1), keys(2)]);
    expect(new Set(sent.map(({ statement }) => statement)).size).toBe(1);
    expect(sent[0]?.statement).toMatch(/^select .* from "(?:repo|branch)" /u);
  });
});
