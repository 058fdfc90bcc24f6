import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { hashObject } from '../../src/git/objects/hash.js';
import { fc } from '../support/fast-check.js';
import { git } from '../support/git-binary.js';
import { receiptOf } from '../support/operations.js';
import { openTwoGateways, type TwoGateways } from '../support/two-gateways.js';

let two: TwoGateways;
beforeAll(async () => {
  two = await openTwoGateways();
});
afterAll(() => two.close());

type Step =
  | { readonly do: 'write' | 'litter'; readonly turn: number; readonly text: number }
  | { readonly do: 'branch' | 'delete' | 'consolidate' | 'collect' | 'remove'; readonly turn: number };

const turn = fc.integer({ min: 0, max: 1 });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('write', 'litter'), turn, text: fc.integer({ min: 0, max: 12 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('branch', 'delete', 'consolidate', 'collect', 'remove'), turn }) },
  ),
  { minLength: 5, maxLength: 25 },
);

const textOf = (number: number): string => `text ${number}\n`.repeat(10);
const WHOLE = { minimumPacks: 2, maxPackBytes: Number.MAX_SAFE_INTEGER };

describe('whatever is written, littered, deleted, rolled up, collected and removed, in whatever order, through two gateways', () => {
  it('what is stored in the end is what git reaches from all that was ever a head, and nothing else', async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const name = `property/${made++}`;
        const repoId = await two.makeRepo(name);
        const branches: string[] = [];
        const kept = new Set<number>();
        for (const [at, step] of plan.entries()) {
          const { upkeep } = two.gateway(step.turn).storage;
          const request = two.by('ada', step.turn);
          if (step.do === 'litter') await two.litter(repoId, textOf(step.text), step.turn);
          else if (step.do === 'write') {
            receiptOf(await createCheckpoint(request, { repo: name, branch: branches.at(-1) ?? 'main', message: 'Work', changes: [{ write: { path: `${at}.txt`, text: textOf(step.text) } }] }));
            kept.add(step.text);
          } else if (step.do === 'branch') {
            receiptOf(await createBranch(request, { repo: name, name: `b${at}` }));
            branches.push(`b${at}`);
          } else if (step.do === 'delete') {
            const branch = branches.pop();
            if (branch !== undefined) receiptOf(await deleteBranch(request, { repo: name, name: branch }));
          } else if (step.do === 'consolidate') await upkeep.consolidate(repoId, WHOLE);
          else if (step.do === 'collect') await upkeep.collect(repoId);
          else await upkeep.removeReplaced(repoId, 0);
        }
        await two.gateway(0).storage.upkeep.collect(repoId);
        await two.gateway(1).storage.upkeep.removeReplaced(repoId, 0);
        const stored: string[] = [];
        for await (const oid of two.store(1, repoId).oids()) stored.push(oid);
        expect(stored.sort()).toEqual(await reachedByGit(repoId, `${name.replace('/', '-')}.git`));
        for (const number of kept) expect((await two.store(0, repoId).read(hashObject('blob', Buffer.from(textOf(number))))).content.toString()).toBe(textOf(number));
      }),
      { numRuns: 25 },
    );
  });
});

/** Every object that real git finds from the heads of checkpoints, of deleted branches too. */
async function reachedByGit(repoId: number, directory: string): Promise<string[]> {
  const exported = join(two.directory, directory);
  const repo = await two.gateway(0).storage.reader().repo(repoId);
  if (repo === null) throw new TypeError('the repository is gone');
  await two.gateway(0).exportRepo(repo, exported);
  const rows = await two.sql<{ oid: string }[]>`select encode(oid, 'hex') as oid from checkpoint where repo_id = ${repoId}`;
  const listed = git(exported, ['rev-list', '--objects', '--no-object-names', '--stdin'], `${rows.map(({ oid }) => oid).join('\n')}\n`);
  return listed.split('\n').sort();
}
