import { canonicalMode } from '../objects/tree.js';
import { decodeBase85Line } from './base85.js';
import { cutLines, type Lines } from './line-table.js';
import { PatchRefused } from './patch-refused.js';
import { unquotePath } from './quote-path.js';

/** A hunk as a patch states it: the lines it expects and the lines it leaves, as bytes. */
export interface PatchHunk {
  /** The four numbers of the `@@` line. */
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** Context and deleted lines; context and added lines. A line of neither file's last has its newline. */
  readonly before: Buffer;
  readonly after: Buffer;
  /** True when the last line of the hunk is context; where it is not, git expects the file to end there. */
  readonly trailingContext: boolean;
}

/** One half of a `GIT binary patch`: compressed, `size` bytes when inflated; a delta applies to the other side's content. */
export interface BinaryHunk {
  readonly kind: 'literal' | 'delta';
  readonly size: number;
  readonly data: Buffer;
}

/** What a patch does to one file. Paths are latin1 readings. */
export interface PatchedFile {
  /** Null when the file is created. */
  readonly oldPath: string | null;
  /** Null when the file is deleted. */
  readonly newPath: string | null;
  readonly isCopy: boolean;
  readonly isRename: boolean;
  /** Canonical, where the patch states them. */
  readonly oldMode: number | null;
  readonly newMode: number | null;
  /** The ids of the `index` line, as written, perhaps abbreviated. */
  readonly oldOid: string | null;
  readonly newOid: string | null;
  readonly hunks: readonly PatchHunk[];
  /** What turns old into new content; null for text. `OMITTED` where the patch only says that binary files differ. */
  readonly binary: BinaryHunk | 'OMITTED' | null;
}

type Draft = { -readonly [K in keyof PatchedFile]: PatchedFile[K] } & { hunks: PatchHunk[]; creates: boolean; deletes: boolean };

const HUNK_HEAD = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/u;
const NEWLINE = 0x0a;

/**
 * Reads a unified diff: git's form with renames, copies, modes and binary content, or plain `---`/`+++` pairs; text around
 * the files (a mail, a commit message) is passed over. Paths lose their first part (`a/`, `b/`), as by `patch -p1`.
 * Throws {@link PatchRefused} for what cannot be read.
 */
export function parsePatch(patch: Buffer): PatchedFile[] {
  return new PatchReader(cutLines(patch)).files();
}

class PatchReader {
  readonly #lines: Lines;
  #at = 0;

  constructor(lines: Lines) {
    this.#lines = lines;
  }

  files(): PatchedFile[] {
    const files: PatchedFile[] = [];
    while (this.#at < this.#lines.count) {
      const line = this.#text(this.#at);
      if (line.startsWith('diff --git ')) files.push(this.#gitFile(line));
      else if (line.startsWith('--- ') && this.#text(this.#at + 1).startsWith('+++ ')) files.push(this.#plainFile());
      else if (HUNK_HEAD.test(line)) throw new PatchRefused('MALFORMED', `line ${this.#at + 1} starts a hunk of no file`);
      else this.#at++;
    }
    if (files.length === 0) throw new PatchRefused('MALFORMED', 'no file is named in it');
    return files;
  }

  #plainFile(): PatchedFile {
    const draft = emptyDraft();
    this.#names(draft);
    this.#hunks(draft);
    return settle(draft);
  }

  #gitFile(head: string): PatchedFile {
    const draft = emptyDraft();
    const named = headNames(head.slice('diff --git '.length));
    this.#at++;
    while (this.#at < this.#lines.count) {
      const line = this.#text(this.#at);
      if (line.startsWith('--- ')) {
        this.#names(draft);
        this.#hunks(draft);
        break;
      }
      if (line === 'GIT binary patch') {
        this.#binary(draft);
        break;
      }
      if (line.startsWith('Binary files ')) {
        draft.binary = 'OMITTED';
        this.#at++;
        break;
      }
      if (!readExtended(draft, line)) break;
      this.#at++;
    }
    draft.oldPath ??= draft.creates ? null : named;
    draft.newPath ??= draft.deletes ? null : named;
    return settle(draft);
  }

