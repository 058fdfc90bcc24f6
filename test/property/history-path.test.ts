import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CommitGraph } from '../../src/git/history/commit-graph.js';
import { followLog } from '../../src/git/history/follow-log.js';
import { pathLog } from '../../src/git/history/path-log.js';
import { fc } from '../support/fast-check.js';
import { git, makeRepository, removeRepository } from '../support/git-binary.js';
import { GitCatFileSource } from '../support/git-cat-file-source.js';
import { histories, rowsFromGit, type HistoryStep } from '../support/git-histories.js';

let repository: string;
let source: GitCatFileSource;
beforeAll(() => {
  repository = makeRepository();
  source = new GitCatFileSource(repository);
});
afterAll(async () => {
  await source.close();
  removeRepository(repository);
});

const PATHS = ['a', 'd/b', 'd/c', 'd/e/f', 'g'] as const;

/** What one commit does: writes one of three contents to a path, so that branches often come to the same, or deletes it. */
interface Act {
  readonly path: string;
  readonly content: number;
}

const acts = fc.array(fc.record({ path: fc.constantFrom(...PATHS), content: fc.integer({ min: 0, max: 3 }) }), { minLength: 0, maxLength: 3 });

/** Fifty lines of their own for each content, so that two contents are never alike. */
function text(content: number): string {
  return Array.from({ length: 50 }, (_, line) => `${content} ${line}\n`).join('');
}

/** Writes a history whose commits change files, with one `git fast-import`; answers the ids in order. */
function write(steps: readonly HistoryStep[], changes: readonly (readonly string[])[]): string[] {
  const stream = steps.map(({ parents, seconds }, at) => {
    const [first, ...others] = parents.map((parent) => `:${parent + 1}`);
    const message = `commit ${at}`;
    return [
      ...(first === undefined ? ['reset refs/heads/tmp', ''] : []),
      'commit refs/heads/tmp', `mark :${at + 1}`, `committer Ada <ada@example.org> ${seconds} +0000`, `data ${message.length}`, message,
      ...(first === undefined ? [] : [`from ${first}`]),
      ...others.map((other) => `merge ${other}`),
      ...(changes[at] ?? []),
      '',
    ].join('\n');
  });
  const asked = steps.map((_, at) => `get-mark :${at + 1}\n`).join('');
  return git(repository, ['fast-import', '--quiet', '--force', '--date-format=raw'], `${stream.join('\n')}\n${asked}`).split('\n');
}

function inline(path: string, bytes: string): string {
  return `M 100644 inline ${path}\ndata ${bytes.length}\n${bytes}`;
}

function fastImport({ path, content }: Act): string {
  return content === 0 ? `D ${path}` : inline(path, text(content));
}

async function all<T>(walk: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const each of walk) found.push(each);
  return found;
}

const lines = (out: string): string[] => out.split('\n').filter(Boolean);

describe('generated histories with merges, roots and clocks that run backwards have the path history of git', () => {
  test('for files and directories, from one tip or several', async () => {
    await fc.assert(
      fc.asyncProperty(histories(24), fc.array(acts, { minLength: 24, maxLength: 24 }), fc.nat(23), async (steps, changes, other) => {
        const oids = write(steps, changes.map((each) => each.map(fastImport)));
        const graph = new CommitGraph(rowsFromGit(repository, oids));
        const tips = [oids.at(-1) ?? '', oids[other % oids.length] ?? ''];
        for (const path of ['a', 'd', 'd/b', 'd/e', 'd/e/f', 'none']) {
          const expected = lines(git(repository, ['log', '--format=%H', ...tips, '--', path]));
          expect({ path, oids: await all(pathLog(source, graph, tips, path)) }).toEqual({ path, oids: expected });
          expect(await all(pathLog(source, graph, tips.slice(0, 1), path))).toEqual(lines(git(repository, ['log', '--format=%H', tips[0] ?? '', '--', path])));
        }
      }),
      { numRuns: 25 },
    );
  });

  test('for a file that is moved and edited on its way', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ move: fc.boolean(), edit: fc.boolean(), noise: fc.boolean() }), { minLength: 2, maxLength: 12 }), async (turns) => {
        let name = 'f0';
        let body = text(7);
        const changes = turns.map(({ move, edit, noise }, at) => {
          const own: string[] = at === 0 ? [inline(name, body), inline('other', text(8))] : [];
          if (move && at > 0) own.push(`R ${name} f${at}`);
          if (move && at > 0) name = `f${at}`;
          if (edit) body = body.replace(`7 ${at}\n`, `changed ${at}\n`);
          if (edit) own.push(inline(name, body));
          if (noise) own.push(inline('other', text(8).replace('8 0\n', `noise ${at}\n`)));
          return own;
        });
        const steps = turns.map((_, at) => ({ parents: at === 0 ? [] : [at - 1], seconds: 1_600_000_000 + at }));
        const oids = write(steps, changes);
        const graph = new CommitGraph(rowsFromGit(repository, oids));
        const tip = oids.at(-1) ?? '';
        const followed = await all(followLog(source, graph, [tip], name));
        expect(followed.map(({ oid }) => oid)).toEqual(lines(git(repository, ['log', '--follow', '--format=%H', tip, '--', name])));
        expect(followed.at(-1)?.path).toBe('f0');
      }),
      { numRuns: 25 },
    );
  });
});
