import { authorize } from '../../auth/authorize.js';
import { keyFamily } from '../../domain/api-key.js';
import type { RefChange } from '../../domain/operation.js';
import { ImportRefused, type ForeignRef, type ImportSource } from '../../domain/ports/import-source.js';
import type { StoredPack } from '../../domain/ports/repo-objects.js';
import type { Transaction } from '../../domain/ports/transaction.js';
import * as problems from '../../domain/problems.js';
import { repoNameViolation } from '../../domain/repo-name.js';
import { tooManyRepos } from '../../domain/repos-of-key.js';
import { isObjectId } from '../../domain/rev.js';
import type { TagRecord } from '../../domain/repo.js';
import { DESCRIPTION } from '../../domain/text.js';
import { indexCommits, type IndexedCommit } from '../../git/history/index-commits.js';
import { GitDataError } from '../../git/objects/errors.js';
import type { ObjectSource } from '../../git/objects/object-source.js';
import { parseTag, peel } from '../../git/objects/tag.js';
import { firstBroken, optionalText } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { RepoReceipt } from '../receipts.js';

/** A repository to be taken over as it is, under a new name. */
export interface ImportRepoInput {
  readonly name: string;
  readonly description?: string | null;
  readonly source: ImportSource;
  /** The job that this ends, and the gateway that works on it: unless it still does, nothing is imported. */
  readonly job?: { readonly id: number; readonly owner: string };
  readonly idempotencyKey?: null;
}

/**
 * Takes another repository over: all branches (each gets its checkpoint 1, of the head it came with) and all tags, packs as they are.
 * The branch that its HEAD names becomes the default branch. Names and modes that this server would not make itself stay readable.
 *
 * Refuses: InvalidInput (the name; or no branch, or one that is named like an object id, and could not be told from it), Forbidden, NameTaken (the repository's; or branches that differ by case only), LimitExceeded, InvalidState (the job is called off). Rejects with ImportRefused
 * when the source has no branch, and when its objects are not whole.
 */
export const importRepo = defineOperation<ImportRepoInput, RepoReceipt>({
  kind: 'IMPORT_REPO',
  action: 'importRepo',
  async decide(request, input) {
    const { gateway, viewer } = request;
    const { source } = input;
    const broken = firstBroken([['name', repoNameViolation(input.name, gateway.repoNamePattern)], optionalText(DESCRIPTION, 'description', input.description)]);
    if (broken !== null) return refused(broken);
    const refusal = authorize(viewer, 'importRepo', { repoName: input.name });
    if (refusal !== null) return refused(refusal);
    if ((await request.reader.repoByName(input.name)) !== null) return refused(problems.nameTaken('repository', input.name));
    const defaultBranch = source.headBranch ?? source.branches[0]?.name;
    if (defaultBranch === undefined) {
      return refused(problems.invalidInput('source', { rule: 'import/no-branch', message: `${source.shown} has no branch.`, hint: 'Make a commit on a branch first.' }));
    }
    const disguised = source.branches.find(({ name }) => isObjectId(name))?.name;
    if (disguised !== undefined) {
      return refused(problems.invalidInput('source', { rule: 'import/object-id', message: `${source.shown} has a branch that is named like an object id, ${disguised}.`, hint: 'Rename or delete that branch, then import again.' }));
    }

    const repoId = await gateway.storage.reserveRepoId();
    const { packs, tags, commits } = await takeWhole(source, repoId);

    return {
      kind: 'write',
      async apply(tx) {
        const repo = await tx.insertRepo({ id: repoId, name: input.name, description: input.description ?? null, labels: [], defaultBranch, settings: {}, keyId: keyFamily(viewer.key) });
        if (repo === null) return { kind: 'refused', problem: problems.nameTaken('repository', input.name) };
        const crowded = await tooManyRepos(tx, repoId, gateway.limits);
        if (crowded !== null) return { kind: 'refused', problem: crowded };
        if (input.job !== undefined && !(await tx.finishImport(input.job.id, input.job.owner, repoId))) return { kind: 'refused', problem: problems.importOver('CANCELLED') };
        const taken = await insertBranches(tx, repoId, source.branches, { createdBy: viewer.actor, keyId: keyFamily(viewer.key), message: `Import ${source.shown}` });
        if (taken !== null) return { kind: 'refused', problem: problems.nameTaken('branch', taken) };
        await tx.insertTags(repoId, tags);
        for (const pack of packs) await tx.addPack(repoId, pack);
        await tx.addCommits(repoId, commits);
        return {
          kind: 'done',
          stream: repoId,
          gcEpoch: null,
          made: repo,
          record: {
            refs: source.branches.map(({ name, oid }): RefChange => ({ branchName: name, before: null, after: oid })),
            subject: { type: 'Repo', id: repoId },
            runId: null,
            events: [{ kind: 'REPO_CREATED', repoName: repo.name }],
          },
          receipt: (operation) => ({ repoId, operation }),
        };
      },
    };
  },
});

/** Everything of the source: its packs on this disk, and what rows say of its tags and commits. Rejects with ImportRefused when it is damaged. */
async function takeWhole(source: ImportSource, repoId: number): Promise<{ readonly packs: readonly StoredPack[]; readonly tags: readonly TagRecord[]; readonly commits: readonly IndexedCommit[] }> {
  try {
    const { packs, objects } = await source.take(repoId);
    const tags = await describeTags(objects, repoId, source.tags);
    const tips = [...source.branches.map(({ oid }) => oid), ...tags.flatMap(({ commitOid }) => commitOid ?? [])];
    return { packs, tags, commits: await indexCommits(objects, tips, () => null) };
  } catch (error) {
    if (!(error instanceof GitDataError)) throw error;
    throw new ImportRefused(`${source.shown} is damaged: ${error.message}. Nothing was imported; "git fsck --full" in it says more.`, { cause: error });
  }
}

/** Inserts every branch with its first checkpoint; answers the name that was taken, or null. */
async function insertBranches(tx: Transaction, repoId: number, branches: readonly ForeignRef[], by: { readonly createdBy: string; readonly keyId: string; readonly message: string }): Promise<string | null> {
  for (const { name, oid } of branches) {
    const branch = await tx.insertBranch({ repoId, name, head: oid, baseName: null, forkOid: null, createdBy: by.createdBy, expiresAt: null, runId: null, sessionId: null, metadata: [] });
    if (branch === null) return name;
    await tx.insertFirstCheckpoint(branch, { origin: 'IMPORT', message: by.message, prompt: null, runId: null, sessionId: null, metadata: [], createdBy: by.createdBy, keyId: by.keyId });
  }
  return null;
}

async function describeTags(objects: ObjectSource, repoId: number, tags: readonly ForeignRef[]): Promise<TagRecord[]> {
  const described: TagRecord[] = [];
  for (const { name, oid } of tags) {
    const object = await objects.read(oid);
    const peeled = await peel(objects, oid);
    described.push({ repoId, name, oid, commitOid: peeled.type === 'commit' ? peeled.oid : null, message: object.type === 'tag' ? parseTag(oid, object.content).message : null });
  }
  return described;
}
