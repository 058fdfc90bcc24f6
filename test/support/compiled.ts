import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { inject } from 'vitest';

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
  compileInto(own);
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

function compileInto(directory: string): void {
  for (const folder of ['src', 'schema', 'drizzle']) {
    for (const entry of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const source = join(entry.parentPath, entry.name);
      const target = join(directory, relative(ROOT, source));
      mkdirSync(dirname(target), { recursive: true });
      const text = readFileSync(source, 'utf8');
      if (!entry.name.endsWith('.ts')) {
        writeFileSync(target, text);
        continue;
      }
      const { outputText } = ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true } });
      writeFileSync(target.replace(/\.ts$/, '.js'), outputText);
    }
  }
  writeFileSync(join(directory, 'package.json'), readFileSync(join(ROOT, 'package.json')));
}
