import { branchKind } from '../../src/domain/branch.js';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { isMarked } from '../../src/domain/retention.js';
import { readAheadBehind, loadCommit, loadCommitOrNull } from '../../src/operations/reading/read-commits.js';
import { compareCommits } from '../../src/operations/reading/comparing/read-diff.js';
import { readCheckpoints, readNeighbour, readProposalsOf } from '../../src/operations/reading/read-lists.js';
import { previewMerge } from '../../src/operations/reading/comparing/read-merge-preview.js';
import { readBase } from '../../src/operations/reading/proposal/read-proposal.js';
import { isProtected, readBranchState } from '../../src/operations/reading/branch-state.js';
import { branchAgainst } from '../../src/operations/reading/proposal/branch-against.js';
import { readRepoOf } from '../../src/operations/reading/readable-repo.js';
import { builder } from '../builder.js';
import { CheckpointConnection, ProposalConnection } from '../connections.js';
import { REV } from '../descriptions.js';
import { BranchKind, BranchState } from '../enums/branch.js';
import { MergeStrategy } from '../enums/diff.js';
import { ProposalFilter } from '../filters.js';
import { DiffOptions } from '../inputs.js';
import { connect, forwardArgs, pageArgs, pageCost } from '../pagination.js';
import { AheadBehind, Branch, Checkpoint, Commit, Diff, Label, MergePreview, Node, Repo, Tag } from '../refs.js';
import { ConflictResolution, RESOLUTIONS } from '../resolutions.js';

Branch.implement({
  description: 'A line of work. Every forward move leaves a checkpoint, and `version` counts every move.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id, accepted wherever a branch is named. A name that is used again is a new Branch.', resolve: ({ id }) => encodeGlobalId({ type: 'Branch', id }) }),
    repo: t.field({ type: Repo, description: 'The repository it is in.', resolve: ({ repoId }, _args, { request }) => readRepoOf(request, repoId) }),
    name: t.exposeString('name', { description: 'The name, unique among the live branches of the repository.' }),
    kind: t.field({
      type: BranchKind,
      description: 'What it is for, read from its name.',
      resolve: async (branch, _args, { request }) => branchKind(branch.name, (await readRepoOf(request, branch.repoId)).defaultBranch),
    }),
    headOid: t.expose('head', { type: 'GitObjectID', description: 'The id of the commit it is at.' }),
    head: t.field({ type: Commit, nullable: true, description: 'The commit it is at.', resolve: ({ repoId, head }, _args, { request }) => loadCommit(request, repoId, head) }),
    version: t.exposeInt('version', { description: 'Counts every move from 1, back and forth alike: what to compare-and-swap with, because undo returns to earlier heads.' }),
    baseName: t.exposeString('baseName', { nullable: true, description: 'The name of the branch it was cut from; null for default branches and imported ones.' }),
    base: t.field({ type: Branch, nullable: true, description: 'The branch it was cut from; null when that is gone or hidden from this key.', resolve: (branch, _args, { request }) => readBase(request, branch) }),
    forkPoint: t.field({
      type: Commit,
      nullable: true,
      description: 'The commit it was cut at; null where its first commit is its own.',
      resolve: ({ repoId, forkOid }, _args, { request }) => loadCommitOrNull(request, repoId, forkOid),
    }),
  }),
});

