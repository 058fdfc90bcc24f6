import type { DiffIdentity } from '../../../domain/global-id.js';
import { filePatch, formatHunk, treePatch } from '../../../git/diff/patch.js';
import type { Request } from '../../request.js';
import { gitRead } from '../query-error.js';
import { comparing, diffObjects, endIfAborted, readChanges, type DiffFileView } from './read-diff.js';
import { utf8OrNull } from '../read-file.js';
import type { DiffHunkView } from './read-hunks.js';

/** The unified patch of a whole diff, file by file, as bytes: `git apply` turns the base into what it was compared with. */
export async function* patchChunks(request: Request, spec: DiffIdentity): AsyncGenerator<Buffer, void, undefined> {
  const source = await diffObjects(request, spec);
  for await (const chunk of treePatch(source, await readChanges(request, spec), comparing(request, spec))) {
    endIfAborted(request);
    yield chunk;
  }
}

/** The patch as one text; null when it is not UTF-8 or larger than what is answered inline, both of which `patchUrl` serves. */
export function readPatch(request: Request, spec: DiffIdentity): Promise<string | null> {
  return gitRead(async () => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of patchChunks(request, spec)) {
      bytes += chunk.length;
      if (bytes > request.gateway.limits.inlineFileBytes) return null;
      chunks.push(chunk);
    }
    return utf8OrNull(Buffer.concat(chunks));
  });
}

/** The patch of one changed file; null when it is not UTF-8 or larger than what is answered inline. */
export function readFilePatch(request: Request, { spec, change }: DiffFileView): Promise<string | null> {
  return gitRead(async () => {
    const patch = await filePatch(await diffObjects(request, spec), change, comparing(request, spec));
    return patch.length > request.gateway.limits.inlineFileBytes ? null : utf8OrNull(patch);
  });
}

/** One hunk as a patch has it, its `@@` line first; null when it is not UTF-8. */
export function hunkPatch({ diff, hunk }: DiffHunkView): string | null {
  return diff.text === null ? null : utf8OrNull(formatHunk(diff.text, hunk));
}
