import { isWellFormedText } from './text.js';

/** How white space counts in a diff. */
export type DiffWhitespaceOption = 'SHOW' | 'IGNORE_CHANGE' | 'IGNORE_ALL';

/** The options that a diff's result depends on, defaults filled in; which comparison was asked for is in `base` already. */
export interface DiffIdOptions {
  readonly context: number;
  readonly whitespace: DiffWhitespaceOption;
  readonly renames: boolean;
  /** Similarity in percent from which a pair counts as a rename. */
  readonly renameThreshold: number;
  /** Files, directories or globs; null: everything. */
  readonly paths: readonly string[] | null;
}

/** A diff by what it compares: `from` is null beside the empty tree, `base` what `to` is compared with (null: the empty tree). */
export interface DiffIdentity {
  readonly repoId: number;
  readonly from: string | null;
  readonly to: string;
  readonly base: string | null;
  readonly options: DiffIdOptions;
  /** The tree that a merge of `to` into `base` gives, where that is what is compared with `base` instead of the tree of `to`. */
  readonly mergedTree?: string;
  /**
   * The base that `from` had, where another base than `from` itself is `base`: then the old side is `from` brought onto `base`. For diffs
   * between revisions; not together with `mergedTree`.
   */
  readonly remergedOver?: string;
  /** How that merge was worked out, where not plainly: a code of letters, digits, `.`, `_` and `-`. */
  readonly mergedBy?: string;
}

/**
 * What a node id says. Rows are named by their numbers; immutable things by repository, resolved object ids and options, so that
 * the same id always means the same bytes and every client cache may keep them.
 */
export type GlobalId =
  | { readonly type: 'Repo' | 'Branch' | 'Checkpoint' | 'Proposal' | 'Review' | 'Thread' | 'Comment' | 'Webhook' | 'WebhookDelivery' | 'ImportJob'; readonly id: number }
  | { readonly type: 'ApiKey'; readonly id: string }
  | { readonly type: 'Commit'; readonly repoId: number; readonly oid: string }
  | { readonly type: 'Tree'; readonly repoId: number; readonly commit: string; readonly path: string }
  | { readonly type: 'File'; readonly repoId: number; readonly commit: string; readonly path: string }
  | ({ readonly type: 'Diff' } & DiffIdentity)
  | ({ readonly type: 'DiffFile'; readonly path: string } & DiffIdentity)
  | { readonly type: 'MergePreview'; readonly repoId: number; readonly from: string; readonly into: string; readonly strategy: string; readonly by?: string }
  | { readonly type: 'Operation'; readonly stream: number; readonly seq: number }
  | { readonly type: 'Event'; readonly position: number; readonly index: number };

const WHITESPACE: readonly DiffWhitespaceOption[] = ['SHOW', 'IGNORE_CHANGE', 'IGNORE_ALL'];

/** Longer than any id that is made: a path of 1,024 bytes and as many filters as fit a request are far below. */
const MAX_ID_LENGTH = 64 * 1024;

/** The node id of a thing: its type's name, a colon, and its parts. A path comes last, as it may hold colons. */
export function encodeGlobalId(ref: GlobalId): string {
  switch (ref.type) {
    case 'Repo':
    case 'Branch':
    case 'Checkpoint':
    case 'Proposal':
    case 'Review':
    case 'Thread':
    case 'Comment':
    case 'Webhook':
    case 'WebhookDelivery':
    case 'ImportJob':
    case 'ApiKey':
      return `${ref.type}:${ref.id}`;
    case 'Commit':
      return `Commit:${ref.repoId}:${ref.oid}`;
    case 'Tree':
    case 'File':
      return `${ref.type}:${ref.repoId}:${ref.commit}:${ref.path}`;
    case 'Diff':
      return `Diff:${encodeDiff(ref)}`;
    case 'DiffFile':
      return `DiffFile:${encodeDiff(ref)}:${ref.path}`;
    case 'MergePreview':
      return `MergePreview:${ref.repoId}:${ref.from}:${ref.into}:${ref.strategy}${ref.by === undefined ? '' : `:${ref.by}`}`;
    case 'Operation':
      return `Operation:${ref.stream}:${ref.seq}`;
    case 'Event':
      return `Event:${ref.position}:${ref.index}`;
  }
}

function encodeDiff(diff: DiffIdentity): string {
  const { context, whitespace, renames, renameThreshold, paths } = diff.options;
  const numbers = `${context}.${WHITESPACE.indexOf(whitespace)}.${renames ? 1 : 0}.${renameThreshold}`;
  const filter = paths === null ? '' : `.${Buffer.from(JSON.stringify(paths), 'utf8').toString('base64url')}`;
  const merged = [diff.mergedTree, diff.mergedTree === undefined ? undefined : diff.mergedBy].filter((part) => part !== undefined);
  const base = diff.remergedOver === undefined ? [diff.base ?? '-', ...merged].join('+') : `${diff.base ?? '-'}~${diff.remergedOver}`;
  return `${diff.repoId}:${diff.from ?? '-'}:${diff.to}:${base}:${numbers}${filter}`;
}

