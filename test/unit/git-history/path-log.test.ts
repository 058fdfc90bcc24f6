import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommitGraph } from '../../../src/git/history/commit-graph.js';
import { followLog } from '../../../src/git/history/follow-log.js';
import { pathLog } from '../../../src/git/history/path-log.js';
import { cloneCorpus, git, removeRepository } from '../../support/git-binary.js';
import { GitCatFileSource } from '../../support/git-cat-file-source.js';
import { rowsFromGit } from '../../support/git-histories.js';
import { RememberingSource } from '../../support/remembering-source.js';

const lines = (text: string): string[] => text.split('\n').filter(Boolean);
const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');

async function all<T>(walk: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of walk) found.push(each);
  return found;
}

/** Every `n`th, so that about `count` are left. */
function sampled(paths: Iterable<string>, count: number): string[] {
  const sorted = [...paths].sort();
  const step = Math.max(1, Math.floor(sorted.length / count));
  return sorted.filter((_, i) => i % step === 0);
}

/** Every file that a history ever had, and every directory of one. */
function pathsEver(repository: string, tip: string): Set<string> {
  const paths = new Set<string>();
  for (const file of git(repository, ['log', '--format=', '--name-only', '-z', '--no-renames', tip]).split(/[\0\n]/u).filter(Boolean)) {
    for (let slash = file.indexOf('/'); slash > 0; slash = file.indexOf('/', slash + 1)) paths.add(file.slice(0, slash));
    paths.add(file);
  }
  return paths;
}

describe.each(['express', 'flask'] as const)('the history of %s', (name) => {
  let repository: string;
  let behind: GitCatFileSource;
  let source: RememberingSource;
  let graph: CommitGraph;
  let tip: string;
  beforeAll(() => {
    repository = cloneCorpus(name);
    behind = new GitCatFileSource(repository);
    source = new RememberingSource(behind);
    graph = new CommitGraph(rowsFromGit(repository));
    tip = git(repository, ['rev-parse', 'HEAD']);
  });
  afterAll(async () => {
    await behind.close();
    removeRepository(repository);
  });

  test('of a file or directory is that of git log', async () => {
    const ever = [...pathsEver(repository, tip)];
    const paths = [...sampled(ever, 25), ...ever.filter((path) => utf8(path) !== path)];
    expect(paths.length).toBeGreaterThan(20);
    for (const path of paths) {
      const expected = lines(git(repository, ['log', '--format=%H', tip, '--', `:(literal)${utf8(path)}`]));
      expect({ path, oids: await all(pathLog(source, graph, [tip], utf8(path))) }).toEqual({ path, oids: expected });
    }
  });

  test('of a file beyond its renames is that of git log --follow', async () => {
    const now = git(repository, ['ls-tree', '-r', '--name-only', '-z', tip]).split('\0').filter(Boolean);
    const files = [...sampled(now, 20), ...now.filter((path) => utf8(path) !== path)];
    expect(files.length).toBeGreaterThan(15);
    for (const file of files) {
      const expected = lines(git(repository, ['log', '--follow', '--format=%H', tip, '--', utf8(file)]));
      const followed = await all(followLog(source, graph, [tip], utf8(file)));
      expect({ file, oids: followed.map(({ oid }) => oid) }).toEqual({ file, oids: expected });
      expect(followed[0]?.path).toBe(utf8(file));
    }
  });

  test('is read once for a path, and not at all the next time', async () => {
    const fresh = new CommitGraph(rowsFromGit(repository));
    const path = 'README.md';
    const reading = new RememberingSource(behind);
    const first = await all(pathLog(reading, fresh, [tip], path));
    expect(reading.reads).toBeGreaterThan(100);
    expect(reading.reads).toBeLessThanOrEqual(fresh.size);
    const again = new RememberingSource(behind);
    expect(await all(pathLog(again, fresh, [tip], path))).toEqual(first);
    expect(again.reads).toBe(0);
  });

  test('is remembered for the paths asked for last, and goes on when commits come', async () => {
    const rows = rowsFromGit(repository);
    const older = rows.slice(0, 1000);
    const fresh = new CommitGraph(older);
    const half = older.at(-1)?.oid ?? '';
    const first = await all(pathLog(source, fresh, [half], 'lib'));
    fresh.append(rows.slice(1000));
    expect(await all(pathLog(source, fresh, [half], 'lib'))).toEqual(first);
    expect(await all(pathLog(source, fresh, [tip], 'lib'))).toEqual(await all(pathLog(source, graph, [tip], 'lib')));
    for (let n = 0; n < 100; n++) await all(pathLog(source, fresh, [half], `none/${n}`));
    expect(await all(pathLog(source, fresh, [half], 'lib'))).toEqual(first);
  });

  test('is walked no further than a page needs, and ends where the visitor says so', async () => {
    let visited = 0;
    for await (const oid of pathLog(source, graph, [tip], '.gitignore', { visit: () => visited++ })) if (graph.has(oid)) break;
    expect(visited).toBeLessThan(graph.size / 2);
    const enough = new RangeError('enough');
    const visit = (): void => {
      if (++visited > 10) throw enough;
    };
    await expect(all(pathLog(source, graph, [tip], 'no such path', { visit }))).rejects.toBe(enough);
    await expect(all(followLog(source, graph, [tip], 'no such path', { visit }))).rejects.toBe(enough);
  });
});
