import { authorize } from '../../auth/authorize.js';
import { keyFamily } from '../../domain/api-key.js';
import type { Viewer } from '../../auth/viewer.js';
import { branchNameViolation } from '../../domain/branch-name.js';
import { actorAsAuthor, authorityTrailers, stageCommit } from '../../domain/commit-draft.js';
import { messageViolation } from '../../domain/commit-data.js';
import { applyFileChanges, type WriteFile } from '../../domain/file-changes.js';
import type { Limits } from '../../domain/limits.js';
import type { StoredPack } from '../../domain/ports/repo-objects.js';
import type { Transaction } from '../../domain/ports/transaction.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import { repoNameViolation } from '../../domain/repo-name.js';
import { tooManyRepos } from '../../domain/repos-of-key.js';
import { ownSettings } from '../../domain/repo-settings.js';
import { narrowedLimits } from '../../domain/settings/limits.js';
import { DESCRIPTION } from '../../domain/text.js';
import type { IndexedCommit } from '../../git/history/index-commits.js';
import { firstBroken, labelChecks, optionalText, settingsChecks } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { CreateRepoInput } from '../inputs.js';
import type { RepoReceipt } from '../receipts.js';
import type { Request } from '../request.js';

/**
 * A new repository with a first commit on its default branch: of the files given, or of the empty tree, so that every branch has a
 * head. The commit is checkpoint 1. Needs CREATE_REPO and a name within the key's `repos`.
 *
 * Refuses: InvalidInput, Forbidden, NameTaken, LimitExceeded.
 */
export const createRepo = defineOperation<CreateRepoInput, RepoReceipt>({
  kind: 'CREATE_REPO',
  action: 'createRepo',
  async decide(request, input) {
    const { gateway, viewer } = request;
    const defaultBranch = input.defaultBranch ?? 'main';
    const message = input.message ?? `Create ${input.name}`;
    const broken = firstBroken([
      ['name', repoNameViolation(input.name, gateway.repoNamePattern)],
      ['defaultBranch', branchNameViolation(defaultBranch)],
      ['message', messageViolation(message)],
      optionalText(DESCRIPTION, 'description', input.description),
      ...labelChecks('labels', input.labels),
      ...settingsChecks(input.settings, gateway),
    ]);
    if (broken !== null) return refused(broken);
    const refusal = authorize(viewer, 'createRepo', { repoName: input.name, branchName: defaultBranch, paths: (input.files ?? []).map(({ path }) => path) });
    if (refusal !== null) return refused(refusal);

    const settings = ownSettings(input.settings ?? {});
    const repoId = await gateway.storage.reserveRepoId();
    const limits = settings.limits === undefined ? gateway.limits : narrowedLimits(gateway.limits, settings.limits);
    const first = await firstCommit(request, repoId, { defaultBranch, message, files: input.files ?? [], limits });
    if ('code' in first) return refused(first);
    const { commit, pack } = first;

    return {
      kind: 'write',
      async apply(tx) {
        const repo = await tx.insertRepo({
          id: repoId,
          name: input.name,
          description: input.description ?? null,
          labels: input.labels ?? [],
          defaultBranch,
          settings,
          keyId: keyFamily(viewer.key),
        });
        if (repo === null) return { kind: 'refused', problem: problems.nameTaken('repository', input.name) };
        const crowded = await tooManyRepos(tx, repoId, gateway.limits);
        if (crowded !== null) return { kind: 'refused', problem: crowded };
        const started = await startBranch(tx, viewer, { repoId, name: defaultBranch, head: commit.oid, message });
        if (!started) return { kind: 'refused', problem: problems.nameTaken('branch', defaultBranch) };
        if (pack !== null) await tx.addPack(repoId, pack);
        await tx.addCommits(repoId, [commit]);
        return {
          kind: 'done',
          stream: repoId,
          gcEpoch: null,
          made: repo,
          record: {
            refs: [{ branchName: defaultBranch, before: null, after: commit.oid }],
            subject: { type: 'Repo', id: repoId },
            runId: null,
            events: [{ kind: 'REPO_CREATED', repoName: repo.name }],
          },
          receipt: (operation) => ({ repoId, operation }),
        };
      },
      committed: () => {
        if (pack !== null) gateway.storage.objects.open(repoId).adopt(pack);
      },
    };
  },
});

/** The refusal of a change as one of the file that the client sent: its field has no member "write". */
function asToFile(problem: Problem): Problem {
  return problem.code === 'INVALID_INPUT' ? { ...problem, field: problem.field.replace(/^(files\[\d+\])\.write/u, '$1') } : problem;
}

/** Makes the default branch, whose first checkpoint is that commit. false: the name is taken. */
async function startBranch(tx: Transaction, viewer: Viewer, { repoId, name, head, message }: { readonly repoId: number; readonly name: string; readonly head: string; readonly message: string }): Promise<boolean> {
  const unbound = { runId: null, sessionId: null, metadata: [], createdBy: viewer.actor };
  const branch = await tx.insertBranch({ ...unbound, repoId, name, head, baseName: null, forkOid: null, expiresAt: null });
  if (branch === null) return false;
  await tx.insertFirstCheckpoint(branch, { ...unbound, origin: 'API', message, prompt: null, keyId: keyFamily(viewer.key) });
  return true;
}

/** Writes the first commit of a repository that has no row yet: its files, or the empty tree; durable, or a refusal. */
async function firstCommit(
  { gateway, viewer }: Request,
  repoId: number,
  { defaultBranch, message, files, limits }: { readonly defaultBranch: string; readonly message: string; readonly files: readonly WriteFile[]; readonly limits: Limits },
): Promise<{ readonly commit: IndexedCommit; readonly pack: StoredPack | null } | Problem> {
  const objects = gateway.storage.objects.open(repoId);
  const staged = objects.stage();
  const emptyTree = staged.put('tree', Buffer.alloc(0));
  const ground = { staged, tree: emptyTree, limits, mayUseBlob: async (): Promise<boolean> => false };
  const changed = await applyFileChanges(ground, files.map((write) => ({ write })), 'files');
  if ('code' in changed) return asToFile(changed);
  const commit = stageCommit(staged, await gateway.storage.graph(repoId), {
    tree: changed.tree,
    parents: [],
    author: actorAsAuthor(viewer.actor),
    message,
    trailers: authorityTrailers({ runId: null, sessionId: null, actor: viewer.actor, checkpoint: `1@${defaultBranch}` }),
    at: gateway.now(),
  });
  return { commit, pack: await objects.persist(staged, { limit: 'repoBytes', used: 0, maximum: limits.repoBytes }) };
}
