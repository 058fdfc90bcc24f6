import type { Oid } from '../objects/object-source.js';

/**
 * What the graph keeps of one commit. `generation` is 1 for a root and otherwise one more than the highest of its parents;
 * `seconds` is the committer's date since the epoch. `tree` is null where whoever stored the row did not keep it.
 */
export interface GraphRow {
  readonly oid: Oid;
  readonly parents: readonly Oid[];
  readonly generation: number;
  readonly seconds: number;
  readonly tree: Oid | null;
}

/**
 * The port through which a graph is filled: whoever keeps the rows (a table, a test's fixture) hands them over in batches.
 * Batches may come in any order and may repeat rows, as long as the whole is closed under parents.
 */
export interface GraphRows {
  load(): AsyncIterable<readonly GraphRow[]>;
}
