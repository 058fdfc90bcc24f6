import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { buildSchema, parse, validate } from 'graphql';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { Calls } from '../../src/client/calls.js';
import { Connection } from '../../src/client/connection.js';
import { Repo } from '../../src/client/index.js';
import { READY_OPERATIONS } from '../../src/server/pages/ready-operations.js';
import { describeSettings } from '../../src/config.js';

const ROOT = resolve(import.meta.dirname, '../..');
const README = readFileSync(`${ROOT}/README.md`, 'utf8');

/** The settings as the README shows them; `UPDATE_README=1` writes them into it. */
function settingsTable(): string {
  const rows = describeSettings().map(({ variable, shown, description }) => `| \`${variable}\` | ${shown === '' ? '' : `\`${shown}\``} | ${description} |`);
  return ['| variable | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

describe('the README', () => {
  it('lists every setting as the code has it', () => {
    const wanted = README.replace(/(<!-- settings -->\n)[\s\S]*?(<!-- \/settings -->)/u, (_all, open: string, close: string) => `${open}${settingsTable()}\n${close}`);
    if (process.env['UPDATE_README'] === '1') writeFileSync(`${ROOT}/README.md`, wanted);
    expect(readFileSync(`${ROOT}/README.md`, 'utf8')).toBe(wanted);
  });

  it('names files and folders that exist', () => {
    const named = [...README.matchAll(/`((?:src|schema|drizzle|test)\/[A-Za-z0-9/_.-]+)`/gu)].flatMap(([, path]) => path ?? []);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(`${ROOT}/${path}`))).toEqual([]);
  });

  it('names scripts that package.json has', () => {
    const scripts: unknown = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'));
    const known = typeof scripts === 'object' && scripts !== null && 'scripts' in scripts && typeof scripts.scripts === 'object' && scripts.scripts !== null ? Object.keys(scripts.scripts) : [];
    const named = [...README.matchAll(/npm run (?:-s )?([a-z:-]+)/gu)].flatMap(([, name]) => name ?? []);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('asks in curl what the schema has', () => {
    const schema = buildSchema(readFileSync(`${ROOT}/schema/schema.graphql`, 'utf8'));
    const bodies = [...README.matchAll(/(?:gql|-d) '(\{"query":.*?\})'(?= |$)/gmu)].map(([, body = '']) => body.replaceAll(/'\$\w+'/gu, '0'.repeat(40)));
    expect(bodies.length).toBeGreaterThan(12);
    const wrong = bodies.flatMap((body) => {
      const { query }: { readonly query: string } = JSON.parse(body);
      return validate(schema, parse(query)).map(({ message }) => message);
    });
    expect(wrong).toEqual([]);
  });

  it('calls in the client what it has', () => {
    const code = [...README.matchAll(/```ts\n([\s\S]*?)```/gu)].map(([, text = '']) => text).join('\n');
    const { diagnostics } = ts.transpileModule(code, { reportDiagnostics: true, compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 } });
    expect(diagnostics).toEqual([]);
    const repo = new Repo(new Calls(new Connection({ url: '', key: '' })), { id: '', name: '', description: null, defaultBranchName: 'main', version: 1, createdAt: '', updatedAt: '', archivedAt: null, labels: [] });
    const called = [...code.matchAll(/\brepo((?:\.\w+)+)\(/gu)].map(([, path = '']) => path.slice(1));
    expect(called).toEqual(expect.arrayContaining(['branch.create', 'checkpoint.create', 'diff', 'branch.merge', 'branch.delete']));
    const reached = (path: string): unknown => path.split('.').reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined), repo);
    expect(called.filter((path) => typeof reached(path) !== 'function')).toEqual([]);
  });

  it('names each operation that the playground opens with', () => {
    const [, section = ''] = README.split('\n## The same in GraphiQL\n');
    const named = [...(section.split('\n## ')[0] ?? '').matchAll(/`([A-Z]\w+)`/gu)].map(([, name]) => name ?? '');
    const names = READY_OPERATIONS.map(({ query }) => /(?:query|mutation|subscription) (\w+)/u.exec(query)?.[1] ?? '');
    expect([...new Set(named)].sort()).toEqual([...names].sort());
  });
});
