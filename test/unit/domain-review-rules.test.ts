import { describe, expect, it } from 'vitest';
import type { ReviewRecord, ReviewVerdict } from '../../src/domain/proposal.js';
import { contributorsOf, hasContributed, isStale, reviewRules, verdictsOn, type ReviewGround } from '../../src/domain/review-rules.js';
import type { TargetRules } from '../../src/domain/target-rules.js';
import { fc } from '../support/fast-check.js';

const HEAD = 'a'.repeat(40);
const OLD = 'b'.repeat(40);
const PROPOSAL = { head: HEAD, revision: 2, judgedFrom: 1 };
let made = 0;

function review(actor: string, verdict: ReviewVerdict, more: Partial<ReviewRecord> = {}): ReviewRecord {
  return { id: ++made, proposalId: 1, verdict, body: '', actor, keyId: `key-${actor}`, headOid: HEAD, revision: 2, at: new Date(made), ...more };
}

const contributors = contributorsOf({ actor: 'author', keyId: 'key-author' }, [{ actor: 'helper', keyId: 'key-helper' }]);

function groundOf(rules: Partial<TargetRules> = {}, more: Partial<ReviewGround> = {}): ReviewGround {
  return { rules: { approvals: 1, dismissStale: true, approverLabels: [], paths: [], protected: false, ...rules }, contributors, labels: new Map(), paths: [], ...more };
}

/** Whether each rule holds: approvals first, then that nobody asks for changes. */
function holds(reviews: readonly ReviewRecord[], required = 1): boolean[] {
  return reviewRules(PROPOSAL, reviews, groundOf({ approvals: required })).map(({ satisfied }) => satisfied);
}

/** What each rule says. */
function words(reviews: readonly ReviewRecord[], required: number): string[] {
  return reviewRules(PROPOSAL, reviews, groundOf({ approvals: required })).map(({ explanation }) => explanation);
}

describe('who contributed', () => {
  it('is the author and everyone behind a checkpoint, by actor or by key', () => {
    for (const [actor, keyId] of [['author', 'x'], ['helper', 'x'], ['x', 'key-author'], ['x', 'key-helper'], ['author', 'key-helper']] as const) {
      expect([actor, keyId, hasContributed(contributors, actor, keyId)]).toEqual([actor, keyId, true]);
    }
    expect(hasContributed(contributors, 'other', 'key-other')).toBe(false);
    // An actor’s name is no key’s id, nor the reverse.
    expect(hasContributed(contributors, 'key-author', 'author')).toBe(false);
  });
});

describe('what counts as a verdict', () => {
  it('is each reviewer’s last word on this head, comments aside', () => {
    const reviews = [review('a', 'REQUEST_CHANGES'), review('b', 'APPROVE'), review('a', 'APPROVE'), review('b', 'COMMENT'), review('c', 'COMMENT'), review('d', 'APPROVE', { headOid: OLD })];
    expect([...verdictsOn(PROPOSAL, reviews)].map(([actor, { verdict }]) => [actor, verdict])).toEqual([['a', 'APPROVE'], ['b', 'APPROVE']]);
  });
});