  #names(draft: Draft): void {
    const before = labelPath(this.#text(this.#at).slice(4));
    const after = labelPath(this.#text(this.#at + 1).slice(4));
    if (!this.#text(this.#at + 1).startsWith('+++ ')) throw new PatchRefused('MALFORMED', `line ${this.#at + 2} should start with +++`);
    draft.oldPath ??= before;
    draft.newPath ??= after;
    draft.creates ||= before === null;
    draft.deletes ||= after === null;
    this.#at += 2;
  }

  #hunks(draft: Draft): void {
    for (let match = this.#hunkHead(); match !== null; match = this.#hunkHead()) {
      this.#at++;
      const [, oldStart = '0', oldLines = '1', newStart = '0', newLines = '1'] = match;
      const counts = { oldStart: Number(oldStart), oldLines: Number(oldLines), newStart: Number(newStart), newLines: Number(newLines) };
      draft.hunks.push({ ...counts, ...this.#hunkBody(draft, counts.oldLines, counts.newLines) });
    }
  }

  #hunkHead(): RegExpExecArray | null {
    return this.#at < this.#lines.count ? HUNK_HEAD.exec(this.#text(this.#at)) : null;
  }

  #hunkBody(draft: Draft, oldLines: number, newLines: number): Pick<PatchHunk, 'before' | 'after' | 'trailingContext'> {
    const before: Buffer[] = [];
    const after: Buffer[] = [];
    let trailingContext = false;
    while (before.length < oldLines || after.length < newLines || this.#mark() === '\\') {
      const mark = this.#at < this.#lines.count ? this.#mark() : '';
      const content = this.#content(mark);
      if (mark === '\\') this.#dropNewline(draft, before, after);
      else if (mark === ' ' || mark === '\n') before.push(content);
      else if (mark === '-') before.push(content);
      if (mark === ' ' || mark === '\n' || mark === '+') after.push(content);
      else if (mark !== '-' && mark !== '\\') throw this.#malformed(draft, 'a hunk ends before its lines are complete');
      if (mark !== '\\') trailingContext = mark === ' ' || mark === '\n';
      if (before.length > oldLines || after.length > newLines) throw this.#malformed(draft, 'a hunk has more lines than it says');
      this.#at++;
    }
    return { before: Buffer.concat(before), after: Buffer.concat(after), trailingContext };
  }

  #mark(): string {
    return String.fromCharCode(this.#lines.bytes[this.#lines.starts[this.#at] ?? 0] ?? 0);
  }

  /** The line without its mark; of an empty context line, of which some mailers strip the blank, the newline. */
  #content(mark: string): Buffer {
    const start = this.#lines.starts[this.#at] ?? 0;
    const content = this.#lines.bytes.subarray(mark === '\n' ? start : start + 1, this.#lines.starts[this.#at + 1]);
    // The patch itself may lack its last newline; the file's is said to be missing by a line of its own.
    return content.at(-1) === NEWLINE ? content : Buffer.concat([content, Buffer.from('\n')]);
  }

  /** `\ No newline at end of file` speaks of the line before it, on whichever sides that stands. */
  #dropNewline(draft: Draft, before: Buffer[], after: Buffer[]): void {
    const mark = this.#at === 0 ? '' : String.fromCharCode(this.#lines.bytes[this.#lines.starts[this.#at - 1] ?? 0] ?? 0);
    if (mark !== ' ' && mark !== '-' && mark !== '+') throw this.#malformed(draft, 'a missing newline is told of no line');
    for (const side of mark === ' ' ? [before, after] : mark === '-' ? [before] : [after]) {
      const last = side.pop();
      if (last !== undefined) side.push(last.at(-1) === NEWLINE ? last.subarray(0, -1) : last);
    }
  }

  #binary(draft: Draft): void {
    this.#at++;
    draft.binary = this.#binaryHunk(draft);
    // The second half leads back and is of no use here; it is read so that reading goes on after it.
    if (/^(?:literal|delta) \d+$/u.test(this.#text(this.#at))) this.#binaryHunk(draft);
  }

  #binaryHunk(draft: Draft): BinaryHunk {
    const match = /^(literal|delta) (\d+)$/u.exec(this.#text(this.#at));
    if (match === null) throw this.#malformed(draft, 'binary content has no head');
    const data: Buffer[] = [];
    for (this.#at++; this.#at < this.#lines.count && this.#text(this.#at) !== ''; this.#at++) {
      const decoded = decodeBase85Line(Buffer.from(this.#text(this.#at), 'latin1'));
      if (decoded === null) throw this.#malformed(draft, 'binary content is garbled');
      data.push(decoded);
    }
    this.#at++;
    return { kind: match[1] === 'delta' ? 'delta' : 'literal', size: Number(match[2]), data: Buffer.concat(data) };
  }

  #malformed(draft: Draft, what: string): PatchRefused {
    return new PatchRefused('MALFORMED', `line ${this.#at + 1}: ${what}`, draft.newPath ?? draft.oldPath);
  }

  /** A line as latin1 without its newline; empty past the end. */
  #text(index: number): string {
    const start = this.#lines.starts[index];
    const next = this.#lines.starts[index + 1];
    if (start === undefined || next === undefined) return '';
    return this.#lines.bytes.toString('latin1', start, this.#lines.bytes[next - 1] === NEWLINE ? next - 1 : next);
  }
}

