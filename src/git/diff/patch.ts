import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import type { ObjectSource } from '../objects/object-source.js';
import { encodeBase85 } from './base85.js';
import type { FileChange } from './file-change.js';
import { contentOf, diffFile, type FileDiff, type FileDiffOptions } from './file-diff.js';
import { groupHunks, hunkSegments, type Hunk, type HunkSegment } from './hunks.js';
import { lacksNewline, type Lines } from './line-table.js';
import { quotePath } from './quote-path.js';
import { finishInSlices } from './steps.js';
import type { TextDiff } from './text-diff.js';

/** How a patch is printed. */
export interface PatchOptions extends FileDiffOptions {
  /**
   * What stands for content that is not compared by lines: `LITERAL`, unless told otherwise, a `GIT binary patch` with both whole
   * contents, as `git diff --binary` prints where it finds no shorter delta, so that `git apply` (and `-R`) reproduces them;
   * `SUMMARY` the line "Binary files … differ", as `git diff` prints by default.
   */
  readonly binary?: 'LITERAL' | 'SUMMARY';
}

const compress = promisify(deflate);
const NO_OID = '0'.repeat(40);
const NO_NEWLINE = Buffer.from('\\ No newline at end of file\n');
const NEWLINE = 0x0a;
const MARKS = { CONTEXT: 0x20, ADDED: 0x2b, DELETED: 0x2d } as const;

/**
 * The patch of several files, file by file in the order given: the bytes that `git diff --full-index` prints, for binary
 * content see {@link PatchOptions}. `git apply` turns the old tree into the new one, unless white space was ignored, when the
 * context is the new file's. A file that is TOO_LARGE to be compared is written like a binary one, so that the whole
 * stays applicable.
 */
export async function* treePatch(source: ObjectSource, changes: Iterable<FileChange>, options: PatchOptions = {}): AsyncGenerator<Buffer> {
  for (const change of changes) {
    const patch = await filePatch(source, change, options);
    if (patch.length > 0) yield patch;
  }
}

/** The patch of one file; empty when white space that is ignored was all that changed. A change of type is two patches, as in git. */
export async function filePatch(source: ObjectSource, change: FileChange, options: PatchOptions = {}): Promise<Buffer> {
  if (change.status === 'TYPE_CHANGED') {
    const gone: FileChange = { ...change, status: 'DELETED', newMode: null, newOid: null };
    const come: FileChange = { ...change, status: 'ADDED', oldMode: null, oldOid: null };
    return Buffer.concat([await filePatch(source, gone, options), await filePatch(source, come, options)]);
  }
  const diff = await diffFile(source, change, options);
  const body = await formatBody(source, diff, options);
  const header = formatHeader(change, body.length > 0 && diff.text !== null);
  if (body.length === 0 && header.silent && (options.whitespace ?? 'SHOW') !== 'SHOW') return Buffer.alloc(0);
  return Buffer.concat([Buffer.from(header.text, 'latin1'), ...body]);
}

async function formatBody(source: ObjectSource, diff: FileDiff, options: PatchOptions): Promise<Buffer[]> {
  const { change, text } = diff;
  if (change.oldOid === change.newOid) return [];
  if (text === null) return opaqueBody(source, change, options);
  // The line that names a submodule's commit is part of a patch, although such a file shows no hunks.
  const hunks = diff.omitted === 'SUBMODULE' ? groupHunks(text, 0) : diff.hunks;
  return hunks.map((hunk) => formatHunk(text, hunk));
}

/** One hunk as `git diff` prints it, its `@@` line first. */
export function formatHunk(diff: TextDiff, hunk: Hunk): Buffer {
  const ranges = `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`;
  const head = Buffer.from(hunk.section === null ? `${ranges}\n` : `${ranges} ${hunk.section}\n`);
  const segments = hunkSegments(hunk);
  let size = head.length;
  for (const segment of segments) size += segmentBytes(diff, segment);
  const out = Buffer.allocUnsafe(size);
  let at = head.copy(out);
  for (const segment of segments) at = writeSegment(out, at, diff, segment);
  return out;
}

function range(start: number, count: number): string {
  return count === 1 ? `${start}` : `${start},${count}`;
}

