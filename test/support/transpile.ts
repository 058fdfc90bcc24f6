import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

/** Lays the sources of the checkout `from`, its types taken out and not checked, into `directory`, in their own layout. */
export function transpileSources(from: string, directory: string): void {
  for (const folder of ['src', 'schema', 'drizzle']) {
    for (const entry of readdirSync(join(from, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const source = join(entry.parentPath, entry.name);
      const target = join(directory, relative(from, source));
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
  writeFileSync(join(directory, 'package.json'), readFileSync(join(from, 'package.json')));
}
