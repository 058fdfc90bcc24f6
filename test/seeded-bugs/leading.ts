import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Tests of doors that are reached over HTTP, which import nothing of what stands behind them. */
const BY_DOOR: readonly (readonly [source: string, tests: RegExp])[] = [
  ['src/operations/push/', /^test\/api\/git-push/u],
  ['src/operations/import/cancel-import', /^test\/api\/import-repo-url/u],
  ['src/operations/reading/admin/read-imports', /^test\/api\/import-repo-url/u],
  ['src/operations/import/start-import', /^test\/api\/import-repo-url/u],
  ['src/webhooks/', /^test\/api\/webhook/u],
  ['src/operations/reading/admin/webhook-target.ts', /webhook/u],
  ['src/operations/reading/admin/read-webhooks.ts', /webhook/u],
  ['src/server/', /^test\/api\/http-/u],
];
/** Slow, and about what happens when processes end: who may do what is tested elsewhere, but for what they alone import. */
const LAST = /^test\/(?:faults|property|conformance|browser)\//u;

/** The quick test files of a checkout that import a source file, or a verb that does, however many files lie in between. */
export function testsLeadingTo(root: string, file: string): readonly string[] {
  const importers = importersWithin(root, 'src/operations');
  const leading = new Set([file]);
  for (const one of leading) for (const importer of importers.get(one) ?? []) leading.add(importer);
  const tests = [...importersWithin(root, 'test')].flatMap(([imported, from]) => (leading.has(imported) ? [...from].filter((test) => imported === file || !LAST.test(test)) : []));
  const byDoor = BY_DOOR.filter(([source]) => file.startsWith(source)).flatMap(([, name]) => filesBelow(root, 'test').filter((test) => name.test(test)));
  return [...new Set([...tests, ...byDoor])].filter((test) => test.endsWith('.test.ts')).sort();
}

/** For each file of the checkout, which files below `folder` import it. */
function importersWithin(root: string, folder: string): ReadonlyMap<string, ReadonlySet<string>> {
  const importers = new Map<string, Set<string>>();
  for (const file of filesBelow(root, folder)) {
    for (const [, specifier = ''] of readFileSync(join(root, file), 'utf8').matchAll(/from '(\.[^']+)\.js'/gu)) {
      const imported = `${normalize(join(dirname(file), specifier))}.ts`;
      importers.set(imported, (importers.get(imported) ?? new Set()).add(file));
    }
  }
  return importers;
}

function filesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => `${folder}/${file}`);
}
