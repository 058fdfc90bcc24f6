import { defineConfig } from 'vite';

/** The worker that colours lines: a script of its own, which the page loads with the first lines that have a language. */
export default defineConfig({
  root: 'src/review/colours',
  logLevel: 'warn',
  publicDir: false,
  build: {
    outDir: '../../../dist/review',
    emptyOutDir: false,
    modulePreload: false,
    target: 'es2022',
    rollupOptions: { input: 'src/review/colours/worker.ts', output: { format: 'iife', entryFileNames: 'colours.js' } },
  },
});
