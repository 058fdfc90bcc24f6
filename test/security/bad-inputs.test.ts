import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../schema/index.js';
import { drawsOfTheRun } from '../support/draws.js';
import { allAsks, type Ask } from './inputs/asks.js';
import { type InputTarget, openInputTarget } from './inputs/target.js';

/** So many of all inputs are tried; `npm run soak -- inputs` tries every one. */
const RUNS = Number(process.env['WEIR_TEST_RUNS'] ?? 250);

const ALL = allAsks(schema);

/** What takes from the others what they are tried on: branches and proposals last, the repository after all else. */
const ENDINGS = [/^(?:deleteBranch|mergeBranch|mergeProposal|closeProposal|rejectProposal|runRetention) /u, /^(?:deleteRepo|archiveRepo|updateRepo) /u];
const DRAWN = drawn(ALL).slice(0, RUNS);
const [FIRST, LAST] = [DRAWN.filter(({ name }) => !isEnding(name, 1)), DRAWN.filter(({ name }) => isEnding(name, 1))];

function isEnding(name: string, rank: number): boolean {
  return ENDINGS[rank]?.test(name) === true;
}

/** All of them in an order of the run (Fisher and Yates). */
function drawn(asks: readonly Ask[]): Ask[] {
  const order = [...asks];
  const draw = drawsOfTheRun();
  for (let at = order.length - 1; at > 0; at--) {
    const other = draw(at + 1);
    const [here, there] = [order[at], order[other]];
    if (here !== undefined && there !== undefined) [order[at], order[other]] = [there, here];
  }
  return order;
}

async function faultsOf(asks: readonly Ask[]): Promise<string[]> {
  const faults: string[] = [];
  for (const ask of asks) {
    const fault = await target.send(ask);
    if (fault !== null) faults.push(fault);
  }
  return faults;
}

let target: InputTarget;
beforeAll(async () => {
  target = await openInputTarget();
});
afterAll(() => target.gateway.close());

describe('bad inputs', () => {
  it('are more than 3,000, each with a name of its own', () => {
    expect(ALL.length).toBeGreaterThan(3_000);
    const names = new Set<string>();
    expect(ALL.filter(({ name }) => names.size === names.add(name).size).map(({ name }) => name)).toEqual([]);
  });

  it('break nothing and hold the thread for no longer than a tenth of a second', { timeout: 600_000 }, async () => {
    expect(await faultsOf([...FIRST.filter(({ name }) => !isEnding(name, 0)), ...FIRST.filter(({ name }) => isEnding(name, 0))])).toEqual([]);
  });

  it('leave nothing that native git objects to', { timeout: 300_000 }, async () => {
    expect(await target.objections()).toEqual([]);
  });

  it('break nothing where they end a repository', { timeout: 300_000 }, async () => {
    expect(await faultsOf(LAST)).toEqual([]);
  });
});
