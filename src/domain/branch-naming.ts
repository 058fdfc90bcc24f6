import { exampleOf, matchesPattern } from '../shared/name-pattern.js';
import { branchKind, KIND_PATTERNS } from './branch.js';
import { branchNameViolation } from './branch-name.js';
import type { BranchNaming } from './settings/naming.js';
import { quote, rulesOf, type Violation } from './violation.js';

const broken = rulesOf('branch-name');

/** Patterns that a refusal quotes; more are found under the naming rules. */
const MAX_QUOTED = 5;

/** Who asks for what: the deployment's policy and the repository's, both of which hold. */
export interface NamingPolicies {
  readonly server: BranchNaming;
  readonly repository: BranchNaming;
}

/** The rule that a name for a new branch breaks, or null: that of every branch name, and then {@link namingPolicyViolation}. */
export function newBranchViolation(name: string, defaultBranch: string, policies: NamingPolicies): Violation | null {
  return branchNameViolation(name) ?? namingPolicyViolation(name, defaultBranch, policies);
}

/** The strict policy that a name does not fit, or null. The name of the default branch fits any. For every way in which a branch gets its name. */
export function namingPolicyViolation(name: string, defaultBranch: string, policies: NamingPolicies): Violation | null {
  if (name === defaultBranch) return null;
  const fits = (pattern: string): boolean => fitsPattern(pattern, name, defaultBranch);
  for (const [whose, { mode, patterns }] of [['server', policies.server], ['repository', policies.repository]] as const) {
    if (mode === 'STRICT' && !patterns.some(fits)) return misnamed(name, whose, patterns);
  }
  return null;
}

function fitsPattern(pattern: string, name: string, defaultBranch: string): boolean {
  if (pattern === KIND_PATTERNS.SESSION) return branchKind(name, defaultBranch) === 'SESSION';
  if (pattern === KIND_PATTERNS.PROPOSAL) return branchKind(name, defaultBranch) === 'PROPOSAL';
  return matchesPattern(pattern, name);
}

function misnamed(name: string, whose: 'server' | 'repository', patterns: readonly string[]): Violation {
  const quoted = patterns.slice(0, MAX_QUOTED).map(quote).join(', ');
  const more = patterns.length > MAX_QUOTED ? ` and ${patterns.length - MAX_QUOTED} more` : '';
  const [first = ''] = patterns;
  return broken(`${whose}-policy`, `The branch name ${quote(name)} fits no pattern of this ${whose}: ${quoted}${more}.`, `Name it like ${quote(exampleOf(first))}; a word in angle brackets stands for what you choose.`);
}
