import { authorize } from '../../auth/authorize.js';
import type { Viewer } from '../../auth/viewer.js';
import { keyFamily } from '../../domain/api-key.js';
import type { BranchRecord } from '../../domain/branch.js';
import { everyRow } from '../../domain/every-row.js';
import type { LandingRecord } from '../../domain/landing.js';
import type { StoredPack } from '../../domain/ports/repo-objects.js';
import type { NewBranch, Transaction } from '../../domain/ports/transaction.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import { bytesQuota } from '../../domain/quotas.js';
import type { RepoRecord, TagRecord } from '../../domain/repo.js';
import { repoNameViolation } from '../../domain/repo-name.js';
import { ownSettings } from '../../domain/repo-settings.js';
import { tooManyRepos } from '../../domain/repos-of-key.js';
import { DESCRIPTION } from '../../domain/text.js';
import type { GraphRow } from '../../git/history/graph-row.js';
import { PackInvalid } from '../../git/objects/errors.js';
import type { Oid } from '../../git/objects/object-source.js';
import { Pace } from '../../git/objects/pace.js';
import { firstBroken, labelChecks, optionalText } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { ForkRepoInput } from '../inputs.js';
import { readsEveryBranch } from '../reading/readable-commit.js';
import type { RepoReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { findRepo } from '../targets.js';

/** What a fork has of its source, and the commits behind it. */
interface Taken {
  readonly branches: readonly BranchRecord[];
  readonly tags: readonly TagRecord[];
  readonly landings: readonly LandingRecord[];
  /** Parents first or not: in no order. */
  readonly commits: readonly GraphRow[];
  /** Every object that these lead on from. */
  readonly roots: readonly Oid[];
}

/**
 * A repository of its own that begins where another one stands: its branches that the key may read, all tags, its settings, labels
 * and description. Each branch starts at its fork point, without checkpoints, as one that was branched off; proposals, keys and the log stay
 * behind. What lands or is removed in one of the two never shows in the other: packs are linked, not shared. A key that may not
 * read every branch gets a copy of what it can reach. The source may be archived.
 *
 * Needs READ for the source, CREATE_REPO, and the new name and every branch within the globs of the key.
 * Refuses: InvalidInput, NotFound (the source; the default branch where it is hidden), Forbidden, NameTaken, LimitExceeded, ObjectCorrupt.
 */
export const forkRepo = defineOperation<ForkRepoInput, RepoReceipt>({
  kind: 'FORK_REPO',
  action: 'forkRepo',
  async decide(request, input) {
    const { gateway, viewer } = request;
    const broken = firstBroken([['name', repoNameViolation(input.name, gateway.repoNamePattern)], optionalText(DESCRIPTION, 'description', input.description), ...labelChecks('labels', input.labels)]);
    if (broken !== null) return refused(broken);
    // Judged by the globs alone, so it tells nothing of what exists.
    const refusal = authorize(viewer, 'forkRepo', { repoName: input.name });
    if (refusal !== null) return refused(refusal);
    const target = await findRepo(request, 'readRepo', input.repo);
    if (!target.ok) return refused(target.problem);
    const source = target.value;
    const defaultBranch = input.defaultBranch ?? source.defaultBranch;
    const unfit = await refusalOfSource(request, source, defaultBranch);
    if (unfit !== null) return refused(unfit);
    const taken = await whatIsTaken(request, source);
    const outside = refusalOfBranches(viewer, input.name, defaultBranch, taken.branches);
    if (outside !== null) return refused(outside);
    if ((await request.reader.repoByName(input.name)) !== null) return refused(problems.nameTaken('repository', input.name));

    const repoId = await gateway.storage.reserveRepoId();
    const packs = await takeObjects(request, source, repoId, taken);
    if ('code' in packs) return refused(packs);

    return {
      kind: 'write',
      async apply(tx) {
        const repo = await tx.insertRepo({
          id: repoId,
          name: input.name,
          description: input.description ?? source.description,
          labels: input.labels ?? source.labels,
          defaultBranch,
          settings: ownSettings(source.settings),
          keyId: keyFamily(viewer.key),
        });
        if (repo === null) return { kind: 'refused', problem: problems.nameTaken('repository', input.name) };
        const crowded = await tooManyRepos(tx, repoId, gateway.limits);
        if (crowded !== null) return { kind: 'refused', problem: crowded };
        await insertTaken(tx, repo, taken, viewer);
        for (const pack of packs) await tx.addPack(repoId, pack);
        // Last, since writers of the source wait from here on: what was purged from it meanwhile must not live on here.
        await tx.holdEpoch(source.id, source.gcEpoch);
        return {
          kind: 'done',
          stream: repoId,
          gcEpoch: null,
          made: repo,
          record: {
            refs: taken.branches.map(({ name, head }) => ({ branchName: name, before: null, after: head })),
            subject: { type: 'Repo', id: repoId },
            runId: null,
            events: [{ kind: 'REPO_CREATED', repoName: repo.name, forkedFrom: { repoId: source.id, repoName: source.name } }],
          },
          receipt: (operation) => ({ repoId, operation }),
        };
      },
    };
  },
});

/** The refusal of a source that does not fit the limits of what is made of it, or whose default branch this key cannot read; null when it may be forked. */
async function refusalOfSource(request: Request, source: RepoRecord, defaultBranch: string): Promise<Problem | null> {
  const branch = await request.reader.branchByName(source.id, defaultBranch);
  if (branch === null || authorize(request.viewer, 'readBranch', { repoName: source.name, branchName: branch.name }) !== null) return problems.notFound('branch', defaultBranch);
  // A copy of a part may be smaller than its source: what it comes to is counted when it is there.
  const quota = bytesQuota(source, request.gateway.limits);
  return readsEveryBranch(request) && quota.used > quota.maximum ? problems.quotaPassed(quota) : null;
}

/** The refusal for the first branch that the key may not make, the default branch before all; null when it may make them all. */
function refusalOfBranches(viewer: Viewer, repoName: string, defaultBranch: string, branches: readonly BranchRecord[]): Problem | null {
  for (const branchName of [defaultBranch, ...branches.map(({ name }) => name)]) {
    const refusal = authorize(viewer, 'forkRepo', { repoName, branchName });
    if (refusal !== null) return refusal;
  }
  return null;
}

/** The packs of the new repository: all that the source has, or what is taken where the key may not read all of it. Refused where a pack of the source cannot be read. */
async function takeObjects(request: Request, source: RepoRecord, repoId: number, { roots }: Taken): Promise<readonly StoredPack[] | Problem> {
  try {
    return await request.gateway.storage.forkObjects(source.id, repoId, readsEveryBranch(request) ? null : roots, request.signal);
  } catch (error) {
    if (!(error instanceof PackInvalid)) throw error;
    request.gateway.log.error({ requestId: request.requestId, repoId: source.id, error: String(error) }, 'a repository with a broken pack could not be forked');
    return problems.unavailable();
  }
}

async function whatIsTaken(request: Request, source: RepoRecord): Promise<Taken> {
  const { reader, viewer: { key } } = request;
  const every = { repoId: source.id, nameContains: null, kind: null, runId: null, sessionId: null, deleted: false, states: null, idleAfter: 0, inactiveFor: null, marked: null, descending: false } as const;
  const [branches, tags, landings] = await Promise.all([
    everyRow((page) => reader.branches({ ...every, defaultBranch: source.defaultBranch, nameGlobs: key.readBranches, orderBy: 'NAME' }, page)),
    everyRow((page) => reader.tags(source.id, page)),
    reader.landings(source.id),
  ]);
  const heads = [...new Set(branches.map(({ head }) => head))];
  const tips = [...heads, ...tags.flatMap(({ commitOid }) => commitOid ?? [])];
  const graph = await request.gateway.storage.graph(source.id, tips);
  const reached = graph.reachable(tips);
  // Without it, a merge of a branch that was squashed before would meet its own changes as a conflict.
  const kept = landings.filter(({ sourceHead, targetCommit }) => reached.has(sourceHead) && reached.has(targetCommit));
  const bases = kept.map(({ base }) => base);
  const commits: GraphRow[] = [];
  const pace = new Pace();
  for (const oid of graph.log([...new Set([...tips, ...bases])].filter((tip) => graph.has(tip)))) {
    const row = graph.row(oid);
    if (row !== null) commits.push(row);
    if (pace.due()) await pace.breathe();
  }
  return { branches, tags, landings: kept, commits, roots: [...heads, ...tags.map(({ oid }) => oid), ...bases] };
}

async function insertTaken(tx: Transaction, repo: RepoRecord, { branches, tags, landings, commits }: Taken, viewer: Viewer): Promise<void> {
  const names = new Set(branches.map(({ name }) => name));
  await tx.insertForkedBranches(repo.id, branches.map((branch): Omit<NewBranch, 'repoId'> => {
    const { name, head, baseName, expiresAt, runId, sessionId, metadata } = branch;
    // The name of a branch that was not taken along would tell that there is one.
    const base = name !== repo.defaultBranch && baseName !== null && names.has(baseName) ? baseName : null;
    return { name, head, baseName: base, forkOid: head, createdBy: viewer.actor, expiresAt, runId, sessionId, metadata };
  }));
  await tx.insertTags(repo.id, tags);
  // They are listed newest first, and the order in which they are stored says which is newer.
  for (const { sourceHead, targetCommit, base } of [...landings].reverse()) await tx.addLanding({ repoId: repo.id, sourceHead, targetCommit, base });
  await tx.addCommits(repo.id, commits);
}