describe('what is stale', () => {
  const strict = { dismissStale: true };
  const lenient = { dismissStale: false };
  const earlier = { headOid: OLD, revision: 1 };

  it('is nothing that judged the present revision, whatever the rules', () => {
    for (const verdict of ['APPROVE', 'REQUEST_CHANGES', 'COMMENT'] as const) {
      for (const rules of [strict, lenient]) expect([verdict, rules, isStale(review('a', verdict), PROPOSAL, rules)]).toEqual([verdict, rules, false]);
    }
  });

  it('is every verdict on an earlier one, but for approvals where the rules let them count', () => {
    for (const verdict of ['APPROVE', 'REQUEST_CHANGES', 'COMMENT'] as const) {
      expect([verdict, isStale(review('a', verdict, earlier), PROPOSAL, strict)]).toEqual([verdict, true]);
      expect([verdict, isStale(review('a', verdict, earlier), PROPOSAL, lenient)]).toEqual([verdict, verdict !== 'APPROVE']);
    }
  });

  it('is an approval of another question even there', () => {
    expect(isStale(review('a', 'APPROVE', earlier), { ...PROPOSAL, judgedFrom: 2 }, lenient)).toBe(true);
  });

  it('is an approval of somebody else just where it does not count', () => {
    for (const dismissStale of [true, false]) {
      for (const revision of [1, 2]) {
        for (const judgedFrom of [1, 2]) {
          const [proposal, one] = [{ ...PROPOSAL, judgedFrom }, review('a', 'APPROVE', { revision, headOid: revision === 2 ? HEAD : OLD })];
          const counts = reviewRules(proposal, [one], groundOf({ dismissStale }))[0]?.satisfied;
          expect({ dismissStale, revision, judgedFrom, counts }).toEqual({ dismissStale, revision, judgedFrom, counts: !isStale(one, proposal, { dismissStale }) });
        }
      }
    }
  });
});

describe('the rules of review', () => {
  it('need as many approvals of this head as the repository asks for', () => {
    expect(holds([])).toEqual([false, true]);
    expect(holds([], 0)).toEqual([true, true]);
    expect(holds([review('a', 'APPROVE')])).toEqual([true, true]);
    expect(holds([review('a', 'APPROVE')], 2)).toEqual([false, true]);
    expect(holds([review('a', 'APPROVE'), review('a', 'APPROVE')], 2)).toEqual([false, true]);
    expect(holds([review('a', 'APPROVE'), review('b', 'APPROVE')], 2)).toEqual([true, true]);
    expect(holds([review('a', 'APPROVE', { headOid: OLD })])).toEqual([false, true]);
    expect(holds([review('a', 'COMMENT')])).toEqual([false, true]);
    // The same head under another question: before the target changed, or before an undo led back to it.
    expect(holds([review('a', 'APPROVE', { revision: 1 })])).toEqual([false, true]);
  });

  it('do not count the approvals of those who contributed, even when they did so later', () => {
    expect(holds([review('author', 'APPROVE'), review('helper', 'APPROVE'), review('x', 'APPROVE', { keyId: 'key-author' })])).toEqual([false, true]);
  });

  it('let anyone’s request for changes stand until they take it back themselves', () => {
    const asked = review('a', 'REQUEST_CHANGES');
    expect(holds([asked, review('b', 'APPROVE')])).toEqual([true, false]);
    expect(holds([asked, review('a', 'COMMENT'), review('b', 'APPROVE')])).toEqual([true, false]);
    expect(holds([asked, review('a', 'APPROVE')])).toEqual([true, true]);
    expect(holds([review('author', 'REQUEST_CHANGES'), review('b', 'APPROVE')])).toEqual([true, false]);
  });

  it('say in words what is missing and who asked', () => {
    expect(words([], 1)).toEqual(['It needs 1 more approval of its present head by an actor who did not contribute to it.', 'Nobody asks for changes.']);
    expect(words([review('a', 'APPROVE')], 3)[0]).toContain('2 more approvals');
    expect(words([review('a', 'APPROVE')], 1)[0]).toBe('It has 1 approval of 1 needed.');
    expect(words([review('a', 'REQUEST_CHANGES'), review('b', 'REQUEST_CHANGES')], 1)[1]).toBe('a, b asked for changes to its present head.');
  });

  it('never hold by what contributors or strangers to this head say', () => {
    const void_ = fc.record({ actor: fc.constantFrom('author', 'helper', 'a', 'b'), verdict: fc.constantFrom<ReviewVerdict>('APPROVE', 'COMMENT'), headOid: fc.constantFrom(HEAD, OLD) });
    fc.assert(
      fc.property(fc.array(void_, { maxLength: 12 }), fc.integer({ min: 1, max: 3 }), (list, required) => {
        const counting = new Set(list.filter(({ actor, verdict, headOid }) => verdict === 'APPROVE' && headOid === HEAD && (actor === 'a' || actor === 'b')).map(({ actor }) => actor));
        expect(holds(list.map(({ actor, verdict, headOid }) => review(actor, verdict, { headOid })), required)).toEqual([counting.size >= required, true]);
      }),
    );
  });
});

