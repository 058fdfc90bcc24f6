import { describe, expect, test } from 'vitest';
import { ACTIONS, actionRule, type Action } from '../../src/auth/actions.js';
import { authorize, mayReadEvent, type ActionTarget } from '../../src/auth/authorize.js';
import { creationRefusal, keyManagementRefusal } from '../../src/auth/key-reach.js';
import { heldScopes, holdsScope } from '../../src/auth/scopes.js';
import { SCOPES, type Scope } from '../../src/domain/api-key.js';
import { matchesGlob } from '../../src/domain/glob.js';
import type { EventPayload } from '../../src/domain/operation.js';
import { notFound } from '../../src/domain/problems.js';
import { KEY_KINDS, keyWith, viewerWith, type KeyTraits } from '../security/key-kinds.js';
import { fc } from '../support/fast-check.js';

const ACTION_NAMES = Object.keys(ACTIONS).filter((name): name is Action => name in ACTIONS);
const globs = fc.subarray(['**', 'a', 'a/*', 'session/**', 'b']);
const name = fc.constantFrom('a', 'a/x', 'a/x/y', 'b', 'session/1');
const traits: fc.Arbitrary<Required<Pick<KeyTraits, 'scopes' | 'repos' | 'branches' | 'readBranches' | 'paths'>>> = fc.record({
  scopes: fc.subarray([...SCOPES]),
  repos: globs,
  branches: globs,
  readBranches: globs,
  paths: globs,
});

const within = (list: readonly string[], each: string): boolean => list.some((glob) => matchesGlob(glob, each));
const event = (fields: Partial<EventPayload>): EventPayload => ({ kind: 'BRANCH_MOVED', repoName: 'team/app', ...fields });

/** The whole of authorization, said once more in ten lines: OK, NOT_FOUND, FORBIDDEN for a lack of scope, or FORBIDDEN by a glob. */
function model(key: ReturnType<typeof keyWith>, action: Action, { repoName, branchName, paths = [] }: Required<ActionTarget>): string {
  const { scope, or, reach } = actionRule(action);
  const has = (wanted: Scope): boolean => key.scopes.some((held) => held === wanted || held === or || held === 'ADMIN');
  const writes = ['NEW_REPO', 'NEW_BRANCH', 'WRITE_BRANCH'].includes(reach);
  const hidden = !within(key.repos, repoName) || !(has(scope) || key.scopes.includes('READ')) || (reach !== 'NEW_BRANCH' && !within(key.readBranches, branchName));
  if (reach !== 'NEW_REPO' && hidden) return 'NOT_FOUND';
  if (!has(scope)) return 'SCOPE';
  const reached = within(key.repos, repoName) && within(key.branches, branchName) && within(key.readBranches, branchName) && paths.every((path) => within(key.paths, path));
  return writes && !reached ? 'GLOB' : 'OK';
}

