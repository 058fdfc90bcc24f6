import type { VerbWorld } from './verbs.js';

/** The checkpoints of a branch in order, each as its number and state: `3 UNDONE`. */
export async function statesOf(world: VerbWorld, branchId: number): Promise<string[]> {
  const { edges } = await world.app.storage.reader().checkpoints(branchId, { count: 1000, after: null, backward: false });
  return edges.map(({ node }) => `${node.number} ${node.state}`);
}

/**
 * The states of a branch's checkpoints in order; the numbers of those that are BEHIND, and of those that the parents of the current one
 * lead to: the two are the same however a branch has come to where it is.
 */
export async function placesOf(world: VerbWorld, branchId: number): Promise<{ readonly states: string[]; readonly behind: number[]; readonly parents: number[] }> {
  const { edges } = await world.app.storage.reader().checkpoints(branchId, { count: 1000, after: null, backward: false });
  const rows = edges.map(({ node }) => node);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const parentOf = (row: (typeof rows)[number] | undefined): (typeof rows)[number] | undefined => byId.get(row?.parentId ?? 0);
  const parents: number[] = [];
  for (let row = parentOf(rows.find(({ state }) => state === 'CURRENT')); row !== undefined; row = parentOf(row)) parents.unshift(row.number);
  return { states: rows.map(({ state }) => state), behind: rows.filter(({ state }) => state === 'BEHIND').map(({ number }) => number), parents };
}
