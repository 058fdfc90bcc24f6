import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cycles, importsOf, ROOT, sourceFiles, type Import } from './imports.js';

const FILES = sourceFiles('src', 'schema', 'drizzle');
const IMPORTS = FILES.flatMap(importsOf);

/** The rooms of the house; longest prefix wins. */
const ROOMS = ['src/client', 'src/review', 'src/main.ts', 'src/cli', 'src/config.ts', 'src/app.ts', 'src/server', 'schema', 'src/operations', 'src/auth', 'src/events/topics.ts', 'src/events', 'src/tracing', 'src/webhooks', 'src/domain', 'src/storage', 'drizzle', 'src/git', 'src/shared'] as const;
type Room = (typeof ROOMS)[number];

/** The import law: which rooms a room may import from, itself aside. */
const LAW: Readonly<Record<Room, readonly Room[]>> = {
  // Goes to others' machines: it knows the gateway by its schema alone.
  'src/client': [],
  // Built on the public API alone, so that whatever it shows others can show too.
  'src/review': ['src/client'],
  'src/main.ts': ['src/cli', 'src/config.ts', 'src/shared'],
  'src/cli': ['src/app.ts', 'src/webhooks', 'src/config.ts', 'src/server', 'src/operations', 'src/auth', 'src/domain', 'src/git', 'src/shared'],
  'src/config.ts': ['src/shared', 'src/auth'],
  'src/app.ts': ['src/config.ts', 'src/server', 'src/storage', 'src/operations', 'src/auth', 'src/events', 'src/events/topics.ts', 'src/tracing', 'src/domain', 'src/shared'],
  'src/server': ['schema', 'src/operations', 'src/auth', 'src/events/topics.ts', 'src/domain', 'src/git', 'src/shared'],
  schema: ['src/operations', 'src/auth', 'src/events/topics.ts', 'src/domain', 'src/git', 'src/shared'],
  'src/operations': ['src/auth', 'src/events/topics.ts', 'src/domain', 'src/git', 'src/shared'],
  'src/auth': ['src/domain', 'src/git', 'src/shared'],
  'src/events/topics.ts': ['src/domain', 'src/shared'],
  'src/events': ['src/events/topics.ts', 'src/domain', 'src/shared'],
  'src/tracing': ['src/shared'],
  'src/webhooks': ['src/operations', 'src/auth', 'src/events/topics.ts', 'src/domain', 'src/shared'],
  'src/domain': ['src/git', 'src/shared'],
  'src/storage': ['drizzle', 'src/domain', 'src/git', 'src/shared'],
  drizzle: ['src/domain', 'src/shared'],
  'src/git': ['src/shared'],
  'src/shared': [],
};

