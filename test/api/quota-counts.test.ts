import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';
import { receiptOf } from '../support/operations.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

async function findings(repair = false): Promise<string[]> {
  const found: string[] = [];
  await world.app.examine(({ repo, message }) => found.push(`${repo}: ${message}`), repair);
  return found;
}

describe('what is counted for quotas', () => {
  it('is what the rows come to, whatever upkeep does with the packs', async () => {
    const { repo, repoId } = await world.proposed();
    for (const path of ['a', 'b', 'c', 'd']) await world.write('agent', repo, 'main', { write: { path, text: path } });
    await world.worked(repo, 'session/gone');
    receiptOf(await deleteBranch(world.as('agent'), { repo, name: 'session/gone' }));
    const { upkeep } = world.app.storage;
    expect((await upkeep.consolidate(repoId, { minimumPacks: 2, maxPackBytes: 1 << 30 }))?.replaced).toBeGreaterThan(0);
    expect(await findings()).toEqual([]);
    await upkeep.collect(repoId);
    expect(await findings()).toEqual([]);
  });

  it('is told by the doctor where it is wrong, and set right when that is asked for', async () => {
    const { repo, repoId } = await world.repo();
    await world.count((sql) => sql`update log_head set branches = 7, pack_bytes = pack_bytes + 5, open_proposals = -1 where stream = ${repoId} returning 1 as count`);
    const usage = await world.app.storage.reader().usage(repoId);
    const wrong = [`the count branches says 7, and there are 1`, `the count openProposals says -1, and there are 0`, `the count packBytes says ${usage.packBytes}, and there are ${usage.packBytes - 5}`];
    expect(await findings()).toEqual(wrong.map((message) => `${repo}: ${message}`));
    expect(await findings(true)).toEqual(wrong.map((message) => `${repo}: ${message}; it is set right`));
    expect(await findings()).toEqual([]);
    expect(await world.app.storage.reader().usage(repoId)).toMatchObject({ branches: 1, openProposals: 0, packBytes: usage.packBytes - 5 });
  });
});
