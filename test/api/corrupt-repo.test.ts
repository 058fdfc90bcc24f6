import { readdir, readFile, writeFile, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  // No memory of what was read before the damage.
  gateway = await startGateway({ settings: { WEIR_CACHE: '1' } });
});
afterAll(() => gateway.close());

const SECRET = 'the text that is damaged on disk, long enough to be found there\n';

/** Flips one byte in the middle of every pack of a repository. */
async function damage(repoId: number): Promise<void> {
  const { directory } = await gateway.app.storage.packsOf(repoId);
  for (const name of await readdir(directory)) {
    if (!name.endsWith('.pack')) continue;
    const path = join(directory, name);
    const bytes = await readFile(path);
    for (let at = 16; at < bytes.length - 24; at += 7) bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    await chmod(path, 0o644);
    await writeFile(path, bytes);
  }
}

describe('a repository whose packs are damaged', () => {
  it('names the object, serves nothing wrong, and leaves the other repositories working', async () => {
    for (const name of ['broken', 'sound']) {
      await gateway.data('mutation ($input: CreateRepoInput!) { createRepo(input: $input) { __typename } }', { input: { name, files: [{ path: 'a.txt', text: SECRET }] } });
    }
    const repo = await gateway.app.storage.reader().repoByName('broken');
    gateway.app.storage.objects.close();
    await damage(repo?.id ?? 0);

    const read = '{ repo(name: "broken") { name defaultBranch { name headOid } file(rev: "main", path: "a.txt") { blob { text } } } }';
    const { data, errors } = await gateway.gql(read);
    expect(data.repo).toMatchObject({ name: 'broken', defaultBranch: { name: 'main' }, file: null });
    expect(errors?.map((error) => error.extensions.code)).toEqual(['OBJECT_CORRUPT']);
    expect(errors?.[0]?.message).toMatch(/[0-9a-f]{40}/u);

    const write = 'mutation ($input: CreateCheckpointInput!) { createCheckpoint(input: $input) { __typename ... on ObjectCorrupt { code oid message hint } } }';
    const change = { branch: 'main', message: 'x', changes: [{ write: { path: 'b.txt', text: 'b\n' } }] };
    const refusal = await gateway.data(write, { input: { repo: 'broken', ...change } });
    expect(refusal.createCheckpoint).toMatchObject({ __typename: 'ObjectCorrupt', code: 'OBJECT_CORRUPT' });

    const sound = await gateway.data('{ repo(name: "sound") { file(rev: "main", path: "a.txt") { blob { text } } } }');
    expect(sound.repo.file.blob.text).toBe(SECRET);
    expect((await gateway.data(write, { input: { repo: 'sound', ...change } })).createCheckpoint.__typename).toBe('CreateCheckpointSuccess');
    const findings: (string | null)[] = [];
    await gateway.app.examine(({ repo: name }) => findings.push(name));
    expect(new Set(findings)).toEqual(new Set(['broken']));
  });
});
