import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObjectMissing } from '../../src/git/objects/errors.js';
import { compileSources } from '../support/compiled.js';
import { makeSandbox, type Sandbox } from '../support/sandbox.js';
import { openTwoGateways, type TwoGateways } from '../support/two-gateways.js';

let two: TwoGateways;
let sandbox: Sandbox;
let script: string;

/** Opens the gateway, does what it is told to one repository, and kills itself at the point that it is told. */
const CHILD = `
import { openApp } from './app.js';
import { loadConfig } from './config.js';
const [verb, repoId, point] = process.argv.slice(2);
const faults = { at: (reached) => { if (reached === point) process.kill(process.pid, 'SIGKILL'); } };
const log = { info() {}, warn() {}, error() {} };
const app = await openApp(loadConfig(), { log, faults });
if (verb === 'collect') await app.storage.upkeep.collect(Number(repoId));
else await app.storage.upkeep.consolidate(Number(repoId), { minimumPacks: 2, maxPackBytes: Number.MAX_SAFE_INTEGER });
await app.close();
`;

beforeAll(async () => {
  two = await openTwoGateways();
  sandbox = makeSandbox();
  script = join(compileSources(join(sandbox.directory, 'compiled')), 'crash.js');
  writeFileSync(script, CHILD);
});
afterAll(async () => {
  await two.close();
  await sandbox.remove();
});

/** Runs the child to its end; answers the signal that ended it. */
async function runChild(verb: 'consolidate' | 'collect', repoId: number, point: string): Promise<unknown> {
  const { databaseUrl, dataDir } = two.gateway(0).config;
  const child = spawn(process.execPath, [script, verb, String(repoId), point], { env: { ...process.env, DATABASE_URL: databaseUrl, WEIR_DATA: dataDir }, stdio: 'ignore' });
  const [, signal] = await once(child, 'exit');
  return signal;
}

const POINTS = ['copy.written', 'pack.renamed', 'idx.renamed', 'dir.synced'];
const cases = POINTS.flatMap((point) => [{ verb: 'consolidate', point } as const, { verb: 'collect', point } as const]);

describe('a gateway that is killed while it replaces packs', () => {
  it.each(cases)('loses nothing and leaves nothing for good: $verb, at $point', async ({ verb, point }) => {
    const repoId = await two.makeRepo(`crash/${verb}-${point}`);
    const texts = Array.from({ length: 6 }, (_, at) => `file ${at} of ${verb} at ${point}\n`);
    const oids: string[] = [];
    for (const text of texts) oids.push(await two.litter(repoId, text, 0));
    const before = new Set(await two.livePacks(repoId));

    expect(await runChild(verb, repoId, point)).toBe('SIGKILL');
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
