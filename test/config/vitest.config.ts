import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // Vite would take graphql's ES modules for the sources while packages load its CommonJS ones: two copies, which refuse each other.
    alias: [{ find: /^graphql$/u, replacement: new URL('../../node_modules/graphql/index.js', import.meta.url).pathname }],
  },
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: ['node_modules/**', 'dist/**'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // The suite counts each case once and prints the runner's own closing line.
    reporters: ['default'],
  },
});
