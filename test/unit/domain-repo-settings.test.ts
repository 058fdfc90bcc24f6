import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/domain/limits.js';
import { changedSections, DEFAULT_REPO_SETTINGS, ownSettings, readSettings, settingsFault } from '../../src/domain/repo-settings.js';

const ground = { limits: DEFAULT_LIMITS };

describe('the settings of a repository', () => {
  it('are the defaults where nothing is stored', () => {
    expect(readSettings({})).toEqual(DEFAULT_REPO_SETTINGS);
    expect(DEFAULT_REPO_SETTINGS.approvalsRequired).toBe(1);
  });

  it.each([null, undefined, 7, 'text', [], { unknown: 1 }, { approvalsRequired: 'many' }, { approvalsRequired: 1.5 }, { approvalsRequired: null }])('are complete whatever is stored: %j', (stored) => {
    expect(readSettings(stored)).toEqual(DEFAULT_REPO_SETTINGS);
  });

  it('read again as they were written, section by section', () => {
    expect(readSettings(JSON.parse(JSON.stringify(ownSettings({ approvalsRequired: 3 }))))).toEqual({ ...DEFAULT_REPO_SETTINGS, approvalsRequired: 3 });
  });

  it('may break no rule, and say where one does', () => {
    expect(settingsFault({}, ground)).toBeNull();
    expect(settingsFault({ approvalsRequired: 0 }, ground)).toBeNull();
    expect(settingsFault({ approvalsRequired: -1 }, ground)).toMatchObject({ at: 'approvalsRequired', violation: { rule: 'approvals-required/range' } });
  });

  it('differ in the sections that are set to something else', () => {
    expect(changedSections(DEFAULT_REPO_SETTINGS, ownSettings({ approvalsRequired: 1 }))).toEqual([]);
    expect(changedSections(DEFAULT_REPO_SETTINGS, ownSettings({ approvalsRequired: 2 }))).toEqual(['approvalsRequired']);
    expect(ownSettings({ approvalsRequired: null })).toEqual({});
  });
});
