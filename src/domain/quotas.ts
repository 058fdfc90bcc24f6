import type { Limits } from './limits.js';
import type { RepoRecord } from './repo.js';
import type { RepoLimits } from './settings/limits.js';

/** What a repository holds that only grows until somebody takes it away: counted by its log head, under the lock that orders its operations. */
export interface RepoCounts {
  /** Live branches. */
  readonly branches: number;
  /** Checkpoints in all, undone and abandoned ones included. */
  readonly checkpoints: number;
  /** Proposals that can still be reviewed and merged. */
  readonly openProposals: number;
  /** Bytes on disk of its packs; rolling packs up and collecting garbage take of it, no operation does. */
  readonly packBytes: number;
}

/** Which count each limit of a repository is about. */
const COUNTED = { branchesPerRepo: 'branches', openProposalsPerRepo: 'openProposals', repoBytes: 'packBytes' } as const satisfies { readonly [limit: string]: keyof RepoCounts };

/** The limits on what a repository holds, by the names that refusals quote. */
type QuotaName = keyof typeof COUNTED;

/** The most that one repository may hold. */
export type RepoQuotas = Pick<Limits, QuotaName>;

/** A limit beside what there is of it, or beside what would be. */
export interface QuotaUse {
  readonly limit: QuotaName;
  readonly used: number;
  readonly maximum: number;
}

function isQuota(name: string): name is QuotaName {
  return Object.hasOwn(COUNTED, name);
}

const QUOTAS: readonly QuotaName[] = Object.keys(COUNTED).filter(isQuota);

/** The counts of a repository that holds nothing, and of an operation that adds nothing. */
export const NO_COUNTS: RepoCounts = { branches: 0, checkpoints: 0, openProposals: 0, packBytes: 0 };

/** Both together. */
export function addCounts(one: RepoCounts, other: RepoCounts): RepoCounts {
  return {
    branches: one.branches + other.branches,
    checkpoints: one.checkpoints + other.checkpoints,
    openProposals: one.openProposals + other.openProposals,
    packBytes: one.packBytes + other.packBytes,
  };
}

/** What holds for a repository: the narrower of what the deployment says and what the repository itself does. */
export function quotasOf(limits: Limits, own: RepoLimits): RepoQuotas {
  const narrower = (name: QuotaName): number => Math.min(limits[name], own[name] ?? limits[name]);
  return { branchesPerRepo: narrower('branchesPerRepo'), openProposalsPerRepo: narrower('openProposalsPerRepo'), repoBytes: narrower('repoBytes') };
}

/** The limit on the bytes of packs, beside what there was of them when the repository was read: what is to be written is checked against it before it takes room on the disk. */
export function bytesQuota({ packBytes, settings }: Pick<RepoRecord, 'packBytes' | 'settings'>, limits: Limits): QuotaUse {
  return { limit: 'repoBytes', used: packBytes, maximum: quotasOf(limits, settings.limits).repoBytes };
}

/** Each limit beside what there is of it. */
export function quotaUse(counts: RepoCounts, quotas: RepoQuotas): readonly QuotaUse[] {
  return QUOTAS.map((limit) => ({ limit, used: counts[COUNTED[limit]], maximum: quotas[limit] }));
}

/**
 * The first limit that a repository with these counts would pass by what an operation adds, with what there would be then; null when all
 * of it fits. What adds nothing fits always, also where a limit was narrowed below what is there.
 */
export function quotaPassed(counts: RepoCounts, added: RepoCounts, quotas: RepoQuotas): QuotaUse | null {
  const after = quotaUse(addCounts(counts, added), quotas);
  return after.find(({ limit, used, maximum }) => added[COUNTED[limit]] > 0 && used > maximum) ?? null;
}
