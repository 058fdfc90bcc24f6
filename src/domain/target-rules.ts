import { matchesAnyGlob } from './glob.js';
import type { Label } from './label.js';

/** Paths that need more eyes than the rest. */
export interface PathRule {
  /** A path that a proposal changes matches at least one of these globs. */
  readonly globs: readonly string[];
  /** How many approvals such a proposal needs. */
  readonly approvals: number;
}

/** What holds for proposals into some branches, and for these branches themselves. */
export interface ReviewRule {
  /** Globs of the names of the target branches. */
  readonly targets: readonly string[];
  /** Approvals needed; null: as many as the repository asks for everywhere. */
  readonly approvals: number | null;
  /** True: an approval counts for the revision that it judged only. False: it counts for later revisions too. */
  readonly dismissStale: boolean;
  /** An approval counts when it was given with a key that has all of these labels. */
  readonly approverLabels: readonly Label[];
  /** Each that the proposal touches has to be satisfied beside `approvals`. */
  readonly paths: readonly PathRule[];
  /** The branch moves by proposals only, and never back. */
  readonly protected: boolean;
}

/** Rules of review in order: the first one for a target decides. */
export interface ReviewPolicy {
  readonly rules: readonly ReviewRule[];
}

/** What of the settings of a repository decides about a target. */
export interface ReviewSettings {
  readonly approvalsRequired: number;
  readonly review: ReviewPolicy;
}

/** What of a branch decides which rules it has. */
export interface RuledBranch {
  readonly name: string;
  readonly protected: boolean;
}

/** The rules of one target, complete. */
export type TargetRules = Omit<ReviewRule, 'targets' | 'approvals'> & { readonly approvals: number };

/** What holds for a branch: the first rule for its name, beside what its own row protects and what the repository asks for everywhere. */
export function rulesFor({ approvalsRequired, review }: ReviewSettings, branch: RuledBranch): TargetRules {
  const rule = review.rules.find(({ targets }) => matchesAnyGlob(targets, branch.name));
  return {
    approvals: rule?.approvals ?? approvalsRequired,
    dismissStale: rule?.dismissStale ?? true,
    approverLabels: rule?.approverLabels ?? [],
    paths: rule?.paths ?? [],
    protected: branch.protected || rule?.protected === true,
  };
}

/** True when some proposal into the target would need an approval, so that nothing unseen may be added on its way in. */
export function asksForApproval({ approvals, paths }: TargetRules): boolean {
  return approvals > 0 || paths.some((each) => each.approvals > 0);
}
