import { authorize } from '../auth/authorize.js';
import type { Action } from '../auth/actions.js';
import { keyFamily } from '../domain/api-key.js';
import { basesAfterMove, branchMoved, readTargets } from '../domain/branch-move.js';
import type { BranchRecord } from '../domain/branch.js';
import type { CheckpointOrigin } from '../domain/checkpoint.js';
import { actorAsAuthor, authorityTrailers, stageCommit } from '../domain/commit-draft.js';
import type { RepoObjects } from '../domain/ports/repo-objects.js';
import type { BranchAdvance } from '../domain/ports/transaction.js';
import type { Problem } from '../domain/problem.js';
import { bytesQuota } from '../domain/quotas.js';
import type { RepoRecord } from '../domain/repo.js';
import type { Label } from '../domain/label.js';
import { reviseProposals } from '../domain/revise-proposals.js';
import { diffTrees } from '../git/diff/tree-diff.js';
import type { ObjectSource, Oid } from '../git/objects/object-source.js';
import type { StagedObjects } from '../git/objects/staged-objects.js';
import { decodeName } from '../git/objects/tree.js';
import type { Decision } from './define-operation.js';
import type { TimelineReceipt } from './receipts.js';
import type { Request } from './request.js';

/** A checkpoint that the server itself writes on a branch: a restore, a revert, a refresh. */
export interface ForwardMove {
  readonly repo: RepoRecord;
  readonly branch: BranchRecord;
  readonly objects: RepoObjects;
  /** Holds the new tree, if it is new. */
  readonly staged: StagedObjects;
  readonly tree: Oid;
  /** Parents beside the head of the branch. */
  readonly otherParents: readonly Oid[];
  readonly origin: CheckpointOrigin;
  readonly message: string;
  /** Kept with the checkpoint and as trailers; none unless given. */
  readonly metadata?: readonly Label[];
  readonly standIn?: BranchAdvance['standIn'];
}

/** The refusal to change what lies between the two trees by a key whose `paths` do not reach all of it, or null. */
export async function pathsRefusal(request: Request, action: Action, repo: RepoRecord, branch: BranchRecord, source: ObjectSource, before: Oid, after: Oid): Promise<Problem | null> {
  if (request.viewer.key.paths.includes('**')) return null;
  const changes = await diffTrees(source, before, after, { renames: false });
  return authorize(request.viewer, action, { repoName: repo.name, branchName: branch.name, paths: changes.map(({ path }) => decodeName(path)) });
}

/**
 * Writes the commit's objects, durable, and decides the transaction that makes it the branch's head with a checkpoint. It belongs
 * to no run, so that taking a run out later does not count it in.
 */
export async function moveForward(request: Request, move: ForwardMove): Promise<Decision<TimelineReceipt>> {
  const { gateway, viewer } = request;
  const { repo, branch, objects, staged, message, metadata = [] } = move;
  await readTargets(request.reader, branch);
  const graph = await gateway.storage.graph(repo.id);
  const parents = [branch.head, ...move.otherParents];
  const trailers = [...metadata, ...authorityTrailers({ runId: null, sessionId: branch.sessionId, actor: viewer.actor, checkpoint: `${branch.nextCheckpoint}@${branch.name}` })];
  const commit = stageCommit(staged, graph, { tree: move.tree, parents, author: actorAsAuthor(viewer.actor), message, trailers, at: gateway.now() });
  const bases = await basesAfterMove(request, graph, branch, parents);
  const pack = await objects.persist(staged, bytesQuota(repo, gateway.limits));
  const checkpoint = { origin: move.origin, message, prompt: null, runId: null, sessionId: branch.sessionId, metadata, createdBy: viewer.actor, keyId: keyFamily(viewer.key) };
  return {
    kind: 'write',
    async apply(tx) {
      const standIn = move.standIn === undefined ? {} : { standIn: move.standIn };
      const moved = await tx.advanceBranch({ branchId: branch.id, expectedVersion: branch.version, head: commit.oid, checkpoint, ...standIn });
      if (moved === null) return { kind: 'moved', branchId: branch.id };
      const revised = await reviseProposals(tx, repo, moved.branch, bases);
      if (revised === null) return { kind: 'moved', branchId: branch.id };
      if (pack !== null) await tx.addPack(repo.id, pack);
      await tx.addCommits(repo.id, [commit]);
      return {
        kind: 'done',
        stream: repo.id,
        gcEpoch: repo.gcEpoch,
        record: {
          refs: [{ branchName: branch.name, before: branch.head, after: commit.oid }],
          subject: { type: 'Checkpoint', id: moved.checkpoint.id },
          runId: null,
          events: [branchMoved(repo, branch.head, moved.branch, moved.checkpoint), ...revised],
        },
        receipt: (operation) => ({ repoId: repo.id, branchId: branch.id, checkpointId: moved.checkpoint.id, diff: { from: branch.head, to: commit.oid }, operation }),
      };
    },
    committed: () => {
      if (pack !== null) objects.adopt(pack);
    },
  };
}
