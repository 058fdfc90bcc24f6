import { MODE_DIRECTORY, MODE_SUBMODULE } from '../objects/tree.js';
import { globMatches, globStart } from './glob.js';

/**
 * Which files a diff is limited to, as `git diff -- <paths>` understands them: a file, a directory with all that is
 * beneath it, or a glob whose `*` and `?` also match `/`. A closing slash asks for a directory (or submodule). What
 * contains glob characters also matches the name that is spelled exactly so. Magic words (`:(exclude)`, `:!`) have no
 * meaning here and are taken literally.
 */
export class PathFilter {
  readonly #patterns: readonly Pattern[];

  /** `paths` in the latin1 reading of tree entries. An empty list matches nothing; callers without a filter pass null instead. */
  constructor(paths: readonly string[]) {
    this.#patterns = paths.map(parsePattern);
  }

  /** True when the file at `path` is asked for; `mode` tells a submodule, which a closing slash matches, from a file. */
  matches(path: string, mode: number): boolean {
    return this.#patterns.some((pattern) => patternMatches(pattern, path, mode));
  }

  /** True when a directory may hold a file that is asked for; false means that it need not be opened. */
  mayHold(directory: string): boolean {
    const prefix = `${directory}/`;
    return this.#patterns.some((pattern) => {
      const { text, start } = pattern;
      if (text.length === 0 || prefix.startsWith(`${text}/`) || text.startsWith(prefix)) return true;
      if (start === null) return false;
      return start.length <= prefix.length ? prefix.startsWith(start) : start.startsWith(prefix);
    });
  }
}

interface Pattern {
  /** Without a closing slash. */
  readonly text: string;
  readonly directoryOnly: boolean;
  /** The literal characters before the first glob character; null when there is none. */
  readonly start: string | null;
  /** As it was given. */
  readonly glob: string;
}

function parsePattern(given: string): Pattern {
  const directoryOnly = given.endsWith('/');
  return { text: given.replace(/\/+$/, ''), directoryOnly, start: globStart(given), glob: given };
}

function patternMatches(pattern: Pattern, path: string, mode: number): boolean {
  const { text } = pattern;
  if (text.length === 0) return true;
  if (path.startsWith(text)) {
    if (path.length > text.length) {
      if (path.charCodeAt(text.length) === 0x2f) return true;
    } else if (!pattern.directoryOnly || mode === MODE_SUBMODULE || mode === MODE_DIRECTORY) return true;
  }
  return pattern.start !== null && globMatches(pattern.glob, path);
}
