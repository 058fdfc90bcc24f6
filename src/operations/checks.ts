import { labelsViolation, runIdViolation } from '../domain/commit-data.js';
import { tooMany } from '../domain/input-violations.js';
import type { Problem } from '../domain/problem.js';
import * as problems from '../domain/problems.js';
import type { Label } from '../domain/label.js';
import { ownSettings, settingsFault, type RepoSettingsInput } from '../domain/repo-settings.js';
import type { SettingsGround } from '../domain/settings/section.js';
import { GLOB, textViolation, type TextRule } from '../domain/text.js';
import type { Violation } from '../domain/violation.js';

type Maybe<T> = T | null | undefined;

/** A rule applied to one field of an input: the path of the field, and what was found. */
export type Check = readonly [field: string, violation: Violation | null];

/** The refusal for the first broken rule, in the order given; null when all hold. */
export function firstBroken(checks: readonly Check[]): Problem | null {
  for (const [field, violation] of checks) if (violation !== null) return problems.invalidInput(field, violation);
  return null;
}

/** A text rule on a field that may be absent. */
export function optionalText(rule: TextRule, field: string, text: Maybe<string>): Check {
  return [field, text === null || text === undefined ? null : textViolation(rule, text)];
}

/** The rules of the settings of a repository, where any are given. */
export function settingsChecks(settings: Maybe<RepoSettingsInput>, ground: SettingsGround): Check[] {
  const fault = settings === null || settings === undefined ? null : settingsFault(ownSettings(settings), ground);
  return fault === null ? [] : [[`settings.${fault.at}`, fault.violation]];
}

/** The rules of labels and metadata on a field that may be absent. */
export function labelChecks(field: string, labels: Maybe<readonly Label[]>): Check[] {
  const broken = labels === null || labels === undefined ? null : labelsViolation(labels);
  return broken === null ? [] : [[`${field}[${broken.index}].${broken.member}`, broken.violation]];
}

/** Globs that a list of a key may have; each is tried with every request. */
const MAX_GLOBS = 100;

/** The rules of a list of globs that may be absent. */
export function globChecks(field: string, globs: Maybe<readonly string[]>): Check[] {
  const list = globs ?? [];
  return [[field, list.length > MAX_GLOBS ? tooMany('globs', MAX_GLOBS, list.length) : null], ...list.map((glob, index): Check => [`${field}[${index}]`, textViolation(GLOB, glob)])];
}

/** The rules of the ids that travel as trailers, where they are given. */
export function runChecks(input: { readonly runId?: Maybe<string>; readonly sessionId?: Maybe<string> }): Check[] {
  const check = (field: string, id: Maybe<string>): Check => [field, id === null || id === undefined ? null : runIdViolation(id)];
  return [check('runId', input.runId), check('sessionId', input.sessionId)];
}
