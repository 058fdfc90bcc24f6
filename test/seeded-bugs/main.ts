import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Asking, type Planted } from './asking.js';
import { BUGS } from './bugs.js';
import { testsLeadingTo } from './leading.js';
import { AUTHORIZATION, callSites, withoutCall } from './sites.js';

const USAGE = `Usage: npm run seeded-bugs -- bugs|authorize [--only TEXT] [--shard I/N] [--list]

Plants bugs in a copy of the sources, one at a time, and runs tests until one fails. Ends with 1 when nothing noticed one of them.
bugs: mistakes that lose, mix up or give away work, each with the tests that are there to notice it.
authorize: each call that asks whether a key may do something is taken out; asked are the tests of that file, then those of security.
--only: bugs whose title or file has this text.
--shard: every N-th of these, beginning with the I-th, so that several runs share the work.
`;

/** Tests that ask every verb and every object by every kind of key, in some seconds. */
const QUICK = [
  'test/unit/auth-authorize.test.ts', 'test/security/verbs.test.ts', 'test/security/foreign-looks-absent.test.ts', 'test/security/hidden-objects.test.ts', 'test/security/payloads.test.ts',
];
/** Tests that lead to a file are asked next where they are not half of the suite. */
const FEW = 15;
/** Tests that know nothing of a particular file and see most of what is missing: a minute. Those that measure are left out: a busy machine is no bug. */
const EVERYWHERE = ['test/security/matrix.test.ts', 'test/security/subscriptions.test.ts', 'test/security/canary.test.ts'];
/** Minutes: for what is asked on behalf of several verbs, and tested with each of them. */
const THE_REST = ['test/api', 'test/contract', 'test/unit'];

/** The kinds of bugs, by the name under which they are asked for. */
const KINDS: ReadonlyMap<string, (root: string) => readonly Planted[]> = new Map([
  ['bugs', () => BUGS.map(({ name, file, from, to, tests }) => ({ title: `${file}: ${name}`, file, broken: (text: string) => text.replace(from, () => to), tests: [tests] }))],
  ['authorize', unauthorized],
]);

/** The tests that take the least time are asked first. */
function unauthorized(root: string): readonly Planted[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !file.startsWith('auth/'));
  return files.sort().flatMap((name) => {
    const file = `src/${name}`;
    const leading = testsLeadingTo(root, file);
    const tests = leading.length <= FEW ? [QUICK, leading, EVERYWHERE, THE_REST] : [QUICK, EVERYWHERE, leading, THE_REST];
    return callSites(readFileSync(join(root, file), 'utf8'), AUTHORIZATION).map((site) => ({
      title: `${file}:${site.line} without ${site.name}`,
      file,
      broken: (text: string) => withoutCall(text, site, AUTHORIZATION),
      tests,
    }));
  });
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { only: { type: 'string' }, shard: { type: 'string', default: '1/1' }, list: { type: 'boolean' } }, allowPositionals: true });
  const known = KINDS.get(positionals[0] ?? '');
  if (known === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const [shard = 1, shards = 1] = values.shard.split('/').map(Number);
  const bugs = known(process.cwd()).filter(({ title }) => title.includes(values.only ?? '')).filter((_, at) => at % shards === shard - 1);
  if (values.list === true) {
    process.stdout.write(`${bugs.map(({ title }) => title).join('\n')}\n`);
    return 0;
  }
  const asking = new Asking(process.cwd(), shards > 1 ? 1 : 2);
  let missed = 0;
  try {
    for (const bug of bugs) {
      const caught = await asking.caughtBy(bug);
      if (caught === null) missed += 1;
      process.stdout.write(`${caught === null ? 'MISSED' : 'caught'}  ${bug.title}${caught === null ? '' : `  by ${caught}`}\n`);
    }
  } finally {
    asking.close();
  }
  for (const file of asking.unsound) process.stdout.write(`${file} fails without any bug, and was not asked.\n`);
  process.stdout.write(`${bugs.length} bugs planted, ${missed} missed.\n`);
  return missed === 0 ? 0 : 1;
}

process.exitCode = await main();
