import { encodeGlobalId } from '../../src/domain/global-id.js';
import type { FileStats } from '../../src/git/diff/file-diff.js';
import { decodeName } from '../../src/git/objects/tree.js';
import { patchAddress } from '../../src/operations/reading/addresses.js';
import type { DiffTotals } from '../../src/operations/reading/comparing/diff-spec.js';
import { loadCommit, loadCommitOrNull } from '../../src/operations/reading/read-commits.js';
import { diffFileBlob, readDiffFile, readDiffFiles, readDiffTotals, readUnmerged, type DiffFileView } from '../../src/operations/reading/comparing/read-diff.js';
import { hunkId, lineCount, linesOf, readFileStats, readHunks } from '../../src/operations/reading/comparing/read-hunks.js';
import { hunkPatch, readFilePatch, readPatch } from '../../src/operations/reading/comparing/read-patch.js';
import { readRepoOf } from '../../src/operations/reading/readable-repo.js';
import type { Request } from '../../src/operations/request.js';
import { DiffFileConnection, DiffHunkConnection } from '../connections.js';
import { DiffLineKind, DiffOmission, DiffStatus } from '../enums/diff.js';
import { FileMode } from '../enums/branch.js';
import { fileModeOrNull } from '../file-mode.js';
import { connect, forwardArgs, pageCost } from '../pagination.js';
import { Blob, Commit, Diff, DiffFile, DiffHunk, DiffLine, DiffSpan, DiffStats, Node } from '../refs.js';
import { selects } from '../selects.js';

Diff.implement({
  description: 'A comparison of two commits, pinned to their object ids: it never changes. Ask for the stats first, then files by cursor, then hunks of a file.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id, made of repository, commits and options.', resolve: (spec) => encodeGlobalId({ type: 'Diff', ...spec }) }),
    from: t.field({ type: Commit, nullable: true, description: 'The commit that was named as the old side; null for the diff of a first commit.', resolve: ({ repoId, from }, _args, { request }) => loadCommitOrNull(request, repoId, from) }),
    to: t.field({ type: Commit, description: 'The new side. Of a merge preview, the commit that comes in; the content compared is the merged one.', resolve: ({ repoId, to }, _args, { request }) => loadCommit(request, repoId, to) }),
    base: t.field({ type: Commit, nullable: true, description: 'What `to` was compared with; null: the empty tree.', resolve: ({ repoId, base }, _args, { request }) => loadCommitOrNull(request, repoId, base) }),
    unmerged: t.stringList({
      nullable: true,
      description: 'Of a diff between revisions: the paths at which the earlier revision could not be brought onto the base of the later one, so that they show what the target changed as well. Empty otherwise; null where that is all of them.',
      resolve: async (spec, _args, { request }) => (await readUnmerged(request, spec))?.slice() ?? null,
    }),
    stats: t.field({ type: DiffStats, nullable: true, description: 'Totals over all files. Counting lines compares every file the first time, and is kept; counting files does not.', complexity: 10, resolve: (spec, _args, { request }) => readDiffTotals(request, spec) }),
    files: t.field({
      type: DiffFileConnection,
      description: 'The changed files, in git’s order.',
      args: { ...forwardArgs },
      complexity: pageCost,
      resolve: (spec, args, { request }) => connect(request, args, { field: 'Diff.files', parent: () => encodeGlobalId({ type: 'Diff', ...spec }) }, (page) => readDiffFiles(request, spec, page)),
    }),
    file: t.field({
      type: DiffFile,
      nullable: true,
      description: 'The changed file at a path, or that was moved away from it; null when nothing changed there.',
      args: { path: t.arg.string({ required: true, description: 'The new path, or the old one of a deleted or moved file.' }) },
      resolve: (spec, { path }, { request }) => readDiffFile(request, spec, path),
    }),
    patch: t.string({ nullable: true, description: 'The whole diff as a unified patch: `git apply` turns the base into what it was compared with. Null when it is not UTF-8 or above the limit `inlineFileBytes`.', complexity: 50, resolve: (spec, _args, { request }) => readPatch(request, spec) }),
    patchUrl: t.string({ description: 'Where the patch is served as bytes of any size, as a path on this server; the same key opens it.', resolve: async (spec, _args, { request }) => patchAddress((await readRepoOf(request, spec.repoId)).name, spec) }),
  }),
});

