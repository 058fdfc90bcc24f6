import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { branchNameViolation } from '../../src/domain/branch-name.js';
import { emailViolation, personNameViolation } from '../../src/domain/commit-data.js';
import { pathViolation, specialContentViolation, symlinkViolation } from '../../src/domain/path.js';
import { fc } from '../support/fast-check.js';
import { git, makeRepository, removeRepository, runGit } from '../support/git-binary.js';

let directory = '';

beforeEach(() => {
  directory = makeRepository();
});

afterEach(() => {
  removeRepository(directory);
});

/** The different texts of a generator, those that pass. */
function accepted(texts: fc.Arbitrary<string>, runs: number, passes: (text: string) => boolean): string[] {
  return [...new Set(fc.sample(texts, runs))].filter(passes);
}

describe('branch names that are accepted', () => {
  /** Parts that the rules are about, so that generated names often come close to breaking one. */
  const part = fc.constantFrom('a', 'Z', '9', '_', '.', '..', '-', '/', '.lock', '.LOCK', 'lock', '@', '@{', '@{-1}', 'HEAD', 'head', 'refs', 'heads', '~', '^', ':', '?', '*', '[', '\\', ' ', '\t', '\u007F', 'é', '\0', 'feature', 'session', '-1');
  const text = fc.oneof(
    { weight: 4, arbitrary: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._/-]{0,30}$/u) },
    { weight: 1, arbitrary: fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('')) },
    { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 6 }) },
  );
  let names: string[] = [];

  beforeAll(() => {
    names = accepted(text, 75_000, (name) => branchNameViolation(name) === null);
  });

  test('20,000 of them are well-formed refs to git', () => {
    expect(names.length).toBeGreaterThan(20_000);
    // A numbered directory before each keeps them from clashing; the form of a ref is judged component by component.
    const resets = names.map((name, index) => `reset refs/heads/${index}/${name}\n\n`);
    expect(runGit(directory, ['fast-import', '--quiet'], resets.join(''))).toMatchObject({ status: 0, stderr: '' });
  });

  test('and that check does refuse malformed ones', () => {
    for (const name of ['a..b', 'a.lock', 'a/.b', 'a b', 'a~1', 'a.']) {
      expect(runGit(directory, ['fast-import', '--quiet'], `reset refs/heads/0/${name}\n\n`).stderr).toContain("doesn't conform");
    }
  });

  test('a sample passes git check-ref-format --branch, one by one', () => {
    const sample = names.filter((_, index) => index % 100 === 0);
    expect(sample.map((name) => runGit(directory, ['check-ref-format', '--branch', name]).stdout)).toEqual(sample.map((name) => `${name}\n`));
  });
});

const pathPart = fc.constantFrom(
  'a', 'B', 'src', '/', '/', '.', '..', '.git', '.GIT', '.Git', 'git~1', 'GIT~1', 'git~2', 'gitmod~1', 'gi7eba~1', 'gi7d29~1', 'gi250a~1', 'maba30~1', '.gitmodules', '.gitModules', '.gitattributes',
  '.gitignore', '.mailmap', '\u200C', '\u200D', '\u202E', '\u206A', '\uFEFF', ' ', ':', '::$INDEX_ALLOCATION', '\\', '~1', '~', '\u0001', '\u0085', 'é', 'e\u0301', '😀', 'ı', 'K', 'con', '"', '\'', '-', '%', '*',
);
const pathText = fc.oneof(
  fc.array(pathPart, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
);

/** A commit with these entries, each in a numbered directory of its own, and what fsck has to say about it. */
function fsckOfPaths(entries: readonly { readonly path: string; readonly mode: string; readonly content: string }[]): string {
  const lines = entries.map(({ path, mode, content }, index) => {
    const quoted = `${index}/${path}`.replaceAll(/["\\]/gu, String.raw`\$&`);
    return `M ${mode} inline "${quoted}"\ndata ${Buffer.byteLength(content)}\n${content}\n`;
  });
  const input = Buffer.from(`commit refs/heads/main\ncommitter A <a@b> 1 +0000\ndata 0\n\ndeleteall\n${lines.join('')}\n`, 'utf8');
  const run = runGit(directory, ['fast-import', '--quiet'], input);
  return run.stderr + runGit(directory, ['fsck', '--strict', '--no-dangling', '--no-progress']).stderr;
}

describe('paths that are accepted', () => {
  test('10,000 of them are clean to git fsck --strict', () => {
    const paths = accepted(pathText, 30_000, (path) => pathViolation(path) === null);
    expect(paths.length).toBeGreaterThan(10_000);
    expect(fsckOfPaths(paths.map((path) => ({ path, mode: '100644', content: '' })))).toBe('');
  });

  test('and so are symbolic links at those of them where a link is accepted', () => {
    const paths = accepted(pathText, 12_000, (path) => pathViolation(path) === null && symlinkViolation(path, 'x') === null);
    expect(paths.length).toBeGreaterThan(2_000);
    expect(fsckOfPaths(paths.map((path) => ({ path, mode: '120000', content: 'x' })))).toBe('');
  });

  test('and that check does find a disguise', () => {
    expect(fsckOfPaths([{ path: '.GITMODULES', mode: '120000', content: 'x' }])).toContain('gitmodulesSymlink');
  });

  test('a .gitattributes that is accepted is clean, up to the longest line', () => {
    const path = '.gitattributes';
    const contents = [2046, 2047, 2048, 2049].map((length) => `* text\n${'a'.repeat(length)}\n`);
    const fine = contents.filter((content) => specialContentViolation(path, Buffer.from(content)) === null);
    expect(fine.length).toBeGreaterThan(0);
    expect(fsckOfPaths(fine.map((content) => ({ path, mode: '100644', content })))).toBe('');
  });

  test('and that check does find a line that is too long', () => {
    const content = 'a'.repeat(4096);
    expect(specialContentViolation('x/.gitattributes', Buffer.from(content))?.rule).toBe('path/attributes-line');
    expect(fsckOfPaths([{ path: '.gitattributes', mode: '100644', content }])).toContain('gitattributesLineLength');
  });
});

describe('names and addresses that are accepted', () => {
  const text = fc.oneof(
    fc.array(fc.constantFrom('a', 'Z', ' ', '.', ',', '<', '>', '\n', '\0', '@', '"', '\'', 'é', '\u0085', '+0000', '1', '\t', ';', '\\'), { minLength: 1, maxLength: 6 }).map((parts) => parts.join('')),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  );

  test('come out of git as they went in, and fsck finds nothing', () => {
    const names = accepted(text, 6_000, (name) => personNameViolation(name) === null);
    const emails = accepted(text, 6_000, (email) => emailViolation(email) === null);
    const count = Math.min(names.length, emails.length);
    expect(count).toBeGreaterThan(1_000);
    const people = names.slice(0, count).map((name, index) => `${name}\0${emails[index] ?? ''}`);
    const commits = people.map((person) => `commit refs/heads/main\nauthor ${person.replace('\0', ' <')}> 1 +0000\ncommitter A <a@b> 1 +0000\ndata 0\n\n`);
    expect(runGit(directory, ['fast-import', '--quiet'], Buffer.from(commits.join(''), 'utf8'))).toMatchObject({ status: 0, stderr: '' });
    const log = git(directory, ['log', '--reverse', '--format=%an%x00%ae', 'main']);
    expect(Buffer.from(log, 'latin1').toString('utf8').split('\n')).toEqual(people);
    expect(runGit(directory, ['fsck', '--strict', '--no-dangling', '--no-progress']).stderr).toBe('');
  });
});
