import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashObject } from '../../src/git/objects/hash.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { Dice } from '../support/file-pairs.js';
import { runGit } from '../support/git-binary.js';
import { receiptOf } from '../support/operations.js';
import { openTwoGateways, type TwoGateways } from '../support/two-gateways.js';

let two: TwoGateways;

beforeAll(async () => {
  two = await openTwoGateways();
});
afterAll(() => two.close());

const WHOLE = { minimumPacks: 2, maxPackBytes: Number.MAX_SAFE_INTEGER };

/** Content that is stored as garbage at about the time when writers write the very same. */
function contested(number: number): string {
  return `content that many write, number ${number}\n`.repeat(20);
}

interface Acknowledged {
  readonly branch: string;
  readonly path: string;
  readonly oid: string;
  readonly text: string;
}

describe('eight writers and eight readers over two gateways', () => {
  it('find every acknowledged object while packs are rolled up, collected and removed under them; git finds the export clean', async () => {
    const name = 'gc/busy';
    const repoId = await two.makeRepo(name);
    const written: Acknowledged[] = [];
    const done = { collected: 0, rolledUp: 0, removed: 0, reads: 0 };
    const over = new AbortController();
    let newest = 0;

    const writer = async (agent: number): Promise<void> => {
      const branch = `work/${agent}`;
      receiptOf(await createBranch(two.by(`agent${agent}`, agent), { repo: name, name: branch }));
      for (let at = 0; at < 30; at++) {
        const text = at % 3 === 0 ? contested(newest - (at % 2)) : `agent ${agent} wrote ${at}\n`;
        const path = `dir${at % 4}/file${at}.txt`;
        receiptOf(await createCheckpoint(two.by(`agent${agent}`, agent + at), { repo: name, branch, message: `Work ${at}`, changes: [{ write: { path, text } }] }));
        written.push({ branch, path, text, oid: hashObject('blob', Buffer.from(text)) });
      }
    };
    const reader = async (turn: number): Promise<void> => {
      const dice = new Dice(turn);
      while (!over.signal.aborted) {
        const wanted = written[dice.below(written.length)];
        if (wanted !== undefined) {
          const { content } = await two.store(turn, repoId).read(wanted.oid);
          if (content.toString() !== wanted.text) throw new TypeError(`${wanted.oid} was read as something else`);
          done.reads++;
        }
        await new Promise(setImmediate);
      }
    };
    const keeper = async (turn: number): Promise<void> => {
      const { upkeep } = two.gateway(turn).storage;
      for (let round = 0; !over.signal.aborted; round++) {
        await two.litter(repoId, contested(++newest), turn);
        await two.litter(repoId, `what nobody writes, ${turn} ${round}\n`, turn);
        done.rolledUp += (await upkeep.consolidate(repoId, round % 2 === 0 ? WHOLE : undefined))?.replaced ?? 0;
        done.collected += (await upkeep.collect(repoId))?.collected ?? 0;
        // No grace at all: readers and writers meet files that are gone, and must ask for the list again.
        done.removed += await upkeep.removeReplaced(repoId, 0);
      }
    };
    const others = [...Array.from({ length: 8 }, (_, at) => reader(at)), keeper(0), keeper(1)];
    try {
      await Promise.all(Array.from({ length: 8 }, (_, agent) => writer(agent)));
    } finally {
      over.abort();
      await Promise.all(others);
    }
    expect(written).toHaveLength(240);
    expect(done.collected).toBeGreaterThan(0);
    expect(done.rolledUp).toBeGreaterThan(100);
    expect(done.removed).toBeGreaterThan(100);
    expect(done.reads).toBeGreaterThan(100);

    await two.gateway(0).storage.upkeep.consolidate(repoId);
    expect((await two.livePacks(repoId)).length).toBeLessThan(16 + Math.log2(240 * 4));
    await expectClean(repoId, name, written);
  });
});

/** A gateway that starts now reads everything, the doctor finds nothing, and neither does git in an export. */
async function expectClean(repoId: number, name: string, written: readonly Acknowledged[]): Promise<void> {
  const fresh = await two.fresh();
  const exported = join(two.directory, `${name.replace('/', '-')}.git`);
  try {
    for (const { oid, text } of written) expect((await fresh.storage.objects.open(repoId).read(oid)).content.toString()).toBe(text);
    const findings: string[] = [];
    await fresh.examine(({ message }) => findings.push(message));
    expect(findings).toEqual([]);
    const repo = await fresh.storage.reader().repo(repoId);
    if (repo === null) throw new TypeError('the repository is gone');
    await fresh.exportRepo(repo, exported);
  } finally {
    await fresh.close();
  }
  expect(runGit(exported, ['fsck', '--full', '--strict', '--no-dangling'])).toMatchObject({ status: 0, stdout: '', stderr: '' });
  for (const { branch, path, text } of written.slice(-20)) expect(runGit(exported, ['show', `${branch}:${path}`]).stdout).toBe(text);
}
