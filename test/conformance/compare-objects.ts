import { GitDataError } from '../../src/git/objects/errors.js';
import type { ObjectSource } from '../../src/git/objects/object-source.js';
import { git } from '../support/git-binary.js';
import type { Comparison } from './compare-history.js';

/**
 * Reads every object that git lists in a repository, spread evenly where there are more than `max`, through `source`, which
 * verifies its hash, and compares type and size. Never skips.
 */
export async function compareObjects(gitDir: string, source: ObjectSource, max?: number): Promise<Comparison> {
  const listed = git(gitDir, ['cat-file', '--batch-all-objects', '--unordered', '--batch-check']).split('\n').filter((line) => line !== '');
  const step = max === undefined ? 1 : Math.max(1, Math.ceil(listed.length / max));
  const differences: string[] = [];
  let equal = 0;
  for (let at = 0; at < listed.length; at += step) {
    const line = listed[at] ?? '';
    const own = await described(source, line.slice(0, 40));
    if (own === line) equal++;
    else differences.push(`${line}\n  weir: ${own}`);
  }
  return { equal, different: differences.length, skipped: 0, differences };
}

/** As `git cat-file --batch-check` prints an object. */
async function described(source: ObjectSource, oid: string): Promise<string> {
  try {
    const { type, content } = await source.read(oid);
    return `${oid} ${type} ${content.length}`;
  } catch (error) {
    if (!(error instanceof GitDataError)) throw error;
    return error.message;
  }
}
