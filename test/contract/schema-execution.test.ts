import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSchemaGateway, type Answer, type SchemaGateway } from './schema-gateway.js';

const PROBLEM = '... on Problem { __typename code message hint }';

let gateway: SchemaGateway;
let made: Answer;
let first: Answer;
let base: string;
let head: string;
let checkpointId: string;

async function checkpoint(actor: string, input: Readonly<Record<string, unknown>>): Promise<Answer> {
  return gateway.run(
    actor,
    `mutation ($input: CreateCheckpointInput!) { createCheckpoint(input: $input) {
      ... on CreateCheckpointSuccess { checkpoint { id number state prompt oid } branch { headOid version } operation { id kind seq refs { branchName before after } subject { id } } } ${PROBLEM} } }`,
    { input: { repo: 'team/app', ...input } },
  );
}

beforeAll(async () => {
  gateway = await openSchemaGateway();
  made = await gateway.run(
    'ada',
    `mutation { createRepo(input: { name: "team/app", description: "an app", labels: [{ key: "tier", value: "one" }], files: [
        { path: "README.md", text: "# App\\n" }, { path: "src/main.ts", text: "export function main() {\\n  return 1;\\n}\\n" } ] }) {
      ... on CreateRepoSuccess { repo { id name defaultBranch { headOid } labels { key value } } operation { kind } } ${PROBLEM} } }`,
  );
  base = made.text('createRepo.repo.defaultBranch.headOid');
  await gateway.run('ada', `mutation { createBranch(input: { repo: "team/app", name: "session/one", runId: "run-7", metadata: [{ key: "model", value: "x" }] }) { ... on CreateBranchSuccess { branch { id } } ${PROBLEM} } }`);
  first = await checkpoint('ada', {
    branch: 'session/one',
    message: 'Return two',
    prompt: 'make it two',
    runId: 'run-7',
    changes: [{ edit: { path: 'src/main.ts', replace: [{ find: 'return 1', with: 'return 2' }] } }, { write: { path: 'docs/note.md', text: 'a\nb\n' } }],
  });
  head = first.text('createCheckpoint.branch.headOid');
  checkpointId = first.text('createCheckpoint.checkpoint.id');
});

afterAll(() => gateway.close());

test('what a verb answers is what it has just written', () => {
  expect(made.at('createRepo')).toMatchObject({ repo: { name: 'team/app', labels: [{ key: 'tier', value: 'one' }] }, operation: { kind: 'CREATE_REPO' } });
  expect(first.at('createCheckpoint')).toMatchObject({
    checkpoint: { number: 1, state: 'CURRENT', prompt: 'make it two', oid: head },
    branch: { headOid: head, version: 2 },
    operation: { kind: 'CREATE_CHECKPOINT', refs: [{ branchName: 'session/one', before: base, after: head }], subject: { id: checkpointId } },
  });
});

