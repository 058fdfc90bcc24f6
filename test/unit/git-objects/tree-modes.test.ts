import { expect, it } from 'vitest';
import { TreeCursor } from '../../../src/git/diff/tree-cursor.js';
import { MODE_DIRECTORY, MODE_EXECUTABLE, MODE_FILE, MODE_SUBMODULE, parseTree } from '../../../src/git/objects/tree.js';

const ID = 'ab'.repeat(20);

// As `git ls-tree` shows trees with these modes, which `git fsck --strict` takes.
it.each([
  ['100644', MODE_FILE], ['100664', MODE_FILE], ['100777', MODE_EXECUTABLE], ['40000', MODE_DIRECTORY], ['0', MODE_SUBMODULE], ['644', MODE_SUBMODULE], ['140000', MODE_SUBMODULE], ['000000100644', MODE_FILE], ['7777777740000', MODE_SUBMODULE], ['1000000040000', MODE_DIRECTORY], ['77777777777777777777', MODE_SUBMODULE], [`${'7'.repeat(300)}100755`, MODE_EXECUTABLE],
])('a tree whose entry has the mode %s can be read', (written, mode) => {
  const content = Buffer.concat([Buffer.from(`${written} name\0`), Buffer.from(ID, 'hex')]);
  expect(parseTree(ID, content)).toEqual([expect.objectContaining({ name: 'name', mode, oid: ID, raw: content })]);
  expect(new TreeCursor(ID, content).mode).toBe(mode);
});

it.each(['', '8', '-1', '10064x', ' 100644'])('a tree whose entry has %j for a mode is corrupt', (written) => {
  const content = Buffer.concat([Buffer.from(`${written} name\0`), Buffer.from(ID, 'hex')]);
  expect(() => parseTree(ID, content)).toThrow(/mode/u);
  expect(() => new TreeCursor(ID, content)).toThrow(/mode/u);
});
