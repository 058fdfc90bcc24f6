import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ConflictResolutionInput } from '../../../domain/conflict-resolution.js';
import type { MergeSpec } from '../../../domain/combine-merge.js';
import { canonicalJson } from '../../../shared/canonical-json.js';
import type { Request } from '../../request.js';
import type { Parting, Reverting } from './diff-caches.js';

/** How a merge is worked out, beside the commits that go in. */
export type MergeWay = Pick<MergeSpec, 'rebase' | 'resolutions' | 'reverts' | 'part'>;

/** The longest code that spells resolutions out; it must fit an address, of which browsers and proxies take 2,000 characters and more. */
const MAX_SPELT = 1_500;

/** What resolutions may inflate to: those that are spelt out are small, so anything larger was made to do harm. */
const MAX_INFLATED = 256 * 1024;

/**
 * A way as ids and addresses carry it: empty for a plain merge; otherwise `M`, `R` (a rebase), `V` (spans that are taken out) or `P` (a part of
 * what comes in), and behind it the resolutions (of `V` and `P` the spans or the part too), spelt out after `.` or, where they are long, by their digest after `-`. Letters, digits, `.`, `_` and `-` alone.
 *
 * Not promised: that a digest is understood for ever, or by another gateway; what it stands for is kept as other results are.
 */
export function mergeCode(request: Request, { rebase, resolutions = [], reverts, part }: MergeWay): string {
  const { diffs } = request.gateway;
  if (part !== undefined) {
    const parting = { part, resolutions };
    return codeOf('P', parting, (digest, bytes) => diffs.parts.set(digest, parting, bytes));
  }
  if (reverts !== undefined) {
    const reverting = { reverts, resolutions };
    return codeOf('V', reverting, (digest, bytes) => diffs.reverts.set(digest, reverting, bytes));
  }
  const kind = rebase === true ? 'R' : 'M';
  if (resolutions.length === 0) return rebase === true ? kind : '';
  return codeOf(kind, resolutions, (digest, bytes) => diffs.resolutions.set(digest, resolutions, bytes));
}

function codeOf(kind: string, value: Reverting | Parting | readonly ConflictResolutionInput[], keep: (digest: string, bytes: number) => void): string {
  const text = canonicalJson(value);
  const spelt = deflateRawSync(text).toString('base64url');
  if (spelt.length <= MAX_SPELT) return `${kind}.${spelt}`;
  const digest = createHash('sha256').update(text).digest('base64url');
  keep(digest, 2 * text.length);
  return `${kind}-${digest}`;
}

/** The way that a code stands for; null for what is none, and for a digest that is not known here any more. */
export function wayOfCode(request: Request, code: string): MergeWay | null {
  if (code === '') return {};
  const match = /^([MRVP])(?:([.-])([A-Za-z0-9_-]+))?$/u.exec(code);
  if (match === null) return null;
  const [, kind, mark, rest] = match;
  const rebase = kind === 'R' ? { rebase: true } : {};
  if (mark === undefined || rest === undefined) return kind === 'R' ? rebase : null;
  const { diffs } = request.gateway;
  if (kind === 'V') return (mark === '-' ? diffs.reverts.get(rest) : spelt(rest, isReverting)) ?? null;
  if (kind === 'P') return (mark === '-' ? diffs.parts.get(rest) : spelt(rest, isParting)) ?? null;
  const resolutions = mark === '-' ? diffs.resolutions.get(rest) : spelt(rest, isResolutions);
  return resolutions === undefined || resolutions === null ? null : { ...rebase, resolutions };
}

function spelt<T>(text: string, isValid: (value: unknown) => value is T): T | null {
  try {
    const value: unknown = JSON.parse(inflateRawSync(Buffer.from(text, 'base64url'), { maxOutputLength: MAX_INFLATED }).toString('utf8'));
    return isValid(value) ? value : null;
  } catch {
    return null;
  }
}

const SIDES: readonly unknown[] = ['BASE', 'OURS', 'THEIRS'];
const MODES: readonly unknown[] = ['FILE', 'EXECUTABLE', 'SYMLINK', 'DIRECTORY', 'SUBMODULE'];

type Members = Readonly<Record<string, unknown>>;
type Guard = (value: unknown) => boolean;

const isText: Guard = (value) => typeof value === 'string';

/** An object with these members and no others; those in `optional` may be absent or null. */
function shaped(required: Readonly<Record<string, Guard>>, optional: Readonly<Record<string, Guard>> = {}): Guard {
  return (value) => {
    if (!isMembers(value)) return false;
    if (Object.keys(value).some((key) => !Object.hasOwn(required, key) && !Object.hasOwn(optional, key))) return false;
    return (
      Object.entries(required).every(([key, guard]) => guard(value[key])) &&
      Object.entries(optional).every(([key, guard]) => value[key] === undefined || value[key] === null || guard(value[key]))
    );
  };
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isHunk = shaped({}, {
  take: shaped({ id: isText, sides: (value) => Array.isArray(value) && value.every((side) => SIDES.includes(side)) }),
  replace: shaped({ id: isText, text: isText }),
});

const isShapedResolution = shaped({}, {
  take: shaped({ path: isText, side: (value) => SIDES.includes(value) }),
  content: shaped({ path: isText }, { text: isText, base64: isText, blob: isText, mode: (value) => MODES.includes(value) }),
  hunks: shaped({ path: isText, hunks: (value) => Array.isArray(value) && value.every(isHunk) }),
  delete: shaped({ path: isText }),
});

function isResolution(value: unknown): value is ConflictResolutionInput {
  return isShapedResolution(value);
}

function isResolutions(value: unknown): value is readonly ConflictResolutionInput[] {
  return Array.isArray(value) && value.every(isResolution);
}

const isOid: Guard = (value) => typeof value === 'string' && /^[0-9a-f]{40}$/u.test(value);
const isSpan = shaped({ from: isOid, to: isOid });
const isShapedReverting = shaped({ reverts: (value) => Array.isArray(value) && value.every((span) => isSpan(span)), resolutions: isResolutions });

function isReverting(value: unknown): value is Reverting {
  return isShapedReverting(value);
}

const isTextList: Guard = (value) => Array.isArray(value) && value.every((text) => isText(text));
const isAccepted = shaped({ path: isText }, { hunks: isTextList });
const isPart = shaped({ base: isOid, only: (value) => Array.isArray(value) && value.every((each) => isAccepted(each)) });
const isShapedParting = shaped({ part: isPart, resolutions: isResolutions });

function isParting(value: unknown): value is Parting {
  return isShapedParting(value);
}