describe('authorization', () => {
  test('is what its model of ten lines says', () => {
    const target = fc.record({ repoName: name, branchName: name, paths: fc.array(name, { maxLength: 2 }) });
    fc.assert(
      fc.property(traits, fc.constantFrom(...ACTION_NAMES), target, (each, action, where) => {
        const problem = authorize(viewerWith(each), action, where);
        const answer = problem === null ? 'OK' : problem.code === 'FORBIDDEN' ? (problem.needs === null ? 'GLOB' : 'SCOPE') : problem.code;
        expect(answer).toBe(model(keyWith(each), action, where));
      }),
      { numRuns: 10_000 },
    );
  });

  test('never answers otherwise for less than it would for the whole target', () => {
    fc.assert(
      fc.property(traits, fc.constantFrom(...ACTION_NAMES), name, name, name, (each, action, repoName, branchName, path) => {
        const viewer = viewerWith(each);
        const early = [authorize(viewer, action, { repoName }), authorize(viewer, action, { repoName, branchName })];
        const whole = authorize(viewer, action, { repoName, branchName, paths: [path] });
        fc.pre(whole === null);
        expect(early).toEqual([null, null]);
      }),
      { numRuns: 3000, maxSkipsPerRun: 1000 },
    );
  });

  test('tells what is hidden and what is absent in the same words', () => {
    const viewer = viewerWith({ scopes: ['READ'], repos: ['mine'], readBranches: ['main'] });
    expect(authorize(viewer, 'readRepo', { repoName: 'theirs' })).toEqual(notFound('repository', 'theirs'));
    expect(authorize(viewer, 'createCheckpoint', { repoName: 'theirs', branchName: 'main' })).toEqual(notFound('repository', 'theirs'));
    expect(authorize(viewer, 'readBranch', { repoName: 'mine', branchName: 'secret' })).toEqual(notFound('branch', 'secret'));
    expect(authorize(viewer, 'deleteBranch', { repoName: 'mine', branchName: 'secret' })).toEqual(notFound('branch', 'secret'));
  });

  test('says which scope is missing where the thing can be read', () => {
    expect(authorize(viewerWith({ scopes: ['READ'] }), 'mergeBranch', { repoName: 'r', branchName: 'main' })).toMatchObject({ code: 'FORBIDDEN', needs: 'MERGE' });
    expect(authorize(viewerWith({ scopes: ['READ'] }), 'readServerAudit')).toMatchObject({ code: 'FORBIDDEN', needs: 'AUDIT' });
  });

  test('a key that can write only writes, and learns nothing of what it may not do', () => {
    const writer = viewerWith({ scopes: ['WRITE'] });
    expect(authorize(writer, 'createCheckpoint', { repoName: 'r', branchName: 'main', paths: ['a'] })).toBeNull();
    expect(authorize(writer, 'readRepo', { repoName: 'r' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(authorize(writer, 'mergeBranch', { repoName: 'r' })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('globs limit an administrator too', () => {
    const admin = viewerWith({ scopes: ['ADMIN'], repos: ['team/**'], branches: ['session/*'], paths: ['docs/**'] });
    expect(authorize(admin, 'readRepo', { repoName: 'other' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(authorize(admin, 'createRepo', { repoName: 'other' })).toMatchObject({ code: 'FORBIDDEN', needs: null });
    expect(authorize(admin, 'mergeProposal', { repoName: 'team/a', branchName: 'main' })).toMatchObject({ code: 'FORBIDDEN', needs: null });
    expect(authorize(admin, 'createCheckpoint', { repoName: 'team/a', branchName: 'session/1', paths: ['docs/a', 'src/b'] })).toMatchObject({ message: expect.stringContaining('"src/b"') });
  });

  test('a branch is made only where its maker could read it', () => {
    const viewer = viewerWith({ scopes: ['READ', 'WRITE'], branches: ['session/*'], readBranches: ['main'] });
    expect(authorize(viewer, 'createBranch', { repoName: 'r', branchName: 'session/1' })).toMatchObject({ code: 'FORBIDDEN', needs: null });
  });

  test('every scope guards something, and each mutation of the first release has its row', () => {
    const guarding = new Set<Scope>(ACTION_NAMES.map((action) => ACTIONS[action].scope));
    expect(SCOPES.filter((scope) => !guarding.has(scope))).toEqual(['ACT_AS']);
    const mutations = ['createRepo', 'createBranch', 'createCheckpoint', 'deleteBranch', 'mergeBranch', 'openProposal', 'reviewProposal', 'mergeProposal', 'rejectProposal', 'createApiKey', 'revokeApiKey'];
    expect(mutations.filter((mutation) => !(mutation in ACTIONS))).toEqual([]);
  });
});

describe('the kinds of key', () => {
  const target = { repoName: 'team/app', branchName: 'main', paths: ['src/a'] };
  const answers = (kind: string): string[] => ACTION_NAMES.filter((action) => authorize(viewerWith(KEY_KINDS[kind] ?? {}), action, target) === null);

  test.each([
    ['reader', ['readRepo', 'readBranch', 'readRaw', 'readEvents', 'deriveApiKey']],
    ['creator', ['createRepo', 'forkRepo']],
    ['writer', ['createBranch', 'deleteBranch', 'createCheckpoint', 'push', 'undo', 'redo', 'restore', 'revertRun', 'refreshBranch', 'restoreBranch', 'uploadBlob']],
    ['proposer', ['openProposal', 'updateProposal', 'closeProposal', 'reopenProposal', 'commentOnProposal', 'resolveThread']],
    ['reviewer', ['reviewProposal', 'commentOnProposal', 'resolveThread', 'rejectProposal']],
    ['merger', ['mergeBranch', 'mergeProposal']],
    ['actor', []],
    ['auditor', ['readAudit', 'readServerAudit']],
    ['admin', ACTION_NAMES],
    ['foreign', []],
    ['sessionWriter', ['readRepo', 'readBranch', 'readRaw', 'readEvents', 'readAudit', 'readServerAudit', 'push', 'uploadBlob', 'openProposal', 'updateProposal', 'closeProposal', 'reopenProposal', 'reviewProposal', 'commentOnProposal', 'resolveThread', 'rejectProposal', 'deriveApiKey']],
    ['docsWriter', ['readRepo', 'readBranch', 'readRaw', 'readEvents', 'readAudit', 'readServerAudit', 'push', 'uploadBlob', 'openProposal', 'updateProposal', 'closeProposal', 'reopenProposal', 'reviewProposal', 'commentOnProposal', 'resolveThread', 'rejectProposal', 'deriveApiKey']],
  ])('%s may do %j on main', (kind, expected) => {
    expect(answers(kind)).toEqual(kind === 'foreign' ? [] : expected);
  });

  test('a key without scopes may do nothing at all', () => {
    expect(ACTION_NAMES.filter((action) => authorize(viewerWith({}), action) === null)).toEqual([]);
    expect(ACTION_NAMES.filter((action) => authorize(viewerWith({}), action, target) === null)).toEqual([]);
  });
});

describe('scopes', () => {
  test('none implies another but ADMIN, which implies all', () => {
    for (const held of SCOPES) expect(heldScopes({ scopes: [held] })).toEqual(held === 'ADMIN' ? SCOPES : [held]);
    expect(holdsScope({ scopes: [] }, 'READ')).toBe(false);
  });
});

describe('events', () => {
  const viewer = viewerWith({ scopes: ['READ'], repos: ['team/*'], readBranches: ['main', 'session/*'] });

  test.each([
    [{}, true],
    [{ branchName: 'main' }, true],
    [{ branchName: 'secret' }, false],
    [{ repoName: 'other' }, false],
    [{ branchName: 'main', sourceName: 'session/1' }, true],
    [{ branchName: 'main', sourceName: 'secret' }, false],
  ])('%j is seen: %s', (fields, seen) => {
    expect(mayReadEvent(viewer, event(fields))).toBe(seen);
  });

  test('are for readers only', () => {
    expect(mayReadEvent(viewerWith({ scopes: ['WRITE', 'AUDIT'] }), event({}))).toBe(false);
  });
});

/** Globs that are often covered by these. */
const narrowed = (list: readonly string[]): fc.Arbitrary<string[]> => (list.length === 0 ? fc.constant([]) : fc.oneof(fc.subarray([...list], { minLength: 1 }), globs));

describe('keys made by keys', () => {
  const maker = viewerWith({ scopes: ['ADMIN'], repos: ['team/**'], branches: ['session/**'], readBranches: ['**'], paths: ['docs/**'] });
  const narrow = keyWith({ id: 'BBBBBBBBBBBB', scopes: ['WRITE'], repos: ['team/app'], branches: ['session/*'], paths: ['docs/a.md'] });

  test('reach no further than their maker', () => {
    expect(creationRefusal(maker, narrow)).toBeNull();
    expect(creationRefusal(maker, { ...narrow, repos: ['**'] })).toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('"repos"') });
    expect(creationRefusal(maker, { ...narrow, branches: ['main'] })).toMatchObject({ message: expect.stringContaining('"branches"') });
    expect(creationRefusal(maker, { ...narrow, paths: ['**'] })).toMatchObject({ message: expect.stringContaining('"paths"') });
    expect(creationRefusal(viewerWith({ scopes: ['READ'] }), narrow)).toMatchObject({ code: 'FORBIDDEN', needs: 'WRITE' });
  });

  test('never do anything that their maker could not', () => {
    const pair = traits.chain((one) =>
      fc.tuple(
        fc.constant(one),
        fc.record({ scopes: fc.subarray([...one.scopes]), repos: narrowed(one.repos), branches: narrowed(one.branches), readBranches: narrowed(one.readBranches), paths: narrowed(one.paths) }),
      ),
    );
    fc.assert(
      fc.property(pair, fc.constantFrom(...ACTION_NAMES), name, name, ([one, other], action, repoName, branchName) => {
        fc.pre(creationRefusal(viewerWith(one), keyWith(other)) === null);
        fc.pre(authorize(viewerWith(other), action, { repoName, branchName }) === null);
        expect(other.scopes.length).toBeGreaterThan(0);
        expect(authorize(viewerWith(one), action, { repoName, branchName })).toBeNull();
      }),
      { numRuns: 300, maxSkipsPerRun: 10_000 },
    );
  });

  test('that reach further are as if absent to a narrower administrator, who may still revoke their own', () => {
    expect(keyManagementRefusal(maker, narrow)).toBeNull();
    expect(keyManagementRefusal(maker, keyWith({ id: 'CCCCCCCCCCCC', scopes: ['READ'] }))).toEqual(notFound('API key', 'CCCCCCCCCCCC'));
    expect(keyManagementRefusal(maker, maker.key)).toBeNull();
  });
});
