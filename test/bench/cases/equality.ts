import { compareDiffs } from '../../conformance/compare-diff.js';
import { compareMerges, mergePairs } from '../../conformance/compare-merge.js';
import { compareRaw } from '../../conformance/compare-raw.js';
import { counted, type Comparison } from '../measure.js';
import type { Subject, Workplace } from '../workplace.js';

/** Commits and merges that are compared, newest first; `npm run conformance` compares all. */
const NEWEST = 1000;
/** Shares that may differ: the design asks for 99.9 % of hunks and merges, and for 99.5 % of renames. */
const HUNKS = 0.001;
const RENAMES = 0.005;
const MERGES = 0.001;

/** Whether what is measured elsewhere is also right: patches, renames and merges of the newest commits, beside git's own. */
export async function equality(place: Workplace, subject: Subject): Promise<Comparison[]> {
  const source = place.app.storage.objects.open(subject.repoId);
  // Without the first commit, whose diff is the whole of a generated repository.
  const max = Math.min(NEWEST, Number(subject.git('rev-list', '--count', '--first-parent', subject.head)) - 1);
  if (max < 1) return [];
  const options = { max, revision: subject.head };
  const diffs = await compareDiffs(subject.bare, source, options);
  const raw = await compareRaw(subject.bare, source, options);
  const merges = await compareMerges(subject.bare, source, await place.app.storage.graph(subject.repoId), mergePairs(subject.bare, max));
  return [
    ...shareOf('patches of files', subject, diffs, HUNKS),
    ...shareOf('changed files and renames of commits', subject, raw, RENAMES),
    ...shareOf('merges, trees and marker text', subject, merges, MERGES),
  ];
}

function shareOf(job: string, { name }: Subject, { equal, different }: { readonly equal: number; readonly different: number }, goal: number): Comparison[] {
  const compared = equal + different;
  return compared === 0 ? [] : [counted(job, name, { different, compared }, goal)];
}
