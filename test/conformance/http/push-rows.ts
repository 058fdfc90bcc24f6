import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './row.js';
import type { Side } from './sides.js';

const DATES = ['--date=2024-02-01T00:00:00Z'] as const;

/** A clone whose `main` is one commit ahead; its committer's time is not compared. */
async function ahead(side: Side, ...options: readonly string[]): Promise<string> {
  const into = await side.clone(...options);
  await commit(side, into, 'new.txt', 'new\n');
  return into;
}

async function commit(side: Side, into: string, path: string, text: string): Promise<void> {
  writeFileSync(join(side.client.directory, into, path), text);
  await side.git('-C', into, 'add', '-A');
  await side.git('-C', into, 'commit', '-q', '-m', `Write ${path}`, ...DATES);
}

/** A push: its exit code and what became of each reference, without reasons, which every server words its own way. */
async function push(side: Side, into: string, ...args: readonly string[]): Promise<unknown> {
  const { status, stdout } = await side.client.run(['-C', into, 'push', '--porcelain', ...args]);
  const lines = stdout.split('\n').filter((line) => /^[ +*!=-]\t/u.test(line));
  return { status, refs: lines.map((line) => line.replace(/\(.*\)$/u, '').replaceAll(/[0-9a-f]{7,40}\.\.\.?[0-9a-f]{7,40}/gu, 'A..B').trimEnd()).toSorted() };
}

/** Names at the server, each with whether the clone has the same object under the name that is given for it. */
async function after(side: Side, into: string, expected: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const refs = new Map((await side.git('ls-remote', side.address)).split('\n').map((line) => { const [oid = '', name = ''] = line.split('\t'); return [name, oid]; }));
  const same: Record<string, boolean> = {};
  for (const [name, rev] of Object.entries(expected)) same[name] = refs.get(name) === (await side.git('-C', into, 'rev-parse', rev));
  return { names: [...refs.keys()], same };
}

/** A row that pushes once from a clone that is ahead. */
function once(name: string, args: readonly string[], expected: Readonly<Record<string, string>>, more: Partial<Row> = {}): Row {
  return {
    name, writes: true,
    async ask(side) {
      const into = await ahead(side);
      return { push: await push(side, into, ...args), after: await after(side, into, expected) };
    },
    ...more,
  };
}

/** Has somebody else move `main` meanwhile. */
async function elsewhere(side: Side): Promise<void> {
  const other = await side.clone();
  await commit(side, other, 'theirs.txt', 'theirs\n');
  await side.git('-C', other, 'push', '-q', 'origin', 'main');
}

const STANDING = ['HEAD', 'refs/heads/main', 'refs/heads/side', 'refs/heads/topic/a', 'refs/tags/light', 'refs/tags/of-tag', 'refs/tags/of-tag^{}', 'refs/tags/v1', 'refs/tags/v1^{}'] as const;

