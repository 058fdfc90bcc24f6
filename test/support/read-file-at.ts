import type { App } from '../../src/app.js';
import { readCommit } from '../../src/git/objects/commit.js';
import { readTree } from '../../src/git/objects/tree.js';

/** The text of a file at a branch's head, as a gateway reads it from its own packs. */
export async function readFileAt(app: App, repoId: number, branch: string, path: string): Promise<string> {
  const row = await app.storage.reader().branchByName(repoId, branch);
  if (row === null) throw new TypeError(`there is no branch ${branch}`);
  const store = app.storage.objects.open(repoId);
  let oid = (await readCommit(store, row.head)).tree;
  for (const name of path.split('/')) {
    const entry = (await readTree(store, oid)).find((each) => each.name === name);
    if (entry === undefined) throw new TypeError(`there is no ${path}`);
    ({ oid } = entry);
  }
  return (await store.read(oid)).content.toString();
}
