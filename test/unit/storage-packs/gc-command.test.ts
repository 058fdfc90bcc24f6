import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { gcCommand } from '../../../src/cli/gc.js';
import { WrongUsage } from '../../../src/cli/command.js';
import { openTwoGateways, type TwoGateways } from '../../support/two-gateways.js';

let two: TwoGateways;
beforeAll(async () => {
  two = await openTwoGateways();
});
afterAll(() => two.close());
beforeEach(() => {
  const { databaseUrl, dataDir } = two.gateway(0).config;
  vi.stubEnv('DATABASE_URL', databaseUrl);
  vi.stubEnv('WEIR_DATA', dataDir);
});
afterEach(() => vi.unstubAllEnvs());

async function gc(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await gcCommand.run(args, { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** Makes an object in the middle of a pack unreadable. */
async function damage(repoId: number, name: string): Promise<void> {
  const path = join((await two.gateway(0).storage.packsOf(repoId)).directory, `${name}.pack`);
  const bytes = readFileSync(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
  chmodSync(path, 0o644);
  writeFileSync(path, bytes);
}

describe('weir gc', () => {
  it('rolls up and collects one repository beside running gateways, and says what it did', async () => {
    const repoId = await two.makeRepo('tidy');
    for (let at = 0; at < 10; at++) await two.litter(repoId, `garbage ${at}`, at);
    const { code, out, err } = await gc('tidy');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^tidy: 11 packs rolled up, 11 objects collected, 0 replaced packs and 0 stray files removed\.$/u);
    expect(await two.livePacks(repoId)).toHaveLength(1);
    await two.sql`update retired_pack set retired_at = retired_at - interval '1 hour'`;
    expect((await gc('tidy')).out).toBe('tidy: 0 packs rolled up, 0 objects collected, 12 replaced packs and 0 stray files removed.');
  });

  it('goes on with the others where one is damaged, names the object, changes nothing there and fails', async () => {
    const repoId = await two.makeRepo('broken');
    await two.litter(repoId, 'garbage', 0);
    const packs = await two.livePacks(repoId);
    for (const name of packs) await damage(repoId, name);
    await two.makeRepo('sound');
    const { code, out, err } = await gc();
    expect(code).toBe(1);
    expect(err).toMatch(/^broken: .*damaged.*[0-9a-f]{40}/u);
    expect(out).toMatch(/^sound: /mu);
    expect(new Set(await two.livePacks(repoId))).toEqual(new Set(packs));
  });

  it('refuses a repository that is not there, and more than one', async () => {
    expect(await gc('nowhere')).toEqual({ code: 1, out: '', err: 'There is no repository "nowhere" here.' });
    await expect(gc('one', 'two')).rejects.toThrow(WrongUsage);
    await expect(gc('--now')).rejects.toThrow(WrongUsage);
  });

  it('says so when another gateway is at work', async () => {
    const repoId = await two.makeRepo('taken');
    await two.sql`insert into pack_lease (repo_id, purpose, expires_at) values (${repoId}, 'UPKEEP', now() + interval '1 minute')`;
    expect(await gc('taken')).toEqual({ code: 1, out: '', err: 'taken: another gateway is at its packs just now; nothing was done.' });
  });
});
