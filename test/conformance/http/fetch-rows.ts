import type { Row } from './row.js';
import type { Side } from './sides.js';

/** What a clone holds: references, commits that each reaches, where history ends, and that nothing is wrong with it. */
async function held(side: Side, into: string): Promise<unknown> {
  const shallow = await side.client.run(['-C', into, 'rev-parse', '--is-shallow-repository']);
  return {
    refs: await side.git('-C', into, 'for-each-ref', '--format=%(refname) %(objectname) %(symref)'),
    commits: await side.git('-C', into, 'rev-list', '--all', '--count'),
    tip: await side.git('-C', into, 'rev-list', '--count', 'HEAD'),
    shallow: shallow.stdout,
    objects: (await side.git('-C', into, 'cat-file', '--batch-all-objects', '--batch-check', '--unordered')).split('\n').toSorted(),
    sound: (await side.client.run(['-C', into, 'fsck', '--full', '--strict'])).status,
  };
}

/** Objects that a partial clone was not sent. */
async function missing(side: Side, into: string): Promise<string[]> {
  return (await side.git('-C', into, 'rev-list', '--objects', '--all', '--missing=print')).split('\n').filter((line) => line.startsWith('?')).toSorted();
}

async function listed(side: Side, ...args: readonly string[]): Promise<unknown> {
  const { status, stdout } = await side.client.run(['ls-remote', ...args]);
  return { status, stdout: stdout.replaceAll(side.address, 'ADDRESS') };
}

/** An empty repository that has this one as its origin. */
async function beside(side: Side): Promise<string> {
  const into = side.place();
  await side.git('init', '-q', '-b', 'main', into);
  await side.git('-C', into, 'remote', 'add', 'origin', side.address);
  return into;
}

const HALVES = ['blob:none', 'blob:limit=1k', 'tree:0', 'combine:blob:none+tree:3'] as const;

const CLONES: readonly (readonly [name: string, options: readonly string[]])[] = [
  ['everything', []],
  ['a bare repository', ['--bare']],
  ['a mirror', ['--mirror']],
  ['one branch only', ['--single-branch', '--branch', 'side']],
  ['one branch without tags', ['--single-branch', '--no-tags', '--branch', 'topic/a']],
  ['at a tag', ['--branch', 'v1']],
  ['to a depth of one', ['--depth=1']],
  ['to a depth of every branch', ['--depth=2', '--no-single-branch']],
  ['deeper than there is history', ['--depth=100']],
  ['since a day', ['--shallow-since=2024-01-04T12:00:00Z']],
  ['without what a tag reaches', ['--shallow-exclude=v1']],
  ['without what two references reach', ['--shallow-exclude=v1', '--shallow-exclude=side']],
];

