import { afterAll, beforeAll, expect, test } from 'vitest';
import { everyRow } from '../../src/domain/every-row.js';
import type { Page, PageRequest } from '../../src/domain/ports/pages.js';
import type { RetentionQuery } from '../../src/domain/ports/reader.js';
import { retentionVerdict, type RetentionFacts, type RetentionRule } from '../../src/domain/retention.js';
import { DEFAULT_REPO_SETTINGS } from '../../src/domain/repo-settings.js';
import type { ReviewRule } from '../../src/domain/target-rules.js';
import { fc } from '../support/fast-check.js';
import { makeRepo, newBranch, oidOf, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let fixture: StorageFixture;

beforeAll(async () => {
  fixture = await openStorageFixture();
});
afterAll(() => fixture.close());

const DAY = 86_400_000;
const NOW = new Date('2026-03-01T12:00:00.000Z');
const POLICIES = 120;
const BRANCHES = 250;

/** Whole days, so that branches often stand exactly at a limit; a millisecond beside it now and then. */
const instant = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.constantFrom(-1, 0, 1)).map(([days, beside]) => new Date(NOW.getTime() - days * DAY + beside));
const maybe = fc.option(instant, { nil: null });
const name = fc.tuple(fc.constantFrom('session/', 'proposal/f-', 'work/', 'work/deep/'), fc.constantFrom('a', 'b')).map((parts) => parts.join(''));
const made = fc.record({ name, createdAt: instant, lastActivityAt: instant, expiresAt: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, instant), mergedAt: maybe, markedAt: maybe, deleted: fc.boolean(), guarded: fc.integer({ min: 0, max: 9 }), proposals: fc.integer({ min: 0, max: 3 }) });

const span = fc.option(fc.integer({ min: 0, max: 5 }).map((days) => days * DAY), { nil: null });
const rule = fc.record({
  name: fc.constant('r'),
  branches: fc.uniqueArray(fc.constantFrom('**', 'session/*', 'work/**', '**/a*', 'work/*', 'main'), { minLength: 1, maxLength: 2 }),
  kinds: fc.option(fc.uniqueArray(fc.constantFrom('SESSION' as const, 'PROPOSAL' as const, 'OTHER' as const, 'DEFAULT' as const), { minLength: 1, maxLength: 2 }), { nil: null }),
  maxAge: span,
  maxInactivity: span,
  merged: fc.boolean(),
  action: fc.constantFrom('KEEP' as const, 'MARK' as const, 'CLOSE_PROPOSAL' as const, 'DELETE' as const),
}) satisfies fc.Arbitrary<RetentionRule>;

/** Rules of review, of which the first for a name says whether retention may touch it. */
const protecting = fc.record({
  targets: fc.uniqueArray(fc.constantFrom('session/*', 'work/**', '**/a*', '**'), { minLength: 1, maxLength: 2 }),
  approvals: fc.constant(null),
  dismissStale: fc.boolean(),
  approverLabels: fc.constant([]),
  paths: fc.constant([]),
  protected: fc.boolean(),
}) satisfies fc.Arbitrary<ReviewRule>;

/** Branches of one repository in every situation that a policy looks at. Answers their ids. */
async function branchesOf(repoId: number): Promise<number[]> {
  const { storage, sql } = fixture;
  const ids: number[] = [];
  const main = await storage.transaction((tx) => tx.insertBranch(newBranch(repoId, 'main')));
  for (const [index, each] of fc.sample(made, BRANCHES).entries()) {
    const branch = await storage.transaction((tx) => tx.insertBranch(newBranch(repoId, `${each.name}${index}`)));
    if (branch === null || main === null) throw new TypeError('a name was taken');
    ids.push(branch.id);
    await sql`update branch set created_at = ${each.createdAt}, last_activity_at = ${each.lastActivityAt}, expires_at = ${each.expiresAt}, merged_at = ${each.mergedAt}, marked_at = ${each.markedAt},
      deleted_at = ${each.deleted && each.guarded < 3 ? NOW : null}, protected = ${each.guarded === 9} where id = ${branch.id}`;
    if (each.proposals === 0) continue;
    const [source, target] = each.proposals === 1 ? [branch.id, main.id] : [main.id, branch.id];
    const proposal = await storage.transaction((tx) => tx.insertProposal({ repoId, title: 't', body: '', sourceBranchId: source, sourceName: 's', targetBranchId: target, targetName: 't', head: oidOf(1), base: null, createdBy: 'ada', keyId: 'k', runId: null, metadata: [] }));
    if (each.proposals === 3) await sql`update proposal set state = 'CLOSED' where id = ${proposal.id}`;
  }
  return [main?.id ?? 0, ...ids];
}

