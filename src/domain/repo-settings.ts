import { canonicalJson } from '../shared/canonical-json.js';
import type { RetentionPolicy } from './retention.js';
import { APPROVALS_REQUIRED } from './settings/approvals-required.js';
import { IDLE_AFTER } from './settings/idle-after.js';
import { LIMITS, type RepoLimits } from './settings/limits.js';
import { REVIEW } from './settings/review.js';
import { RETENTION } from './settings/retention.js';
import { NAMING, type BranchNaming } from './settings/naming.js';
import type { ReviewPolicy } from './target-rules.js';
import { memberOf, type SectionFault, type SettingsGround, type SettingsSection } from './settings/section.js';

/** What a repository decides for itself, complete. A new section is named here and in {@link SECTIONS}; see `settings/README.md`. */
export interface RepoSettings {
  /** Approvals by actors who did not contribute that a proposal needs before it can be merged. */
  readonly approvalsRequired: number;
  /** After how many milliseconds without a move a branch is IDLE; null: as the deployment says. */
  readonly idleAfter: number | null;
  /** What becomes of the branches that nobody needs any more. */
  readonly retention: RetentionPolicy;
  /** Who must approve what goes into which branch, and which branches are protected. */
  readonly review: ReviewPolicy;
  /** How new branches may be named. The deployment's policy holds beside it. */
  readonly naming: BranchNaming;
  /** Limits that are narrower than the deployment's. */
  readonly limits: RepoLimits;
}

const SECTIONS: { readonly [Name in keyof RepoSettings]: SettingsSection<RepoSettings[Name]> } = {
  approvalsRequired: APPROVALS_REQUIRED,
  idleAfter: IDLE_AFTER,
  retention: RETENTION,
  review: REVIEW,
  naming: NAMING,
  limits: LIMITS,
};

type SectionName = keyof RepoSettings;

/** The sections that a repository has set, as they are stored: the others follow their defaults, also when those change. */
export type OwnSettings = Partial<RepoSettings>;

/** A value as a client may send it: members left out or null at any depth. */
type Given<T> = T extends readonly (infer Item)[] ? readonly Given<Item>[] : T extends object ? { readonly [Member in keyof T]?: Given<T[Member]> | null | undefined } : T;

/** Settings as a client sends them. A section that is left out or null stays as it is; one that is given is set as a whole. */
export type RepoSettingsInput = Given<RepoSettings>;

function isSection(name: string): name is SectionName {
  return Object.hasOwn(SECTIONS, name);
}

const NAMES: readonly SectionName[] = Object.keys(SECTIONS).filter(isSection);

/** The settings of a repository that has set none. */
export const DEFAULT_REPO_SETTINGS: RepoSettings = readSettings({});

/** The complete settings out of a stored document of this or any earlier version. Never throws: what is missing or unreadable takes its default. */
export function readSettings(stored: unknown): RepoSettings {
  const sections = NAMES.map((name) => [name, sectionIn(stored, name) ?? SECTIONS[name].fallback] as const);
  // Object.fromEntries forgets which name had which type; the entries were made from SECTIONS, name by name.
  return Object.fromEntries(sections) as unknown as RepoSettings;
}

/** The sections that a client sets, each complete. */
export function ownSettings(input: RepoSettingsInput): OwnSettings {
  return Object.fromEntries(NAMES.flatMap((name) => (isGiven(input, name) ? [[name, sectionIn(input, name)] as const] : [])));
}

/** The first rule that one of these sections breaks: the path into the settings, and what was found; null when all may be stored. */
export function settingsFault(own: OwnSettings, ground: SettingsGround): SectionFault | null {
  for (const name of NAMES) {
    const fault = faultOf(name, own, ground);
    if (fault !== null) return { ...fault, at: `${name}${fault.at}` };
  }
  return null;
}

/** The names of the sections that these would change. */
export function changedSections(current: RepoSettings, own: OwnSettings): readonly (keyof RepoSettings)[] {
  return NAMES.filter((name) => own[name] !== undefined && canonicalJson(own[name]) !== canonicalJson(current[name]));
}

function isGiven(document: unknown, name: SectionName): boolean {
  const given = memberOf(document, name);
  return given !== undefined && given !== null;
}

function sectionIn<Name extends SectionName>(document: unknown, name: Name): RepoSettings[Name] | null {
  return isGiven(document, name) ? SECTIONS[name].read(memberOf(document, name)) : null;
}

function faultOf<Name extends SectionName>(name: Name, own: OwnSettings, ground: SettingsGround): SectionFault | null {
  const value: RepoSettings[Name] | undefined = own[name];
  return value === undefined ? null : SECTIONS[name].fault(value, ground);
}
