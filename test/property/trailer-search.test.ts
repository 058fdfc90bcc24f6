import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importRepo } from '../../src/operations/import/import-repo.js';
import { readHistory } from '../../src/operations/reading/history/read-history.js';
import { openImportSource } from '../../src/storage/import/open-source.js';
import { fc } from '../support/fast-check.js';
import { git } from '../support/git-binary.js';
import { histories, type HistoryStep } from '../support/git-histories.js';
import { openOperations, receiptOf, type OperationsFixture } from '../support/operations.js';
import { clientFor } from '../support/postgres.js';

let fixture: OperationsFixture;
let scratch: string;
let sql: postgres.Sql;
let made = 0;
beforeAll(async () => {
  fixture = await openOperations();
  sql = clientFor(fixture.database.connection, 1);
  scratch = mkdtempSync(join(tmpdir(), 'weir-trailers-'));
});
afterAll(async () => {
  await sql.end();
  await fixture.close();
  rmSync(scratch, { recursive: true, force: true });
});

/** Ends of messages: trailers in every dress, and what only looks like one. */
const ENDINGS = [
  '',
  '\n\nRun: seven',
  '\n\nRUN:seven',
  '\n\nRun: seven\nRun: seven\nOther: x',
  '\n\nRun: eight',
  '\n\nRun: se\n  ven',
  '\n\nRun: seven\n\nNo trailer',
  '\n\nOther: seven',
  '\n\nA line\nRun: seven\nSigned-off-by: Ada <ada@example.org>',
  '\nRun: seven',
] as const;

interface Case {
  readonly steps: readonly HistoryStep[];
  readonly endings: readonly number[];
}

const CASES: fc.Arbitrary<Case> = histories(25).chain((steps) => fc.record({ steps: fc.constant(steps), endings: fc.array(fc.nat(ENDINGS.length - 1), { minLength: steps.length, maxLength: steps.length }) }));

/** A repository with this history, every tip of it a branch; its directory. */
function build({ steps, endings }: Case): string {
  const directory = join(scratch, `${++made}.git`);
  git(scratch, ['init', '-q', '--bare', '-b', 'main', directory]);
  const inner = new Set(steps.flatMap(({ parents }) => parents));
  const stream = steps.map(({ parents, seconds }, at) => {
    const message = `commit ${at}${ENDINGS[endings[at] ?? 0]}\n`;
    const [first, ...others] = parents.map((parent) => `:${parent + 1}`);
    const lines = ['commit refs/heads/tmp', `mark :${at + 1}`, `committer Ada <ada@example.org> ${seconds} +0000`, `data ${Buffer.byteLength(message)}`, message];
    if (first !== undefined) lines.push(`from ${first}`);
    return `${first === undefined ? 'reset refs/heads/tmp\n' : ''}${[...lines, ...others.map((other) => `merge ${other}`)].join('\n')}\n`;
  });
  const branches = steps.flatMap((_, at) => (inner.has(at) ? [] : [`reset refs/heads/tip-${at}\nfrom :${at + 1}\n`]));
  git(directory, ['fast-import', '--quiet', '--force', '--date-format=raw'], `${stream.join('\n')}\n${branches.join('\n')}\nreset refs/heads/tmp\nfrom 0000000000000000000000000000000000000000\n`);
  return directory;
}

/** All commits of a search, read in pages of `size`, by a key that may read these branches. */
async function search(repoId: number, rev: string | null, trailer: { readonly key: string; readonly value: string }, size: number, readBranches = ['**']): Promise<string[]> {
  const request = fixture.as('reader', { branches: readBranches, readBranches });
  const repo = await request.reader.repo(repoId);
  if (repo === null) throw new TypeError('the repository is gone');
  const found: string[] = [];
  let after: string | null = null;
  for (;;) {
    const page = await readHistory(request, repo, { rev, path: null, follow: false, trailer }, { count: size, after, backward: false });
    found.push(...page.edges.map(({ node }) => node.commit.oid));
    if (!page.hasNext) return found;
    after = page.edges.at(-1)?.key ?? null;
  }
}

/** What real git lists from these revisions of commits with this trailer, in its order. */
function fromGit(directory: string, revisions: readonly string[], value: string): string[] {
  const listed = git(directory, ['log', '--format=%H%x00%(trailers:key=run,valueonly,unfold,separator=%x01)', ...revisions]);
  return listed.split('\n').flatMap((line) => {
    const [oid = '', values = ''] = line.split('\0');
    return values.split('\u0001').includes(value) ? [oid] : [];
  });
}

async function take(directory: string, name: string): Promise<number> {
  const { config } = fixture.app;
  const source = await openImportSource(directory, { objectsDirectory: join(config.dataDir, 'objects'), maxPackBytes: config.limits.pushBytes });
  return receiptOf(await importRepo(fixture.as('operator', { scopes: ['ADMIN'] }), { name, source })).repoId;
}

describe('the search for a trailer', () => {
  it('lists what git lists of what the key may read, in its order and in pages, whether trailers came with the commits or are read at the first search', async () => {
    await fc.assert(
      fc.asyncProperty(CASES, fc.integer({ min: 1, max: 30 }), fc.boolean(), async (history, size, forgotten) => {
        const directory = build(history);
        const repoId = await take(directory, `trailers/${made}`);
        if (forgotten) {
          await sql`delete from commit_trailer where repo_id = ${repoId}`;
          await sql`update commit_graph set trailers_known = false where repo_id = ${repoId}`;
        }
        for (const value of ['seven', 'se ven']) {
          for (const branch of git(directory, ['branch', '--format=%(refname:short)']).split('\n')) {
            expect(await search(repoId, branch, { key: 'rUn', value }, size)).toEqual(fromGit(directory, [branch], value));
            expect((await search(repoId, null, { key: 'Run', value }, size, [branch])).sort()).toEqual(fromGit(directory, [branch], value).sort());
          }
          expect((await search(repoId, null, { key: 'run', value }, size)).sort()).toEqual(fromGit(directory, ['--all'], value).sort());
        }
        rmSync(directory, { recursive: true, force: true });
      }),
      { numRuns: 10 },
    );
  });
});