async function walk(query: RetentionQuery, count: number): Promise<RetentionFacts[]> {
  const rows: RetentionFacts[] = [];
  let page: PageRequest = { count, after: null, backward: false };
  for (;;) {
    const found: Page<RetentionFacts> = await fixture.storage.reader().dueBranches(query, page);
    rows.push(...found.edges.map(({ node }) => node));
    const after = found.edges.at(-1)?.key ?? null;
    if (!found.hasNext || after === null) return rows;
    page = { ...page, after };
  }
}

test('the branches that the database finds due are those for which the rules have a verdict, whatever policy and branch', async () => {
  const repo = await makeRepo(fixture.storage, 'retention');
  const ids = await branchesOf(repo.id);
  const everything = await fixture.storage.transaction((tx) => tx.holdForRetention(repo.id, ids, { defaultBranch: 'main', settings: DEFAULT_REPO_SETTINGS }));
  expect(everything.length).toBeGreaterThan(BRANCHES * 0.7);
  expect(everything.some(({ pendingFrom }) => pendingFrom === 1) && everything.some(({ pendingInto }) => pendingInto === 1)).toBe(true);
  let verdicts = 0;
  let exempted = 0;
  for (const [rules, review] of fc.sample(fc.tuple(fc.array(rule, { maxLength: 5 }), fc.array(protecting, { maxLength: 2 })), POLICIES)) {
    const policy = { rules };
    const settings = { approvalsRequired: 1, review: { rules: review } };
    const expected = everything.map((facts) => ({ ...facts, settings })).filter((facts) => retentionVerdict(policy, facts, NOW) !== null).sort((a, b) => a.branch.createdAt.getTime() - b.branch.createdAt.getTime() || a.branch.id - b.branch.id);
    const found = await walk({ repoId: repo.id, defaultBranch: 'main', settings, policy, now: NOW, readGlobs: ['**'], writeGlobs: ['**'] }, 60);
    expect({ rules, review, found }).toEqual({ rules, review, found: expected });
    verdicts += expected.length;
    exempted += everything.filter((facts) => retentionVerdict(policy, facts, NOW) !== null).length - expected.length;
  }
  expect(verdicts).toBeGreaterThan(POLICIES);
  expect(exempted).toBeGreaterThan(POLICIES);
});

test('the globs of a key limit what it sees due, those for reading and those for writing', async () => {
  const repo = await makeRepo(fixture.storage, 'globs');
  for (const name of ['main', 'session/a', 'session/b', 'work/a']) await fixture.storage.transaction((tx) => tx.insertBranch(newBranch(repo.id, name, { expiresAt: NOW })));
  const namesOf = async (readGlobs: string[], writeGlobs: string[]): Promise<string[]> =>
    (await everyRow((page) => fixture.storage.reader().dueBranches({ repoId: repo.id, defaultBranch: 'main', settings: DEFAULT_REPO_SETTINGS, policy: { rules: [] }, now: NOW, readGlobs, writeGlobs }, page))).map(({ branch }) => branch.name);
  expect(await namesOf(['**'], ['**'])).toEqual(['session/a', 'session/b', 'work/a']);
  expect(await namesOf(['session/*'], ['**'])).toEqual(['session/a', 'session/b']);
  expect(await namesOf(['session/*'], ['**/a'])).toEqual(['session/a']);
});