function emptyDraft(): Draft {
  const none = { oldPath: null, newPath: null, oldMode: null, newMode: null, oldOid: null, newOid: null, binary: null };
  return { ...none, isCopy: false, isRename: false, hunks: [], creates: false, deletes: false };
}

/** Takes in one of git's extended header lines; false for any other. */
function readExtended(draft: Draft, line: string): boolean {
  const match =
    /^(old mode|new mode|deleted file mode|new file mode|copy from|copy to|rename from|rename to|similarity index|dissimilarity index|index) (.+)$/su.exec(line);
  if (match === null) return false;
  const [, key = '', value = ''] = match;
  draft.creates ||= key === 'new file mode';
  draft.deletes ||= key === 'deleted file mode';
  if (key === 'old mode' || key === 'deleted file mode') draft.oldMode = parseMode(value);
  if (key === 'new mode' || key === 'new file mode') draft.newMode = parseMode(value);
  draft.isCopy ||= key.startsWith('copy');
  draft.isRename ||= key.startsWith('rename');
  if (key.endsWith(' from')) draft.oldPath = wholePath(value);
  if (key.endsWith(' to')) draft.newPath = wholePath(value);
  if (key === 'index') {
    const ids = /^([0-9a-f]{4,64})\.\.([0-9a-f]{4,64})(?: (\d+))?$/u.exec(value);
    draft.oldOid = ids?.[1] ?? null;
    draft.newOid = ids?.[2] ?? null;
    if (ids?.[3] !== undefined) draft.oldMode ??= parseMode(ids[3]);
  }
  return true;
}

function parseMode(digits: string): number {
  if (!/^[0-7]{6}$/u.test(digits)) throw new PatchRefused('MALFORMED', `${digits} is no mode`);
  return canonicalMode(Number.parseInt(digits, 8));
}

/** The path in a `rename` or `copy` line, which has no prefix. */
function wholePath(text: string): string {
  return unquotePath(text)?.path ?? text;
}

/** The path in a `---` or `+++` line, its prefix gone; null for `/dev/null`. What follows a tab is a date. */
function labelPath(text: string): string | null {
  const path = unquotePath(text)?.path ?? text.replace(/\t.*$/su, '');
  return path === '/dev/null' ? null : withoutPrefix(path);
}

function withoutPrefix(path: string): string {
  const slash = path.indexOf('/');
  if (slash < 0) throw new PatchRefused('MALFORMED', 'a path has no prefix such as a/ or b/', path);
  return path.slice(slash + 1);
}

/** The one path of a `diff --git` line, where both sides have the same; null where they differ, and other lines name them. */
function headNames(text: string): string | null {
  const quoted = unquotePath(text);
  if (quoted !== null) {
    const second = unquotePath(text, quoted.end + 1)?.path ?? text.slice(quoted.end + 1);
    return withoutPrefix(quoted.path) === withoutPrefix(second) ? withoutPrefix(quoted.path) : null;
  }
  const middle = (text.length - 1) / 2;
  if (!Number.isInteger(middle) || text.charAt(middle) !== ' ') return null;
  const path = withoutPrefix(text.slice(0, middle));
  return path === withoutPrefix(text.slice(middle + 1)) ? path : null;
}

function settle({ creates, deletes, ...draft }: Draft): PatchedFile {
  const oldPath = creates ? null : draft.oldPath;
  const newPath = deletes ? null : draft.newPath;
  if (oldPath === null && newPath === null) throw new PatchRefused('MALFORMED', 'a file has no name');
  if (!creates && !deletes && (oldPath === null || newPath === null)) throw new PatchRefused('MALFORMED', 'a file has no name on one side', oldPath ?? newPath);
  return { ...draft, oldPath, newPath };
}
