import { authorize } from '../../auth/authorize.js';
import { keyFamily } from '../../domain/api-key.js';
import { basesAfterMove, branchMoved } from '../../domain/branch-move.js';
import type { BranchRecord } from '../../domain/branch.js';
import { emailViolation, messageViolation, personNameViolation } from '../../domain/commit-data.js';
import { actorAsAuthor, authorityTrailers, stageCommit } from '../../domain/commit-draft.js';
import { applyFileChanges, type ChangedTree } from '../../domain/file-changes.js';
import * as violations from '../../domain/input-violations.js';
import { applyPatchText } from '../../domain/patch-changes.js';
import type { NewCheckpoint } from '../../domain/ports/transaction.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import { bytesQuota } from '../../domain/quotas.js';
import type { RepoRecord } from '../../domain/repo.js';
import { reviseProposals } from '../../domain/revise-proposals.js';
import { PROMPT } from '../../domain/text.js';
import { rulesFor } from '../../domain/target-rules.js';
import { readCommit } from '../../git/objects/commit.js';
import type { StagedObjects } from '../../git/objects/staged-objects.js';
import { contentGround } from '../blob-use.js';
import { firstBroken, labelChecks, optionalText, runChecks } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { CreateCheckpointInput } from '../inputs.js';
import type { CheckpointReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { findBranch, findRepo, staleness } from '../targets.js';

/**
 * One forward move of a branch: a commit on its head with these changes, numbered on the branch, with run, session and metadata as
 * trailers. Without an expected head the changes apply to whatever the head is, however many others write at the same time.
 * Changes that leave every file as it is still make a checkpoint: a prompt was asked. Needs WRITE, and the key's `branches` and `paths`.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, StaleHead, ProtectedBranch, LimitExceeded, Busy.
 */
export const createCheckpoint = defineOperation<CreateCheckpointInput, CheckpointReceipt>({
  kind: 'CREATE_CHECKPOINT',
  action: 'createCheckpoint',
  async decide(request, input) {
    const { gateway, viewer } = request;
    const target = await findRepo(request, 'createCheckpoint', input.repo);
    if (!target.ok) return refused(target.problem);
    const repo = target.value;
    const found = await findBranch(request, 'createCheckpoint', repo, input.branch);
    if (!found.ok) return refused(found.problem);
    const branch = found.value;
    const broken = brokenInput(input);
    if (broken !== null) return refused(broken);
    if (rulesFor(repo.settings, branch).protected) return refused(problems.protectedBranch(branch.name, 'it changes only through proposals'));
    const stale = staleness(branch, input.expectedHead, input.expectedVersion);
    if (stale !== null) return refused(stale);

    const objects = gateway.storage.objects.open(repo.id);
    const staged = objects.stage();
    const head = await readCommit(staged, branch.head);
    const changed = await changedTree(request, repo, staged, head.tree, input);
    if ('code' in changed) return refused(changed);
    const refusal = authorize(viewer, 'createCheckpoint', { repoName: repo.name, branchName: branch.name, paths: changed.paths });
    if (refusal !== null) return refused(refusal);
    const graph = await gateway.storage.graph(repo.id);
    const commit = stageCommit(staged, graph, {
      tree: changed.tree,
      parents: [branch.head],
      author: input.author ?? actorAsAuthor(viewer.actor),
      message: input.message,
      trailers: [...(input.metadata ?? []), ...ownTrailers(request, branch, input)],
      at: gateway.now(),
    });
    const bases = await basesAfterMove(request, graph, branch, [branch.head]);
    const pack = await objects.persist(staged, bytesQuota(repo, gateway.limits));

    return {
      kind: 'write',
      async apply(tx) {
        const moved = await tx.advanceBranch({
          branchId: branch.id,
          expectedVersion: branch.version,
          head: commit.oid,
          checkpoint: checkpointOf(request, branch, input),
        });
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
            runId: moved.checkpoint.runId,
            events: [branchMoved(repo, branch.head, moved.branch, moved.checkpoint), ...revised],
          },
          receipt: (operation) => ({ repoId: repo.id, branchId: branch.id, checkpointId: moved.checkpoint.id, operation }),
        };
      },
      committed: () => {
        if (pack !== null) objects.adopt(pack);
      },
    };
  },
});

function brokenInput(input: CreateCheckpointInput): Problem | null {
  const both = input.changes !== null && input.changes !== undefined && input.patch !== null && input.patch !== undefined;
  const neither = (input.changes ?? null) === null && (input.patch ?? null) === null;
  const { author } = input;
  return firstBroken([
    ['message', messageViolation(input.message)],
    ['changes', both || neither ? violations.changesOrPatch() : null],
    optionalText(PROMPT, 'prompt', input.prompt),
    ['author.name', author === null || author === undefined ? null : personNameViolation(author.name)],
    ['author.email', author === null || author === undefined ? null : emailViolation(author.email)],
    ...runChecks(input),
    ...labelChecks('metadata', input.metadata),
  ]);
}

/** What the row says of it; the branch's run and session where the prompt names none. */
function checkpointOf({ viewer }: Request, branch: BranchRecord, input: CreateCheckpointInput): NewCheckpoint {
  return {
    origin: 'API',
    message: input.message,
    prompt: input.prompt ?? null,
    runId: input.runId ?? branch.runId,
    sessionId: input.sessionId ?? branch.sessionId,
    metadata: input.metadata ?? [],
    createdBy: viewer.actor,
    keyId: keyFamily(viewer.key),
  };
}

function ownTrailers(request: Request, branch: BranchRecord, input: CreateCheckpointInput): ReturnType<typeof authorityTrailers> {
  return authorityTrailers({
    runId: input.runId ?? branch.runId,
    sessionId: input.sessionId ?? branch.sessionId,
    actor: request.viewer.actor,
    checkpoint: `${branch.nextCheckpoint}@${branch.name}`,
  });
}

async function changedTree(request: Request, repo: RepoRecord, staged: StagedObjects, tree: string, input: CreateCheckpointInput): Promise<ChangedTree | Problem> {
  const ground = { staged, tree, ...contentGround(request, repo, staged) };
  return typeof input.patch === 'string' ? applyPatchText(ground, input.patch, 'patch') : applyFileChanges(ground, input.changes ?? [], 'changes');
}
