import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { hashObject } from '../../src/git/objects/hash.js';
import { archiveRepo } from '../../src/operations/repo/archive-repo.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { deleteRepo } from '../../src/operations/repo/delete-repo.js';
import { forkRepo } from '../../src/operations/repo/fork-repo.js';
import { importRepo } from '../../src/operations/import/import-repo.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { updateRepo } from '../../src/operations/repo/update-repo.js';
import { git, makeRepository, removeRepository } from '../support/git-binary.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

const SESSION = 'session/1';
const SESSION_FILE = hashObject('blob', Buffer.from(`${SESSION}\n`));

let world: VerbWorld;
let count = 0;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const admin = (): ReturnType<VerbWorld['as']> => world.as('admin', { scopes: ['ADMIN'] });
const owner = (key: Parameters<VerbWorld['as']>[1] = {}): ReturnType<VerbWorld['as']> => world.as('owner', key);

/** A fork of this repository by its owner, under a name of its own. */
async function fork(repo: string, more: { readonly description?: string; readonly defaultBranch?: string } = {}, by = owner()): Promise<{ readonly repo: string; readonly repoId: number }> {
  const name = `fork-${count++}`;
  const { repoId } = receiptOf(await forkRepo(by, { repo, name, ...more }));
  return { repo: name, repoId };
}

/** The files of the packs of a repository. */
async function packFiles(repoId: number): Promise<readonly string[]> {
  const { directory } = await world.app.storage.packsOf(repoId);
  return readdirSync(directory).map((file) => join(directory, file));
}

const present = (repoId: number, oid: string): Promise<boolean> => world.app.storage.objects.open(repoId).has(oid);

