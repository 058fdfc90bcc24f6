import { fc } from './fast-check.js';
import type { FixtureFile, FixtureTree } from './merge-fixture.js';

/** A step that makes one tree of another. Numbers choose among what is there, so that every step fits every tree. */
export type TreeStep =
  | { readonly kind: 'EDIT'; readonly file: number; readonly line: number; readonly text: number }
  | { readonly kind: 'DELETE'; readonly file: number }
  | { readonly kind: 'MOVE'; readonly file: number; readonly to: string }
  | { readonly kind: 'MOVE_DIRECTORY'; readonly directory: number; readonly to: string }
  | { readonly kind: 'ADD'; readonly path: string; readonly body: number }
  | { readonly kind: 'CHMOD'; readonly file: number }
  | { readonly kind: 'RETYPE'; readonly file: number; readonly to: number };

/** Three trees to merge, and the steps that made the sides. */
export interface MergeCase {
  readonly base: FixtureTree;
  readonly ours: FixtureTree;
  readonly theirs: FixtureTree;
}

const LINES = 12;
/** Bodies to choose from: few enough that identical files occur, many enough that they are rare. The last is binary. */
const BODIES = 40;
const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const directories = fc.constantFrom('', 'x/', 'y/', 'x/p/', 'z/q/', 'w/');
const paths = fc.tuple(directories, names).map(([directory, name]) => directory + name);

const step: fc.Arbitrary<TreeStep> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('EDIT' as const), file: fc.nat(99), line: fc.nat(LINES), text: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('DELETE' as const), file: fc.nat(99) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('MOVE' as const), file: fc.nat(99), to: paths }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('MOVE_DIRECTORY' as const), directory: fc.nat(99), to: fc.constantFrom('x', 'y', 'm', 'n', 'm/x', 'x/k', '') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('ADD' as const), path: paths, body: fc.nat(BODIES) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('CHMOD' as const), file: fc.nat(99) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('RETYPE' as const), file: fc.nat(99), to: fc.nat(2) }) },
);

/** Steps of one side. */
export const treeSteps: fc.Arbitrary<readonly TreeStep[]> = fc.array(step, { maxLength: 5 });

/** A tree of a few files in a few directories, each with twelve lines that tell it from the others. */
export const baseTrees: fc.Arbitrary<FixtureTree> = fc
  .array(fc.tuple(paths, fc.nat(BODIES)), { minLength: 1, maxLength: 8 })
  .map((files) => files.reduce((tree, [path, body]) => withFile(tree, path, bodyOf(body)), {}));

/** Three-way merges of such trees. */
export const mergeCases: fc.Arbitrary<MergeCase> = fc
  .tuple(baseTrees, treeSteps, treeSteps)
  .map(([base, ours, theirs]) => ({ base, ours: applySteps(base, ours), theirs: applySteps(base, theirs) }));

/** Applies steps one after another. */
export function applySteps(tree: FixtureTree, steps: readonly TreeStep[]): FixtureTree {
  return steps.reduce(applyStep, tree);
}

function bodyOf(body: number): string {
  return body === BODIES ? `binary\0${body}\n` : Array.from({ length: LINES }, (_, i) => `body ${body} line ${i}\n`).join('');
}

function applyStep(tree: FixtureTree, one: TreeStep): FixtureTree {
  const all = Object.keys(tree);
  if (one.kind === 'ADD') return withFile(tree, one.path, bodyOf(one.body));
  if (one.kind === 'MOVE_DIRECTORY') return moveDirectory(tree, one.directory, one.to);
  const path = all[one.file % Math.max(1, all.length)];
  const file = path === undefined ? undefined : tree[path];
  if (path === undefined || file === undefined) return tree;
  const { [path]: _, ...rest } = tree;
  const [mode, content] = typeof file === 'string' ? ['100644', file] : file;
  if (one.kind === 'DELETE') return rest;
  if (one.kind === 'MOVE') return withFile(rest, one.to, file);
  if (one.kind === 'RETYPE') return { ...rest, [path]: one.to === 0 ? ['120000', 'target'] : one.to === 1 ? ['120000', 'other'] : ['160000', '1'.repeat(40)] };
  if (mode !== '100644' && mode !== '100755') return tree;
  if (one.kind === 'CHMOD') return { ...rest, [path]: [mode === '100644' ? '100755' : '100644', content] };
  const lines = content.split('\n');
  lines.splice(one.line, one.text === 3 ? 1 : 0, ...(one.text === 3 ? [] : [`edit ${one.text}`]));
  return { ...rest, [path]: [mode, lines.join('\n')] };
}

function moveDirectory(tree: FixtureTree, index: number, to: string): FixtureTree {
  const all = [...new Set(Object.keys(tree).flatMap((path) => (path.includes('/') ? [path.slice(0, path.lastIndexOf('/'))] : [])))];
  const from = all[index % Math.max(1, all.length)];
  if (from === undefined) return tree;
  return Object.entries(tree).reduce<FixtureTree>((next, [path, file]) => {
    const inside = path.startsWith(`${from}/`);
    return withFile(next, inside ? `${to === '' ? '' : `${to}/`}${path.slice(from.length + 1)}` : path, file);
  }, {});
}

/** Puts a file into a tree; whatever stood in its way, above or beneath, makes room. */
function withFile(tree: FixtureTree, path: string, file: FixtureFile): FixtureTree {
  const kept = Object.entries(tree).filter(([other]) => !other.startsWith(`${path}/`) && !path.startsWith(`${other}/`) && other !== path);
  return { ...Object.fromEntries(kept), [path]: file };
}
