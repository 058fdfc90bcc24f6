import { encodeHunkId } from '../../../domain/hunk-id.js';
import type { Page, PageRequest } from '../../../domain/ports/pages.js';
import { diffFile, fileStats, keptFileDiff, keptFileStats, type FileDiff, type FileStats } from '../../../git/diff/file-diff.js';
import { hunkLineCount, type Hunk } from '../../../git/diff/hunks.js';
import { hunkLines, type HunkLine } from '../../../git/diff/hunk-lines.js';
import type { Request } from '../../request.js';
import { InFlight } from '../in-flight.js';
import { mapPage, pageOf } from '../page-of.js';
import { gitRead, QueryError } from '../query-error.js';
import { comparing, diffObjects, isOfCommits, type DiffFileView } from './read-diff.js';

/** One hunk with the file's comparison it belongs to. */
export interface DiffHunkView {
  readonly file: DiffFileView;
  readonly diff: FileDiff;
  readonly hunk: Hunk;
}

/** One line of a hunk. */
export type DiffLineView = HunkLine;

const COUNTS = new InFlight<FileStats>();

/** Counts of one changed file, without its hunks; at once where they are kept. */
export function readFileStats(request: Request, file: DiffFileView): FileStats | Promise<FileStats> {
  const { spec, change } = file;
  const how = comparing(request, spec);
  const kept = isOfCommits(spec) ? keptFileStats(change, how) : null;
  return kept ?? COUNTS.join(file, '', () => gitRead(async () => fileStats(await diffObjects(request, spec), change, how)));
}

/** One changed file compared by lines; at once where that is kept. */
function readFileDiff(request: Request, { spec, change }: DiffFileView): FileDiff | Promise<FileDiff> {
  const how = comparing(request, spec);
  const kept = isOfCommits(spec) ? keptFileDiff(change, how) : null;
  return kept ?? gitRead(async () => diffFile(await diffObjects(request, spec), change, how));
}

/** A page of a changed file's hunks; empty where `omitted` says why. */
export function readHunks(request: Request, file: DiffFileView, page: PageRequest): Page<DiffHunkView> | Promise<Page<DiffHunkView>> {
  const compared = readFileDiff(request, file);
  const paged = (diff: FileDiff): Page<DiffHunkView> => mapPage(pageOf(diff.hunks, page), (hunk) => ({ file, diff, hunk }));
  return compared instanceof Promise ? compared.then(paged) : paged(compared);
}

/** How many lines a hunk has in all. */
export function lineCount({ hunk }: DiffHunkView): number {
  return hunkLineCount(hunk);
}

/** Most lines that one slice of a hunk answers. */
const MAX_TAKE = 10_000;

/** `take` lines of a hunk after `skip`, in the order in which git prints them; spans only when they are wanted, since they cost more than the lines. */
export function linesOf({ diff, hunk }: DiffHunkView, slice: { readonly skip: number; readonly take: number; readonly spans: boolean }): readonly DiffLineView[] {
  if (slice.skip < 0) throw new QueryError('INVALID_ARGUMENT', '"skip" is a number of lines from 0 on.');
  if (slice.take < 0 || slice.take > MAX_TAKE) throw new QueryError('INVALID_ARGUMENT', `"take" is a number of lines from 0 to ${MAX_TAKE}.`);
  return diff.text === null ? [] : hunkLines(diff.text, hunk, slice);
}

/** A hunk's id; it never expires, and differs when the options do. See `encodeHunkId`. */
export function hunkId({ file, hunk }: DiffHunkView): string {
  const { oldOid, newOid, oldPath, path } = file.change;
  const { whitespace, context } = file.spec.options;
  const { oldStart, oldLines, newStart, newLines } = hunk;
  return encodeHunkId({ oldOid, newOid, oldPath, path, whitespace, context, oldStart, oldLines, newStart, newLines });
}