describe('reading', () => {
  test('a branch knows its kind, its base, its head and how far it is ahead', async () => {
    const answer = await gateway.run(
      'ada',
      `{ repo(name: "team/app") { branch(name: "session/one") { name kind state version headOid runId sessionId metadata { key value } baseName base { name } forkPoint { oid } head { headline trailers { key value } parents { oid } }
        aheadBehind { ahead behind } checkpoint { number } checkpoints { edges { node { number origin createdBy parent { number } } } } protected expiresAt createdBy } } }`,
    );
    expect(answer.at('repo.branch')).toMatchObject({
      name: 'session/one', kind: 'SESSION', state: 'ACTIVE', version: 2, headOid: head, runId: 'run-7', baseName: 'main', base: { name: 'main' }, forkPoint: { oid: base },
      head: { headline: 'Return two', parents: [{ oid: base }] }, aheadBehind: { ahead: 1, behind: 0 }, checkpoint: { number: 1 },
      checkpoints: { edges: [{ node: { number: 1, origin: 'API', createdBy: 'ada', parent: null } }] },
    });
    expect(answer.at('repo.branch.head.trailers')).toContainEqual({ key: 'Weir-Run', value: 'run-7' });
  });

  test('files and directories are read at any rev', async () => {
    const answer = await gateway.run(
      'ada',
      `query ($checkpoint: String!) { repo(name: "team/app") {
        file(rev: $checkpoint, path: "src/main.ts") { id path mode blob { size isBinary text base64 url } }
        old: file(rev: "main", path: "src/main.ts") { blob { text } }
        none: file(rev: "main", path: "docs") { id }
        tree(rev: "checkpoint:1@session/one") { id path entries(first: 2) { edges { node { name path mode size } } pageInfo { hasNextPage endCursor } } }
        sub: commit(rev: "session/one") { tree(path: "docs") { path entries { edges { node { name size } } } } } } }`,
      { checkpoint: checkpointId },
    );
    const text = 'export function main() {\n  return 2;\n}\n';
    expect(answer.at('repo.file')).toMatchObject({ path: 'src/main.ts', mode: 'FILE', blob: { size: text.length, isBinary: false, text, url: `/raw/team/app/-/${head}/src/main.ts` } });
    expect(Buffer.from(answer.text('repo.file.blob.base64'), 'base64').toString()).toBe(text);
    expect(answer.at('repo.old.blob.text')).toContain('return 1');
    expect(answer.at('repo.none')).toBeNull();
    expect(answer.at('repo.tree.entries.edges')).toMatchObject([{ node: { name: 'README.md', mode: 'FILE' } }, { node: { name: 'docs', mode: 'DIRECTORY', size: null } }]);
    expect(answer.at('repo.tree.entries.pageInfo.hasNextPage')).toBe(true);
    expect(answer.at('repo.sub.tree')).toMatchObject({ path: 'docs', entries: { edges: [{ node: { name: 'note.md', size: 4 } }] } });
  });

  test('a diff has stats, files, hunks, typed lines with spans, and patches that agree', async () => {
    const answer = await gateway.run(
      'ada',
      `{ repo(name: "team/app") { diff(from: "main", to: "session/one") { id from { oid } to { oid } base { oid } stats { files additions deletions } patch patchUrl
          files { edges { node { id path status additions deletions isBinary omitted oldBlob { text } newBlob { text } patch
            hunks { edges { node { id oldStart oldLines newStart newLines section lineCount patch lines { kind oldNumber newNumber text noNewline spans { start end } } } } } } } }
          file(path: "docs/note.md") { status } none: file(path: "nope") { id } } } }`,
    );
    expect(answer.at('repo.diff')).toMatchObject({ from: { oid: base }, to: { oid: head }, base: { oid: base }, stats: { files: 2, additions: 3, deletions: 1 }, file: { status: 'ADDED' }, none: null });
    expect(answer.at('repo.diff.files.edges.1.node')).toMatchObject({ path: 'src/main.ts', status: 'MODIFIED', additions: 1, deletions: 1, isBinary: false, omitted: null });
    const lines = answer.at('repo.diff.files.edges.1.node.hunks.edges.0.node.lines');
    expect(lines).toEqual([
      { kind: 'CONTEXT', oldNumber: 1, newNumber: 1, text: 'export function main() {', noNewline: false, spans: [] },
      { kind: 'DELETED', oldNumber: 2, newNumber: null, text: '  return 1;', noNewline: false, spans: [{ start: 9, end: 10 }] },
      { kind: 'ADDED', oldNumber: null, newNumber: 2, text: '  return 2;', noNewline: false, spans: [{ start: 9, end: 10 }] },
      { kind: 'CONTEXT', oldNumber: 3, newNumber: 3, text: '}', noNewline: false, spans: [] },
    ]);
    expect(answer.at('repo.diff.patch')).toBe(`${answer.text('repo.diff.files.edges.0.node.patch')}${answer.text('repo.diff.files.edges.1.node.patch')}`);
    expect(answer.text('repo.diff.files.edges.1.node.patch').endsWith(answer.text('repo.diff.files.edges.1.node.hunks.edges.0.node.patch'))).toBe(true);
    expect(answer.at('repo.diff.patchUrl')).toBe(`/raw/team/app/-/${base}..${head}.patch`);
  });

  test('history answers in order, by path and by trailer', async () => {
    const answer = await gateway.run(
      'ada',
      `{ repo(name: "team/app") { all: commits(rev: "session/one") { edges { node { oid } } } path: commits(rev: "session/one", path: "docs") { edges { node { oid } } }
        readme: commits(rev: "session/one", path: "README.md") { edges { node { oid } } } run: commits(filter: { trailer: { key: "weir-run", value: "run-7" } }) { edges { node { oid } } } } }`,
    );
    const oids = (path: string): unknown => answer.at(`repo.${path}.edges`);
    expect(oids('all')).toEqual([{ node: { oid: head } }, { node: { oid: base } }]);
    expect(oids('path')).toEqual([{ node: { oid: head } }]);
    expect(oids('readme')).toEqual([{ node: { oid: base } }]);
    expect(oids('run')).toEqual([{ node: { oid: head } }]);
  });

  test('pages continue where their cursor says, and refuse the cursor of another list', async () => {
    const first = await gateway.run('ada', '{ repo(name: "team/app") { commits(rev: "session/one", first: 1) { edges { cursor node { oid } } pageInfo { hasNextPage endCursor } } } }');
    const after = first.text('repo.commits.pageInfo.endCursor');
    const second = await gateway.run('ada', 'query ($after: String) { repo(name: "team/app") { commits(rev: "session/one", first: 1, after: $after) { edges { node { oid } } pageInfo { hasNextPage } } } }', { after });
    expect(second.at('repo.commits')).toEqual({ edges: [{ node: { oid: base } }], pageInfo: { hasNextPage: false } });
    const foreign = await gateway.tryRun('ada', 'query ($after: String) { repo(name: "team/app") { commits(rev: "main", after: $after) { edges { node { oid } } } } }', { after });
    expect(foreign.code).toBe('CURSOR_INVALID');
    const tooMany = await gateway.tryRun('ada', '{ repos(first: 101) { edges { node { id } } } }');
    expect(tooMany.code).toBe('INVALID_ARGUMENT');
  });

  test('an unknown rev has a code, and leaves its siblings alone', async () => {
    const answer = await gateway.tryRun('ada', '{ repo(name: "team/app") { name commit(rev: "nowhere") { oid } } }');
    expect(answer.code).toBe('UNKNOWN_REV');
    expect(answer.at('repo')).toEqual({ name: 'team/app', commit: null });
  });

  test('the viewer and the server say who asks and what is allowed', async () => {
    const answer = await gateway.run('ada', '{ viewer { actor onBehalfOf scopes key { name repos } } server { version namingRules { subject rule pattern } limits { name value } branchKind(name: "session/x") } }');
    expect(answer.at('viewer')).toMatchObject({ actor: 'ada', onBehalfOf: null, key: { name: 'ada', repos: ['**'] } });
    expect(answer.at('server.limits')).toContainEqual({ name: 'pageSize', value: 100 });
    expect(answer.at('server.branchKind')).toBe('SESSION');
    expect(answer.text('server.version')).toMatch(/^\d+\.\d+\.\d+/);
  });
});
