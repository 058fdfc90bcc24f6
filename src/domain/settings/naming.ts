import { patternFault } from '../../shared/name-pattern.js';
import { KIND_PATTERNS } from '../branch.js';
import { quote, rulesOf } from '../violation.js';
import { memberOf, type SettingsSection } from './section.js';

/** OPEN: any name that is well-formed. STRICT: only the default branch's, and names that fit a pattern. */
export type NamingMode = 'OPEN' | 'STRICT';

/** How new branches may be named, beyond what every branch name must be; patterns as in `shared/name-pattern.ts`. */
export interface BranchNaming {
  readonly mode: NamingMode;
  readonly patterns: readonly string[];
}

const MAX_PATTERNS = 50;

const broken = rulesOf('naming');

const KINDS: readonly string[] = Object.values(KIND_PATTERNS);

/** Names are open; with STRICT and no patterns of its own, a repository asks for those that say what a branch is for. */
export const NAMING: SettingsSection<BranchNaming> = {
  fallback: { mode: 'OPEN', patterns: KINDS },
  read(given) {
    const patterns = memberOf(given, 'patterns');
    return {
      mode: memberOf(given, 'mode') === 'STRICT' ? 'STRICT' : 'OPEN',
      patterns: Array.isArray(patterns) ? patterns.filter((pattern) => typeof pattern === 'string') : KINDS,
    };
  },
  fault({ mode, patterns }) {
    if (patterns.length > MAX_PATTERNS) return { at: '.patterns', violation: broken('too-many', `${patterns.length} patterns are given, of ${MAX_PATTERNS} that are allowed.`, 'Use placeholders such as <id>.') };
    if (mode === 'STRICT' && patterns.length === 0) return { at: '.patterns', violation: broken('none', 'STRICT without a pattern would allow no branch.', 'Give at least one pattern, or leave "patterns" out for the usual ones.') };
    for (const [index, pattern] of patterns.entries()) {
      const fault = patternFault(pattern);
      if (fault !== null) return { at: `.patterns[${index}]`, violation: broken('pattern', `The pattern ${quote(pattern)} ${fault}.`, 'Write it like "feature/<ticket>": a word in angle brackets stands for one character or more of a segment.') };
    }
    return null;
  },
};