/** A review of the revision before. */
function old(actor: string, verdict: ReviewVerdict): ReviewRecord {
  return review(actor, verdict, { headOid: OLD, revision: 1 });
}

/** Each rule, whether it holds, and what it says. */
function said(reviews: readonly ReviewRecord[], ground: ReviewGround, proposal = PROPOSAL): readonly (readonly [string, boolean, string])[] {
  return reviewRules(proposal, reviews, ground).map(({ rule, satisfied, explanation }) => [rule, satisfied, explanation] as const);
}

describe('the rules of a target', () => {
  it('say that approvals of an earlier revision no longer count, or count them where they may', () => {
    expect(said([old('a', 'APPROVE')], groundOf())[0]).toEqual(['approvals', false, 'It needs 1 more approval of its present head by an actor who did not contribute to it. 1 approval of an earlier revision no longer counts.']);
    expect(said([old('a', 'APPROVE')], groundOf({ dismissStale: false }))[0]).toEqual(['approvals', true, 'It has 1 approval of 1 needed.']);
    expect(said([old('a', 'APPROVE')], groundOf({ dismissStale: false }), { ...PROPOSAL, judgedFrom: 2 })[0]?.[1]).toBe(false);
    expect(said([old('a', 'APPROVE'), review('a', 'REQUEST_CHANGES')], groundOf({ dismissStale: false })).map(([, satisfied]) => satisfied)).toEqual([false, false]);
    expect(said([old('author', 'APPROVE')], groundOf({ dismissStale: false }))[0]?.[1]).toBe(false);
  });

  it('count an approval given with a key that has every label, and name those who lack one', () => {
    const approverLabels = [{ key: 'team', value: 'core' }, { key: 'level', value: '2' }];
    const labels = new Map([['key-a', approverLabels], ['key-b', approverLabels.slice(1)]]);
    expect(said([review('a', 'APPROVE')], groundOf({ approverLabels }, { labels }))[0]?.[1]).toBe(true);
    expect(said([review('b', 'APPROVE'), review('c', 'APPROVE')], groundOf({ approverLabels }, { labels }))[0]).toEqual([
      'approvals', false, 'It needs 1 more approval of its present head by an actor who did not contribute to it with a key labelled team=core, level=2. Approved with a key that lacks the labels: b, c.',
    ]);
  });

  it('need more for some paths, only where these are touched, and name them', () => {
    const paths = [{ globs: ['src/auth/**'], approvals: 2 }, { globs: ['docs/**'], approvals: 3 }];
    const touching = groundOf({ paths }, { paths: ['a.txt', ...[1, 2, 3, 4].map((number) => `src/auth/${number}.ts`)] });
    expect(said([review('a', 'APPROVE')], touching)).toEqual([
      ['approvals', true, 'It has 1 approval of 1 needed.'],
      ['paths', false, 'It needs 1 more approval of its present head by an actor who did not contribute to it for src/auth/1.ts, src/auth/2.ts, src/auth/3.ts and 1 more path.'],
      ['no-changes-requested', true, 'Nobody asks for changes.'],
    ]);
    expect(said([review('a', 'APPROVE'), review('b', 'APPROVE')], touching).every(([, satisfied]) => satisfied)).toBe(true);
    expect(said([], groundOf({ approvals: 0, paths }, { paths: ['a.txt'] })).map(([rule]) => rule)).toEqual(['approvals', 'no-changes-requested']);
  });
});
