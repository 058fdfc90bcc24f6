import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CANARIES, REPO } from './names.js';
import { openMatrixWorld, valueAt, type MatrixWorld } from './world.js';

/** What can be reached from the branch, the checkpoint and the log row of a new checkpoint, beyond what was done. */
const BEHIND: readonly string[] = [
  'branch { head { message file(path: "canary-session.txt") { blob { text } } } }',
  'branch { forkPoint { message } }',
  'branch { base { name } }',
  'branch { checkpoints { edges { node { message prompt } } } }',
  'branch { proposals { edges { node { title } } } }',
  'branch { diff(against: "tag:v1") { patch } }',
  'branch { aheadBehind(of: "tag:v1") { ahead } }',
  'branch { mergePreview(into: "tag:v1") { diff { patch } } }',
  'branch { repo { branches { edges { node { name } } } } }',
  'branch { repo { defaultBranch { name } } }',
  'branch { repo { tags { edges { node { name } } } } }',
  'branch { repo { commits(rev: "session/1") { edges { node { message } } } } }',
  'branch { repo { commits(filter: { trailer: { key: "Weir-Run", value: "run-1" } }) { edges { node { message } } } } }',
  'branch { repo { file(rev: "tag:v1", path: "README.md") { blob { text } } } }',
  'branch { repo { proposals { edges { node { title } } } } }',
  'checkpoint { commit { message tree { entries { edges { node { name } } } } } }',
  'checkpoint { parent { message } }',
  'checkpoint { diff { patch files { edges { node { path } } } } }',
  'operation { subject { id } }',
  'operation { refs { branchName } }',
  'operation { repo { name } }',
];

let world: MatrixWorld;

beforeAll(async () => {
  world = await openMatrixWorld();
});
afterAll(() => world.close());

/** Writes a checkpoint as a key of this kind; answers all leaves of what it asked for, and the codes of what it was refused. */
async function write(kind: string, selection: string): Promise<{ readonly leaves: readonly unknown[]; readonly codes: readonly unknown[] }> {
  const input = `{ repo: "${REPO}", branch: "session/1", message: "Work", changes: [{ write: { path: "docs/a", text: "a\\n" } }] }`;
  const { data, errors } = await world.ask(kind, `mutation { createCheckpoint(input: ${input}) { __typename ... on CreateCheckpointSuccess { ${selection} } } }`);
  const payload = valueAt(data, 'createCheckpoint');
  expect(valueAt(payload, '__typename')).toBe('CreateCheckpointSuccess');
  return { leaves: leavesOf(payload).filter((leaf) => leaf !== 'CreateCheckpointSuccess'), codes: (errors ?? []).map(({ extensions }) => extensions['code']) };
}

function leavesOf(value: unknown): unknown[] {
  if (value === null || value === undefined) return [];
  return typeof value === 'object' ? Object.values(value).flatMap(leavesOf) : [value];
}

describe('what a verb answers', () => {
  test.each(BEHIND)('shows a key that may only write nothing of %s', async (selection) => {
    expect((await write('worker', selection)).leaves).not.toEqual([]);
    const { leaves, codes } = await write('writer', selection);
    expect(leaves).toEqual([]);
    expect(codes.filter((code) => code !== 'FORBIDDEN' && code !== 'UNKNOWN_REV')).toEqual([]);
  });

  test('shows a key that may only write what it did', async () => {
    const { leaves, codes } = await write('writer', 'branch { name state } checkpoint { message origin state createdBy } operation { kind actor }');
    expect(codes).toEqual([]);
    expect(leaves).toEqual(['session/1', 'ACTIVE', 'Work', 'API', 'CURRENT', 'writer', 'CREATE_CHECKPOINT', 'writer']);
  });

  test('shows a key that deletes a branch without READ none of its work', async () => {
    const { data } = await world.ask('writer', `mutation { deleteBranch(input: { repo: "${REPO}", name: "session/3" }) { ... on DeleteBranchSuccess { branch { name head { message } checkpoint { message prompt } } } } }`);
    expect(data).toEqual({ deleteBranch: { branch: { name: 'session/3', head: null, checkpoint: null } } });
    expect(JSON.stringify(data)).not.toContain(CANARIES.session);
  });
});
