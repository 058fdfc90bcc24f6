import type { Page, PageRequest } from '../../domain/ports/pages.js';
import type { Oid } from '../../git/objects/object-source.js';
import { decodeName, MODE_DIRECTORY, MODE_SUBMODULE, readTree, type TreeEntry } from '../../git/objects/tree.js';
import { entryAt } from '../../git/objects/walk-tree.js';
import type { Request } from '../request.js';
import { mapPage, pageOf } from './page-of.js';
import { gitRead } from './query-error.js';
import type { CommitView } from './read-commits.js';

/** A directory as one commit has it; `path` is readable, without slashes at its ends, empty for the root. */
export interface TreeView {
  readonly repoId: number;
  readonly commit: Oid;
  readonly path: string;
  readonly oid: Oid;
}

/** One entry of a directory, with readable names. */
export interface TreeEntryView {
  readonly repoId: number;
  readonly name: string;
  readonly path: string;
  readonly mode: number;
  readonly oid: Oid;
}

/** A path as clients may write it, `/` at either end forgiven: the empty string is the root. */
export function plainPath(path: string | null | undefined): string {
  return (path ?? '').replaceAll(/^\/+|\/+$/g, '');
}

/** The directory at `path` of a commit; null when there is none, or a file. */
export function readDirectory(request: Request, { repoId, commit }: CommitView, path: string | null | undefined): Promise<TreeView | null> {
  const wanted = plainPath(path);
  return gitRead(async () => {
    if (wanted === '') return { repoId, commit: commit.oid, path: '', oid: commit.tree };
    const entry = await entryAt(request.gateway.storage.objects.open(repoId), commit.tree, wanted);
    return entry?.mode === MODE_DIRECTORY ? { repoId, commit: commit.oid, path: wanted, oid: entry.oid } : null;
  });
}

/** A page of a directory's entries in git's order. The tree is immutable, so keys never go stale. */
export function readEntries(request: Request, tree: TreeView, page: PageRequest): Promise<Page<TreeEntryView>> {
  return gitRead(async () => {
    const entries = await readTree(request.gateway.storage.objects.open(tree.repoId), tree.oid);
    return mapPage(pageOf(entries, page), (entry) => entryView(tree, entry));
  });
}

function entryView(tree: TreeView, entry: TreeEntry): TreeEntryView {
  const name = decodeName(entry.name);
  return { repoId: tree.repoId, name, path: tree.path === '' ? name : `${tree.path}/${name}`, mode: entry.mode, oid: entry.oid };
}

/** The size of an entry's content in bytes; null for directories and submodules. */
export function readEntrySize(request: Request, entry: TreeEntryView): Promise<number | null> {
  if (entry.mode === MODE_DIRECTORY || entry.mode === MODE_SUBMODULE) return Promise.resolve(null);
  return gitRead(async () => (await request.gateway.storage.objects.open(entry.repoId).header(entry.oid)).size);
}
