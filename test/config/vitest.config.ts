import { existsSync, statfsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { SeedReporter } from '../support/seed-reporter.js';
import { SEED } from '../support/seed.js';

/** Two real histories, with what git made of their merges, lie beside the checkout where there is one to compare with. */
const hasRealHistories = existsSync(new URL('../../../shared/corpus', import.meta.url));

/** What can only be asked of these histories; `npm run conformance` asks the same of any repository. */
const ABOUT_REAL_HISTORIES = ['test/**/*corpus.test.ts', 'test/**/real-packs.test.ts', 'test/**/diff-raw.test.ts', 'test/**/path-log.test.ts'];

/**
 * Tests that start programs by the hundred, each in a process that has loaded little: starting one copies the tables of all memory of the
 * process, 1 ms of a small one and 20 ms of one that has run a hundred files.
 */
const STARTING_PROGRAMS = [
  'test/property/**', 'test/conformance/**', 'test/faults/**', 'test/browser/**', 'test/unit/git-*/**', 'test/unit/storage-packs/**', 'test/unit/bench-*', 'test/unit/*git*',
  'test/api/git-*', 'test/api/main-job*', 'test/api/export-repo*', 'test/api/crash-points*',
].map((pattern) => (pattern.endsWith('**') ? `${pattern}/*.test.ts` : `${pattern}.test.ts`));

/** Memory that serves as a disk: a database cluster is made in it in a third of the time. The whole suite holds less than 2 GB at a time. */
const MEMORY = '/dev/shm';
const MEMORY_BYTES = 6e9;
if (process.env['TMPDIR'] === undefined && existsSync(MEMORY)) {
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize > MEMORY_BYTES) process.env['TMPDIR'] = MEMORY;
}

/** Tests that compare processor times: what a hundred files before them left to be collected would be counted too. */
const MEASURING = ['test/security/attacks.test.ts', 'test/security/bad-inputs.test.ts', 'test/security/fuzz.test.ts', 'test/unit/auth-keys.test.ts'];

const shared = {
  resolve: {
    // Vite would take graphql's ES modules for the sources while packages load its CommonJS ones: two copies, which refuse each other.
    alias: [{ find: /^graphql$/u, replacement: new URL('../../node_modules/graphql/index.js', import.meta.url).pathname }],
  },
};
const test = {
  root: new URL('../..', import.meta.url).pathname,
  pool: 'forks',
  maxWorkers: 2,
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // Chosen once, so that every worker draws from the same one.
  env: { WEIR_TEST_SEED: String(SEED) },
} as const;
const exclude = ['node_modules/**', 'dist/**', ...(hasRealHistories ? [] : ABOUT_REAL_HISTORIES)];

export default defineConfig({
  ...shared,
  test: {
    ...test,
    globalSetup: ['test/support/global-setup.ts'],
    // The suite counts each case once and prints the runner's own closing line.
    reporters: ['default', new SeedReporter()],
    projects: [
      // Files of one worker share what they import: 250 files that each load schema and server anew spend 165 s on that, 21 s so.
      { ...shared, test: { ...test, name: 'together', include: ['test/**/*.test.ts'], exclude: [...exclude, ...STARTING_PROGRAMS, ...MEASURING], isolate: false } },
      { ...shared, test: { ...test, name: 'alone', include: [...STARTING_PROGRAMS, ...MEASURING], exclude } },
    ],
  },
});
