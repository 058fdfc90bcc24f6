import type { CheckpointRecord, CheckpointState } from './checkpoint.js';
import type { BranchRecord } from './branch.js';

/**
 * What a move of its branch means for one checkpoint.
 * ADVANCE: a forward move left it · STEP_BACK: an undo went back over it · STEP_FORWARD: a redo went over it, or left it ·
 * ARRIVE: an undo or a redo ended at it · PUT_ASIDE: it stood in for another, and the branch stepped away from it.
 */
export type CheckpointEvent = 'ADVANCE' | 'STEP_BACK' | 'STEP_FORWARD' | 'ARRIVE' | 'PUT_ASIDE';

/** Every state, in the order of the public schema. */
export const CHECKPOINT_STATES: readonly CheckpointState[] = ['CURRENT', 'BEHIND', 'UNDONE', 'ABANDONED'];

/**
 * The transition table, total: every state names what each event makes of it, and null where the event cannot meet it.
 * Nothing leads out of the table: a checkpoint is never removed, and an abandoned one is still listed and can be restored.
 */
export const CHECKPOINT_TRANSITIONS: Readonly<Record<CheckpointState, Readonly<Record<CheckpointEvent, CheckpointState | null>>>> = {
  CURRENT: { ADVANCE: 'BEHIND', STEP_BACK: 'UNDONE', STEP_FORWARD: 'BEHIND', ARRIVE: null, PUT_ASIDE: 'ABANDONED' },
  BEHIND: { ADVANCE: 'BEHIND', STEP_BACK: 'UNDONE', STEP_FORWARD: null, ARRIVE: 'CURRENT', PUT_ASIDE: 'ABANDONED' },
  UNDONE: { ADVANCE: 'ABANDONED', STEP_BACK: null, STEP_FORWARD: 'BEHIND', ARRIVE: 'CURRENT', PUT_ASIDE: null },
  ABANDONED: { ADVANCE: 'ABANDONED', STEP_BACK: null, STEP_FORWARD: 'BEHIND', ARRIVE: null, PUT_ASIDE: null },
};

/** The label under which a checkpoint names the run that it took out, so that the run is not taken out a second time. */
export const REVERTS_RUN = 'Reverts-Run';

/** One checkpoint's change of state; `from` is compared when it is written. */
export interface StateChange {
  readonly checkpointId: number;
  readonly from: CheckpointState;
  readonly to: CheckpointState;
}

/** A way along the timeline. Undo and redo can each be made in two ways: by moving the pointer, or by a commit that has the content. */
export interface TimelineStep {
  /** The commit whose content the branch gets. */
  readonly oid: string;
  /** The checkpoint at which the step ends; null at the fork point. */
  readonly stop: CheckpointRecord | null;
  /** The numbers of the checkpoints whose work goes or comes back, in ascending order. */
  readonly numbers: readonly number[];
  /** What moving the pointer there makes of the checkpoints. */
  readonly moved: readonly StateChange[];
  /** What a new checkpoint that stands in for {@link stop} makes of them, and the parent that it gets. */
  readonly standIn: { readonly parentId: number | null; readonly changes: readonly StateChange[] };
}

/** How many rows of a chain of parents `steps` steps need at most: every one may lead over a stand-in. */
export function chainLength(steps: number): number {
  return 2 * steps + 2;
}

/**
 * True for a checkpoint that repeats its parent's content instead of adding to it: the inverse commit of an undo, or the commit of a
 * redo, where the pointer could not be moved. It is known by what it was written on: not its parent, but what was taken back.
 */
export function isStandIn(checkpoint: CheckpointRecord, parent: CheckpointRecord | null, forkOid: string | null): boolean {
  return checkpoint.before !== (parent?.oid ?? forkOid);
}

/**
 * The way back by `steps`, along the timeline's parents and not along git's ancestry; null when there are not that many. `chain` is
 * the branch's current checkpoint and its parents, nearest first, {@link chainLength} of them; empty at the fork point.
 *
 * However a step is made, what is BEHIND afterwards is exactly the current checkpoint's parents: {@link stepsForward} finds by it
 * where the way that it goes over ends.
 */
export function stepsBack(branch: Pick<BranchRecord, 'forkOid'>, chain: readonly CheckpointRecord[], steps: number): TimelineStep | null {
  const standsIn = (at: number): boolean => {
    const row = chain[at];
    return row !== undefined && isStandIn(row, chain[at + 1] ?? null, branch.forkOid);
  };
  let at = 0;
  for (let step = 0; step < steps; step++) {
    if (standsIn(at)) at++;
    if (at >= chain.length) return null;
    at++;
  }
  const stop = chain[at] ?? null;
  const oid = stop?.oid ?? branch.forkOid;
  if (oid === null) return null;
  const passed = chain.slice(0, at);
  const own = passed.filter((_, index) => !standsIn(index));
  const over = passed.map((row, index) => changeOf(row, standsIn(index) ? 'PUT_ASIDE' : 'STEP_BACK'));
  const place = standsIn(at) ? (chain[at + 1] ?? null) : stop;
  return {
    oid,
    stop,
    numbers: own.map(({ number }) => number).reverse(),
    moved: [...over, ...(stop === null ? [] : [changeOf(stop, 'ARRIVE')])],
    standIn: { parentId: place?.id ?? null, changes: [...over, ...(stop === null || stop === place ? [] : [changeOf(stop, 'PUT_ASIDE')])] },
  };
}

/**
 * The way forward to the `steps`-th of the `undone` checkpoints (in order of number; they are one line, because every forward move
 * abandons what was undone before it). `chain` is that checkpoint and its parents, `current` where the branch is.
 */
export function stepsForward(current: CheckpointRecord | null, undone: readonly CheckpointRecord[], chain: readonly CheckpointRecord[], steps: number): TimelineStep | null {
  const stop = undone[steps - 1];
  if (stop === undefined) return null;
  const passed: CheckpointRecord[] = [];
  for (const row of chain.slice(1)) {
    if (row.state === 'BEHIND') break;
    passed.push(row);
  }
  const leaves = current === null || passed.some(({ id }) => id === current.id) ? [] : [current];
  const over = [...passed.map((row) => changeOf(row, 'STEP_FORWARD')), ...leaves.map((row) => changeOf(row, 'PUT_ASIDE'))];
  return {
    oid: stop.oid,
    stop,
    numbers: undone.slice(0, steps).map(({ number }) => number),
    moved: [...over, changeOf(stop, 'ARRIVE')],
    standIn: { parentId: stop.id, changes: [...over, changeOf(stop, 'STEP_FORWARD')] },
  };
}

/** Raised where a move would make of a checkpoint what the table does not allow: rows of two different moments, or a defect. */
export class ImpossibleTransition extends Error {
  override readonly name = 'ImpossibleTransition';
  constructor(checkpoint: CheckpointRecord, event: CheckpointEvent) {
    super(`checkpoint ${checkpoint.id} is ${checkpoint.state}, which ${event} cannot meet`);
  }
}

function changeOf(row: CheckpointRecord, event: CheckpointEvent): StateChange {
  const to = CHECKPOINT_TRANSITIONS[row.state][event];
  if (to === null) throw new ImpossibleTransition(row, event);
  return { checkpointId: row.id, from: row.state, to };
}
