import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FileChangeInput } from '../../src/domain/file-changes.js';
import { readCommit } from '../../src/git/objects/commit.js';
import { listTree } from '../../src/git/objects/walk-tree.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { openOperations, problemOf, receiptOf, type OperationsFixture } from '../support/operations.js';

let fixture: OperationsFixture;
let repoId: number;
let repo: string;
let count = 0;

beforeAll(async () => {
  fixture = await openOperations();
});
afterAll(async () => fixture.close());

beforeEach(async () => {
  repo = `checkpoint-${count++}`;
  const files = [
    { path: 'README.md', text: '# Hello\n' },
    { path: 'src/a.txt', text: 'one\ntwo\nthree\n' },
    { path: 'src/deep/b.txt', text: 'b\n' },
  ];
  repoId = receiptOf(await createRepo(fixture.as('owner'), { name: repo, files })).repoId;
});

async function apply(...changes: readonly FileChangeInput[]): ReturnType<typeof createCheckpoint> {
  return createCheckpoint(fixture.as('agent'), { repo, branch: 'main', message: 'Change', changes });
}

async function patch(text: string): ReturnType<typeof createCheckpoint> {
  return createCheckpoint(fixture.as('agent'), { repo, branch: 'main', message: 'Patch', patch: text });
}

/** The files of the head: mode and text by path. */
async function files(): Promise<Record<string, string>> {
  const objects = fixture.app.storage.objects.open(repoId);
  const branch = await fixture.app.storage.reader().branchByName(repoId, 'main');
  const { tree } = await readCommit(objects, branch?.head ?? '');
  const { leaves } = await listTree(objects, tree, 1000);
  const found: Record<string, string> = {};
  for (const { path, entry } of leaves) found[path] = `${entry.mode.toString(8)} ${(await objects.read(entry.oid)).content.toString()}`;
  return found;
}

