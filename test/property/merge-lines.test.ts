import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mergeLines } from '../../src/git/merge/merge-lines.js';
import { fc } from '../support/fast-check.js';
import { GitCatFileSource } from '../support/git-cat-file-source.js';
import { git, makeRepository, removeRepository } from '../support/git-binary.js';
import { nativeMerge, writeCommits, type FixtureTree } from '../support/merge-fixture.js';

const FILES = 400;
const LABELS = { ours: 'ours', theirs: 'theirs' };

let repository: string;
beforeAll(() => {
  repository = makeRepository();
});
afterAll(() => removeRepository(repository));

type Three = readonly [base: string, ours: string, theirs: string];

const line = fc.oneof({ weight: 6, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', '', '}', '  x', '  y') }, { weight: 4, arbitrary: fc.nat(40).map((n) => `line ${n}`) });
const edit = fc.record({ at: fc.nat(30), drop: fc.nat(4), add: fc.array(line, { maxLength: 4 }) });

function written(lines: readonly string[], newline: string, ended: boolean): string {
  return lines.join(newline) + (ended && lines.length > 0 ? newline : '');
}

/** A base of up to thirty lines and two sides with up to four edits each; some sides share an edit. */
const threeFiles = (newline: string, ended: fc.Arbitrary<boolean>): fc.Arbitrary<Three> =>
  fc
    .record({
      base: fc.array(line, { maxLength: 30 }),
      shared: fc.array(edit, { maxLength: 2 }),
      ours: fc.array(edit, { maxLength: 4 }),
      theirs: fc.array(edit, { maxLength: 4 }),
      ended: fc.tuple(ended, ended, ended),
    })
    .map(({ base, shared, ours, theirs, ended: [b, o, t] }) => {
      const edited = (edits: typeof ours): string[] => {
        const lines = [...base];
        for (const { at, drop, add } of edits) lines.splice(at % (lines.length + 1), drop, ...add);
        return lines;
      };
      return [written(base, newline, b), written(edited([...shared, ...ours]), newline, o), written(edited([...shared, ...theirs]), newline, t)];
    });

interface Merged {
  readonly files: Three;
  readonly clean: boolean;
  readonly content: string;
}

/** Merges all cases as files of one tree with real git. */
async function mergeNatively(cases: readonly Three[]): Promise<Merged[]> {
  const side = (index: 0 | 1 | 2): FixtureTree => Object.fromEntries(cases.map((files, i) => [`f${i}`, files[index]]));
  const [, ours = '', theirs = ''] = writeCommits(repository, [
    { tree: side(0), parents: [] },
    { tree: side(1), parents: [0] },
    { tree: side(2), parents: [0] },
  ]);
  git(repository, ['update-ref', 'refs/heads/ours', ours]);
  git(repository, ['update-ref', 'refs/heads/theirs', theirs]);
  const native = nativeMerge(repository, 'ours', 'theirs');
  const listed = git(repository, ['ls-tree', '-r', native.tree]).split('\n');
  const oids = new Map(listed.map((entry) => [entry.slice(entry.indexOf('\t') + 1), entry.split(/\s/u)[2] ?? '']));
  const conflicted = new Set(native.stages.map((stage) => stage.slice(stage.indexOf('\t') + 1)));
  const source = new GitCatFileSource(repository);
  try {
    const objects = await Promise.all(cases.map((_, i) => source.read(oids.get(`f${i}`) ?? '')));
    return cases.map((files, i) => ({ files, clean: !conflicted.has(`f${i}`), content: objects[i]?.content.toString('latin1') ?? '' }));
  } finally {
    await source.close();
  }
}

function mergeHere(files: Three): Merged {
  const [base, ours, theirs] = files;
  const merged = mergeLines(Buffer.from(base, 'latin1'), Buffer.from(ours, 'latin1'), Buffer.from(theirs, 'latin1'), { labels: LABELS });
  return { files, clean: merged.clean, content: merged.content.toString('latin1') };
}

describe('the lines of three files merge as git merges them', () => {
  test.each([
    ['with repeated lines and edits that touch, overlap or agree', '\n', fc.constant(true)],
    ['with a last line that lacks its newline', '\n', fc.boolean()],
    ['with carriage returns', '\r\n', fc.boolean()],
  ])('%s', async (_, newline, ended) => {
    const cases = fc.sample(threeFiles(newline, ended), FILES);
    expect(cases.map(mergeHere)).toEqual(await mergeNatively(cases));
  });
});
