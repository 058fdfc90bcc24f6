import { expect } from 'vitest';
import type { Repo } from '../../../src/client/index.js';
import { repoOf, type ClientCase, type Site } from './site.js';

const numbered = (count: number, marked: (line: number) => boolean): string => Array.from({ length: count }, (_, line) => `line ${line}${marked(line) ? ' changed' : ''}\n`).join('');

/** 45 files of one line, one with 50 hunks, one with a hunk of 1,300 lines. */
async function wide(site: Site, name: string): Promise<Repo> {
  const repo = await repoOf(site, name, [{ path: 'hunks.txt', text: numbered(1000, () => false) }]);
  await repo.branch.create({ name: 'session/wide' });
  const files = Array.from({ length: 45 }, (_, index) => ({ write: { path: `many/${String(index).padStart(2, '0')}.txt`, text: `${index}\n` } }));
  await repo.checkpoint.create({
    branch: 'session/wide',
    message: 'Wide',
    changes: [...files, { write: { path: 'hunks.txt', text: numbered(1000, (line) => line % 20 === 0) } }, { write: { path: 'long.txt', text: numbered(1300, () => false) } }],
  });
  return repo;
}

/** Diffs that take many pages. */
export const WHOLE_DIFF: readonly ClientCase[] = [
  {
    name: 'has a diff whole, over pages of files, hunks and lines',
    async run(site) {
      const repo = await wide(site, 'diff/whole');
      const { files, stats } = await repo.diff({ from: 'main', to: 'session/wide' });
      expect(files).toHaveLength(47);
      expect(stats).toEqual({ files: 47, additions: 45 + 50 + 1300, deletions: 50 });
      const added = files.flatMap(({ hunks }) => hunks.flatMap(({ lines }) => lines)).filter(({ kind }) => kind === 'ADDED');
      expect(added).toHaveLength(45 + 50 + 1300);
      const hunks = files.find(({ path }) => path === 'hunks.txt')?.hunks ?? [];
      expect(hunks).toHaveLength(50);
      expect(new Set(hunks.map(({ id }) => id)).size).toBe(50);
      const long = files.find(({ path }) => path === 'long.txt')?.hunks ?? [];
      expect(long.map(({ lines }) => lines.map(({ newNumber }) => newNumber))).toEqual([Array.from({ length: 1300 }, (_, index) => index + 1)]);
    },
  },
  {
    name: 'has a diff without lines, or as a patch, where that is asked for',
    async run(site) {
      const repo = await wide(site, 'diff/parts');
      const { files } = await repo.diff({ from: 'main', to: 'session/wide', format: 'files' });
      expect(files).toHaveLength(47);
      expect(files[0]).not.toHaveProperty('hunks');
      const { patch } = await repo.diff({ from: 'main', to: 'session/wide', format: 'patch', paths: ['many/00.txt'] });
      expect(patch).toContain('+++ b/many/00.txt\n@@ -0,0 +1 @@\n+0\n');
    },
  },
];
