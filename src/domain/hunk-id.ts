import type { DiffWhitespaceOption } from './global-id.js';
import { isWellFormedText } from './text.js';

/**
 * What names a hunk for ever: the blobs and paths of the file's two sides (null where a side has none; paths in the latin1 reading of
 * trees), the options that hunks depend on, and the four numbers of its `@@` line.
 */
export interface HunkFacts {
  readonly oldOid: string | null;
  readonly newOid: string | null;
  readonly oldPath: string | null;
  readonly path: string;
  readonly whitespace: DiffWhitespaceOption;
  readonly context: number;
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
}

const PREFIX = 'DiffHunk:';

/** Longer than any id that is made: two paths of at most 4,096 bytes, escaped, and a dozen numbers. */
const MAX_ID_LENGTH = 64 * 1024;

/** A hunk's id: its facts as base64url of JSON. Two diffs that show the same hunk of the same blobs give it the same id. */
export function encodeHunkId(facts: HunkFacts): string {
  const { oldOid, newOid, oldPath, path, whitespace, context, oldStart, oldLines, newStart, newLines } = facts;
  const list = [oldOid, newOid, oldPath, path, whitespace, context, oldStart, oldLines, newStart, newLines];
  return `${PREFIX}${Buffer.from(JSON.stringify(list)).toString('base64url')}`;
}

/** What an id says; null for what no hunk is called. Nothing is looked up. */
export function decodeHunkId(id: string): HunkFacts | null {
  if (!id.startsWith(PREFIX) || id.length > MAX_ID_LENGTH) return null;
  const list = parsed(id.slice(PREFIX.length));
  if (!Array.isArray(list) || list.length !== 10) return null;
  const [oldOid, newOid, oldPath, path, whitespace, ...numbers]: unknown[] = list;
  const [context, oldStart, oldLines, newStart, newLines] = numbers;
  if (!isOidOrNull(oldOid) || !isOidOrNull(newOid) || !isPathOrNull(oldPath) || !isPathOrNull(path) || path === null) return null;
  if (!isWhitespace(whitespace) || !isCount(context) || !isCount(oldStart) || !isCount(oldLines) || !isCount(newStart) || !isCount(newLines)) return null;
  return { oldOid, newOid, oldPath, path, whitespace, context, oldStart, oldLines, newStart, newLines };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}

function isOidOrNull(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && /^[0-9a-f]{40}$/u.test(value));
}

function isPathOrNull(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && value !== '' && isWellFormedText(value));
}

function isWhitespace(value: unknown): value is DiffWhitespaceOption {
  return value === 'SHOW' || value === 'IGNORE_CHANGE' || value === 'IGNORE_ALL';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
