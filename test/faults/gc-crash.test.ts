import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObjectMissing } from '../../src/git/objects/errors.js';
import { dyingProcess, type DyingProcess } from '../support/dying-process.js';
import { openTwoGateways, type TwoGateways } from '../support/two-gateways.js';

let two: TwoGateways;
let dying: DyingProcess;

const WORK = `
const [verb, repoId] = args;
if (verb === 'collect') await app.storage.upkeep.collect(Number(repoId));
else await app.storage.upkeep.consolidate(Number(repoId), { minimumPacks: 2, maxPackBytes: Number.MAX_SAFE_INTEGER });
`;

beforeAll(async () => {
  two = await openTwoGateways();
  dying = dyingProcess(two, WORK);
});
afterAll(async () => {
  await two.close();
  await dying.close();
});

const POINTS = ['copy.written', 'pack.renamed', 'idx.renamed', 'dir.synced'];
const cases = POINTS.flatMap((point) => [{ verb: 'consolidate', point } as const, { verb: 'collect', point } as const]);

describe('a gateway that is killed while it replaces packs', () => {
  it.each(cases)('loses nothing and leaves nothing for good: $verb, at $point', async ({ verb, point }) => {
    const repoId = await two.makeRepo(`crash/${verb}-${point}`);
    const texts = Array.from({ length: 6 }, (_, at) => `file ${at} of ${verb} at ${point}\n`);
    const oids: string[] = [];
    for (const text of texts) oids.push(await two.litter(repoId, text, 0));
    const before = new Set(await two.livePacks(repoId));

    expect(await dying.run(point, 1, verb, repoId)).toBe('SIGKILL');
    expect(new Set(await two.livePacks(repoId))).toEqual(before);
    for (const [at, oid] of oids.entries()) expect((await two.store(1, repoId).read(oid)).content.toString()).toBe(texts[at]);

    const { upkeep } = two.gateway(1).storage;
    // The lease of the dead holds others off until it ends.
    expect(await upkeep.consolidate(repoId)).toBeNull();
    await two.sql`update pack_lease set expires_at = now() where repo_id = ${repoId}`;
    expect(await upkeep.removeStrays(repoId)).toBe(0);
    expect(await upkeep.removeStrays(repoId, -1000)).toBe(2);
    expect((await upkeep.collect(repoId))?.collected).toBeGreaterThanOrEqual(oids.length);
    await upkeep.removeReplaced(repoId, 0);
    await expect(two.store(1, repoId).read(oids[0] ?? '')).rejects.toThrow(ObjectMissing);
    expect(new Set(two.files(repoId))).toEqual(new Set((await two.livePacks(repoId)).flatMap((name) => [`${name}.pack`, `${name}.idx`])));
  });
});
