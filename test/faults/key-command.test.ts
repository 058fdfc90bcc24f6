import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { authenticate } from '../../src/auth/authenticate.js';
import { WrongUsage } from '../../src/cli/command.js';
import { keyCommand } from '../../src/cli/key.js';
import { openTwoGateways, type TwoGateways } from '../support/two-gateways.js';

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

async function key(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await keyCommand.run(args, { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** Whether a running gateway lets these in. */
function open(...texts: readonly string[]): Promise<boolean[]> {
  return Promise.all(texts.map(async (text) => (await authenticate({ key: text, actor: null }, two.gateway(0).storage)).ok));
}

const idOf = (text: string): string => text.slice(5, 17);

describe('weir key', () => {
  it('makes a key, lists it with all it has, gives it another secret and ends it, beside a running gateway', async () => {
    const made = await key('create', '--name', 'ci', '--scope', 'read', '--repo', 'team/*', '--branch', 'session/**', '--label', 'Team=a=b', '--expires', '2999-01-01');
    expect([made.code, made.err, await open(made.out)]).toEqual([0, '', [true]]);
    const id = idOf(made.out);
    const listed = async (): Promise<string> => (await key('list')).out.split('\n').find((line) => line.startsWith(id)) ?? '';
    expect((await listed()).split('\t')).toEqual([id, 'live', 'ci', 'ci', 'READ', 'repos=team/*', 'branches=session/**', 'used=never', 'labels=Team=a=b', 'expires=2999-01-01T00:00:00.000Z']);
    const next = await key('rotate', id);
    expect([next.code, idOf(next.out), await open(made.out, next.out)]).toEqual([0, id, [true, true]]);
    expect(await listed()).toMatch(/\told-secret-until=\d{4}-/u);
    const last = await key('rotate', id, '--grace', '0');
    await expect.poll(() => open(made.out, next.out, last.out), { timeout: 5_000, interval: 50 }).toEqual([false, false, true]);
    expect(await key('revoke', id)).toEqual({ code: 0, out: `Revoked ${id}.`, err: '' });
    await expect.poll(() => open(last.out), { timeout: 1_000, interval: 20 }).toEqual([false]);
    expect((await listed()).split('\t')[1]).toBe('revoked');
    for (const text of [made.out, next.out, last.out]) expect((await key('list')).out).not.toContain(text.slice(-43));
  });

  it('says what it cannot do, without a secret', async () => {
    expect(await key('rotate', 'absent000000')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('There is no API key "absent000000"') });
    expect(await key('revoke', 'absent000000')).toMatchObject({ code: 1, out: '' });
    expect(await key('create', '--name', 'a', '--scope', 'READ', '--branch', 'main')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('repos') });
  });

  it.each([[[]], [['turn']], [['rotate']], [['rotate', 'a', '--grace', 'soon']], [['revoke']], [['create']], [['create', '--name', 'a', '--scope', 'ROOT']], [['create', '--name', 'a', '--label', 'x']], [['create', '--name', 'a', '--repo', '**', '--expires', 'never']]])('refuses %j with how it is used', async (args) => {
    await expect(key(...args)).rejects.toThrow(WrongUsage);
  });
});
