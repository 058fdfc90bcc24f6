import { decodeGlobalId } from './global-id.js';
import { isWellFormedText } from './text.js';

/** One way to read a rev. */
export type RevCandidate =
  | { readonly kind: 'checkpoint'; readonly number: number; readonly branch: string }
  | { readonly kind: 'proposal'; readonly number: number }
  | { readonly kind: 'tag'; readonly name: string }
  | { readonly kind: 'node'; readonly type: 'Branch' | 'Checkpoint' | 'Proposal'; readonly id: number }
  | { readonly kind: 'commit'; readonly repoId: number; readonly oid: string }
  | { readonly kind: 'branch'; readonly name: string }
  | { readonly kind: 'oid'; readonly oid: string }
  | { readonly kind: 'abbreviation'; readonly prefix: string };

/** The fewest digits of an abbreviated object id, as git prints them. */
const MIN_ABBREVIATION = 7;
/** Longer than any rev: a branch name of an import may be long. */
const MAX_REV_LENGTH = 1024;
/** Checkpoints and proposals are counted in 32 bits. */
const MAX_NUMBER = 2 ** 31 - 1;

/**
 * The ways to read a rev, in the order in which they are to be tried; the first that exists is meant. Empty when there is none:
 * what holds a colon is one of the prefixed forms or nothing, as no branch name can hold one (git-check-ref-format(1), rule 4).
 * No other syntax of git (`~`, `^`, `@{…}`) is known here.
 */
export function parseRev(rev: string): readonly RevCandidate[] {
  if (rev === '' || rev.length > MAX_REV_LENGTH || !isWellFormedText(rev)) return [];
  if (rev.includes(':')) {
    const candidate = parsePrefixed(rev) ?? parseNode(rev);
    return candidate === null ? [] : [candidate];
  }
  // No branch has such a name, so none needs to be looked for.
  if (isObjectId(rev)) return [{ kind: 'oid', oid: rev.toLowerCase() }];
  const candidates: RevCandidate[] = [{ kind: 'branch', name: rev }];
  if (rev.length >= MIN_ABBREVIATION && /^[0-9a-f]{1,39}$/iu.test(rev)) candidates.push({ kind: 'abbreviation', prefix: rev.toLowerCase() });
  return candidates;
}

/** True for a full object id, in either case: no branch is made or taken over under such a name, so that the id of a commit always means that commit. */
export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/iu.test(text);
}

function parsePrefixed(rev: string): RevCandidate | null {
  const checkpoint = /^checkpoint:(\d{1,10})@(.+)$/su.exec(rev);
  if (checkpoint !== null) {
    const number = Number(checkpoint[1]);
    return number < 1 || number > MAX_NUMBER ? null : { kind: 'checkpoint', number, branch: checkpoint[2] ?? '' };
  }
  const proposal = /^proposal:(\d{1,10})$/u.exec(rev);
  if (proposal !== null) {
    const number = Number(proposal[1]);
    return number < 1 || number > MAX_NUMBER ? null : { kind: 'proposal', number };
  }
  const tag = /^tag:(.+)$/su.exec(rev);
  return tag === null ? null : { kind: 'tag', name: tag[1] ?? '' };
}

function parseNode(rev: string): RevCandidate | null {
  const id = decodeGlobalId(rev);
  switch (id?.type) {
    case 'Branch':
    case 'Checkpoint':
    case 'Proposal':
      return { kind: 'node', type: id.type, id: id.id };
    case 'Commit':
      return { kind: 'commit', repoId: id.repoId, oid: id.oid };
    default:
      return null;
  }
}
