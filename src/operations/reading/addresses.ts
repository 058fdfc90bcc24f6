import { isMergeCode, type DiffIdentity, type DiffIdOptions } from '../../domain/global-id.js';
import type { Oid } from '../../git/objects/object-source.js';
import { EMPTY_TREE } from '../../git/objects/tree.js';
import { diffSettings } from './comparing/diff-spec.js';

/** Where the bytes of a file are served: a path on this server, relative to its root. */
export function fileAddress(repoName: string, commit: Oid, path: string): string {
  return `/raw/${repoName}/-/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** Where git clients find a repository; null where the gateway has not been told its own address. */
export function cloneAddress(publicUrl: string | null, repoName: string): string | null {
  return publicUrl === null ? null : `${publicUrl}/git/${repoName}.git`;
}

/**
 * Where a diff's patch is served as bytes: `/raw/REPO/-/BASE..TO.patch`, options that are not the defaults as parameters. The
 * empty tree's id stands for no base; `merged` names the tree that a merge gives, `by` how it was worked out; `from` and `over` an earlier
 * head and the base it had, where that head is brought onto BASE first.
 */
export function patchAddress(repoName: string, diff: DiffIdentity): string {
  const { context, whitespace, renames, renameThreshold, paths } = diff.options;
  const parameters = new URLSearchParams();
  if (context !== 3) parameters.set('context', String(context));
  if (whitespace !== 'SHOW') parameters.set('whitespace', whitespace);
  if (!renames) parameters.set('renames', 'false');
  if (renameThreshold !== 50) parameters.set('renameThreshold', String(renameThreshold));
  for (const path of paths ?? []) parameters.append('path', path);
  if (diff.mergedTree !== undefined) parameters.set('merged', diff.mergedTree);
  if (diff.mergedBy !== undefined) parameters.set('by', diff.mergedBy);
  if (diff.remergedOver !== undefined && diff.from !== null) {
    parameters.set('from', diff.from);
    parameters.set('over', diff.remergedOver);
  }
  const query = parameters.toString();
  return `/raw/${repoName}/-/${diff.base ?? EMPTY_TREE}..${diff.to}.patch${query === '' ? '' : `?${query}`}`;
}

const RANGE = /^([0-9a-f]{40})\.\.([0-9a-f]{40})\.patch$/u;
const OID = /^[0-9a-f]{40}$/u;

/** Reads the last part of a {@link patchAddress} back; null when it is none. Throws INVALID_ARGUMENT for options out of range. */
export function parsePatchAddress(repoId: number, range: string, parameters: URLSearchParams): DiffIdentity | null {
  const match = RANGE.exec(range);
  if (match === null) return null;
  const [, left = '', to = ''] = match;
  const base = left === EMPTY_TREE ? null : left;
  const mergedTree = parameters.get('merged');
  if (mergedTree !== null && (!OID.test(mergedTree) || base === null)) return null;
  const by = parameters.get('by');
  if (by !== null && (mergedTree === null || !isMergeCode(by))) return null;
  const over = parameters.get('over');
  const from = parameters.get('from');
  if (over !== null) {
    if (from === null || !OID.test(over) || !OID.test(from) || base === null || mergedTree !== null) return null;
    return { repoId, from, base, to, options: optionsOf(parameters), remergedOver: over };
  }
  return { repoId, from: base, base, to, options: optionsOf(parameters), ...(mergedTree === null ? {} : { mergedTree }), ...(by === null ? {} : { mergedBy: by }) };
}

function optionsOf(parameters: URLSearchParams): DiffIdOptions {
  const whitespace = parameters.get('whitespace');
  return diffSettings({
    context: wholeNumber(parameters.get('context')),
    whitespace: whitespace === 'IGNORE_CHANGE' || whitespace === 'IGNORE_ALL' ? whitespace : null,
    renames: parameters.get('renames') !== 'false',
    renameThreshold: wholeNumber(parameters.get('renameThreshold')),
    paths: parameters.getAll('path'),
  });
}

/** -1, which no option accepts, for what is not a number. */
function wholeNumber(text: string | null): number | null {
  return text === null ? null : /^\d{1,9}$/u.test(text) ? Number(text) : -1;
}
