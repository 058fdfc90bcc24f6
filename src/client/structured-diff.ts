import { everyOf, type Calls } from './calls.js';
import type { CallOptions } from './connection.js';
import { DiffContentPage, DiffFilePage, DiffHunks, DiffLines, DiffPatch, type DiffContentPageQuery, type DiffPartsFragment, type FilePartsFragment, type HunkPageFragment, type LinePartsFragment } from './documents.js';
import { present } from './errors.js';

/** What a diff brings along: every line, only the files with their counts, or git's patch text. */
export type DiffFormat = 'structured' | 'files' | 'patch';

/** A hunk with all its lines. */
export type Hunk = HunkPageFragment['edges'][number]['node'];

/** A file of a diff with all its hunks. Without any where `omitted` says why. */
export interface StructuredFile extends FilePartsFragment {
  readonly hunks: readonly Hunk[];
}

/** What each format brings. */
interface DiffContents {
  readonly structured: { readonly files: readonly StructuredFile[] };
  readonly files: { readonly files: readonly FilePartsFragment[] };
  readonly patch: { readonly patch: string | null };
}

/** A diff with what its format asks for. */
export type DiffIn<Format extends DiffFormat> = DiffPartsFragment & DiffContents[Format];

/** Files a page: with 20 hunks each, about 1 MB of answer at most. */
const CONTENT_PAGE = 20;
const FILE_PAGE = 100;
const HUNK_PAGE = 20;

/** A diff whole, however many pages that takes. */
export async function wholeDiff<Format extends DiffFormat>(calls: Calls, diff: DiffPartsFragment, format: Format, options?: CallOptions): Promise<DiffIn<Format>> {
  const read: { readonly [F in DiffFormat]: () => Promise<DiffContents[F]> } = {
    structured: () => structuredFiles(calls, diff.id, options),
    files: () => plainFiles(calls, diff.id, options),
    patch: () => patchText(calls, diff.id, options),
  };
  return { ...diff, ...(await read[format]()) };
}

async function plainFiles(calls: Calls, id: string, options?: CallOptions): Promise<{ files: FilePartsFragment[] }> {
  const files: FilePartsFragment[] = [];
  for await (const file of everyOf(async (after) => (await calls.data(DiffFilePage, { id, first: FILE_PAGE, after }, options)).node?.files, 'the diff')) files.push(file);
  return { files };
}

async function patchText(calls: Calls, id: string, options?: CallOptions): Promise<{ patch: string | null }> {
  return { patch: present((await calls.data(DiffPatch, { id }, options)).node, 'the diff').patch ?? null };
}

async function structuredFiles(calls: Calls, id: string, options?: CallOptions): Promise<{ files: StructuredFile[] }> {
  const files: StructuredFile[] = [];
  const page = async (after: string | null): Promise<NonNullable<NonNullable<DiffContentPageQuery['node']>['files']> | undefined> =>
    (await calls.data(DiffContentPage, { id, first: CONTENT_PAGE, after }, options)).node?.files;
  for await (const { hunks, ...file } of everyOf(page, 'the diff')) files.push({ ...file, hunks: await wholeHunks(calls, file.id, hunks, options) });
  return { files };
}

async function wholeHunks(calls: Calls, file: string, first: HunkPageFragment, options?: CallOptions): Promise<Hunk[]> {
  const whole: Hunk[] = [];
  let before: string | null = null;
  for (let page = first; ; ) {
    for (const { node, cursor } of page.edges) {
      whole.push(node.lines.length < node.lineCount ? { ...node, lines: await wholeLines(calls, file, before, node, options) } : node);
      before = cursor;
    }
    if (!page.pageInfo.hasNextPage) return whole;
    page = present((await calls.data(DiffHunks, { id: file, first: HUNK_PAGE, after: page.pageInfo.endCursor }, options)).node?.hunks, 'the file of the diff');
  }
}

/** All lines of the hunk that follows the cursor `after`. */
async function wholeLines(calls: Calls, file: string, after: string | null, hunk: Hunk, options?: CallOptions): Promise<LinePartsFragment[]> {
  const lines = [...hunk.lines];
  while (lines.length < hunk.lineCount) {
    const { node } = await calls.data(DiffLines, { id: file, after, skip: lines.length }, options);
    const more = present(node?.hunks?.nodes[0], 'the hunk').lines;
    if (more.length === 0) break;
    lines.push(...more);
  }
  return lines;
}