/** Packages that only some rooms may use. */
const PACKAGES: readonly (readonly [pattern: RegExp, rooms: readonly string[]])[] = [
  [/^(@pothos\/.*|graphql|graphql-.*|@graphql-.*)$/u, ['schema', 'src/server', 'src/client']],
  [/^(drizzle-orm|drizzle-kit)$/u, ['drizzle', 'src/storage']],
  [/^postgres$/u, ['src/storage']],
  [/^@opentelemetry\//u, ['src/tracing']],
  [/^(preact|highlight\.js)$/u, ['src/review']],
  [/^isomorphic-git$/u, ['src/git/objects']],
];

function roomOf(file: string): Room {
  const room = ROOMS.find((prefix) => file === prefix || file.startsWith(`${prefix}/`));
  if (room === undefined) throw new TypeError(`${file} stands in no room of the house`);
  return room;
}

/**
 * The folders in which two files' paths part, where both part into folders; nulls otherwise. At the top level the law itself speaks:
 * schema/ and drizzle/ are skins around rooms of src/.
 */
function neighbours(from: string, to: string): readonly [string | null, string | null] {
  const [left, right] = [from.split('/'), to.split('/')];
  let depth = 0;
  while (left[depth] !== undefined && left[depth] === right[depth]) depth++;
  const folder = (parts: readonly string[]): string | null => (depth > 0 && depth < parts.length - 1 ? parts.slice(0, depth + 1).join('/') : null);
  return [folder(left), folder(right)];
}

/** Which file imports which, packages and itself aside. */
function graphOf(imports: readonly Import[]): ReadonlyMap<string, ReadonlySet<string>> {
  const graph = new Map<string, Set<string>>();
  for (const { from, to, isPackage } of imports) if (!isPackage && from !== to) graph.set(from, (graph.get(from) ?? new Set<string>()).add(to));
  return graph;
}

function shown({ from, to }: Import): string {
  return `${from} imports ${to}`;
}

/** Files that tell a verb. */
const VERBS = FILES.filter((file) => file.startsWith('src/operations/') && /^export const \w+ = defineOperation\b/mu.test(readFileSync(`${ROOT}/${file}`, 'utf8')));

describe('the import law', () => {
  it('gives every file a room', () => {
    for (const file of FILES) expect(() => roomOf(file)).not.toThrow();
  });

  it('lets each room import only from those below it', () => {
    const broken = IMPORTS.filter(({ isPackage }) => !isPackage).filter(({ from, to }) => roomOf(from) !== roomOf(to) && !LAW[roomOf(from)].includes(roomOf(to)));
    expect(broken.map(shown)).toEqual([]);
  });

  it('keeps each package in the rooms that it is for', () => {
    const broken = IMPORTS.filter(({ isPackage, from, to }) => isPackage && PACKAGES.some(([pattern, rooms]) => pattern.test(to) && !rooms.some((room) => from.startsWith(`${room}/`))));
    expect(broken.map(shown)).toEqual([]);
  });

  it('has no cycle between files, types included', () => {
    expect(IMPORTS.some(({ to }) => to.endsWith('.tsx'))).toBe(true);
    expect(cycles(graphOf(IMPORTS))).toEqual([]);
  });

  it('has no cycle between neighbouring folders, types included', () => {
    const graph = new Map<string, Set<string>>();
    for (const { from, to, isPackage } of IMPORTS) {
      const [left, right] = neighbours(from, to);
      if (isPackage || left === null || right === null) continue;
      graph.set(left, (graph.get(left) ?? new Set<string>()).add(right));
    }
    expect(cycles(graph)).toEqual([]);
  });

  it('lets no operation import another', () => {
    expect(VERBS.length).toBeGreaterThan(25);
    expect(IMPORTS.filter(({ from, to }) => VERBS.includes(from) && VERBS.includes(to)).map(shown)).toEqual([]);
  });

  it('shelves the verbs by their nouns, at most 25 files a shelf', () => {
    expect(VERBS.filter((file) => !/^src\/operations\/[a-z-]+\/[a-z-]+\.ts$/u.test(file))).toEqual([]);
    const shelves = FILES.filter((file) => file.startsWith('src/operations/')).map((file) => file.slice(0, file.lastIndexOf('/')));
    expect([...new Set(shelves)].filter((shelf) => shelves.filter((one) => one === shelf).length > 25)).toEqual([]);
  });

  it('reads the environment in src/config.ts alone', () => {
    const readers = FILES.filter((file) => file !== 'src/config.ts' && /process\.env\b/u.test(readFileSync(`${ROOT}/${file}`, 'utf8')));
    expect(readers).toEqual([]);
  });

  it('calls no file utils, helpers, manager or common', () => {
    expect(FILES.filter((file) => /(?:^|\/)(?:utils?|helpers?|managers?|common)\.tsx?$/u.test(file))).toEqual([]);
  });

  it('keeps files under 400 lines, so that none becomes the one that knows everything', () => {
    const written = FILES.map((file) => [file, readFileSync(`${ROOT}/${file}`, 'utf8')] as const).filter(([, text]) => !text.startsWith('// Written by'));
    expect(written.filter(([, text]) => text.split('\n').length > 401).map(([file]) => file)).toEqual([]);
  });

  it('has nothing at the top level but what the house has rooms for', () => {
    const allowed = new Set(['README.md', 'deploy', 'package.json', 'package-lock.json', 'tsconfig.json', 'LICENSE', 'schema', 'drizzle', 'src', 'test', 'node_modules', 'dist', 'data']);
    expect(readdirSync(ROOT).filter((name) => !name.startsWith('.') && !allowed.has(name))).toEqual([]);
  });
});