builder.objectFields(Branch, (t) => ({
  aheadBehind: t.field({
    type: AheadBehind,
    nullable: true,
    description: 'How many commits it has that the other lacks, and the other way round; null for a branch without a base.',
    args: { of: t.arg.string({ description: `What to compare with: the base unless given. ${REV}` }) },
    resolve: async (branch, { of }, { request }) => {
      const other = await branchAgainst(request, branch, of);
      return other === null ? null : readAheadBehind(request, { id: branch.repoId }, branch.head, other);
    },
  }),
  createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
  createdBy: t.exposeString('createdBy', { description: 'The actor who created it.' }),
  lastActivityAt: t.expose('lastActivityAt', { type: 'DateTime', description: 'When it last moved.' }),
  state: t.field({ type: BranchState, description: 'Where it stands in its life.', resolve: (branch, _args, { request }) => readBranchState(request, branch) }),
  markedAt: t.field({ type: 'DateTime', nullable: true, description: 'Since when a rule of retention has it marked; null when none has, or it has moved since.', resolve: (branch) => (isMarked(branch) ? branch.markedAt : null) }),
  protected: t.boolean({ description: 'True when it moves by proposals only, and never back: by its own mark, or by the rules of review of the repository.', resolve: (branch, _args, { request }) => isProtected(request, branch) }),
  expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'When it has done its time: the next run of retention after that deletes it, unless it is protected. null: never.' }),
  runId: t.exposeString('runId', { nullable: true, description: 'The run that made it.' }),
  sessionId: t.exposeString('sessionId', { nullable: true, description: 'The session that made it.' }),
  metadata: t.field({ type: [Label], description: 'What its maker kept with it.', resolve: ({ metadata }) => metadata }),
  checkpoints: t.field({
    type: CheckpointConnection,
    description: 'Its timeline, oldest first, undone and abandoned checkpoints included.',
    args: { ...pageArgs },
    complexity: pageCost,
    resolve: (branch, args, { request }) =>
      connect(request, args, { field: 'Branch.checkpoints', parent: String(branch.id) }, (page) => readCheckpoints(request, branch, page)),
  }),
  checkpoint: t.field({
    type: Checkpoint,
    nullable: true,
    description: 'The checkpoint it is at; null at the fork point.',
    resolve: ({ checkpointId }, _args, { request }) => readNeighbour(request, checkpointId),
  }),
}));

builder.objectFields(Branch, (t) => ({
  diff: t.field({
    type: Diff,
    nullable: true,
    description: 'What it has changed since it left the other: since its base unless another rev is named; null for a branch without a base.',
    args: {
      against: t.arg.string({ description: `What to compare with: the base unless given. ${REV}` }),
      options: t.arg({ type: DiffOptions, description: 'How the diff is made.' }),
    },
    resolve: async (branch, { against, options }, { request }) => {
      const from = await branchAgainst(request, branch, against);
      return from === null ? null : compareCommits(request, { id: branch.repoId }, from, branch.head, options);
    },
  }),
  mergePreview: t.field({
    type: MergePreview,
    nullable: true,
    description: 'What merging it would give, without writing anything: into its base unless another rev is named; null for a branch without a base.',
    args: {
      into: t.arg.string({ description: `What it would be merged into: the base unless given. ${REV}` }),
      strategy: t.arg({ type: MergeStrategy, description: 'How it would be written; MERGE unless given.' }),
      resolutions: t.arg({ type: [ConflictResolution], description: RESOLUTIONS }),
    },
    resolve: async (branch, { into, strategy, resolutions }, { request }) => {
      const ours = await branchAgainst(request, branch, into);
      return ours === null ? null : previewMerge(request, { repoId: branch.repoId, ours, theirs: branch.head, resolutions: resolutions ?? [] }, strategy ?? 'MERGE');
    },
  }),
  proposals: t.field({
    type: ProposalConnection,
    description: 'The proposals that come from it, newest first.',
    args: { ...forwardArgs, filter: t.arg({ type: ProposalFilter, description: 'Which proposals; all unless given.' }) },
    complexity: pageCost,
    resolve: (branch, { filter, ...args }, { request }) =>
      connect(request, args, { field: 'Branch.proposals', parent: String(branch.id), rows: { filter } }, (page) => readProposalsOf(request, branch, filter, page)),
  }),
}));

AheadBehind.implement({
  description: 'How far two histories are apart.',
  fields: (t) => ({
    ahead: t.exposeInt('ahead', { description: 'Commits that this one has and the other lacks.' }),
    behind: t.exposeInt('behind', { description: 'Commits that the other has and this one lacks.' }),
  }),
});

Tag.implement({
  description: 'A name for one object, brought in by an import or a push.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name without `refs/tags/`.' }),
    oid: t.expose('oid', { type: 'GitObjectID', description: 'The id of the tag object, or of the commit itself for a lightweight tag.' }),
    commit: t.field({
      type: Commit,
      nullable: true,
      description: 'The commit that it leads to; null when it names something else.',
      resolve: ({ repoId, commitOid }, _args, { request }) => loadCommitOrNull(request, repoId, commitOid),
    }),
    message: t.exposeString('message', { nullable: true, description: 'The message of an annotated tag.' }),
  }),
});
