import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { SeedReporter } from '../support/seed-reporter.js';
import { SEED } from '../support/seed.js';

/** Two real histories, with what git made of their merges, lie beside the checkout where there is one to compare with. */
const hasRealHistories = existsSync(new URL('../../../shared/corpus', import.meta.url));

/** What can only be asked of these histories; `npm run conformance` asks the same of any repository. */
const ABOUT_REAL_HISTORIES = ['test/**/*corpus.test.ts', 'test/**/real-packs.test.ts', 'test/**/diff-raw.test.ts', 'test/**/path-log.test.ts'];

export default defineConfig({
  resolve: {
    // Vite would take graphql's ES modules for the sources while packages load its CommonJS ones: two copies, which refuse each other.
    alias: [{ find: /^graphql$/u, replacement: new URL('../../node_modules/graphql/index.js', import.meta.url).pathname }],
  },
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: ['node_modules/**', 'dist/**', ...(hasRealHistories ? [] : ABOUT_REAL_HISTORIES)],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Files of one worker share what they import: 250 files that each load schema and server anew spend 165 s on that, 21 s so.
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The suite counts each case once and prints the runner's own closing line.
    reporters: ['default', new SeedReporter()],
    // Chosen once, so that every worker draws from the same one.
    env: { WEIR_TEST_SEED: String(SEED) },
  },
});
