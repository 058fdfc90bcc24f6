import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../src/domain/problem.js';
import { parseTrailers } from '../../src/git/objects/trailers.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import type { CreateRepoInput } from '../../src/operations/inputs.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, tally, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

describe('a new repository', () => {
  it('has its files in a first commit, which is checkpoint 1 of the default branch', async () => {
    const { repoId, operation } = receiptOf(
      await createRepo(world.as('owner'), {
        name: 'team/app', description: 'An app', labels: [{ key: 'Tier', value: 'gold' }], defaultBranch: 'trunk', message: 'Begin',
        files: [{ path: 'README.md', text: '# App\n' }, { path: 'bin/run', base64: 'eA==', mode: 'EXECUTABLE' }],
      }),
    );
    const reader = world.app.storage.reader();
    expect(await reader.repo(repoId)).toMatchObject({
      name: 'team/app', description: 'An app', labels: [{ key: 'Tier', value: 'gold' }], defaultBranch: 'trunk', settings: { approvalsRequired: 1 }, archivedAt: null,
    });
    const branch = await world.branch(repoId, 'trunk');
    expect(branch).toMatchObject({ version: 1, baseName: null, forkOid: null, createdBy: 'owner', nextCheckpoint: 2, protected: false });
    expect(await reader.checkpoint(branch.checkpointId ?? 0)).toMatchObject({ number: 1, origin: 'API', state: 'CURRENT', oid: branch.head, before: null, parentId: null, message: 'Begin', createdBy: 'owner' });
    const commit = await world.commit(repoId, branch.head);
    expect(commit).toMatchObject({ parents: [], author: { name: 'owner', email: 'owner@weir.invalid' }, committer: { name: 'Weir' } });
    expect(parseTrailers(commit.message)).toEqual([{ key: 'Weir-Actor', value: 'owner' }, { key: 'Weir-Checkpoint', value: '1@trunk' }]);
    expect(await world.files(repoId, branch.head)).toEqual({ 'README.md': '# App\n', 'bin/run': 'x' });
    expect((await world.app.storage.graph(repoId)).row(branch.head)).toEqual({ oid: branch.head, tree: commit.tree, parents: [], generation: 1, seconds: commit.author.seconds });
    expect(operation).toEqual({ stream: repoId, seq: 1 });
    expect(await world.operation(operation)).toMatchObject({
      kind: 'CREATE_REPO', actor: 'owner', keyName: 'owner', requestId: 'test-owner', refs: [{ branchName: 'trunk', before: null, after: branch.head }],
      subject: { type: 'Repo', id: repoId }, events: [{ kind: 'REPO_CREATED', repoName: 'team/app' }],
    });
    await world.expectWholeLog(repoId);
  });

  it('has an empty first commit when it gets no files', async () => {
    const { repoId } = receiptOf(await createRepo(world.as('owner'), { name: 'empty' }));
    const commit = await world.commit(repoId, await world.head(repoId, 'main'));
    expect(commit.tree).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
    expect(commit.message).toMatch(/^Create empty\n/u);
  });

  it('is the first one when the call is repeated', async () => {
    const input = { name: 'repeated', files: [{ path: 'a', text: 'a' }], idempotencyKey: 'one' };
    const first = receiptOf(await createRepo(world.as('owner'), input));
    expect(await world.withoutTrace(() => createRepo(world.as('owner'), input))).toEqual({ ok: true, replayed: true, receipt: first });
    expect(problemOf(await createRepo(world.as('other'), input)).code).toBe('NAME_TAKEN');
  });

  it('goes to one of several callers who want the name at the same time', async () => {
    const outcomes = await Promise.all(Array.from({ length: 6 }, (_, n) => createRepo(world.as(`owner${n}`), { name: 'contended', files: [{ path: 'n', text: `${n}` }] })));
    expect(tally(outcomes)).toEqual({ done: 1, refused: Array.from({ length: 5 }, () => 'NAME_TAKEN') });
  });
});

async function refusalOf(key: Parameters<VerbWorld['as']>[1], files: CreateRepoInput['files'] = []): Promise<Problem> {
  return problemOf(await world.withoutTrace(() => createRepo(world.as('x', key), { name: 'refused', files })));
}

describe('no repository is made', () => {
  it.each<readonly [string, Partial<CreateRepoInput>, string]>([
    ['under an empty name', { name: '' }, 'name'],
    ['under a name with capitals', { name: 'App' }, 'name'],
    ['under a name of four segments', { name: 'a/b/c/d' }, 'name'],
    ['under a name that climbs', { name: '../x' }, 'name'],
    ['under a name that looks like a node id', { name: 'Repo:1' }, 'name'],
    ['with a default branch that git would refuse', { defaultBranch: 'a..b' }, 'defaultBranch'],
    ['with a description that Postgres cannot hold', { description: 'a\0b' }, 'description'],
    ['with a message that says nothing', { message: ' ' }, 'message'],
    ['with a message that forges a trailer', { message: 'x\n\nWeir-Run: 1' }, 'message'],
    ['with a label of the server’s', { labels: [{ key: 'weir-x', value: '1' }] }, 'labels[0].key'],
    ['with a label twice', { labels: [{ key: 'a', value: '1' }, { key: 'A', value: '2' }] }, 'labels[1].key'],
    ['with a file outside', { files: [{ path: '../x', text: '' }] }, 'files[0].path'],
    ['with a file that is a directory of another', { files: [{ path: 'x', text: '' }, { path: 'x/y', text: '' }] }, 'files[1].path'],
    ['with files that differ by case only', { files: [{ path: 'x', text: '' }, { path: 'X', text: '' }] }, 'files[1].path'],
    ['with a blob that nobody has sent', { files: [{ path: 'x', blob: '0'.repeat(40) }] }, 'files[0].blob'],
    ['with an idempotency key of two lines', { idempotencyKey: 'a\nb' }, 'idempotencyKey'],
  ])('%s', async (_, more, field) => {
    const problem = problemOf(await world.withoutTrace(() => createRepo(world.as('owner'), { name: 'refused', ...more })));
    expect(problem).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it('under a name that is taken', async () => {
    receiptOf(await createRepo(world.as('owner'), { name: 'taken' }));
    expect(problemOf(await world.withoutTrace(() => createRepo(world.as('other'), { name: 'taken' })))).toMatchObject({ code: 'NAME_TAKEN', name: 'taken' });
  });

  it('without the scope, or outside of the key’s globs', async () => {
    expect(await refusalOf({ scopes: ['READ', 'WRITE'] })).toMatchObject({ code: 'FORBIDDEN', needs: 'CREATE_REPO' });
    expect((await refusalOf({ repos: ['team/*'] })).message).toContain('"repos"');
    expect((await refusalOf({ branches: ['session/*'] })).message).toContain('"branches"');
    expect((await refusalOf({ paths: ['src/**'] }, [{ path: 'README.md', text: '' }])).message).toContain('"paths"');
  });

  it('with more files than the limit, and one that is larger than it', async () => {
    const files = Array.from({ length: 10_001 }, (_, n) => ({ path: `${n}`, text: '' }));
    expect(problemOf(await createRepo(world.as('owner'), { name: 'refused', files }))).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'changesPerCheckpoint', maximum: 10_000, requested: 10_001 });
    const large = [{ path: 'large', text: 'x'.repeat(25 * 1024 * 1024 + 1) }];
    expect(problemOf(await createRepo(world.as('owner'), { name: 'refused', files: large }))).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'inlineFileBytes', requested: 25 * 1024 * 1024 + 1 });
  });
});
