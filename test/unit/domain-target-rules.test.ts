import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/domain/limits.js';
import { ownSettings, readSettings, settingsFault, type RepoSettingsInput } from '../../src/domain/repo-settings.js';
import { asksForApproval, rulesFor } from '../../src/domain/target-rules.js';

const MAIN = { name: 'main', protected: false };

function rulesOfMain(settings: RepoSettingsInput): ReturnType<typeof rulesFor> {
  return rulesFor(readSettings(settings), MAIN);
}

describe('the rules of a target', () => {
  it('are those that the repository asks for everywhere where no rule is for it', () => {
    const plain = { approvals: 1, dismissStale: true, approverLabels: [], paths: [], protected: false };
    expect(rulesOfMain({})).toEqual(plain);
    expect(rulesOfMain({ approvalsRequired: 3, review: { rules: [{ targets: ['release/*'], approvals: 5, protected: true }] } })).toEqual({ ...plain, approvals: 3 });
  });

  it('are those of the first rule for its name, however well a later one fits', () => {
    const rules = [{ targets: ['release/*'], approvals: 5 }, { targets: ['trunk', 'm*'], approvals: 2 }, { targets: ['main'], approvals: 4, protected: true }];
    expect(rulesOfMain({ review: { rules } })).toMatchObject({ approvals: 2, protected: false });
  });

  it('ask for as many approvals as the repository where the rule names none, and for none where it says 0', () => {
    expect(rulesOfMain({ approvalsRequired: 3, review: { rules: [{ targets: ['**'], dismissStale: false }] } })).toMatchObject({ approvals: 3, dismissStale: false });
    expect(rulesOfMain({ approvalsRequired: 3, review: { rules: [{ targets: ['**'], approvals: 0 }] } }).approvals).toBe(0);
  });

  it('protect a branch that its own row protects, whatever the rules say', () => {
    const settings = readSettings({ review: { rules: [{ targets: ['**'], protected: false }] } });
    expect([rulesFor(settings, MAIN).protected, rulesFor(settings, { ...MAIN, protected: true }).protected]).toEqual([false, true]);
  });

  it('ask for approval as soon as one path may need one', () => {
    const rules = (paths: number): ReturnType<typeof rulesFor> => rulesOfMain({ review: { rules: [{ targets: ['**'], approvals: 0, paths: [{ globs: ['src/**'], approvals: paths }] }] } });
    expect([asksForApproval(rules(0)), asksForApproval(rules(1)), asksForApproval(rulesOfMain({}))]).toEqual([false, true, true]);
  });
});

describe('rules of review to be stored', () => {
  it('read again as they were written', () => {
    const rule = { targets: ['main'], approvals: 2, dismissStale: false, approverLabels: [{ key: 'team', value: 'core' }], paths: [{ globs: ['src/**'], approvals: 3 }], protected: true };
    expect(readSettings(JSON.parse(JSON.stringify(ownSettings({ review: { rules: [rule] } })))).review).toEqual({ rules: [rule] });
  });

  it.each([
    [{ targets: [] }, 'targets', 'review-rules/globs'],
    [{ targets: ['main', ''] }, 'targets[1]', /glob/u],
    [{ targets: ['**'], approvals: 21 }, 'approvals', 'review-rules/range'],
    [{ targets: ['**'], approvals: -1 }, 'approvals', 'review-rules/range'],
    [{ targets: ['**'], approverLabels: [{ key: 'Team', value: 'a' }, { key: 'team', value: 'b' }] }, 'approverLabels[1].key', /repeated/u],
    [{ targets: ['**'], paths: [{ globs: [], approvals: 1 }] }, 'paths[0].globs', 'review-rules/globs'],
    [{ targets: ['**'], paths: [{ globs: ['**'], approvals: 99 }] }, 'paths[0].approvals', 'review-rules/range'],
    [{ targets: ['**'], paths: Array.from({ length: 21 }, () => ({ globs: ['**'], approvals: 1 })) }, 'paths', 'review-rules/too-many-paths'],
  ])('break no rule, and say where one does: %j', (rule, at, broken) => {
    const fault = settingsFault(ownSettings({ review: { rules: [{ targets: ['fine'] }, rule] } }), { limits: DEFAULT_LIMITS });
    expect(fault?.at).toBe(`review.rules[1].${at}`);
    expect(fault?.violation.rule).toMatch(broken);
  });

  it('are 50 at most', () => {
    const rules = Array.from({ length: 51 }, () => ({ targets: ['**'] }));
    expect(settingsFault(ownSettings({ review: { rules } }), { limits: DEFAULT_LIMITS })).toMatchObject({ at: 'review.rules' });
    expect(settingsFault(ownSettings({ review: { rules: rules.slice(1) } }), { limits: DEFAULT_LIMITS })).toBeNull();
  });
});
