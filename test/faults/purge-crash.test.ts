import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashObject } from '../../src/git/objects/hash.js';
import { TOMBSTONE } from '../../src/git/rewrite/tombstone.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { readFileAt } from '../support/read-file-at.js';
import { receiptOf } from '../support/operations.js';
import { dyingProcess, type DyingProcess } from '../support/dying-process.js';
import { openTwoGateways, type TwoGateways } from '../support/two-gateways.js';

let two: TwoGateways;
let dying: DyingProcess;

/** Purges one content. */
const WORK = `
const [name, blob] = args;
const repo = await app.storage.reader().repoByName(name);
await app.storage.upkeep.purge({ repo, target: { blobs: [blob], paths: [], runs: [] }, dryRun: false, strayMs: 0, actor: 'operator', keyId: 'command-line', keyName: 'command line', requestId: 'crash' });
`;

beforeAll(async () => {
  two = await openTwoGateways();
  dying = dyingProcess(two, WORK);
});
afterAll(async () => {
  await two.close();
  await dying.close();
});

/** The rows that a purge changes. */
async function rowsOf(repoId: number): Promise<unknown> {
  return Promise.all([
    two.sql`select id, encode(head, 'hex') as head, version from branch where repo_id = ${repoId} order by id`,
    two.sql`select id, encode(oid, 'hex') as oid, encode(before, 'hex') as before from checkpoint where repo_id = ${repoId} order by id`,
    two.sql`select * from log_head where stream = ${repoId}`,
    two.sql`select encode(oid, 'hex') as oid from commit_graph where repo_id = ${repoId} order by oid`,
    two.sql`select id from purge where repo_id = ${repoId}`,
  ]);
}

/** The points before the commit, at which nothing has happened yet, and those behind it. */
const BEFORE = ['pack.renamed', 'purge.before-transaction', 'purge.before-commit'];
const BEHIND = ['purge.committed', 'copy.written', 'purge.files-removed'];

describe('a purge that is killed', () => {
  it.each([...BEFORE.map((point) => [point, false] as const), ...BEHIND.map((point) => [point, true] as const)])('at %s is whole or absent, and whole after a restart', async (point, done) => {
    const name = `purge-crash/${point}`;
    const repoId = await two.makeRepo(name);
    const secret = `secret until ${point}\n`;
    const oid = hashObject('blob', Buffer.from(secret));
    const write = (path: string, text: string): ReturnType<typeof createCheckpoint> => createCheckpoint(two.by('agent', 0), { repo: name, branch: 'main', message: 'Work', changes: [{ write: { path, text } }] });
    receiptOf(await write('config/.env', secret));
    receiptOf(await write('more.txt', 'more\n'));
    const before = await rowsOf(repoId);

    expect(await dying.run(point, 1, name, oid)).toBe('SIGKILL');
    await two.sql`update pack_lease set expires_at = now() where repo_id = ${repoId}`;
    expect(isDeepStrictEqual(await rowsOf(repoId), before)).toBe(!done);
    expect(await readFileAt(two.gateway(1), repoId, 'main', 'config/.env')).toBe(done ? TOMBSTONE.toString() : secret);
    expect(await readFileAt(two.gateway(1), repoId, 'main', 'more.txt')).toBe('more\n');

    // Where it had not happened the operator gives the order again; where it had, what runs in the background finishes it.
    const upkeep = two.gateway(1).storage.upkeep;
    if (!done) await upkeep.purge({ repo: { id: repoId, name }, target: { blobs: [oid], paths: [], runs: [] }, dryRun: false, strayMs: 3600_000, actor: 'operator', keyId: 'command-line', keyName: 'command line', requestId: 'again' });
    else await upkeep.round();
    await upkeep.finishPurges(repoId, -1000);
    expect(await two.sql`select id from purge where repo_id = ${repoId} and gone_at is null`).toEqual([]);
    expect(await two.gateway(0).storage.verifyLog(repoId)).toMatchObject({ ok: true });
    await upkeep.removeStrays(repoId, -1000);
    expect(new Set(two.files(repoId))).toEqual(new Set((await two.livePacks(repoId)).flatMap((pack) => [`${pack}.pack`, `${pack}.idx`])));
    const fresh = await two.fresh();
    try {
      await expect(fresh.storage.objects.open(repoId).read(oid)).rejects.toThrow(/missing/u);
      expect(await readFileAt(fresh, repoId, 'main', 'config/.env')).toBe(TOMBSTONE.toString());
      const findings: string[] = [];
      await fresh.examine(({ message }) => findings.push(message));
      expect(findings).toEqual([]);
    } finally {
      await fresh.close();
    }
  });
});