DiffStats.implement({
  description: 'Totals of a diff. Lines of binary files, and of files too large to compare, count as none.',
  fields: (t) => ({
    files: t.exposeInt('files', { description: 'Changed files.' }),
    additions: t.int({ description: 'Added lines.', resolve: (totals) => linesOfAll(totals, 'additions') }),
    deletions: t.int({ description: 'Deleted lines.', resolve: (totals) => linesOfAll(totals, 'deletions') }),
  }),
});

function linesOfAll(totals: DiffTotals, name: 'additions' | 'deletions'): number | Promise<number> {
  const counted = totals.counted();
  return counted instanceof Promise ? counted.then((lines) => lines[name]) : counted[name];
}

DiffFile.implement({
  description: 'One changed file. Its content is compared only when counts, hunks or patch are asked for.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id, made of the diff and the path.', resolve: ({ spec, change }) => encodeGlobalId({ type: 'DiffFile', ...spec, path: decodeName(change.path) }) }),
    path: t.string({ description: 'Where it is now; where it was, when it was deleted.', resolve: ({ change }) => decodeName(change.path) }),
    oldPath: t.string({ nullable: true, description: 'Where it came from, when it was moved or copied.', resolve: ({ change }) => (change.oldPath === null ? null : decodeName(change.oldPath)) }),
    status: t.field({ type: DiffStatus, description: 'How it differs.', resolve: ({ change }) => change.status }),
    similarity: t.int({ nullable: true, description: 'How much of its content it kept, in percent, when it was moved or copied.', resolve: ({ change }) => change.similarity }),
    oldMode: t.field({ type: FileMode, nullable: true, description: 'What it was; null when it is new.', resolve: ({ change }) => fileModeOrNull(change.oldMode) }),
    newMode: t.field({ type: FileMode, nullable: true, description: 'What it is; null when it was deleted.', resolve: ({ change }) => fileModeOrNull(change.newMode) }),
    oldBlob: t.field({ type: Blob, nullable: true, description: 'The old content; null when it is new, and for submodules.', resolve: (file, _args, { request }) => diffFileBlob(request, file, 'old') }),
    newBlob: t.field({ type: Blob, nullable: true, description: 'The new content; null when it was deleted, and for submodules.', resolve: (file, _args, { request }) => diffFileBlob(request, file, 'new') }),
    isBinary: t.boolean({ description: 'True when either side has a NUL among its first 8000 bytes.', resolve: (file, _args, { request }) => statOf(request, file, 'isBinary') }),
    additions: t.int({ nullable: true, description: 'Added lines; null when binary, or too large to be counted.', resolve: (file, _args, { request }) => statOf(request, file, 'additions') }),
    deletions: t.int({ nullable: true, description: 'Deleted lines; null when binary, or too large to be counted.', resolve: (file, _args, { request }) => statOf(request, file, 'deletions') }),
    omitted: t.field({ type: DiffOmission, nullable: true, description: 'Why there are no hunks; null where there may be.', resolve: (file, _args, { request }) => statOf(request, file, 'omitted') }),
    hunks: t.field({
      type: DiffHunkConnection,
      description: 'The places that changed, in order, with the lines around them.',
      args: { ...forwardArgs },
      complexity: pageCost,
      resolve: (file, args, { request }) => {
        const parent = (): string => encodeGlobalId({ type: 'DiffFile', ...file.spec, path: decodeName(file.change.path) });
        return connect(request, args, { field: 'DiffFile.hunks', parent }, (page) => readHunks(request, file, page));
      },
    }),
    patch: t.string({ nullable: true, description: 'This file’s part of the patch; null when it is not UTF-8 or above the limit `inlineFileBytes`.', complexity: 2, resolve: (file, _args, { request }) => readFilePatch(request, file) }),
  }),
});

