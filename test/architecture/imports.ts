import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** The checkout. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** One import of one file: a file of this project (relative to the checkout), or the name of a package. */
export interface Import {
  readonly from: string;
  readonly to: string;
  readonly isPackage: boolean;
  readonly typeOnly: boolean;
}

/** Every TypeScript file below these folders, relative to the checkout. */
export function sourceFiles(...folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.tsx?$/u.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

/** All imports and re-exports of a file, dynamic ones with a literal name included. */
export function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (name: string, typeOnly: boolean): void => {
    const isPackage = !name.startsWith('.');
    const to = isPackage ? packageName(name) : sourceOf(relative(ROOT, resolve(ROOT, dirname(file), name)));
    found.push({ from: file, to, isPackage, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) add(node.moduleSpecifier.text, node.importClause?.isTypeOnly ?? false);
    if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && ts.isStringLiteral(node.moduleSpecifier)) add(node.moduleSpecifier.text, node.isTypeOnly);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [name] = node.arguments;
      if (name !== undefined && ts.isStringLiteral(name)) add(name.text, false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The source behind the name that an import has at run time. */
function sourceOf(name: string): string {
  const plain = name.replace(/\.js$/u, '.ts');
  return existsSync(join(ROOT, plain)) ? plain : name.replace(/\.js$/u, '.tsx');
}

function packageName(specifier: string): string {
  const parts = specifier.replace(/^node:/u, '').split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

/** Groups of more than one name that reach each other: the cycles of a graph (Tarjan 1972). */
export function cycles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (name: string): void => {
    index.set(name, index.size);
    low.set(name, index.get(name) ?? 0);
    stack.push(name);
    for (const next of graph.get(name) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(name, Math.min(low.get(name) ?? 0, low.get(next) ?? 0));
    }
    if (low.get(name) !== index.get(name)) return;
    const group = stack.splice(stack.indexOf(name));
    if (group.length > 1) found.push(group.sort());
  };
  for (const name of graph.keys()) if (!index.has(name)) visit(name);
  return found;
}
