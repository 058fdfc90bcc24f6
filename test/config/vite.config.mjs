import { defineConfig } from 'vite';

/** The review page: a script and a style, which the gateway puts into the one answer at `/`. */
export default defineConfig({
  root: 'src/review',
  base: '/',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/review',
    emptyOutDir: true,
    modulePreload: false,
    target: 'es2022',
    cssCodeSplit: false,
    rollupOptions: {
      // Only a document without its text needs graphql, and the page has none such.
      external: ['graphql'],
      transform: { define: { 'import.meta': '{}' } },
      output: { format: 'iife', entryFileNames: 'page.js', assetFileNames: 'page[extname]' },
    },
  },
});