/** What a text says if it is a node id; null when it is malformed or of an unknown type, names of things included. Nothing is looked up. */
export function decodeGlobalId(text: string): GlobalId | null {
  const colon = text.indexOf(':');
  if (colon < 0 || text.length > MAX_ID_LENGTH || !isWellFormedText(text)) return null;
  const type = text.slice(0, colon);
  const rest = text.slice(colon + 1);
  switch (type) {
    case 'Repo':
    case 'Branch':
    case 'Checkpoint':
    case 'Proposal':
    case 'Review':
    case 'Thread':
    case 'Comment':
    case 'Webhook':
    case 'WebhookDelivery':
    case 'ImportJob': {
      const id = decodeNumber(rest);
      return id === null || id === 0 ? null : { type, id };
    }
    case 'ApiKey':
      return /^[A-Za-z0-9]{1,64}$/u.test(rest) ? { type, id: rest } : null;
    case 'Commit':
    case 'Tree':
    case 'File':
      return decodeAtCommit(type, rest);
    case 'Diff':
    case 'DiffFile':
      return decodeDiff(type, rest);
    case 'MergePreview':
      return decodeMergePreview(rest);
    case 'Operation':
    case 'Event':
      return decodePair(type, rest);
    default:
      return null;
  }
}

/** A number in its one spelling: no sign, no leading zero, at most 2^53−1. */
function decodeNumber(text: string | undefined): number | null {
  if (text === undefined || !/^(?:0|[1-9]\d{0,15})$/u.test(text)) return null;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : null;
}

function isOid(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{40}$/u.test(text);
}

/** True for a code of how a merge was worked out, as far as its letters go. */
export function isMergeCode(text: string): boolean {
  return /^[A-Za-z0-9._-]{1,4096}$/u.test(text);
}

function decodeAtCommit(type: 'Commit' | 'Tree' | 'File', rest: string): GlobalId | null {
  const [repo, oid, ...path] = rest.split(':');
  const repoId = decodeNumber(repo);
  if (repoId === null || !isOid(oid)) return null;
  if (type !== 'Commit') return path.length === 0 ? null : { type, repoId, commit: oid, path: path.join(':') };
  return path.length === 0 ? { type, repoId, oid } : null;
}

function decodeDiff(type: 'Diff' | 'DiffFile', rest: string): GlobalId | null {
  const [repo, from, to, bases, code, ...path] = rest.split(':');
  const repoId = decodeNumber(repo);
  const options = decodeOptions(code ?? '');
  const compared = decodeBases(bases ?? '');
  if (repoId === null || options === null || compared === null || !isOid(to)) return null;
  if (from !== '-' && !isOid(from)) return null;
  if (from === '-' && compared.remergedOver !== undefined) return null;
  const identity = { repoId, from: from === '-' ? null : from, to, options, ...compared };
  if (type === 'Diff') return path.length === 0 ? { type, ...identity } : null;
  return path.length === 0 ? null : { type, ...identity, path: path.join(':') };
}

/** What a diff compares with: `BASE`, `BASE+TREE` and `BASE+TREE+BY` of a merge, or `BASE~OVER` of an earlier head brought onto the base. */
function decodeBases(bases: string): Pick<DiffIdentity, 'base' | 'mergedTree' | 'mergedBy' | 'remergedOver'> | null {
  const [left = '', remergedOver, ...beyond] = bases.split('~');
  const [base, mergedTree, mergedBy, ...more] = left.split('+');
  if (base !== '-' && !isOid(base)) return null;
  if (more.length > 0 || beyond.length > 0 || (mergedTree !== undefined && !isOid(mergedTree)) || (mergedBy !== undefined && !isMergeCode(mergedBy))) return null;
  const compared = { base: base === '-' ? null : base };
  if (remergedOver !== undefined) return isOid(remergedOver) && base !== '-' && mergedTree === undefined ? { ...compared, remergedOver } : null;
  return { ...compared, ...(mergedTree === undefined ? {} : { mergedTree }), ...(mergedBy === undefined ? {} : { mergedBy }) };
}

function decodeOptions(code: string): DiffIdOptions | null {
  const [contextText, whitespaceText, renamesText, thresholdText, filter, ...more] = code.split('.');
  const context = decodeNumber(contextText);
  const whitespace = WHITESPACE[decodeNumber(whitespaceText) ?? -1];
  const renameThreshold = decodeNumber(thresholdText);
  const paths = filter === undefined ? null : decodePaths(filter);
  if (context === null || whitespace === undefined || renameThreshold === null || renameThreshold > 100 || paths === 'malformed' || more.length > 0) return null;
  if (renamesText !== '0' && renamesText !== '1') return null;
  return { context, whitespace, renames: renamesText === '1', renameThreshold, paths };
}

function decodePaths(filter: string): string[] | 'malformed' {
  try {
    const paths: unknown = JSON.parse(Buffer.from(filter, 'base64url').toString('utf8'));
    if (!Array.isArray(paths)) return 'malformed';
    const texts = paths.filter((path): path is string => typeof path === 'string');
    return texts.length === paths.length ? texts : 'malformed';
  } catch {
    return 'malformed';
  }
}

function decodeMergePreview(rest: string): GlobalId | null {
  const [repo, from, into, strategy, by, ...more] = rest.split(':');
  const repoId = decodeNumber(repo);
  if (repoId === null || !isOid(from) || !isOid(into) || more.length > 0 || (by !== undefined && !isMergeCode(by))) return null;
  return strategy !== undefined && /^[A-Z_]{1,32}$/u.test(strategy) ? { type: 'MergePreview', repoId, from, into, strategy, ...(by === undefined ? {} : { by }) } : null;
}

function decodePair(type: 'Operation' | 'Event', rest: string): GlobalId | null {
  const [left, right, ...more] = rest.split(':');
  const first = decodeNumber(left);
  const second = decodeNumber(right);
  if (first === null || second === null || more.length > 0) return null;
  return type === 'Operation' ? { type, stream: first, seq: second } : { type, position: first, index: second };
}

/** The key that a client means by a node id or by the id within the key itself; a text that no key has for the id of another thing. */
export function apiKeyIdOf(text: string): string {
  const decoded = decodeGlobalId(text);
  if (decoded === null) return text;
  return decoded.type === 'ApiKey' ? decoded.id : '';
}
