import { basesAfterMove, readTargets } from '../../domain/branch-move.js';
import type { BranchRecord } from '../../domain/branch.js';
import { mayMovePointer, movePointer, oldestLeft } from '../../domain/pointer-move.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import type { RepoRecord } from '../../domain/repo.js';
import { rulesFor } from '../../domain/target-rules.js';
import { ImpossibleTransition, type TimelineStep } from '../../domain/timeline.js';
import { stepsTooFew } from '../../domain/timeline-violations.js';
import { treeOfCommit } from '../../git/merge/merge-commits.js';
import { firstBroken } from '../checks.js';
import { refused, type Decision } from '../define-operation.js';
import { moveForward, pathsRefusal } from '../forward-move.js';
import type { TimelineReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { findBranch, findRepo, staleness } from '../targets.js';
import type { StepInput } from '../timeline-inputs.js';

/** One of the two ways along the timeline. */
export interface Direction {
  readonly action: 'undo' | 'redo';
  /** The way of so many steps, or the refusal where the timeline is shorter. */
  find(request: Request, branch: BranchRecord, steps: number): Promise<TimelineStep | Problem>;
  /** What the commit says where one must be written, and what of. */
  message(numbers: string): string;
}

/** What undo and redo have in common: the branch, the way along its timeline, and which of the two ways of taking it is possible. */
export async function decideStep(request: Request, input: StepInput, direction: Direction): Promise<Decision<TimelineReceipt>> {
  const target = await findRepo(request, direction.action, input.repo);
  if (!target.ok) return refused(target.problem);
  const found = await findBranch(request, direction.action, target.value, input.branch);
  if (!found.ok) return refused(found.problem);
  const [repo, branch] = [target.value, found.value];
  const steps = input.steps ?? 1;
  const refusal = firstBroken([['steps', steps < 1 ? stepsTooFew() : null]]) ?? staleness(branch, input.expectedHead, input.expectedVersion);
  if (refusal !== null) return refused(refusal);
  const step = await findSteady(request, direction, branch, steps);
  if (step === null) return { kind: 'write', apply: () => Promise.resolve({ kind: 'moved', branchId: branch.id }) };
  if ('code' in step) return refused(step);
  return takeStep(request, direction, { repo, branch, step, dryRun: input.dryRun ?? false });
}

/**
 * The way, or null when the branch moved while its timeline was read: then the rows are of two moments and need not fit together. A refusal
 * of such rows is none either: a redo that expects a version would be told that there is nothing to redo, which no moment was like.
 */
async function findSteady(request: Request, direction: Direction, branch: BranchRecord, steps: number): Promise<TimelineStep | Problem | null> {
  const moved = async (): Promise<boolean> => (await request.gateway.storage.reader().branch(branch.id))?.version !== branch.version;
  try {
    const found = await direction.find(request, branch, steps);
    return 'code' in found && (await moved()) ? null : found;
  } catch (error) {
    if (error instanceof ImpossibleTransition && (await moved())) return null;
    throw error;
  }
}

async function takeStep(request: Request, direction: Direction, { repo, branch, step, dryRun }: { readonly repo: RepoRecord; readonly branch: BranchRecord; readonly step: TimelineStep; readonly dryRun: boolean }): Promise<Decision<TimelineReceipt>> {
  const { storage } = request.gateway;
  const objects = storage.objects.open(repo.id);
  const staged = objects.stage();
  await readTargets(request.reader, branch);
  const moving = { head: branch.head, protected: rulesFor(repo.settings, branch).protected };
  const now = await storage.graph(repo.id);
  const left = oldestLeft(now, moving, step.oid);
  const holders = left === null ? [] : await request.reader.holders(repo.id, branch.id, left);
  // Some may have come since.
  const graph = holders.length === 0 ? now : await storage.graph(repo.id, holders);
  const tree = await treeOfCommit(staged, graph, step.oid);
  const refusal = await pathsRefusal(request, direction.action, repo, branch, staged, await treeOfCommit(staged, graph, branch.head), tree);
  if (refusal !== null) return refused(refusal);
  const receipt = { repoId: repo.id, branchId: branch.id, checkpointId: step.stop?.id ?? null, diff: { from: branch.head, to: step.oid } };
  if (dryRun) return { kind: 'answer', receipt: { ...receipt, operation: null } };
  if (!mayMovePointer(graph, moving, step.oid, holders)) {
    return moveForward(request, { repo, branch, objects, staged, tree, otherParents: [], origin: 'REVERT', message: direction.message(numbered(step.numbers)), standIn: step.standIn });
  }
  const bases = await basesAfterMove(request, graph, branch, [step.oid]);
  return {
    kind: 'write',
    async apply(tx) {
      const moved = await movePointer(tx, { repo, branch, to: step.oid, checkpoint: step.stop, changes: step.moved, left, holders, graphWith: (commits) => storage.graph(repo.id, commits), bases });
      if (moved === null) return { kind: 'moved', branchId: branch.id };
      return {
        kind: 'done',
        stream: repo.id,
        gcEpoch: repo.gcEpoch,
        record: {
          refs: [{ branchName: branch.name, before: branch.head, after: step.oid }],
          subject: step.stop === null ? { type: 'Branch', id: branch.id } : { type: 'Checkpoint', id: step.stop.id },
          runId: null,
          events: moved.events,
        },
        receipt: (operation) => ({ ...receipt, operation }),
      };
    },
  };
}

/** `checkpoint 3`, `checkpoints 3 to 5`. */
function numbered(numbers: readonly number[]): string {
  const [first, last] = [numbers[0], numbers.at(-1)];
  return first === last ? `checkpoint ${first}` : `checkpoints ${first} to ${last}`;
}

/** The refusal of a number of steps that the timeline does not have. */
export function tooManySteps(violation: Parameters<typeof problems.invalidInput>[1]): Problem {
  return problems.invalidInput('steps', violation);
}
