import type { Oid } from '../objects/object-source.js';

/** A commit's or tag's content in two: its header lines (each with what is folded under it) and everything from the blank line on. */
interface Split {
  readonly headers: readonly Buffer[];
  readonly rest: Buffer;
}

const LINE_FEED = 0x0a;
const SPACE = 0x20;

/** What is to become of a commit. */
export interface CommitEdit {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  /** The new message; null leaves the old one, byte for byte. */
  readonly message: Buffer | null;
}

/** Signatures cover the bytes that change, and a `mergetag` names a commit that may be gone. */
const VOID_AFTER_EDIT = ['gpgsig', 'gpgsig-sha256', 'mergetag'];

/**
 * The content of a commit with another tree, other parents (as many as before) and perhaps another message. Names, dates,
 * encoding and unknown headers stay byte for byte; signatures go, since they are over what was there before.
 */
export function editCommit(content: Buffer, { tree, parents, message }: CommitEdit): Buffer {
  const { headers, rest } = split(content);
  let parent = 0;
  const kept: Buffer[] = [];
  for (const header of headers) {
    const key = keyOf(header);
    if (VOID_AFTER_EDIT.includes(key)) continue;
    if (key === 'tree') kept.push(Buffer.from(`tree ${tree}\n`));
    else if (key === 'parent') kept.push(Buffer.from(`parent ${parents[parent++] ?? ''}\n`));
    else kept.push(header);
  }
  return Buffer.concat([...kept, ...(message === null ? [rest] : [Buffer.of(LINE_FEED), message])]);
}

const SIGNATURES = ['-----BEGIN PGP SIGNATURE-----', '-----BEGIN PGP MESSAGE-----', '-----BEGIN SSH SIGNATURE-----', '-----BEGIN SIGNED MESSAGE-----'];

/** The content of an annotated tag that points elsewhere, without the signature at its end. */
export function editTag(content: Buffer, target: Oid): Buffer {
  const { headers, rest } = split(content);
  const kept = headers.filter((header) => !VOID_AFTER_EDIT.includes(keyOf(header))).map((header) => (keyOf(header) === 'object' ? Buffer.from(`object ${target}\n`) : header));
  const signed = SIGNATURES.map((begin) => rest.indexOf(`\n${begin}`)).filter((at) => at >= 0);
  return Buffer.concat([...kept, signed.length === 0 ? rest : rest.subarray(0, Math.min(...signed) + 1)]);
}

function split(content: Buffer): Split {
  const headers: Buffer[] = [];
  let at = 0;
  while (at < content.length && content[at] !== LINE_FEED) {
    let end = lineEnd(content, at);
    while (content[end] === SPACE) end = lineEnd(content, end);
    headers.push(content.subarray(at, end));
    at = end;
  }
  return { headers, rest: content.subarray(at) };
}

/** Where the line after this one begins. */
function lineEnd(content: Buffer, from: number): number {
  const end = content.indexOf(LINE_FEED, from);
  return end < 0 ? content.length : end + 1;
}

function keyOf(header: Buffer): string {
  const space = header.indexOf(SPACE);
  return header.toString('latin1', 0, space < 0 ? header.length : space);
}
