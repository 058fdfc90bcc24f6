import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diffTrees } from '../../src/git/diff/tree-diff.js';
import { rawLine } from '../conformance/compare-raw.js';
import { fc } from '../support/fast-check.js';
import { generatedTrees, tyingBodies, writeTrees } from '../support/generated-trees.js';
import { git, makeRepository, removeRepository } from '../support/git-binary.js';
import { GitCatFileSource } from '../support/git-cat-file-source.js';

const CASES = Number(process.env['WEIR_TEST_CASES'] ?? 250);

let repository: string;
let source: GitCatFileSource;
let trees: string[];

beforeAll(() => {
  repository = makeRepository();
  source = new GitCatFileSource(repository);
  writeTrees(repository, fc.sample(generatedTrees(tyingBodies, 16), { numRuns: 40 }));
  trees = git(repository, ['log', '--format=%T', 'main']).split('\n');
});

afterAll(async () => {
  await source.close();
  removeRepository(repository);
});

const literal = fc.constantFrom('a', 'b', 'c', 'a.c', 'a-', 'a0', 'Z', 'é', 'with space', 'tab\there', 'q"uote', 'absent');
const glob = fc.constantFrom('*', '?', '**', 'a*', '*c', '[a-c]', '[!a]', '[^a-b]*', '*.[[:lower:]]', 'a?', '\\a', '[]a]', '[a', '*e*', '\\*', '[[:alpha:]]', '[\\a]', '[b-', 'a[.]c', '[[:nope:]]', '[c-a]');
const segment = fc.oneof({ weight: 3, arbitrary: literal }, { weight: 2, arbitrary: glob });
const paths = fc.tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.boolean()).map(([parts, closed]) => parts.join('/') + (closed ? '/' : ''));

interface Case {
  readonly from: number;
  readonly to: number;
  readonly paths: readonly string[];
}

const cases: fc.Arbitrary<Case> = fc.record({
  from: fc.integer({ min: 0, max: 39 }),
  to: fc.integer({ min: 0, max: 39 }),
  paths: fc.array(paths, { minLength: 1, maxLength: 3 }),
});

/** The lines of `git diff-tree --raw -z` in the form of {@link rawLine}. */
function gitRaw(from: string, to: string, limits: readonly string[]): string {
  const run = spawnSync('git', ['--git-dir', repository, 'diff-tree', '-r', '-M', '-z', '--no-abbrev', from, to, '--', ...limits]);
  if (run.status !== 0) throw new TypeError(run.stderr.toString());
  const fields = run.stdout.toString('latin1').split('\0');
  const lines: string[] = [];
  for (let at = 0; at + 1 < fields.length; ) {
    const head = fields[at] ?? '';
    const count = / [RC]\d+$/u.test(head) ? 2 : 1;
    lines.push([head, ...fields.slice(at + 1, at + 1 + count)].join('\t'));
    at += 1 + count;
  }
  return lines.join('\n');
}

describe('a diff limited to paths', () => {
  it('lists the same files as git diff -- paths, for files, directories and globs', async () => {
    const unequal: string[] = [];
    let listed = 0;
    for (const { from, to, paths } of fc.sample(cases, { numRuns: CASES })) {
      const [left = '', right = ''] = [trees[from], trees[to]];
      const theirs = gitRaw(left, right, paths);
      const ours = (await diffTrees(source, left, right, { paths })).map(rawLine).join('\n');
      listed += theirs === '' ? 0 : 1;
      if (ours !== theirs) unequal.push(`${JSON.stringify(paths)}\ngit:\n${theirs}\nweir:\n${ours}`);
    }
    unequal.sort((a, b) => a.length - b.length);
    expect(unequal.slice(0, 3).join('\n\n'), `${unequal.length} differ`).toBe('');
    // Filters that never match anything would agree too.
    expect(listed).toBeGreaterThan(CASES / 10);
  });
});
