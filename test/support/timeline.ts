import type { VerbWorld } from './verbs.js';

/** The checkpoints of a branch in order, each as its number and state: `3 UNDONE`. */
export async function statesOf(world: VerbWorld, branchId: number): Promise<string[]> {
  const { edges } = await world.app.storage.reader().checkpoints(branchId, { count: 1000, after: null, backward: false });
  return edges.map(({ node }) => `${node.number} ${node.state}`);
}
