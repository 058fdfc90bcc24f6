import { chmodSync, cpSync, existsSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { transpileSources } from './transpile.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the sources lie compiled once somebody has asked for them in this run. */
    compiled: string;
  }
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Lays the sources, compiled as they stood when a test of this run first asked, into `directory`, in their own layout, so that a test can run
 * them in a process of its own without depending on when `npm run build` was last run. Types are not checked. The first time takes seconds,
 * a copy a tenth of one. Answers the path of the compiled `src` directory.
 */
export function compileSources(directory: string): string {
  cpSync(compiledOnce(), directory, { recursive: true, verbatimSymlinks: true });
  return join(directory, 'src');
}

/** What every test of this run copies from: the directory above `src`. */
export function compiledOnce(): string {
  const compiled = inject('compiled');
  if (existsSync(compiled)) return compiled;
  const own = mkdtempSync(`${compiled}-`);
  // Some are run by other accounts.
  chmodSync(own, 0o755);
  transpileSources(ROOT, own);
  symlinkSync(join(ROOT, 'node_modules'), join(own, 'node_modules'));
  try {
    renameSync(own, compiled);
  } catch (error) {
    // Another worker was first.
    rmSync(own, { recursive: true });
    if (!existsSync(compiled)) throw error;
  }
  return compiled;
}