describe('the changes of a checkpoint', () => {
  it('writes text, base64, executables and links, and keeps the rest', async () => {
    receiptOf(
      await apply(
        { write: { path: 'new/x.txt', text: 'x\n' } },
        { write: { path: 'run.sh', base64: Buffer.from('#!/bin/sh\n').toString('base64'), mode: 'EXECUTABLE' } },
        { write: { path: 'src/link', text: 'a.txt', mode: 'SYMLINK' } },
      ),
    );
    expect(await files()).toEqual({
      'README.md': '100644 # Hello\n',
      'new/x.txt': '100644 x\n',
      'run.sh': '100755 #!/bin/sh\n',
      'src/a.txt': '100644 one\ntwo\nthree\n',
      'src/deep/b.txt': '100644 b\n',
      'src/link': '120000 a.txt',
    });
  });

  it('deletes and moves files and whole directories, each seeing what came before', async () => {
    receiptOf(await apply({ move: { from: 'src', to: 'lib' } }, { delete: { path: 'lib/deep' } }, { move: { from: 'README.md', to: 'docs/README.md' } }));
    expect(Object.keys(await files())).toEqual(['docs/README.md', 'lib/a.txt']);
  });

  it('replaces a text that occurs once, several in order', async () => {
    receiptOf(await apply({ edit: { path: 'src/a.txt', replace: [{ find: 'two', with: '2' }, { find: '2\nthree', with: 'end' }] } }));
    expect((await files())['src/a.txt']).toBe('100644 one\nend\n');
  });

  it('replaces a file by a directory when the file is deleted first', async () => {
    expect(problemOf(await apply({ write: { path: 'README.md/x', text: '' } }))).toMatchObject({ code: 'INVALID_INPUT', rule: 'path/file-directory' });
    receiptOf(await apply({ delete: { path: 'README.md' } }, { write: { path: 'README.md/x', text: 'x' } }));
    expect((await files())['README.md/x']).toBe('100644 x');
  });

  it('changes the case of a name by a move, but refuses a second spelling beside it', async () => {
    expect(problemOf(await apply({ write: { path: 'readme.MD', text: '' } }))).toMatchObject({ code: 'INVALID_INPUT', field: 'changes[0].write.path' });
    expect(problemOf(await apply({ write: { path: 'SRC/c.txt', text: '' } })).code).toBe('INVALID_INPUT');
    receiptOf(await apply({ move: { from: 'README.md', to: 'readme.MD' } }));
    expect(Object.keys(await files())).toContain('readme.MD');
  });

  it('makes a checkpoint of a prompt that changed nothing', async () => {
    const { checkpointId } = receiptOf(await createCheckpoint(fixture.as('agent'), { repo, branch: 'main', message: 'Think', prompt: 'think', changes: [] }));
    const reader = fixture.app.storage.reader();
    expect(await reader.checkpoint(checkpointId)).toMatchObject({ number: 2 });
    expect(await reader.prompt(checkpointId)).toBe('think');
  });

  it.each<readonly [string, FileChangeInput, string, string]>([
    ['an absent file to delete', { delete: { path: 'nope' } }, 'changes[0].delete.path', 'path/absent'],
    ['an absent file to move', { move: { from: 'nope', to: 'x' } }, 'changes[0].move.from', 'path/absent'],
    ['a move onto something', { move: { from: 'README.md', to: 'src/a.txt' } }, 'changes[0].move.to', 'path/occupied'],
    ['a move into itself', { move: { from: 'src', to: 'src/x' } }, 'changes[0].move.to', 'path/occupied'],
    ['a text that is not there', { edit: { path: 'src/a.txt', replace: [{ find: 'four', with: '' }] } }, 'changes[0].edit.replace[0].find', 'edit/not-found'],
    ['a text that is there twice', { edit: { path: 'src/a.txt', replace: [{ find: 'e\n', with: '' }] } }, 'changes[0].edit.replace[0].find', 'edit/not-unique'],
    ['no content', { write: { path: 'x' } }, 'changes[0].write', 'write/one-content'],
    ['two contents', { write: { path: 'x', text: '', base64: '' } }, 'changes[0].write', 'write/one-content'],
    ['broken base64', { write: { path: 'x', base64: 'a' } }, 'changes[0].write.base64', 'write/base64'],
    ['an unknown blob', { write: { path: 'x', blob: '0'.repeat(40) } }, 'changes[0].write.blob', 'write/blob'],
    ['two changes in one', { delete: { path: 'a' }, move: { from: 'a', to: 'b' } }, 'changes[0]', 'change/one-of'],
    ['git’s own directory', { write: { path: '.GIT/config', text: '' } }, 'changes[0].write.path', 'path/dot-git'],
    ['a path that leaves the tree', { write: { path: '../x', text: '' } }, 'changes[0].write.path', 'path/dots'],
    ['a link that leaves the tree', { write: { path: 'l', text: '../../etc/passwd', mode: 'SYMLINK' } }, 'changes[0].write.text', 'symlink/outside'],
  ])('refuses %s', async (_, change, field, rule) => {
    const problem = problemOf(await apply(change));
    expect(problem).toMatchObject({ code: 'INVALID_INPUT', field });
    expect(problem.code === 'INVALID_INPUT' ? problem.rule.split('/')[0] : '').toBe(rule.split('/')[0]);
    expect(problem.message).toMatch(/\.$/u);
    expect((await fixture.app.storage.reader().branchByName(repoId, 'main'))?.version).toBe(1);
  });
});

describe('a patch as a checkpoint', () => {
  it('applies what git diff prints: edits, new files, deletions and moves', async () => {
    receiptOf(
      await patch(
        [
          'diff --git a/src/a.txt b/src/a.txt', '--- a/src/a.txt', '+++ b/src/a.txt', '@@ -1,3 +1,3 @@', ' one', '-two', '+2', ' three',
          'diff --git a/new.txt b/new.txt', 'new file mode 100755', '--- /dev/null', '+++ b/new.txt', '@@ -0,0 +1 @@', '+new',
          'diff --git a/README.md b/docs.md', 'similarity index 100%', 'rename from README.md', 'rename to docs.md',
          'diff --git a/src/deep/b.txt b/src/deep/b.txt', 'deleted file mode 100644', '--- a/src/deep/b.txt', '+++ /dev/null', '@@ -1 +0,0 @@', '-b', '',
        ].join('\n'),
      ),
    );
    expect(await files()).toEqual({ 'docs.md': '100644 # Hello\n', 'new.txt': '100755 new\n', 'src/a.txt': '100644 one\n2\nthree\n' });
  });

  it('says which file and hunk does not apply, and changes nothing', async () => {
    const problem = problemOf(await patch(['--- a/src/a.txt', '+++ b/src/a.txt', '@@ -1,3 +1,3 @@', ' one', '-zwei', '+2', ' three', ''].join('\n')));
    expect(problem).toMatchObject({ code: 'INVALID_INPUT', field: 'patch', rule: 'patch/refused' });
    expect(problem.message).toContain('hunk 1');
    expect(problem.message).toContain('src/a.txt');
  });

  it('holds new paths to the same rules as writes', async () => {
    expect(problemOf(await patch(['diff --git a/x/.git/config b/x/.git/config', 'new file mode 100644', '--- /dev/null', '+++ b/x/.git/config', '@@ -0,0 +1 @@', '+x', ''].join('\n'))).code).toBe('INVALID_INPUT');
    expect(problemOf(await patch('this is no patch'))).toMatchObject({ code: 'INVALID_INPUT', field: 'patch' });
  });
});

