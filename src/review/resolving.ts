import type { ConflictResolution, MergeSide } from '../client/index.js';

/** What is known of a conflict when it is settled. */
interface Settling {
  readonly path: string;
  readonly hunks: readonly { readonly id: string }[];
}

/** The sides that were taken, as mergeProposal takes them: by hunk, or by file where there are none. A conflict with an open hunk is left out. */
export function resolutionsOf(conflicts: readonly Settling[], taken: ReadonlyMap<string, string>): ConflictResolution[] {
  return conflicts.flatMap(({ path, hunks }): ConflictResolution[] => {
    if (hunks.length === 0) {
      const side = sideOf(taken.get(path));
      return side === null ? [] : [{ take: { path, side } }];
    }
    const settled = hunks.flatMap(({ id }) => {
      const side = sideOf(taken.get(id));
      return side === null ? [] : [{ take: { id, sides: [side] } }];
    });
    return settled.length === hunks.length ? [{ hunks: { path, hunks: settled } }] : [];
  });
}

function sideOf(text: string | undefined): MergeSide | null {
  return text === 'OURS' || text === 'THEIRS' || text === 'BASE' ? text : null;
}
