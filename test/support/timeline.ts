import type { VerbWorld } from './verbs.js';

/** The checkpoints of a branch in order, each as its number and state: `3 UNDONE`. */
export async function statesOf(world: VerbWorld, branchId: number): Promise<string[]> {
  const { edges } = await world.app.storage.reader().checkpoints(branchId, { count: 1000, after: null, backward: false });
  return edges.map(({ node }) => `${node.number} ${node.state}`);
}

/**
 * The numbers of the checkpoints that are BEHIND, and of those that the parents of the current one lead to: the two are the same however
 * a branch has come to where it is.
 */
export async function behindOf(world: VerbWorld, branchId: number): Promise<{ readonly behind: number[]; readonly parents: number[] }> {
  const { edges } = await world.app.storage.reader().checkpoints(branchId, { count: 1000, after: null, backward: false });
  const rows = edges.map(({ node }) => node);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const parents: number[] = [];
  const parentOf = (id: number | null | undefined): (typeof rows)[number] | undefined => (typeof id === 'number' ? byId.get(id) : undefined);
  for (let row = parentOf(rows.find(({ state }) => state === 'CURRENT')?.parentId); row !== undefined; row = parentOf(row.parentId)) parents.unshift(row.number);
  return { behind: rows.filter(({ state }) => state === 'BEHIND').map(({ number }) => number), parents };
}