/** Clones, fetches and listings by the git program. */
export const FETCH_ROWS: readonly Row[] = [
  ...['0', '1', '2'].flatMap((version): Row[] => [
    {
      name: `a clone in version ${version}`,
      async ask(side) {
        const into = side.place();
        await side.git('-c', `protocol.version=${version}`, 'clone', '-q', side.address, into);
        return held(side, into);
      },
    },
    { name: `ls-remote in version ${version}`, ask: (side) => listed(side, '--symref', side.address) },
  ]),
  ...CLONES.map(([name, options]): Row => ({ name: `a clone of ${name}`, ask: async (side) => held(side, await side.clone(...options)) })),
  ...HALVES.map((filter): Row => ({
    name: `a clone with --filter=${filter}, and what it then asks for`,
    async ask(side) {
      const into = await side.clone(`--filter=${filter}`, '--no-checkout');
      const before = await missing(side, into);
      await side.git('-C', into, 'checkout', '-q', 'side');
      return { before, after: await missing(side, into), file: await side.git('-C', into, 'show', 'HEAD:deep/er/n.txt') };
    },
  })),
  {
    name: 'a filter that names an object',
    ask: async (side) => (await side.client.run(['clone', '-q', '--filter=sparse:oid=main:file.txt', '--no-checkout', side.address, side.place()])).status !== 0,
    differs: { why: 'a filter would read a file by its id, whether or not the key may read it', here: true },
  },
  {
    name: 'deepening, by commits and by a day, and the rest',
    async ask(side) {
      const into = await side.clone('--depth=1');
      const counts: string[] = [];
      for (const option of ['--deepen=1', '--depth=4', '--shallow-since=2024-01-02T12:00:00Z', '--unshallow']) {
        await side.git('-C', into, 'fetch', '-q', option);
        counts.push(await side.git('-C', into, 'rev-list', '--count', 'HEAD'));
      }
      return { counts, held: await held(side, into) };
    },
  },
  {
    name: 'a shallow clone that excludes what there is not',
    ask: async (side) => (await side.client.run(['clone', '-q', '--shallow-exclude=nothing', side.address, side.place()])).status,
  },
  ...['0', '2'].map((version): Row => ({
    name: `a fetch of objects by their ids, in version ${version}`,
    async ask(side) {
      const into = await beside(side);
      const oids = (await side.git('ls-remote', side.address, 'refs/heads/side', 'v1')).split('\n').map((line) => line.split('\t')[0] ?? '');
      const heads: string[] = [];
      for (const oid of oids) {
        await side.git('-c', `protocol.version=${version}`, '-C', into, 'fetch', '-q', 'origin', oid);
        heads.push(await side.git('-C', into, 'rev-parse', 'FETCH_HEAD'));
      }
      const parent = await side.git('-C', into, 'rev-parse', `${oids[0]}~2`);
      const other = await beside(side);
      await side.git('-c', `protocol.version=${version}`, '-C', other, 'fetch', '-q', 'origin', parent);
      const found = await side.git('-C', other, 'rev-parse', 'FETCH_HEAD');
      const absent = await side.client.run(['-c', `protocol.version=${version}`, '-C', other, 'fetch', '-q', 'origin', 'e'.repeat(40)]);
      return { heads, parent: found, absent: [absent.status, /not our ref e{40}/u.test(absent.stderr)] };
    },
  })),
  {
    name: 'a fetch of one branch brings the tags that point into it',
    async ask(side) {
      const into = await beside(side);
      await side.git('-C', into, 'fetch', '-q', 'origin', 'refs/heads/side:refs/remotes/origin/side');
      return side.git('-C', into, 'for-each-ref', '--format=%(refname)');
    },
  },
  {
    name: 'a fetch of what is not there',
    async ask(side) {
      const { status, stderr } = await side.client.run(['-C', await beside(side), 'fetch', '-q', 'origin', 'refs/heads/nothing']);
      return { status, stderr };
    },
  },
  { name: 'a fetch with nothing new', ask: async (side) => side.client.run(['-C', await side.clone(), 'fetch']) },
  {
    name: 'a fetch of new commits over what is held brings no more than these',
    async ask(side) {
      const into = await side.clone('--single-branch', '--no-tags');
      const { stderr } = await side.client.run(['-C', into, 'fetch', '--progress', 'origin', 'refs/heads/topic/a']);
      return /remote: Total (\d+)/u.exec(stderr)?.[1];
    },
  },
  {
    name: 'a fetch that prunes what was deleted',
    writes: true,
    async ask(side) {
      const into = await side.clone();
      await side.git('-C', into, 'push', '-q', 'origin', ':side', ':topic/a');
      await side.git('-C', into, 'update-ref', 'refs/remotes/origin/side', 'HEAD');
      await side.git('-C', into, 'fetch', '-q', '--prune');
      return side.git('-C', into, 'for-each-ref', '--format=%(refname)', 'refs/remotes');
    },
  },
  ...([['--heads'], ['--tags'], ['--refs'], ['--get-url'], ['--exit-code']] as const).map(([option]): Row => ({ name: `ls-remote ${option}`, ask: (side) => listed(side, option, side.address) })),
  { name: 'ls-remote by patterns', ask: async (side) => [await listed(side, side.address, 'v*'), await listed(side, side.address, 'main', 'topic/*'), await listed(side, '--exit-code', side.address, 'nothing')] },
  { name: 'ls-remote of HEAD with what it names', ask: (side) => listed(side, '--symref', side.address, 'HEAD') },
  {
    name: 'a clone of a repository that nobody has written to',
    async ask(side) {
      const into = side.place();
      await side.git('clone', '-q', await side.empty(), into);
      return { head: await side.git('-C', into, 'symbolic-ref', 'HEAD'), commits: (await side.client.run(['-C', into, 'rev-list', '--all', '--count'])).stdout, files: (await side.client.run(['-C', into, 'ls-files'])).stdout };
    },
    differs: { why: 'a repository has its first commit, of no files, from the start, so that every branch has a head', here: { head: 'refs/heads/main', commits: '1\n', files: '' } },
  },
];
