import { afterAll, beforeAll, expect, test } from 'vitest';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { seedBranch, seedCheckpoint, seedRepo } from './support/seed.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
  await seedRepo(gateway, 'app', [{ path: 'a.txt', text: 'one\n' }]);
  await seedBranch(gateway, 'app', 'session/1');
  await write('good', 'good.txt', 'good\n');
  await write('bad', 'bad.txt', 'bad\n');
  await seedCheckpoint(gateway, 'app', 'main', { path: 'base.txt', text: 'base\n' });
});
afterAll(() => gateway.close());

async function write(runId: string, path: string, text: string): Promise<void> {
  const document = 'mutation ($input: CreateCheckpointInput!) { createCheckpoint(input: $input) { __typename } }';
  const { createCheckpoint } = await gateway.data(document, { input: { repo: 'app', branch: 'session/1', message: 'Work', runId, changes: [{ write: { path, text } }] } });
  expect(createCheckpoint.__typename).toBe('CreateCheckpointSuccess');
}

const CONFLICTS = '... on MergeConflicted { conflicts(first: 10) { nodes { path kind base { blob { text } } ours { blob { text } } theirs { blob { text } } hunks { ours theirs } } } }';

/** Calls a verb of the timeline, asking for all that its success has. */
async function call(verb: string, input: Record<string, unknown>): Promise<Json> {
  const type = verb.charAt(0).toUpperCase() + verb.slice(1);
  const document = `mutation ($input: ${type}Input!) { ${verb}(input: $input) { __typename
    ... on ${type}Success { branch { headOid version canUndo canRedo } checkpoint { number origin state } diff { id stats { files additions deletions } patch files { nodes { path status } } } operation { kind } }
    ${verb === 'revertRun' ? CONFLICTS : ''}
    ... on Problem { code message } } }`;
  return (await gateway.data(document, { input: { repo: 'app', ...input } }))[verb];
}

async function filesOfNode(id: string): Promise<Json> {
  return (await gateway.data('query ($id: ID!) { node(id: $id) { ... on Diff { files { nodes { path status } } } } }', { id })).node?.files.nodes;
}

const DRY_RUNS: readonly (readonly [string, Record<string, unknown>, readonly object[]])[] = [
  ['undo', { branch: 'session/1', steps: 2 }, [{ path: 'bad.txt', status: 'DELETED' }, { path: 'good.txt', status: 'DELETED' }]],
  ['restore', { branch: 'session/1', to: 'main', paths: ['b*'] }, [{ path: 'bad.txt', status: 'DELETED' }, { path: 'base.txt', status: 'ADDED' }]],
  ['revertRun', { branch: 'session/1', runId: 'good' }, [{ path: 'good.txt', status: 'DELETED' }]],
  ['refreshBranch', { name: 'session/1' }, [{ path: 'base.txt', status: 'ADDED' }]],
];

test.each(DRY_RUNS)('a dry run of %s answers the diff with its patch, which can be asked for again by its id, and no operation', async (verb, input, files) => {
  const { branch } = (await gateway.data('{ repo(name: "app") { branch(name: "session/1") { headOid version } } }')).repo;
  const answer = await call(verb, { ...input, dryRun: true });
  expect(answer).toMatchObject({ branch, operation: null, diff: { stats: { files: files.length }, files: { nodes: files } } });
  expect(answer.diff.patch).toContain('diff --git');
  expect(await filesOfNode(answer.diff.id)).toEqual(files);
});

test('undo and redo tell where the branch is and what can be done next', async () => {
  expect(await call('undo', { branch: 'session/1' })).toMatchObject({ branch: { version: 4, canUndo: true, canRedo: true }, checkpoint: { number: 1, origin: 'API', state: 'CURRENT' }, operation: { kind: 'UNDO' } });
  expect(await call('redo', { branch: 'session/1' })).toMatchObject({ branch: { version: 5, canUndo: true, canRedo: false }, checkpoint: { number: 2, state: 'CURRENT' }, diff: { stats: { files: 1, additions: 1, deletions: 0 } }, operation: { kind: 'REDO' } });
  expect(await call('redo', { branch: 'session/1' })).toMatchObject({ __typename: 'InvalidInput', code: 'INVALID_INPUT' });
});

test('what was built on a run comes as conflicts whose sides can be read', async () => {
  await write('other', 'bad.txt', 'bad, built on\n');
  const { conflicts } = await call('revertRun', { branch: 'session/1', runId: 'bad' });
  expect(conflicts.nodes).toMatchObject([{ path: 'bad.txt', kind: 'MODIFY_DELETE', base: { blob: { text: 'bad\n' } }, ours: { blob: { text: 'bad, built on\n' } }, theirs: null }]);
  expect(await call('revertRun', { branch: 'session/1', runId: 'bad', resolutions: [{ take: { path: 'bad.txt', side: 'OURS' } }], dryRun: true })).toMatchObject({ __typename: 'InvalidInput' });
  const answer = await call('revertRun', { branch: 'session/1', runId: 'bad', resolutions: [{ delete: { path: 'bad.txt' } }] });
  expect(answer).toMatchObject({ checkpoint: { number: 4, origin: 'REVERT' }, operation: { kind: 'REVERT_RUN' }, diff: { files: { nodes: [{ path: 'bad.txt', status: 'DELETED' }] } } });
});
