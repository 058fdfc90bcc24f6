import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ObjectSource } from '../../src/git/objects/object-source.js';
import { generateRepository } from '../bench/generate.js';
import { compareCommits } from '../conformance/compare-history.js';
import { compareObjects } from '../conformance/compare-objects.js';
import { main } from '../conformance/main.js';
import { git } from '../support/git-binary.js';
import { GitCatFileSource } from '../support/git-cat-file-source.js';

let directory: string;
let bare: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'weir-conforming-'));
  bare = join(directory, 'history.git');
  await generateRepository(bare, { files: 40, commits: 15 });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ status: number; text: string }> {
  let text = '';
  const status = await main(args, (more) => { text += more; });
  return { status, text };
}

const counts = (text: string): string[] => text.trim().split('\n').map((line) => line.replace(/ {2}\(.*$/u, '').replaceAll(/ +/gu, ' '));

describe('the conformance command', () => {
  test('finds a bare repository, a bundle of it and a working clone with loose objects all equal', async () => {
    const bundle = join(directory, 'history.bundle');
    git(bare, ['bundle', 'create', '-q', bundle, '--all']);
    const work = join(directory, 'work');
    git(directory, ['clone', '-q', bare, work]);
    writeFileSync(join(work, 'loose.txt'), 'loose\n');
    git(work, ['add', 'loose.txt']);
    git(work, ['commit', '-q', '-m', 'Loose']);
    for (const repo of [bare, bundle, work]) {
      const { status, text } = await run('--repo', repo);
      expect({ status, text }).toMatchObject({ status: 0 });
      const [objects, commits, raw, diff, stats, merge] = counts(text);
      expect(objects).toMatch(/^objects equal \d{3} different 0 skipped 0$/u);
      expect(commits).toBe(`commits equal ${repo === work ? 23 : 22} different 0 skipped 0`);
      expect([raw, diff, stats].every((line) => line?.endsWith(' different 0 skipped 0'))).toBe(true);
      expect(merge).toBe('merge equal 3 different 0 skipped 0');
    }
  });

  test('looks at no more than it is told to', async () => {
    const { status, text } = await run('--repo', bare, '--max', '2', '--only', 'raw,merge');
    expect(status).toBe(0);
    expect(counts(text)).toEqual(['raw equal 2 different 0 skipped 0', 'merge equal 2 different 0 skipped 0']);
  });

  test('says in a sentence why something is no repository, and leaves nothing behind', async () => {
    const temporary = mkdtempSync(join(directory, 'temporary-'));
    vi.stubEnv('TMPDIR', temporary);
    const { status, text } = await run('--repo', directory).finally(() => vi.unstubAllEnvs());
    expect(status).toBe(2);
    expect(text).toMatch(/is not a git repository or a bundle/u);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test.each([[], ['--repo'], ['--repo', 'x', '--max', '0'], ['--repo', 'x', '--only', 'nothing'], ['--what']])('shows its usage when asked with %j', async (...args) => {
    const { status, text } = await run(...args.flat());
    expect(status).toBe(2);
    expect(text).toContain('npm run conformance');
  });
});

describe('the comparers', () => {
  let native: GitCatFileSource;
  beforeAll(() => {
    native = new GitCatFileSource(bare);
  });
  afterAll(() => native.close());

  /** The same objects, but for one that comes as `change` makes it. */
  const changed = (oid: string, change: (content: Buffer) => Buffer): ObjectSource => ({
    header: (each) => native.header(each),
    has: (each) => native.has(each),
    withPrefix: (prefix, limit) => native.withPrefix(prefix, limit),
    async read(each) {
      const { type, content } = await native.read(each);
      return { type, content: each === oid ? change(content) : content };
    },
  });

  test('notice an object of another size', async () => {
    const blob = git(bare, ['rev-parse', 'main:d0/f0.ts']);
    const outcome = await compareObjects(bare, changed(blob, (content) => content.subarray(1)));
    expect(outcome.different).toBe(1);
    expect(outcome.differences[0]).toContain(blob);
  });

  test('notice a commit of another date', async () => {
    const commit = git(bare, ['rev-parse', 'main~1']);
    const outcome = await compareCommits(bare, changed(commit, (content) => Buffer.from(content.toString('latin1').replace(/> 16\d+ /gu, '> 1500000000 '), 'latin1')));
    expect(outcome.different).toBe(1);
    expect(outcome.differences[0]).toContain('at 1500000000');
  });
});
