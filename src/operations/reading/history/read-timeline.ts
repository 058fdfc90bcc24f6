import type { BranchRecord } from '../../../domain/branch.js';
import { isStandIn } from '../../../domain/timeline.js';
import type { Request } from '../../request.js';

/** True when undo would take something back: the branch is not at its fork point, nor at a first commit that has nothing before it. */
export async function canUndo({ reader }: Request, branch: BranchRecord): Promise<boolean> {
  if (branch.checkpointId === null) return false;
  const current = await reader.checkpoint(branch.checkpointId);
  if (current === null) return false;
  const parent = current.parentId === null ? null : await reader.checkpoint(current.parentId);
  if (!isStandIn(current, parent, branch.forkOid)) return parent !== null || branch.forkOid !== null;
  return parent !== null && (parent.parentId !== null || branch.forkOid !== null);
}

/** True when redo would bring something again. */
export async function canRedo({ reader }: Request, branch: BranchRecord): Promise<boolean> {
  return (await reader.undoneCheckpoints(branch.id)).length > 0;
}