function segmentBytes(diff: TextDiff, segment: HunkSegment): number {
  const { lines, from, to } = shown(diff, segment);
  const bytes = (lines.starts[to] ?? 0) - (lines.starts[from] ?? 0) + segment.count;
  return lacksNewline(lines, to - 1) ? bytes + 1 + NO_NEWLINE.length : bytes;
}

function writeSegment(out: Buffer, start: number, diff: TextDiff, segment: HunkSegment): number {
  const { lines, from, to } = shown(diff, segment);
  const mark = MARKS[segment.kind];
  let at = start;
  for (let line = from; line < to; line++) {
    out[at++] = mark;
    at += lines.bytes.copy(out, at, lines.starts[line], lines.starts[line + 1]);
  }
  if (!lacksNewline(lines, to - 1)) return at;
  out[at++] = NEWLINE;
  return at + NO_NEWLINE.copy(out, at);
}

/** The side whose lines a segment shows: context comes from the new file, which matters where white space is ignored. */
function shown(diff: TextDiff, segment: HunkSegment): { lines: Lines; from: number; to: number } {
  const deleted = segment.kind === 'DELETED';
  const from = deleted ? segment.oldAt : segment.newAt;
  return { lines: deleted ? diff.old : diff.new, from, to: from + segment.count };
}

/** The lines above the hunks; `silent` when they say nothing by themselves. All in the latin1 reading of their bytes. */
function formatHeader(change: FileChange, hasText: boolean): { text: string; silent: boolean } {
  const oldPath = quotePath(`a/${change.oldPath ?? change.path}`);
  const newPath = quotePath(`b/${change.path}`);
  const news: string[] = [];
  if (change.oldMode === null) news.push(`new file mode ${octal(change.newMode)}`);
  else if (change.newMode === null) news.push(`deleted file mode ${octal(change.oldMode)}`);
  else if (change.oldMode !== change.newMode) news.push(`old mode ${octal(change.oldMode)}`, `new mode ${octal(change.newMode)}`);
  if (change.status === 'RENAMED' || change.status === 'COPIED') {
    const verb = change.status === 'RENAMED' ? 'rename' : 'copy';
    news.push(`similarity index ${change.similarity ?? 100}%`);
    news.push(`${verb} from ${quotePath(change.oldPath ?? change.path)}`, `${verb} to ${quotePath(change.path)}`);
  }
  const lines = [`diff --git ${oldPath} ${newPath}`, ...news];
  if (change.oldOid !== change.newOid) {
    const mode = change.oldMode !== null && change.oldMode === change.newMode ? ` ${octal(change.oldMode)}` : '';
    lines.push(`index ${change.oldOid ?? NO_OID}..${change.newOid ?? NO_OID}${mode}`);
  }
  if (hasText) {
    lines.push(`--- ${change.oldMode === null ? '/dev/null' : label(oldPath)}`, `+++ ${change.newMode === null ? '/dev/null' : label(newPath)}`);
  }
  return { text: `${lines.join('\n')}\n`, silent: news.length === 0 };
}

/** A path in a `---` or `+++` line: a tab ends one that holds a space, for readers that would stop at it. */
function label(path: string): string {
  return path.includes(' ') ? `${path}\t` : path;
}

function octal(mode: number | null): string {
  return (mode ?? 0).toString(8).padStart(6, '0');
}

/** What stands in place of hunks for content that was not compared by lines. */
async function opaqueBody(source: ObjectSource, change: FileChange, options: PatchOptions): Promise<Buffer[]> {
  if (options.binary === 'SUMMARY') {
    const oldPath = change.oldMode === null ? '/dev/null' : quotePath(`a/${change.oldPath ?? change.path}`);
    const newPath = change.newMode === null ? '/dev/null' : quotePath(`b/${change.path}`);
    return [Buffer.from(`Binary files ${oldPath} and ${newPath} differ\n`, 'latin1')];
  }
  const before = await contentOf(source, change.oldOid, change.oldMode);
  const after = await contentOf(source, change.newOid, change.newMode);
  return [Buffer.from('GIT binary patch\n'), ...(await literal(after)), ...(await literal(before))];
}

async function literal(content: Buffer): Promise<Buffer[]> {
  const lines = await finishInSlices(encodeBase85(await compress(content)), { maxMillis: Number.POSITIVE_INFINITY });
  return [Buffer.from(`literal ${content.length}\n`), lines, Buffer.from('\n')];
}
