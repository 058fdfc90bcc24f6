import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WrongUsage } from '../../src/cli/command.js';
import { purgeCommand } from '../../src/cli/purge.js';
import { gcCommand } from '../../src/cli/gc.js';
import { hashObject } from '../../src/git/objects/hash.js';
import { TOMBSTONE, TOMBSTONE_OID } from '../../src/git/rewrite/tombstone.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { resolveRev } from '../../src/operations/reading/resolve-rev.js';
import { redo } from '../../src/operations/checkpoint/redo.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import type { Request } from '../../src/operations/request.js';
import { git, runGit } from '../support/git-binary.js';
import { receiptOf } from '../support/operations.js';
import { openTwoGateways, type TwoGateways } from '../support/two-gateways.js';

const SECRET = 'AKIA-not-a-real-key-7f3e19c2\n';
/** What only the words of a run hold. */
const WORDS = 'the words of a run, 5c1d7a';
const SECRET_OID = hashObject('blob', Buffer.from(SECRET));

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

interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function purge(...args: readonly string[]): Promise<Told> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await purgeCommand.run(args, { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

function linesOf({ out }: Told, word: string): string[] {
  return out.split('\n').flatMap((line) => (line.startsWith(`${word}\t`) ? [line.slice(word.length + 1)] : []));
}

/** A verb by someone who may do everything; its request reads anew. */
function by(turn = 0, actor = 'agent'): Request {
  return two.by(actor, turn);
}

async function checkpoint(repo: string, branch: string, files: Readonly<Record<string, string>>, more: { readonly runId?: string; readonly prompt?: string; readonly message?: string; readonly idempotencyKey?: string } = {}): Promise<number> {
  const changes = Object.entries(files).map(([path, text]) => ({ write: { path, text } }));
  return receiptOf(await createCheckpoint(by(), { repo, branch, message: 'Work', changes, ...more })).checkpointId;
}

async function headOf(repoId: number, branch: string): Promise<string> {
  const row = await two.gateway(0).storage.reader().branchByName(repoId, branch);
  if (row === null) throw new TypeError(`there is no branch ${branch}`);
  return row.head;
}

/** A repository whose secret stands on main by a merge, on a branch with a proposal, in an undone checkpoint, and at two paths. */
async function leaked(name: string): Promise<{ readonly repoId: number; readonly checkpoints: readonly number[]; readonly merged: string }> {
  const repoId = await two.makeRepo(name);
  receiptOf(await createBranch(by(), { repo: name, name: 'session/1' }));
  const first = await checkpoint(name, 'session/1', { 'src/app.txt': 'one\n' });
  const second = await checkpoint(name, 'session/1', { 'config/.env': SECRET, 'src/app.txt': 'one\ntwo\n' }, { prompt: WORDS, runId: 'r1', message: WORDS, idempotencyKey: `${name}-second` });
  const { proposalId } = receiptOf(await openProposal(by(), { repo: name, source: 'session/1', title: 'Leak' }));
  const proposal = await two.gateway(0).storage.reader().proposal(proposalId);
  const head = proposal?.head ?? '';
  receiptOf(await reviewProposal(by(0, 'ada'), { repo: name, number: 1, verdict: 'APPROVE', head }));
  const { commit } = receiptOf(await mergeProposal(by(0, 'ada'), { repo: name, number: 1, expectedHead: head, deleteSource: false }));
  const third = await checkpoint(name, 'session/1', { 'copy.txt': SECRET });
  receiptOf(await undo(by(), { repo: name, branch: 'session/1' }));
  await checkpoint(name, 'main', { 'README.md': '# More\n' });
  return { repoId, checkpoints: [first, second, third], merged: commit ?? '' };
}

/** Everything in the directory of a repository that holds the secret, packed or not: names of files. */
function filesWithSecret(repoId: number): string[] {
  const directory = join(two.gateway(0).config.dataDir, 'objects', String(repoId));
  return readdirSync(directory).filter((file) => {
    if (file.endsWith('.idx')) return runGit(directory, ['show-index'], readFileSync(join(directory, file))).stdout.includes(SECRET_OID);
    return readFileSync(join(directory, file)).includes(SECRET.trim());
  });
}

let exports = 0;

async function exported(repoId: number, name: string): Promise<string> {
  const fresh = await two.fresh();
  const path = join(two.directory, `${name.replaceAll('/', '-')}-${++exports}.git`);
  try {
    const repo = await fresh.storage.reader().repo(repoId);
    if (repo === null) throw new TypeError('the repository is gone');
    await fresh.exportRepo(repo, path);
  } finally {
    await fresh.close();
  }
  return path;
}

/** The bytes of every object of a repository, one behind the other. */
function everythingIn(path: string): string {
  return git(path, ['cat-file', '--batch-all-objects', '--batch']);
}

/** What anybody can check: the log's chain, the doctor, git's own fsck, and that no object of an export has the id or the bytes. */
async function expectGone(repoId: number, name: string): Promise<void> {
  expect(filesWithSecret(repoId)).toEqual([]);
  const path = await exported(repoId, name);
  expect(runGit(path, ['fsck', '--full', '--strict', '--no-dangling'])).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(git(path, ['cat-file', '--batch-all-objects', '--batch-check=%(objectname)']).includes(SECRET_OID)).toBe(false);
  expect(everythingIn(path).includes(SECRET.trim())).toBe(false);
  const { storage } = two.gateway(1);
  expect(await storage.verifyLog(repoId)).toMatchObject({ ok: true });
  const findings: string[] = [];
  await two.gateway(1).examine(({ message }) => findings.push(message));
  expect(findings).toEqual([]);
  expect(await two.sql`select * from purge where repo_id = ${repoId} and gone_at is null`).toEqual([]);
}

describe('weir purge --blob', () => {
  it('removes a content from branches, merges, proposals and undone checkpoints, and from every file on the disk', async () => {
    const { repoId, merged } = await leaked('purge/blob');
    const before = await exported(repoId, 'purge/blob');
    expect(everythingIn(before).includes(SECRET.trim())).toBe(true);
    const told = await purge('purge/blob', '--blob', SECRET_OID);
    expect([told.code, told.err]).toEqual([0, '']);
    expect(linesOf(told, 'content')).toEqual([SECRET_OID]);
    expect(linesOf(told, 'path')).toEqual(['config/.env', 'copy.txt']);
    expect(linesOf(told, 'branch').sort()).toEqual(['main', 'session/1']);
    expect(linesOf(told, 'proposal')).toEqual(['1']);
    // The second and the undone third checkpoint, the merge, and the commit behind it.
    expect(linesOf(told, 'commit')).toHaveLength(4);
    expect(linesOf(told, 'commit').some((line) => line.startsWith(merged))).toBe(true);
    await expectGone(repoId, 'purge/blob');

    const after = await exported(repoId, 'purge/blob');
    expect(git(after, ['show', 'main:config/.env'])).toBe(TOMBSTONE.toString().trimEnd());
    expect(git(after, ['show', 'main:src/app.txt'])).toBe('one\ntwo');
    const shape = ['log', '--graph', '--format=%an %ad %s%n%b', '--name-status', '--all'];
    expect(git(after, shape)).toBe(git(before, shape));
  });

  it('leaves commits alone that do not reach it', async () => {
    const { repoId } = await leaked('purge/spared');
    const root = (await two.gateway(0).storage.reader().branchByName(repoId, 'session/1'))?.forkOid ?? '';
    const firstBefore = await two.sql`select encode(oid, 'hex') as oid from checkpoint where repo_id = ${repoId} order by id limit 2`;
    await purge('purge/spared', '--blob', SECRET_OID);
    expect((await resolveRev(by(), await repoRow(repoId), root)).oid).toBe(root);
    expect(await two.sql`select encode(oid, 'hex') as oid from checkpoint where repo_id = ${repoId} order by id limit 2`).toEqual(firstBefore);
  });

  it('is seen by another gateway with its next request: old ids are unknown there, new ones are known', async () => {
    const { repoId } = await leaked('purge/other');
    const old = await headOf(repoId, 'main');
    // Both gateways hold the old graph and the old objects.
    for (const turn of [0, 1]) {
      expect((await resolveRev(by(turn), await repoRow(repoId, turn), old)).oid).toBe(old);
      expect((await two.store(turn, repoId).read(SECRET_OID)).content.toString()).toBe(SECRET);
    }
    await purge('purge/other', '--blob', SECRET_OID);
    const now = await headOf(repoId, 'main');
    expect(now).not.toBe(old);
    for (const turn of [1, 0]) {
      const repo = await repoRow(repoId, turn);
      await expect(resolveRev(by(turn), repo, old)).rejects.toMatchObject({ code: 'UNKNOWN_REV' });
      await expect(resolveRev(by(turn), repo, old.slice(0, 10))).rejects.toMatchObject({ code: 'UNKNOWN_REV' });
      expect((await resolveRev(by(turn), repo, now)).oid).toBe(now);
      await vi.waitFor(() => expect(two.store(turn, repoId).read(SECRET_OID)).rejects.toThrow(/missing/u), { timeout: 1000 });
    }
  });

  it('keeps the timeline: redo brings the undone checkpoint back, without the content, and undo leads back', async () => {
    const { repoId, checkpoints } = await leaked('purge/timeline');
    await purge('purge/timeline', '--blob', SECRET_OID);
    receiptOf(await redo(by(1), { repo: 'purge/timeline', branch: 'session/1' }));
    const row = await two.gateway(0).storage.reader().checkpoint(checkpoints[2] ?? 0);
    expect(row).toMatchObject({ state: 'CURRENT', oid: await headOf(repoId, 'session/1') });
    const path = await exported(repoId, 'purge/timeline');
    expect(git(path, ['rev-parse', 'session/1:copy.txt', 'session/1:config/.env'])).toBe(`${TOMBSTONE_OID}\n${TOMBSTONE_OID}`);
    receiptOf(await undo(by(0), { repo: 'purge/timeline', branch: 'session/1' }));
    expect(await two.gateway(0).storage.reader().checkpoint(checkpoints[1] ?? 0)).toMatchObject({ state: 'CURRENT', oid: await headOf(repoId, 'session/1') });
    await checkpoint('purge/timeline', 'session/1', { 'again.txt': 'work goes on\n' });
    await expectGone(repoId, 'purge/timeline');
  });

  it('appends one row to the log, which names the id and the moved branches; older rows keep what they said', async () => {
    const { repoId } = await leaked('purge/log');
    const [before] = await two.sql<{ seq: string }[]>`select seq from log_head where stream = ${repoId}`;
    const old = await headOf(repoId, 'main');
    await purge('purge/log', '--blob', SECRET_OID);
    const rows = await two.sql<{ seq: string; kind: string; payload: Buffer }[]>`select seq, kind, payload from operation where stream = ${repoId} and seq > ${before?.seq ?? 0}`;
    expect(rows).toHaveLength(1);
    const said: unknown = JSON.parse(rows[0]?.payload.toString() ?? '');
    expect(said).toMatchObject({ kind: 'PURGE', purged: [SECRET_OID], refs: [{ branchName: 'main', before: old, after: await headOf(repoId, 'main') }, { branchName: 'session/1' }] });
    expect(JSON.stringify(said)).not.toContain('AKIA');
    expect(await two.gateway(0).storage.verifyLog(repoId)).toMatchObject({ ok: true });
    const told = async (): Promise<string[]> => (await two.gateway(0).storage.events.after({ position: 0, index: 0 }, 10_000)).flatMap(({ stream, seq, payload }) => (stream === repoId && seq === Number(rows[0]?.seq) ? [`${payload.kind} ${payload.branchName ?? ''}`] : []));
    await vi.waitFor(async () => expect(await told()).toEqual(['BRANCH_MOVED main', 'BRANCH_MOVED session/1']), { timeout: 1000 });
  });

  it('answers a repeated call by its idempotency key with what exists now, and refuses one that expects the old head', async () => {
    const { repoId, checkpoints } = await leaked('purge/again');
    const old = await headOf(repoId, 'session/1');
    await purge('purge/again', '--blob', SECRET_OID);
    const repeated = { repo: 'purge/again', branch: 'session/1', message: WORDS, runId: 'r1', prompt: WORDS, idempotencyKey: 'purge/again-second', changes: Object.entries({ 'config/.env': SECRET, 'src/app.txt': 'one\ntwo\n' }).map(([path, text]) => ({ write: { path, text } })) };
    expect(receiptOf(await createCheckpoint(by(), repeated)).checkpointId).toBe(checkpoints[1]);
    const stale = await createCheckpoint(by(), { repo: 'purge/again', branch: 'session/1', message: 'Late', expectedHead: old, changes: [{ write: { path: 'late.txt', text: 'late\n' } }] });
    expect(stale).toMatchObject({ ok: false, problem: { code: 'STALE_HEAD' } });
  });

  it('tells with --dry-run the same commits, branches and paths, and changes nothing', async () => {
    const { repoId } = await leaked('purge/dry');
    const rows = async (): Promise<unknown> => Promise.all([two.sql`select * from branch where repo_id = ${repoId} order by id`, two.sql`select * from log_head where stream = ${repoId}`, two.sql`select name from pack where repo_id = ${repoId} order by name`, two.sql`select * from purge where repo_id = ${repoId}`]);
    const before = await rows();
    const files = two.files(repoId);
    const dry = await purge('purge/dry', '--blob', SECRET_OID, '--dry-run');
    expect([dry.code, dry.err]).toEqual([0, '']);
    expect(dry.out).toMatch(/Nothing was changed\.$/u);
    expect(await rows()).toEqual(before);
    expect(two.files(repoId)).toEqual(files);
    const done = await purge('purge/dry', '--blob', SECRET_OID);
    for (const word of ['content', 'path', 'branch', 'proposal']) expect(linesOf(dry, word)).toEqual(linesOf(done, word));
    expect(linesOf(dry, 'commit')).toEqual(linesOf(done, 'commit').map((line) => line.slice(0, 40)));
  });

  it('names other repositories that hold the same content', async () => {
    const { repoId } = await leaked('purge/first');
    await leaked('purge/second');
    expect(linesOf(await purge('purge/first', '--blob', SECRET_OID), 'elsewhere')).toContain(`purge/second ${SECRET_OID}`);
    await expectGone(repoId, 'purge/first');
  });

  it('waits for an export that reads the files, and says so when it lasts', async () => {
    const { repoId } = await leaked('purge/held');
    const { storage } = two.gateway(1);
    await storage.withPacksOf(repoId, async ({ directory, names }) => {
      const report = await two.gateway(0).storage.upkeep.purge({ repo: { id: repoId, name: 'purge/held' }, target: { blobs: [SECRET_OID], paths: [], runs: [] }, dryRun: false, strayMs: 120_000, actor: 'operator', keyId: 'command-line', keyName: 'command line', requestId: 'test' });
      expect(report?.done?.disappearance).toMatchObject({ gone: false, young: 0 });
      expect(report?.done?.disappearance.held).toBeGreaterThan(0);
      expect(names.every((name) => existsSync(join(directory, `${name}.pack`)))).toBe(true);
    });
    const err: string[] = [];
    expect(await gcCommand.run(['purge/held'], { out: () => undefined, err: (line) => err.push(line) })).toBe(0);
    expect(err).toEqual([]);
    await expectGone(repoId, 'purge/held');
  });

  it('also removes a pack with it that was written and never committed, once no writer can be about to', async () => {
    const { repoId } = await leaked('purge/stray');
    const text = 'written by one that was killed, and by another\n';
    const store = two.store(0, repoId);
    const staged = store.stage();
    const oid = staged.put('blob', Buffer.from(text));
    expect(await store.persist(staged)).not.toBeNull();
    await two.litter(repoId, text, 1);
    const order = { repo: { id: repoId, name: 'purge/stray' }, target: { blobs: [oid, SECRET_OID], paths: [], runs: [] }, dryRun: false, strayMs: 3600_000, actor: 'operator', keyId: 'command-line', keyName: 'command line', requestId: 'test' };
    const { upkeep } = two.gateway(0).storage;
    expect((await upkeep.purge(order))?.done?.disappearance).toEqual({ gone: false, held: 0, young: 1 });
    expect(await upkeep.finishPurges(repoId, -1000)).toEqual({ gone: true, held: 0, young: 0 });
    expect(new Set(two.files(repoId))).toEqual(new Set((await two.livePacks(repoId)).flatMap((name) => [`${name}.pack`, `${name}.idx`])));
  });
});

async function repoRow(repoId: number, turn = 0) {
  const row = await two.gateway(turn).storage.reader().repo(repoId);
  if (row === null) throw new TypeError('the repository is gone');
  return row;
}

describe('weir purge --path and --run', () => {
  it('removes every content that ever stood at a path, or below it', async () => {
    const name = 'purge/path';
    const repoId = await two.makeRepo(name);
    await checkpoint(name, 'main', { 'keys/a.pem': 'first key\n', 'keys/b.pem': 'second key\n', 'kept.txt': 'kept\n' });
    await checkpoint(name, 'main', { 'keys/a.pem': 'third key\n' });
    receiptOf(await createCheckpoint(by(), { repo: name, branch: 'main', message: 'Drop', changes: [{ delete: { path: 'keys/a.pem' } }] }));
    const told = await purge(name, '--path', 'keys/');
    expect([told.code, told.err]).toEqual([0, '']);
    expect(linesOf(told, 'content')).toHaveLength(3);
    const path = await exported(repoId, name);
    const everything = everythingIn(path);
    expect(['first key', 'second key', 'third key'].filter((text) => everything.includes(text))).toEqual([]);
    expect(git(path, ['ls-tree', '-r', '--name-only', 'main'])).toBe('README.md\nkept.txt\nkeys/b.pem'.split('\n').sort().join('\n'));
    expect((await purge(name, '--path', 'keys')).err).toBe('purge/path: No commit has anything to remove at "keys".');
  });

  it('removes what a run brought, its prompts and its words, and nothing of other runs', async () => {
    const name = 'purge/run';
    const { repoId, checkpoints } = await leaked(name);
    await checkpoint(name, 'main', { 'src/other.txt': 'of another run\n' }, { runId: 'r2', prompt: 'other prompt' });
    const told = await purge(name, '--run', 'r1');
    expect([told.code, told.err]).toEqual([0, '']);
    expect(linesOf(told, 'path')).toEqual(['config/.env', 'copy.txt', 'src/app.txt']);
    await expectGone(repoId, name);
    const reader = two.gateway(0).storage.reader();
    expect(await reader.prompt(checkpoints[1] ?? 0)).toBeNull();
    expect(await two.sql`select text from prompt join checkpoint on checkpoint.id = checkpoint_id where repo_id = ${repoId}`).toEqual([{ text: 'other prompt' }]);
    expect((await reader.checkpoint(checkpoints[1] ?? 0))?.message).toBe('Message removed for good (weir purge)');
    const path = await exported(repoId, name);
    expect(everythingIn(path).includes(WORDS)).toBe(false);
    expect(git(path, ['show', 'main:src/other.txt'])).toBe('of another run');
    const message = git(path, ['log', '-1', '--format=%B', (await reader.checkpoint(checkpoints[1] ?? 0))?.oid ?? '']);
    expect(message).toMatch(/^Message removed for good \(weir purge\)\n\nWeir-Run: r1\n/u);
  });

  it.each<[string[], string]>([
    [['--blob', '1'.repeat(40)], `There is no object ${'1'.repeat(40)} here.`],
    [['--blob', hashObject('blob', Buffer.alloc(0))], 'The empty file holds nothing that could be removed.'],
    [['--path', 'nowhere.txt'], 'No commit has anything to remove at "nowhere.txt".'],
    [['--run', 'nobody'], 'There is no checkpoint of run "nobody".'],
  ])('refuses %j and changes nothing', async (args, sentence) => {
    const name = `purge/refuse-${args[1]?.slice(0, 4) ?? ''}`;
    const repoId = await two.makeRepo(name);
    const head = await headOf(repoId, 'main');
    expect(await purge(name, ...args)).toEqual({ code: 1, out: '', err: `${name}: ${sentence}` });
    expect(await headOf(repoId, 'main')).toBe(head);
  });

  it('refuses a commit or a tree by name: only contents can go', async () => {
    const name = 'purge/kinds';
    const repoId = await two.makeRepo(name);
    expect((await purge(name, '--blob', await headOf(repoId, 'main'))).err).toContain('is a commit, not the content of a file');
  });

  it.each([[['purge/x']], [['purge/x', '--blob', 'abc']], [['purge/x', '--path', '/']], [['--blob', SECRET_OID]]])('%j is wrong usage', async (args) => {
    await expect(purge(...args)).rejects.toThrow(WrongUsage);
  });

  it('says that a repository is not there', async () => {
    expect(await purge('no/such', '--blob', SECRET_OID)).toEqual({ code: 1, out: '', err: 'There is no repository "no/such" here.' });
  });
});

describe('writers beside a purge', () => {
  it('lose nothing: every acknowledged checkpoint is on its branch afterwards, on the new history', async () => {
    const name = 'purge/busy';
    const { repoId } = await leaked(name);
    const written: { readonly branch: string; readonly path: string; readonly text: string }[] = [];
    const over = new AbortController();
    const writer = async (agent: number): Promise<void> => {
      const branch = `work/${agent}`;
      receiptOf(await createBranch(by(agent, `agent${agent}`), { repo: name, name: branch }));
      for (let at = 0; !over.signal.aborted; at++) {
        const [path, text] = [`file${at}.txt`, `agent ${agent} wrote ${at}\n`];
        receiptOf(await createCheckpoint(by(agent + at, `agent${agent}`), { repo: name, branch, message: `Work ${at}`, changes: [{ write: { path, text } }] }));
        written.push({ branch, path, text });
      }
    };
    const writers = Array.from({ length: 6 }, (_, agent) => writer(agent));
    await vi.waitFor(() => expect(written.length).toBeGreaterThan(20), { timeout: 20_000 });
    const told = await purge(name, '--blob', SECRET_OID);
    const atPurge = written.length;
    await vi.waitFor(() => expect(written.length).toBeGreaterThan(atPurge + 10), { timeout: 20_000 });
    over.abort();
    await Promise.all(writers);
    expect([told.code, told.err]).toEqual([0, '']);
    expect(linesOf(told, 'branch').length).toBeGreaterThanOrEqual(8);
    await expectGone(repoId, name);
    const path = await exported(repoId, name);
    const wanted = written.map(({ branch, path: file }) => `${branch}:${file}\n`).join('');
    const found = git(path, ['cat-file', '--batch-check=%(objectname)'], wanted).split('\n');
    expect(found).toEqual(written.map(({ text }) => hashObject('blob', Buffer.from(text))));
  }, 60_000);
});
