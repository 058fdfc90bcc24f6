import { fc } from './fast-check.js';
import { git } from './git-binary.js';

/** A file of a generated tree; `body` indexes a pool of contents for files and links, and makes up the oid of a submodule. */
export interface GeneratedFile {
  readonly path: string;
  readonly mode: '100644' | '100755' | '120000' | '160000';
  readonly body: string;
}

/** A tree as a list of files; the later of two on the same path, or one inside the other, wins. */
export type GeneratedTree = readonly GeneratedFile[];

const names = fc.constantFrom('a', 'b', 'c', 'a.c', 'a-', 'a0', 'Z', 'é', 'with space', 'tab\there', 'q"uote');
const paths = fc.array(names, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const modes = fc.constantFrom<GeneratedFile['mode']>('100644', '100644', '100644', '100644', '100755', '120000', '160000');

/** Bodies of lines of one length from a small pool: they resemble each other, and tie, as often as can be. */
export const tyingBodies = fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 12 }).map((lines) => lines.map((line) => `line ${line}\n`).join(''));

const LONG = 'the quick brown fox jumps over the lazy dog and runs away from it all before night';
const WIDE = 'PACK MY BOX WITH FIVE DOZEN LIQUOR JUGS OR SPHINX OF BLACK QUARTZ JUDGE MY VOW NOW';

/** Bodies that differ in ends of line, in binary bytes, in very long lines and in the last newline. */
export const oddBodies = fc
  .array(fc.constantFrom('one\n', 'two\r\n', 'one\r\n', 'two\n', '\r', '\0', LONG.slice(0, 63), WIDE.slice(0, 64), 'zz', '\n', 'three\n'), { maxLength: 14 })
  .map((pieces) => pieces.join(''));

/** Trees of up to `size` files with these bodies. */
export function generatedTrees(bodies: fc.Arbitrary<string>, size: number): fc.Arbitrary<GeneratedTree> {
  return fc.array(fc.record({ path: paths, mode: modes, body: bodies }), { maxLength: size });
}

/** Writes one commit for each tree, each the child of the one before, on `main`; answers nothing, as `main` says it all. */
export function writeTrees(repository: string, trees: readonly GeneratedTree[]): void {
  const stream = trees.map((tree, at) => {
    const head = `commit refs/heads/main\ncommitter Ada <ada@example.org> ${1_600_000_000 + at} +0000\ndata 0\ndeleteall\n`;
    return head + settle(tree).map(fileCommand).join('');
  });
  git(repository, ['fast-import', '--quiet', '--force', '--date-format=raw'], Buffer.from(`reset refs/heads/main\n${stream.join('')}`, 'utf8'));
}

/** Drops files that a later one replaces: on the same path, beneath it, or above it. */
function settle(tree: GeneratedTree): GeneratedTree {
  return tree.filter(({ path }, at) => !tree.slice(at + 1).some((other) => other.path === path || other.path.startsWith(`${path}/`) || path.startsWith(`${other.path}/`)));
}

function fileCommand({ path, mode, body }: GeneratedFile): string {
  const quoted = `"${path.replace(/["\\]/gu, '\\$&').replace(/\n/gu, '\\n')}"`;
  if (mode === '160000') return `M ${mode} ${Buffer.from(body).toString('hex').padEnd(40, '1').slice(0, 40)} ${quoted}\n`;
  // An empty link cannot be checked out, but a tree may hold one.
  return `M ${mode} inline ${quoted}\ndata ${Buffer.byteLength(body)}\n${body}\n`;
}