function statOf<K extends keyof FileStats>(request: Request, file: DiffFileView, name: K): FileStats[K] | Promise<FileStats[K]> {
  const stats = readFileStats(request, file);
  return stats instanceof Promise ? stats.then((counted) => counted[name]) : stats[name];
}

DiffHunk.implement({
  description: 'Neighbouring changes with the lines around them, grouped as `git diff` groups them.',
  fields: (t) => ({
    id: t.id({ description: 'Made of blobs, paths, options and range: it never expires, and differs when the options do.', resolve: (view) => hunkId(view) }),
    oldStart: t.int({ description: 'The first line in the old file, from 1; with `oldLines` 0, the line before.', resolve: ({ hunk }) => hunk.oldStart }),
    oldLines: t.int({ description: 'How many lines of the old file.', resolve: ({ hunk }) => hunk.oldLines }),
    newStart: t.int({ description: 'The first line in the new file, from 1; with `newLines` 0, the line before.', resolve: ({ hunk }) => hunk.newStart }),
    newLines: t.int({ description: 'How many lines of the new file.', resolve: ({ hunk }) => hunk.newLines }),
    section: t.string({ nullable: true, description: 'The nearest line above that looks like the head of a function, as git prints it.', resolve: ({ hunk }) => hunk.section }),
    patch: t.string({ nullable: true, description: 'The hunk as a patch has it, its `@@` line first; null when it is not UTF-8.', resolve: (view) => hunkPatch(view) }),
    lineCount: t.int({ description: 'How many lines it shows in all.', resolve: (view) => lineCount(view) }),
    lines: t.field({
      type: [DiffLine],
      description: 'Its lines in the order in which they are printed; of a long hunk, a slice.',
      args: {
        skip: t.arg.int({ defaultValue: 0, description: 'Lines to leave out at the beginning.' }),
        take: t.arg.int({ defaultValue: 500, description: 'Lines to answer at most; 10,000 at most.' }),
      },
      // A line is five cheap properties of a plain object: a hundred of them cost what one row of a list costs.
      complexity: ({ take }) => ({ field: 1 + Math.ceil((take ?? 500) / 100), multiplier: 0 }),
      resolve: (view, { skip, take }, _context, info) => [...linesOf(view, { skip: skip ?? 0, take: take ?? 500, spans: selects(info, 'spans') })],
    }),
  }),
});

DiffLine.implement({
  description: 'One line of a hunk.',
  fields: (t) => ({
    kind: t.expose('kind', { type: DiffLineKind, description: 'What it is.' }),
    oldNumber: t.exposeInt('oldNumber', { nullable: true, description: 'Its number in the old file, from 1; null for an added line.' }),
    newNumber: t.exposeInt('newNumber', { nullable: true, description: 'Its number in the new file, from 1; null for a deleted line.' }),
    text: t.exposeString('text', { description: 'The line without its newline; bytes that are no UTF-8 read as U+FFFD.' }),
    noNewline: t.exposeBoolean('noNewline', { description: 'True when the file ends here without a newline.' }),
    spans: t.field({ type: [DiffSpan], description: 'What changed within the line; empty for context, and where all of it changed.', resolve: ({ spans }) => [...spans] }),
  }),
});

DiffSpan.implement({
  description: 'A changed range within a line.',
  fields: (t) => ({
    start: t.exposeInt('start', { description: 'Where it begins, in UTF-16 code units from 0.' }),
    end: t.exposeInt('end', { description: 'Where it ends, exclusive.' }),
  }),
});
