import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Weir, type Repo } from '../../src/client/index.js';
import { startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;
let repo: Repo;

/** 45 files of one line, one with 50 hunks, one with a hunk of 1,300 lines. */
const numbered = (count: number, marked: (line: number) => boolean): string => Array.from({ length: count }, (_, line) => `line ${line}${marked(line) ? ' changed' : ''}\n`).join('');

beforeAll(async () => {
  gateway = await startGateway();
  const { url } = await gateway.listen();
  repo = await new Weir({ url, key: gateway.adminKey }).createRepo({ name: 'client/diff', files: [{ path: 'hunks.txt', text: numbered(1000, () => false) }] });
  await repo.branch.create({ name: 'session/wide' });
  const files = Array.from({ length: 45 }, (_, index) => ({ write: { path: `many/${String(index).padStart(2, '0')}.txt`, text: `${index}\n` } }));
  await repo.checkpoint.create({
    branch: 'session/wide',
    message: 'Wide',
    changes: [...files, { write: { path: 'hunks.txt', text: numbered(1000, (line) => line % 20 === 0) } }, { write: { path: 'long.txt', text: numbered(1300, () => false) } }],
  });
});
afterAll(() => gateway.close());

describe('a diff in the client', () => {
  it('is whole, over pages of files, hunks and lines', async () => {
    const { files, stats } = await repo.diff({ from: 'main', to: 'session/wide' });
    expect(files).toHaveLength(47);
    expect(stats).toEqual({ files: 47, additions: 45 + 50 + 1300, deletions: 50 });
    const counted = files.map(({ hunks }) => hunks.flatMap(({ lines }) => lines));
    const added = counted.flat().filter(({ kind }) => kind === 'ADDED');
    expect(added).toHaveLength(45 + 50 + 1300);
    const hunks = files.find(({ path }) => path === 'hunks.txt')?.hunks ?? [];
    expect(hunks).toHaveLength(50);
    expect(new Set(hunks.map(({ id }) => id)).size).toBe(50);
    const long = files.find(({ path }) => path === 'long.txt')?.hunks ?? [];
    expect(long.map(({ lines }) => lines.map(({ newNumber }) => newNumber))).toEqual([Array.from({ length: 1300 }, (_, index) => index + 1)]);
  });

  it('comes without lines, or as a patch, where that is asked for', async () => {
    const { files } = await repo.diff({ from: 'main', to: 'session/wide', format: 'files' });
    expect(files).toHaveLength(47);
    expect(files[0]).not.toHaveProperty('hunks');
    const { patch } = await repo.diff({ from: 'main', to: 'session/wide', format: 'patch', paths: ['many/00.txt'] });
    expect(patch).toContain('+++ b/many/00.txt\n@@ -0,0 +1 @@\n+0\n');
  });
});
