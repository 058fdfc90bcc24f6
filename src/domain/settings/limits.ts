import type { Limits } from '../limits.js';
import { rulesOf } from '../violation.js';
import { memberOf, type SettingsSection } from './section.js';

/** Limits that a repository may narrow for itself, by the names that refusals quote; null: as the deployment says. */
export type RepoLimits = { readonly [Name in RepoLimitName]: number | null };

/** Every limit that a repository may narrow, with the least that it can be. */
const LEAST = { branchesPerRepo: 1, openProposalsPerRepo: 0, changesPerCheckpoint: 1, checkpointBytes: 1, repoBytes: 1 } as const satisfies { readonly [Name in keyof Limits]?: number };

type RepoLimitName = keyof typeof LEAST;

function isRepoLimit(name: string): name is RepoLimitName {
  return Object.hasOwn(LEAST, name);
}

const NAMES: readonly RepoLimitName[] = Object.keys(LEAST).filter(isRepoLimit);

const broken = rulesOf('limits');

function limitIn(given: unknown, name: RepoLimitName): number | null {
  const value = memberOf(given, name);
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** The limits that hold for what is written into a repository: of each the narrower, the deployment's or its own. */
export function narrowedLimits(limits: Limits, own: RepoLimits): Limits {
  const narrower = NAMES.map((name) => [name, Math.min(limits[name], own[name] ?? limits[name])] as const);
  return { ...limits, ...Object.fromEntries(narrower) };
}

/** A repository narrows nothing unless it says so. What it set keeps its place when the deployment goes below it: the narrower one holds. */
export const LIMITS: SettingsSection<RepoLimits> = {
  fallback: { branchesPerRepo: null, openProposalsPerRepo: null, changesPerCheckpoint: null, checkpointBytes: null, repoBytes: null },
  read: (given) => ({
    branchesPerRepo: limitIn(given, 'branchesPerRepo'),
    openProposalsPerRepo: limitIn(given, 'openProposalsPerRepo'),
    changesPerCheckpoint: limitIn(given, 'changesPerCheckpoint'),
    checkpointBytes: limitIn(given, 'checkpointBytes'),
    repoBytes: limitIn(given, 'repoBytes'),
  }),
  fault(value, { limits }) {
    for (const name of NAMES) {
      const set = value[name];
      if (set === null) continue;
      if (set < LEAST[name]) return { at: `.${name}`, violation: broken('range', `The limit "${name}" cannot be ${set}.`, `Use a whole number from ${LEAST[name]} to ${limits[name]}, or null for what the server says.`) };
      if (set > limits[name]) return { at: `.${name}`, violation: broken('wider', `The limit "${name}" of this server is ${limits[name]}, and a repository can only narrow it; ${set} was given.`, `Use ${limits[name]} or less, or null for what the server says.`) };
    }
    return null;
  },
};
