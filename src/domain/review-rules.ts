import { matchesAnyGlob } from './glob.js';
import type { RuleStatus } from './problem.js';
import type { ProposalRecord, ReviewRecord } from './proposal.js';
import type { Label } from './label.js';
import type { TargetRules } from './target-rules.js';

/** Who had a hand in what a proposal holds: actors and keys of its author and of every checkpoint of its source. */
export interface Contributors {
  readonly actors: ReadonlySet<string>;
  readonly keyIds: ReadonlySet<string>;
}

/** Who made something, and by which key. */
export interface Maker {
  readonly actor: string;
  readonly keyId: string;
}

/** The contributors to a proposal, its author included. */
export function contributorsOf(author: Maker, work: readonly Maker[]): Contributors {
  const all = [author, ...work];
  return { actors: new Set(all.map(({ actor }) => actor)), keyIds: new Set(all.map(({ keyId }) => keyId)) };
}

/** True when this actor with this key had a hand in the work, so that their approval would be their own. */
export function hasContributed(contributors: Contributors, actor: string, keyId: string): boolean {
  return contributors.actors.has(actor) || contributors.keyIds.has(keyId);
}

/** What of a proposal a verdict is bound to. */
export type Judged = Pick<ProposalRecord, 'head' | 'revision'>;

/** True when the review judged what the proposal is now: this head, in this revision. */
function isCurrent(review: Pick<ReviewRecord, 'headOid' | 'revision'>, { head, revision }: Judged): boolean {
  return review.headOid === head && review.revision === revision;
}

/**
 * True when the review counts no longer: the proposal has another revision by now, or for an approval where the rules let it count for
 * later ones too, another question (`judgedFrom`). A request for changes and a comment are on their revision alone, whatever the rules.
 */
export function isStale(review: Pick<ReviewRecord, 'headOid' | 'revision' | 'verdict'>, proposal: Judged & Pick<ProposalRecord, 'judgedFrom'>, { dismissStale }: Pick<TargetRules, 'dismissStale'>): boolean {
  const outlives = review.verdict === 'APPROVE' && !dismissStale;
  return outlives ? review.revision < proposal.judgedFrom : !isCurrent(review, proposal);
}

/** Each reviewer's last word among the reviews that `counts`; comments are not a word. Reviews in the order they were made. */
function lastWords(reviews: readonly ReviewRecord[], counts: (review: ReviewRecord) => boolean): ReadonlyMap<string, ReviewRecord> {
  const last = new Map<string, ReviewRecord>();
  for (const review of reviews) if (counts(review) && review.verdict !== 'COMMENT') last.set(review.actor, review);
  return last;
}

/** Each reviewer's last word on the present revision; comments are not a word on it. Reviews in the order they were made. */
export function verdictsOn(proposal: Judged, reviews: readonly ReviewRecord[]): ReadonlyMap<string, ReviewRecord> {
  return lastWords(reviews, (review) => isCurrent(review, proposal));
}

/** What the rules of a target are judged by beside the reviews. */
export interface ReviewGround {
  readonly rules: TargetRules;
  readonly contributors: Contributors;
  /** The labels of the keys that approvals were given with, by key; a key that is missing has none. */
  readonly labels: ReadonlyMap<string, readonly Label[]>;
  /** The paths that the proposal changes; only looked at where a rule is for paths. */
  readonly paths: readonly string[];
}

/** The approvals that count, and how many do not, by what is wrong with them. */
interface Counted {
  readonly fit: number;
  readonly stale: number;
  readonly own: readonly string[];
  readonly unlabelled: readonly string[];
}

/**
 * What stands between a proposal and its merge, in words: approvals by actors and keys that did not contribute, with the labels that are
 * asked for, more of them for some paths, and no reviewer who asks for changes. An approval counts for the revision it judged, or
 * where the rules let stale ones count, for every later one, back to the last change of the question (`judgedFrom`).
 */
export function reviewRules(proposal: Judged & Pick<ProposalRecord, 'judgedFrom'>, reviews: readonly ReviewRecord[], ground: ReviewGround): RuleStatus[] {
  const { rules, paths } = ground;
  const counted = countApprovals(proposal, reviews, ground);
  const requests = [...verdictsOn(proposal, reviews).values()].filter((review) => review.verdict === 'REQUEST_CHANGES');
  const touched = rules.paths.flatMap((rule) => {
    const matching = paths.filter((path) => matchesAnyGlob(rule.globs, path));
    return matching.length === 0 ? [] : [approvalStatus('paths', rule.approvals, ground, counted, ` for ${shown(matching)}`)];
  });
  return [
    approvalStatus('approvals', rules.approvals, ground, counted, ''),
    ...touched,
    {
      rule: 'no-changes-requested',
      satisfied: requests.length === 0,
      explanation: requests.length === 0 ? 'Nobody asks for changes.' : `${requests.map((review) => review.actor).join(', ')} asked for changes to its present head.`,
    },
  ];
}

function countApprovals(proposal: Judged & Pick<ProposalRecord, 'judgedFrom'>, reviews: readonly ReviewRecord[], { rules, contributors, labels }: ReviewGround): Counted {
  const asked = [...lastWords(reviews, (review) => review.revision >= proposal.judgedFrom).values()].filter(({ verdict }) => verdict === 'APPROVE');
  const fresh = rules.dismissStale ? [...verdictsOn(proposal, reviews).values()].filter(({ verdict }) => verdict === 'APPROVE') : asked;
  const own = fresh.filter((review) => hasContributed(contributors, review.actor, review.keyId));
  const others = fresh.filter((review) => !own.includes(review));
  const unlabelled = others.filter(({ keyId }) => !hasLabels(labels.get(keyId) ?? [], rules.approverLabels));
  return { fit: others.length - unlabelled.length, stale: asked.filter((review) => !fresh.includes(review)).length, own: actorsOf(own), unlabelled: actorsOf(unlabelled) };
}

function actorsOf(reviews: readonly ReviewRecord[]): string[] {
  return reviews.map(({ actor }) => actor);
}

function hasLabels(labels: readonly Label[], wanted: readonly Label[]): boolean {
  return wanted.every(({ key, value }) => labels.some((label) => label.key === key && label.value === value));
}

function approvalStatus(rule: string, needed: number, { rules }: ReviewGround, { fit, stale, own, unlabelled }: Counted, about: string): RuleStatus {
  const missing = needed - fit;
  if (missing <= 0) return { rule, satisfied: true, explanation: `It has ${count(fit, 'approval')} of ${needed} needed${about}.` };
  const which = rules.dismissStale ? ' of its present head' : '';
  const wanted = rules.approverLabels.map(({ key, value }) => `${key}=${value}`).join(', ');
  const said = [`It needs ${count(missing, 'more approval')}${which} by an actor who did not contribute to it${wanted === '' ? '' : ` with a key labelled ${wanted}`}${about}.`];
  if (stale > 0) said.push(`${count(stale, 'approval')} of an earlier revision no longer ${stale === 1 ? 'counts' : 'count'}.`);
  if (own.length > 0) said.push(`Those who contributed do not count: ${own.join(', ')}.`);
  if (unlabelled.length > 0) said.push(`Approved with a key that lacks the labels: ${unlabelled.join(', ')}.`);
  return { rule, satisfied: false, explanation: said.join(' ') };
}

/** Paths that a sentence names before it counts the rest. */
const MAX_NAMED = 3;

function shown(paths: readonly string[]): string {
  const rest = paths.length - MAX_NAMED;
  return `${paths.slice(0, MAX_NAMED).join(', ')}${rest > 0 ? ` and ${count(rest, 'more path')}` : ''}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