/** Pushes by the git program. */
export const PUSH_ROWS: readonly Row[] = [
  once('a push moves a branch', ['origin', 'main'], { 'refs/heads/main': 'main', HEAD: 'main' }),
  ...['0', '1', '2'].map((version): Row => ({
    name: `a push of a client that speaks version ${version}`, writes: true,
    async ask(side) {
      const into = await ahead(side);
      await side.git('-C', into, 'config', 'protocol.version', version);
      return { push: await push(side, into, 'origin', 'main:fresh'), after: await after(side, into, { 'refs/heads/fresh': 'main' }) };
    },
  })),
  once('a push of nothing that is new', ['origin', 'HEAD~1:main'], { 'refs/heads/main': 'main~1' }),
  once('a push to a branch that is called HEAD', ['origin', 'main:HEAD'], {}, {
    differs: { why: 'no branch may be called HEAD, which names another', here: { push: { status: 1, refs: ['!\trefs/heads/main:refs/heads/HEAD\t[remote rejected]'] }, after: { names: STANDING, same: {} } } },
  }),
  once('a push of HEAD', ['origin', 'HEAD'], { 'refs/heads/main': 'HEAD' }),
  once('a push to a reference outside of branches and tags', ['origin', 'main:refs/hidden/x'], {}, {
    differs: { why: 'there are branches and tags here, and nothing else that a client can make', here: { push: { status: 1, refs: ['!\trefs/heads/main:refs/hidden/x\t[remote rejected]'] }, after: { names: STANDING, same: {} } } },
  }),
  once('a dry run', ['--dry-run', 'origin', 'main'], { 'refs/heads/main': 'main~1' }),
  once('a push that deletes', ['origin', ':side', '--delete', 'topic/a'], {}),
  once('a push that deletes what is not there', ['origin', ':nothing'], {}),
  once('a push that deletes the branch of HEAD', ['origin', ':main'], {}),
  once('several references at once, of which one is new', ['origin', 'main', 'main:refs/heads/x/1', 'main:refs/tags/t'], { 'refs/heads/main': 'main', 'refs/heads/x/1': 'main', 'refs/tags/t': 'main' }),
  once('all branches', ['origin', '--all'], { 'refs/heads/main': 'main' }),
  once('an atomic push', ['--atomic', 'origin', 'main', 'main:b'], { 'refs/heads/main': 'main', 'refs/heads/b': 'main' }),
  once('a forced push that takes nothing', ['-f', 'origin', 'main'], { 'refs/heads/main': 'main' }),
  once('a forced push that takes commits', ['-f', 'origin', 'main~3:main'], { 'refs/heads/main': 'main~1' }),
  once('a push that takes commits', ['origin', 'main~3:main'], { 'refs/heads/main': 'main~1' }),
  once('a lease on what is there', ['--force-with-lease=main', 'origin', 'main'], { 'refs/heads/main': 'main' }),
  once('a lease on what is not there', ['--force-with-lease=main:v1', 'origin', 'main'], { 'refs/heads/main': 'main~1' }),
  once('a signed push', ['--signed', 'origin', 'main'], { 'refs/heads/main': 'main~1' }),
  once('a push that is signed if it may be', ['--signed=if-asked', 'origin', 'main'], { 'refs/heads/main': 'main' }),
  once('a push with options', ['-o', 'ci.skip', 'origin', 'main'], { 'refs/heads/main': 'main~1' }),
  once('a thin push', ['--thin', 'origin', 'main'], { 'refs/heads/main': 'main' }),
  once('a push of a whole pack', ['--no-thin', 'origin', 'main'], { 'refs/heads/main': 'main' }),
  once('a branch beneath another', ['origin', 'main:side/below'], {}),
  once('an ill name', ['origin', 'main:refs/heads/a.lock'], {}),
  {
    name: 'an atomic push of which one reference is behind', writes: true,
    async ask(side) {
      const into = await ahead(side);
      await elsewhere(side);
      return { push: await push(side, into, '--atomic', 'origin', 'main', 'main:fresh'), after: await after(side, into) };
    },
  },
  {
    name: 'an atomic push that the server refuses a part of', writes: true,
    async ask(side) {
      const into = await ahead(side);
      return { push: await push(side, into, '--atomic', '-f', 'origin', 'main~3:main', 'main:fresh'), after: await after(side, into, { 'refs/heads/main': 'main~1' }) };
    },
  },
  {
    name: 'a push that the server refuses a part of', writes: true,
    async ask(side) {
      const into = await ahead(side);
      return { push: await push(side, into, '-f', 'origin', 'main~3:main', 'main:fresh'), after: await after(side, into, { 'refs/heads/main': 'main~1', 'refs/heads/fresh': 'main' }) };
    },
  },
  {
    name: 'a push from behind', writes: true,
    async ask(side) {
      const into = await ahead(side);
      await elsewhere(side);
      const first = await push(side, into, 'origin', 'main');
      await side.git('-C', into, 'pull', '-q', '--rebase');
      return { first, second: await push(side, into, 'origin', 'main'), after: await after(side, into, { 'refs/heads/main': 'main' }) };
    },
  },
  {
    name: 'annotated tags that follow', writes: true,
    async ask(side) {
      const into = await ahead(side);
      await side.git('-C', into, 'tag', '-a', 'v2', '-m', 'second');
      await side.git('-C', into, 'tag', 'light-2');
      return { push: await push(side, into, '--follow-tags', 'origin', 'main'), after: await after(side, into, { 'refs/tags/v2': 'v2', 'refs/tags/v2^{}': 'main' }) };
    },
  },
  {
    name: 'a tag that is there already', writes: true,
    async ask(side) {
      const into = await ahead(side);
      await side.git('-C', into, 'tag', '-f', 'light');
      return { push: await push(side, into, 'origin', 'light'), after: await after(side, into) };
    },
  },
  {
    name: 'a tag moved by force', writes: true,
    async ask(side) {
      const into = await ahead(side);
      await side.git('-C', into, 'tag', '-f', 'light');
      return { push: await push(side, into, '-f', 'origin', 'light'), after: await after(side, into, { 'refs/tags/light': 'light~1' }) };
    },
    differs: { why: 'tags are neither moved nor deleted here: what was released stays what it was', here: { push: { status: 1, refs: ['!\trefs/tags/light:refs/tags/light\t[remote rejected]'] }, after: { names: STANDING, same: { 'refs/tags/light': false } } } },
  },
  ...(['1k', '2m'] as const).map((buffer): Row => ({
    name: `a large push with http.postBuffer=${buffer}`, writes: true,
    async ask(side) {
      const into = await side.clone();
      // A generator of period 2^32 (Numerical Recipes): bytes that do not compress.
      let state = 7;
      const bytes = Buffer.from(Array.from({ length: 300_000 }, () => ((state = (state * 1_664_525 + 1_013_904_223) >>> 0) >>> 24)));
      writeFileSync(join(side.client.directory, into, 'large.bin'), bytes);
      await side.git('-C', into, 'add', '-A');
      await side.git('-C', into, 'commit', '-q', '-m', 'Large', ...DATES);
      await side.git('-C', into, 'config', 'http.postBuffer', buffer);
      const pushed = await push(side, into, 'origin', 'main');
      const again = await side.clone();
      return { pushed, same: (await side.git('-C', again, 'rev-parse', 'HEAD')) === (await side.git('-C', into, 'rev-parse', 'HEAD')), sound: (await side.client.run(['-C', again, 'fsck', '--strict'])).status };
    },
  })),
  {
    name: 'a push from a shallow clone', smoke: true, writes: true,
    async ask(side) {
      const into = await ahead(side, '--depth=1');
      return { push: await push(side, into, 'origin', 'main'), after: await after(side, into, { 'refs/heads/main': 'main' }) };
    },
  },
  {
    name: 'a push from a partial clone', writes: true,
    async ask(side) {
      const into = await ahead(side, '--filter=blob:none');
      return { push: await push(side, into, 'origin', 'main'), after: await after(side, into, { 'refs/heads/main': 'main' }) };
    },
  },
  {
    name: 'a push into a repository that nobody has written to', writes: true,
    async ask(side) {
      const into = await side.clone();
      return push(side, into, await side.empty(), 'main:first', 'side');
    },
  },
  {
    name: 'a mirror of everything', writes: true,
    async ask(side) {
      const into = await side.clone('--mirror');
      await side.git('-C', into, 'update-ref', 'refs/heads/mirrored', 'refs/heads/side');
      return { push: await push(side, into, '--mirror'), after: await after(side, into, { 'refs/heads/mirrored': 'refs/heads/side' }) };
    },
  },
];