describe('a fork', () => {
  it('begins where the other one stands: branches at their fork points without checkpoints, settings, labels and text, and no proposal', async () => {
    const { repo, repoId, head } = await world.proposed();
    receiptOf(await updateRepo(admin(), { repo, description: 'What it is', labels: [{ key: 'team', value: 'core' }], settings: { approvalsRequired: 3 } }));
    const name = `fork-${count++}`;
    const { repoId: forkId, operation } = receiptOf(await forkRepo(owner(), { repo: encodeGlobalId({ type: 'Repo', id: repoId }), name }));

    const main = await world.head(repoId, 'main');
    expect(await world.app.storage.reader().repo(forkId)).toMatchObject({ name, description: 'What it is', labels: [{ key: 'team', value: 'core' }], defaultBranch: 'main', settings: { approvalsRequired: 3 } });
    expect(await world.branch(forkId, 'main')).toMatchObject({ head: main, forkOid: main, baseName: null, version: 1, checkpointId: null, createdBy: 'owner' });
    expect(await world.branch(forkId, SESSION)).toMatchObject({ head, forkOid: head, baseName: 'main', checkpointId: null });
    expect(await world.files(forkId, head)).toEqual(await world.files(repoId, head));
    expect(await world.app.storage.reader().proposalByNumber(forkId, 1)).toBeNull();
    expect(await world.operation(operation)).toMatchObject({
      stream: forkId, seq: 1, kind: 'FORK_REPO', actor: 'owner', subject: { type: 'Repo', id: forkId },
      refs: [{ branchName: 'main', before: null, after: main }, { branchName: SESSION, before: null, after: head }],
      events: [{ kind: 'REPO_CREATED', repoName: name, forkedFrom: { repoId, repoName: repo } }],
    });
    expect(await world.app.storage.verifyCounts(forkId, false)).toEqual([]);
    await world.expectWholeLog(forkId);
  });

  it('goes its own way: undo ends at its fork point, and neither sees what happens in the other', async () => {
    const { repo, repoId, head } = await world.proposed();
    const made = await fork(repo);
    await world.put('agent', made.repo, SESSION, 'mine.txt', 'mine\n');
    await world.put('agent', repo, SESSION, 'theirs.txt', 'theirs\n');
    expect(Object.keys(await world.files(made.repoId, await world.head(made.repoId, SESSION)))).toEqual(['README.md', 'mine.txt', 'session/1.txt', 'src/a.txt']);
    expect(await present(repoId, hashObject('blob', Buffer.from('mine\n')))).toBe(false);
    expect(await present(made.repoId, hashObject('blob', Buffer.from('theirs\n')))).toBe(false);
    receiptOf(await undo(world.as('agent'), { repo: made.repo, branch: SESSION }));
    expect(await world.head(made.repoId, SESSION)).toBe(head);
    expect(problemOf(await undo(world.as('agent'), { repo: made.repo, branch: SESSION }))).toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('links the packs of the other one, and outlives them: collected, rewritten or removed with their repository', async () => {
    const { repo, repoId, head } = await world.proposed();
    const { repoId: forkId } = await fork(repo);
    const files = await packFiles(forkId);
    expect(files).toHaveLength(2 * (await world.app.storage.packsOf(repoId)).names.length);
    for (const file of files) expect(lstatSync(file).nlink).toBe(2);

    const { upkeep } = world.app.storage;
    receiptOf(await deleteRepo(admin(), { repo }));
    expect(await world.app.storage.transaction((tx) => tx.giveUpRepo(repoId, new Date(Date.now() + 60_000)))).toBe(true);
    await upkeep.eraseGivenUp();
    expect(existsSync((await world.app.storage.packsOf(repoId)).directory)).toBe(false);
    for (const file of files) expect(lstatSync(file).nlink).toBe(1);
    expect(Object.keys(await world.files(forkId, head))).toContain('session/1.txt');
    expect(await upkeep.collect(forkId)).not.toBeNull();
    expect(Object.keys(await world.files(forkId, head))).toContain('session/1.txt');
  });

  it('takes another description, labels and default branch where they are given, and an archived source', async () => {
    const { repo } = await world.proposed();
    receiptOf(await archiveRepo(admin(), { repo }));
    const made = await fork(repo, { description: 'Mine', defaultBranch: SESSION });
    expect(await world.app.storage.reader().repo(made.repoId)).toMatchObject({ description: 'Mine', defaultBranch: SESSION, archivedAt: null });
    expect(await world.branch(made.repoId, SESSION)).toMatchObject({ baseName: null });
    await world.put('agent', made.repo, SESSION, 'more.txt', 'more');
  });

  it('has the tags, annotated ones as objects, and knows what was squashed where', async () => {
    const directory = makeRepository();
    try {
      const tree = git(directory, ['mktree'], '');
      const commit = git(directory, ['commit-tree', tree, '-m', 'first']);
      git(directory, ['update-ref', 'refs/heads/main', commit]);
      git(directory, ['tag', '-a', 'v1', '-m', 'the first', commit]);
      receiptOf(await importRepo(admin(), { name: 'tagged', source: await world.app.openImport(directory) }));
    } finally {
      removeRepository(directory);
    }
    await world.worked('tagged', SESSION);
    const squash = { from: SESSION, into: 'main', strategy: 'SQUASH' } as const;
    receiptOf(await mergeBranch(owner(), { repo: 'tagged', ...squash }));
    for (const key of [{}, { readBranches: ['main', 'session/*'] }]) {
      const made = await fork('tagged', {}, owner(key));
      const tag = await world.app.storage.reader().tagByName(made.repoId, 'v1');
      expect(tag).toMatchObject({ message: 'the first\n' });
      expect((await world.app.storage.objects.open(made.repoId).read(tag?.oid ?? '')).type).toBe('tag');
      // Without the landing, the file that both have would conflict with its own next version.
      await world.put('agent', made.repo, SESSION, 'session/1.txt', 'next\n');
      expect(receiptOf(await mergeBranch(owner(), { repo: made.repo, ...squash }))).toMatchObject({ outcome: 'MERGED' });
    }
  });
});

describe('a fork by a key that may not read every branch', () => {
  it('is a copy of what the key reads: neither a hidden branch, nor its name, nor an object of it', async () => {
    const { repo, repoId, head } = await world.proposed();
    await world.worked(repo, 'open/1', SESSION);
    await world.worked(repo, 'session/2');
    const made = await fork(repo, {}, owner({ readBranches: ['main', 'session/2'] }));
    for (const name of [SESSION, 'open/1']) expect(await world.app.storage.reader().branchByName(made.repoId, name)).toBeNull();
    expect(await present(repoId, SESSION_FILE)).toBe(true);
    expect(await present(made.repoId, SESSION_FILE)).toBe(false);
    expect(await present(made.repoId, head)).toBe(false);
    expect((await world.app.storage.graph(made.repoId)).has(head)).toBe(false);
    for (const file of await packFiles(made.repoId)) expect(lstatSync(file).nlink).toBe(1);
    expect(Object.keys(await world.files(made.repoId, await world.head(made.repoId, 'session/2')))).toEqual(['README.md', 'session/2.txt', 'src/a.txt']);

    const onto = await fork(repo, {}, owner({ readBranches: ['main', 'open/*'] }));
    expect(await world.branch(onto.repoId, 'open/1')).toMatchObject({ baseName: null });
  });

  it('needs another default branch where that is hidden, in the words for one that is absent', async () => {
    const { repo } = await world.proposed();
    const by = owner({ readBranches: ['session/*'] });
    const refusal = async (defaultBranch: string | null): Promise<string> => problemOf(await world.withoutTrace(() => forkRepo(by, { repo, name: 'never', defaultBranch }))).message;
    expect((await refusal(null)).replace('main', 'nowhere')).toBe(await refusal('nowhere'));
    await fork(repo, { defaultBranch: SESSION }, by);
  });
});

describe('a fork is refused', () => {
  it.each([
    ['without CREATE_REPO', { scopes: ['READ'] as const }, { code: 'FORBIDDEN', needs: 'CREATE_REPO' }],
    ['without READ for the source', { scopes: ['CREATE_REPO'] as const }, { code: 'NOT_FOUND' }],
    ['of what is outside of the key’s repositories', { repos: ['never'] }, { code: 'NOT_FOUND' }],
    ['under a name outside of them', { repos: ['repo-*'] }, { code: 'FORBIDDEN', needs: null }],
    ['with branches that the key may not make', { branches: ['main'] }, { code: 'FORBIDDEN', needs: null }],
  ])('%s', async (_, key, expected) => {
    const { repo } = await world.proposed();
    expect(problemOf(await world.withoutTrace(() => forkRepo(owner(key), { repo, name: 'never' })))).toMatchObject(expected);
  });

  it('for a name that is taken or no name, for labels that are none, and once of several that want the same', async () => {
    const { repo } = await world.proposed();
    expect(problemOf(await world.withoutTrace(() => forkRepo(owner(), { repo, name: repo })))).toMatchObject({ code: 'NAME_TAKEN', name: repo });
    expect(problemOf(await world.withoutTrace(() => forkRepo(owner(), { repo, name: 'Not Good' })))).toMatchObject({ code: 'INVALID_INPUT', field: 'name' });
    expect(problemOf(await world.withoutTrace(() => forkRepo(owner(), { repo, name: 'never', labels: [{ key: '', value: '' }] })))).toMatchObject({ code: 'INVALID_INPUT', field: 'labels[0].key' });
    expect(tally(await Promise.all([1, 2, 3].map(() => forkRepo(owner(), { repo, name: 'once' }))))).toEqual({ done: 1, refused: ['NAME_TAKEN', 'NAME_TAKEN'] });
  });

  it('where it would hold more than the source’s own limits leave: bytes when all is linked or copied, and branches', async () => {
    const { repo } = await world.proposed();
    receiptOf(await createCheckpoint(owner(), { repo, branch: 'main', message: 'm', changes: [{ write: { path: 'big', base64: Buffer.from(Array.from({ length: 8000 }, (_, at) => (at * at) % 251)).toString('base64') } }] }));
    receiptOf(await updateRepo(admin(), { repo, settings: { limits: { branchesPerRepo: 1 } } }));
    expect(problemOf(await world.withoutTrace(() => forkRepo(owner(), { repo, name: 'never' })))).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'branchesPerRepo', maximum: 1, requested: 2 });
    receiptOf(await updateRepo(admin(), { repo, settings: { limits: { repoBytes: 100 } } }));
    for (const key of [{}, { readBranches: ['main'] }]) expect(problemOf(await world.withoutTrace(() => forkRepo(owner(key), { repo, name: 'never' })))).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'repoBytes', maximum: 100 });
  });
});

describe('a fork that is made while something is collected from its source', () => {
  it('is made again from what is left: nothing that was removed lives on in it', async () => {
    const { repo, repoId } = await world.proposed();
    const { storage } = world.app;
    const link = storage.forkObjects.bind(storage);
    const taken: number[] = [];
    storage.forkObjects = async (from, to, ...rest) => {
      const packs = await link(from, to, ...rest);
      // A blob that nothing leads to goes between the links and the rows.
      if (taken.push(to) === 1) {
        const objects = storage.objects.open(repoId);
        const staged = objects.stage();
        staged.put('blob', Buffer.from('nobody refers to this'));
        const pack = await objects.persist(staged);
        await storage.transaction(async (tx) => void (pack !== null && (await tx.addPack(repoId, pack))));
        await storage.upkeep.collect(repoId);
      }
      return packs;
    };
    try {
      const made = await fork(repo);
      expect(taken).toHaveLength(2);
      expect(taken[1]).toBe(made.repoId);
    } finally {
      storage.forkObjects = link;
    }
  });
});