describe('who may leave a checkpoint, and where', () => {
  it('refuses a stale head with the actual one, and a stale version', async () => {
    const input = { repo, branch: 'main', message: 'x', changes: [] };
    const stale = problemOf(await createCheckpoint(fixture.as('agent'), { ...input, expectedHead: '1'.repeat(40) }));
    expect(stale).toMatchObject({ code: 'STALE_HEAD', expectedHead: '1'.repeat(40), actualVersion: 1 });
    expect(problemOf(await createCheckpoint(fixture.as('agent'), { ...input, expectedVersion: 7 }))).toMatchObject({ code: 'STALE_HEAD', expectedVersion: 7 });
    receiptOf(await createCheckpoint(fixture.as('agent'), { ...input, expectedVersion: 1 }));
  });

  it('tells a foreign repository and an absent one apart in nothing but the name asked for', async () => {
    const foreign = problemOf(await createCheckpoint(fixture.as('stranger', { repos: ['other/**'] }), { repo, branch: 'main', message: 'x', changes: [] }));
    const absent = problemOf(await createCheckpoint(fixture.as('stranger', { repos: ['other/**'] }), { repo: 'absent', branch: 'main', message: 'x', changes: [] }));
    expect(foreign.code).toBe('NOT_FOUND');
    expect(foreign.message.replace(repo, 'absent')).toBe(absent.message);
  });

  it('keeps an agent’s key to its own branches and paths', async () => {
    const key = { branches: ['session/**'], paths: ['src/**'] };
    const write = (branch: string, path: string): ReturnType<typeof createCheckpoint> =>
      createCheckpoint(fixture.as('agent', key), { repo, branch, message: 'x', changes: [{ write: { path, text: 'x' } }] });
    receiptOf(await createBranch(fixture.as('agent', key), { repo, name: 'session/7' }));
    expect(problemOf(await write('main', 'src/x')).code).toBe('FORBIDDEN');
    expect(problemOf(await write('session/7', 'README.md')).code).toBe('FORBIDDEN');
    receiptOf(await write('session/7', 'src/x'));
    expect(problemOf(await createCheckpoint(fixture.as('agent', { scopes: ['READ'] }), { repo, branch: 'main', message: 'x', changes: [] }))).toMatchObject({ code: 'FORBIDDEN', needs: 'WRITE' });
  });

  it('refuses forged trailers, forged people and messages that say nothing', async () => {
    const input = { repo, branch: 'main', message: 'x', changes: [] };
    expect(problemOf(await createCheckpoint(fixture.as('agent'), { ...input, message: 'x\n\nWeir-Actor: boss' }))).toMatchObject({ field: 'message' });
    expect(problemOf(await createCheckpoint(fixture.as('agent'), { ...input, message: ' ' }))).toMatchObject({ field: 'message' });
    expect(problemOf(await createCheckpoint(fixture.as('agent'), { ...input, author: { name: 'a> 1 +0000\ncommitter evil <e@e', email: 'a@b' } }))).toMatchObject({ field: 'author.name' });
    expect(problemOf(await createCheckpoint(fixture.as('agent'), { ...input, metadata: [{ key: 'Weir-Run', value: '1' }] }))).toMatchObject({ field: 'metadata[0].key' });
    expect(problemOf(await createCheckpoint(fixture.as('agent'), { ...input, patch: '' }))).toMatchObject({ field: 'changes', rule: 'checkpoint/one-source' });
  });
});
