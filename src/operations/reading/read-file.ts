import type { ObjectSource, Oid } from '../../git/objects/object-source.js';
import { ObjectCorrupt } from '../../git/objects/errors.js';
import { MODE_DIRECTORY, MODE_SUBMODULE } from '../../git/objects/tree.js';
import { entryAt } from '../../git/objects/walk-tree.js';
import type { Request } from '../request.js';
import { mergedObjects, type MergeSpec } from './comparing/merge-spec.js';
import { gitRead } from './query-error.js';
import type { CommitView } from './read-commits.js';
import { plainPath } from './read-tree.js';

/** A file, link or submodule as one commit has it; `mode` is canonical. */
export interface FileView {
  readonly repoId: number;
  readonly commit: Oid;
  readonly path: string;
  readonly mode: number;
  readonly oid: Oid;
}

/** Bytes of one file. `at` is where a reader may fetch them from; null where no commit has them (a merge's virtual base). */
export interface BlobView {
  readonly repoId: number;
  readonly oid: Oid;
  readonly at: { readonly commit: Oid; readonly path: string } | null;
  /** The merge that may have made it, where it may be stored nowhere yet. */
  readonly merge?: MergeSpec;
}

/** The file at `path` of a commit; null when there is none, or a directory. */
export function readFileAt(request: Request, { repoId, commit }: CommitView, path: string): Promise<FileView | null> {
  const wanted = plainPath(path);
  return gitRead(async () => {
    const entry = await entryAt(request.gateway.storage.objects.open(repoId), commit.tree, wanted);
    if (entry === null || entry.mode === MODE_DIRECTORY) return null;
    return { repoId, commit: commit.oid, path: wanted, mode: entry.mode, oid: entry.oid };
  });
}

/** The content that a file stands for; null for a submodule, whose commit lives elsewhere. A link's content is its target. */
export function blobOf(file: FileView): BlobView | null {
  return file.mode === MODE_SUBMODULE ? null : { repoId: file.repoId, oid: file.oid, at: { commit: file.commit, path: file.path } };
}

/** Bytes that decide whether content is binary, as git decides: a NUL among the first 8000. */
const BINARY_PROBE = 8000;

/** The size in bytes, without reading the content. */
export function readBlobSize(request: Request, blob: BlobView): Promise<number> {
  return gitRead(async () => (await (await objectsOf(request, blob)).header(blob.oid)).size);
}

/** True when git would call the content binary. */
export async function readIsBinary(request: Request, blob: BlobView): Promise<boolean> {
  return (await readContent(request, blob)).subarray(0, BINARY_PROBE).includes(0);
}

/** The content as text; null when it is not UTF-8 or larger than what is answered inline. */
export async function readText(request: Request, blob: BlobView): Promise<string | null> {
  const content = await readInline(request, blob);
  return content === null ? null : utf8OrNull(content);
}

/** The content in base64; null when it is larger than what is answered inline. */
export async function readBase64(request: Request, blob: BlobView): Promise<string | null> {
  return (await readInline(request, blob))?.toString('base64') ?? null;
}

/** Text of bytes that are UTF-8; null of others, so that nothing is answered with replacement characters in it. */
export function utf8OrNull(bytes: Buffer): string | null {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    return null;
  }
}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The objects that the content is read from. */
function objectsOf(request: Request, blob: BlobView): Promise<ObjectSource> {
  return blob.merge === undefined ? Promise.resolve(request.gateway.storage.objects.open(blob.repoId)) : mergedObjects(request, blob.merge);
}

async function readInline(request: Request, blob: BlobView): Promise<Buffer | null> {
  if ((await readBlobSize(request, blob)) > request.gateway.limits.inlineFileBytes) return null;
  return readContent(request, blob);
}

function readContent(request: Request, blob: BlobView): Promise<Buffer> {
  return gitRead(async () => {
    const object = await (await objectsOf(request, blob)).read(blob.oid);
    if (object.type !== 'blob') throw new ObjectCorrupt(blob.oid, `expected a blob, found a ${object.type}`);
    return object.content;
  });
}
