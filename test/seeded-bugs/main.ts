import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { testsLeadingTo } from './leading.js';
import { AUTHORIZATION, callSites, withoutCall, type Site } from './sites.js';

const USAGE = `Usage: npm run seeded-bugs -- authorize [--only TEXT] [--list]

Takes each call that asks whether a key may do something out of a copy of the sources, one at a time, and runs the tests
of that file and of security until one fails. Ends with 1 when nothing noticed that a call was gone.
--only: calls in files whose path has this text.
`;

interface Bug {
  readonly file: string;
  readonly site: Site;
}

/** Tests that know nothing of a particular file and see most of what is missing; the quick ones first. */
const EVERYWHERE = ['test/security', 'test/unit/auth-authorize.test.ts'];
/** Minutes: for what is asked on behalf of several verbs, and tested with each of them. */
const THE_REST = ['test/api', 'test/contract', 'test/unit'];

function bugsIn(root: string): Bug[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && !file.startsWith('auth/'));
  return files.sort().flatMap((file) => callSites(readFileSync(join(root, 'src', file), 'utf8'), AUTHORIZATION).map((site) => ({ file: `src/${file}`, site })));
}

/** Runs test files of the copy until the first failure; resolves to the files that failed. */
function failing(root: string, tests: readonly string[]): Promise<readonly string[]> {
  const report = join(root, 'report.json');
  rmSync(report, { force: true });
  const options = ['--bail', '1', '--reporter', 'json', '--outputFile', report, '--config', 'test/config/vitest.config.ts', ...[...unsound].flatMap((file) => ['--exclude', file])];
  return new Promise((settle, reject) => {
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...options, ...tests], { cwd: root, stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (code) => {
      const { testResults }: { testResults: { name: string; status: string }[] } = existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')) : { testResults: [] };
      const failed = testResults.filter(({ status }) => status === 'failed').map(({ name }) => relative(root, name));
      settle(code !== 0 && failed.length === 0 ? ['nothing that the report names'] : failed);
    });
  });
}

/** How often tests are asked again when those that failed turn out to fail by themselves. */
const ATTEMPTS = 5;

/** Test files that have passed without any call taken out: what fails by itself would catch every bug. */
const sound = new Set<string>();
/** Those that fail by themselves, here and now; they are not asked again, and named at the end. */
const unsound = new Set<string>();

/** The first test files that fail with the bug, and pass without it; null when none do. Tests that lead to the file are asked first: they are seconds where the matrix is a minute. */
async function caughtBy(root: string, bug: Bug): Promise<string | null> {
  const path = join(root, bug.file);
  const text = readFileSync(path, 'utf8');
  for (const tests of [testsLeadingTo(root, bug.file), EVERYWHERE, THE_REST]) {
    for (let attempt = 0; attempt < ATTEMPTS && tests.some((test) => !unsound.has(test)); attempt++) {
      writeFileSync(path, withoutCall(text, bug.site, AUTHORIZATION));
      const failed = await failing(root, tests).finally(() => writeFileSync(path, text));
      if (failed.length === 0) break;
      const doubtful = failed.filter((file) => !sound.has(file));
      const unreliable = doubtful.length === 0 ? [] : await failing(root, doubtful);
      for (const file of doubtful) (unreliable.includes(file) ? unsound : sound).add(file);
      const caught = failed.find((file) => sound.has(file));
      if (caught !== undefined) return caught;
    }
  }
  return null;
}

function copyOf(root: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'weir-seeded-'));
  for (const part of ['src', 'schema', 'drizzle', 'test', 'package.json', 'tsconfig.json', 'README.md', 'deploy', 'dist/review']) cpSync(join(root, part), join(copy, part), { recursive: true });
  symlinkSync(resolve(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function titleOf({ file, site }: Bug): string {
  return `${file}:${site.line} without ${site.name}`;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { only: { type: 'string' }, list: { type: 'boolean' } }, allowPositionals: true });
  if (positionals[0] !== 'authorize') {
    process.stderr.write(USAGE);
    return 2;
  }
  const bugs = bugsIn(process.cwd()).filter(({ file }) => file.includes(values.only ?? ''));
  if (values.list === true) {
    process.stdout.write(`${bugs.map(titleOf).join('\n')}\n`);
    return 0;
  }
  const root = copyOf(process.cwd());
  let missed = 0;
  try {
    for (const bug of bugs) {
      const caught = await caughtBy(root, bug);
      if (caught === null) missed += 1;
      process.stdout.write(`${caught === null ? 'MISSED' : 'caught'}  ${titleOf(bug)}${caught === null ? '' : `  by ${caught}`}\n`);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  for (const file of unsound) process.stdout.write(`${file} fails without any call taken out, and was not asked.\n`);
  process.stdout.write(`${bugs.length} calls taken out, ${missed} missed.\n`);
  return missed === 0 ? 0 : 1;
}

process.exitCode = await main();
