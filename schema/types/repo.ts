import { encodeGlobalId } from '../../src/domain/global-id.js';
import { cloneAddress } from '../../src/operations/reading/addresses.js';
import { commitAt } from '../../src/operations/reading/resolve-rev.js';
import { readHistory } from '../../src/operations/reading/history/read-history.js';
import { readBranches, readProposals, readTags } from '../../src/operations/reading/read-lists.js';
import type { QuotaUse } from '../../src/domain/quotas.js';
import { readUsage } from '../../src/operations/reading/admin/read-usage.js';
import { readLatency, readOperations } from '../../src/operations/reading/admin/read-log.js';
import { readFileAt } from '../../src/operations/reading/read-file.js';
import { readDirectory } from '../../src/operations/reading/read-tree.js';
import { readableBranch, readableCheckpoint, readableProposal } from '../../src/operations/reading/readable-branch.js';
import { builder } from '../builder.js';
import { BranchConnection, CommitConnection, OperationConnection, ProposalConnection, TagConnection } from '../connections.js';
import { BRANCH, REV } from '../descriptions.js';
import { OperationKind } from '../enums/log.js';
import { BranchFilter, BranchOrder, CommitFilter, OperationFilter, ProposalFilter } from '../filters.js';
import { connect, forwardArgs, pageArgs, pageCost } from '../pagination.js';
import { Branch, Checkpoint, Commit, File, Label, Node, OperationLatency, Proposal, Repo, RepoSettings, RepoUsage, Tree } from '../refs.js';

Repo.implement({
  description: 'A git repository: its branches, their checkpoints, and the proposals between them.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id, accepted wherever a repository is named.', resolve: ({ id }) => encodeGlobalId({ type: 'Repo', id }) }),
    name: t.exposeString('name', { description: 'One to three segments joined by `/`; unique on this server.' }),
    description: t.exposeString('description', { nullable: true, description: 'What it is for.' }),
    labels: t.field({ type: [Label], description: 'Key and value pairs that its owner set.', resolve: ({ labels }) => labels }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created or imported.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the last operation on it was committed.' }),
    version: t.exposeInt('version', { description: 'Counts changes of the repository itself (name, description, labels, default branch, settings, archived or not), not those of its branches; `updateRepo` compares it.' }),
    archivedAt: t.expose('archivedAt', { type: 'DateTime', nullable: true, description: 'Since when it is read-only; null while it can be written.' }),
    defaultBranchName: t.exposeString('defaultBranch', { description: 'The name of the branch that work passes into unless another is named.' }),
    defaultBranch: t.field({
      type: Branch,
      nullable: true,
      description: 'The default branch; null when this key may not read it.',
      resolve: (repo, _args, { request }) => readableBranch(request, repo, repo.defaultBranch),
    }),
    settings: t.field({ type: RepoSettings, description: 'What the repository decides for itself.', resolve: ({ settings }) => settings }),
    cloneUrl: t.string({
      nullable: true,
      description: 'Where `git clone` finds it, with an API key as the password; null where the setting `WEIR_PUBLIC_URL` does not say under which address clients reach the server.',
      resolve: ({ name }, _args, { request }) => cloneAddress(request.gateway.publicUrl, name),
    }),
    usage: t.field({ type: RepoUsage, description: 'What it takes on disk and in rows, and how much of it is allowed.', resolve: (repo, _args, { request }) => readUsage(request, repo) }),
  }),
});

builder.objectFields(Repo, (t) => ({
  branch: t.field({
    type: Branch,
    nullable: true,
    description: 'A branch by name or id; null when it is absent or hidden from this key.',
    args: { name: t.arg.string({ required: true, description: BRANCH }) },
    resolve: (repo, { name }, { request }) => readableBranch(request, repo, name),
  }),
  branches: t.field({
    type: BranchConnection,
    description: 'The branches that this key may read, by name unless ordered otherwise.',
    args: {
      ...pageArgs,
      filter: t.arg({ type: BranchFilter, description: 'Which branches; all live ones unless given.' }),
      orderBy: t.arg({ type: BranchOrder, description: 'The order; by name unless given.' }),
    },
    complexity: pageCost,
    resolve: (repo, { filter, orderBy, ...args }, { request }) =>
      connect(request, args, { field: 'Repo.branches', parent: String(repo.id), rows: { filter, orderBy } }, (page) => readBranches(request, repo, filter, orderBy, page)),
  }),
  tags: t.field({
    type: TagConnection,
    description: 'The tags, by name. Tags come with imports and pushes.',
    args: { ...forwardArgs },
    complexity: pageCost,
    resolve: (repo, args, { request }) => connect(request, args, { field: 'Repo.tags', parent: String(repo.id) }, (page) => readTags(request, repo, page)),
  }),
  checkpoint: t.field({
    type: Checkpoint,
    nullable: true,
    description: 'A checkpoint by its branch and number; null when it is absent or hidden from this key.',
    args: {
      branch: t.arg.string({ required: true, description: BRANCH }),
      number: t.arg.int({ required: true, description: 'The number on that branch, from 1.' }),
    },
    resolve: (repo, { branch, number }, { request }) => readableCheckpoint(request, repo, branch, number),
  }),
}));

builder.objectFields(Repo, (t) => ({
  commit: t.field({
    type: Commit,
    nullable: true,
    description: 'The commit that a rev names.',
    args: { rev: t.arg.string({ required: true, description: REV }) },
    resolve: (repo, { rev }, { request }) => commitAt(request, repo, rev),
  }),
  commits: t.field({
    type: CommitConnection,
    nullable: true,
    description: 'History in the order of `git log`. A filtered page may be short, and even empty, while `hasNextPage` says that the search can go on.',
    args: {
      rev: t.arg.string({ description: `Where history begins: the default branch unless given, and with a trailer everything that this key may read. ${REV}` }),
      path: t.arg.string({ description: 'Only commits that changed this file or directory, as `git log -- PATH` lists them.' }),
      filter: t.arg({ type: CommitFilter, description: 'Only commits that pass; by a trailer, all commits of a run.' }),
      ...forwardArgs,
    },
    complexity: pageCost,
    resolve: (repo, { rev, path, filter, ...args }, { request }) => {
      const query = { rev: rev ?? null, path: path ?? null, follow: filter?.follow ?? false, trailer: filter?.trailer ?? null };
      // Left out where it is false, it leaves the cursors valid that were made before it was there.
      const rows = { rev: query.rev, path: query.path, trailer: query.trailer, ...(query.follow ? { follow: true } : {}) };
      return connect(request, args, { field: 'Repo.commits', parent: String(repo.id), rows }, (page) => readHistory(request, repo, query, page));
    },
  }),
  file: t.field({
    type: File,
    nullable: true,
    description: 'The file at a path of the commit that a rev names; null when there is none, or a directory.',
    args: {
      rev: t.arg.string({ required: true, description: REV }),
      path: t.arg.string({ required: true, description: 'The path from the root, without a leading slash.' }),
    },
    resolve: async (repo, { rev, path }, { request }) => readFileAt(request, await commitAt(request, repo, rev), path),
  }),
  tree: t.field({
    type: Tree,
    nullable: true,
    description: 'The directory at a path of the commit that a rev names; null when there is none, or a file.',
    args: {
      rev: t.arg.string({ required: true, description: REV }),
      path: t.arg.string({ description: 'The path from the root; the root itself unless given.' }),
    },
    resolve: async (repo, { rev, path }, { request }) => readDirectory(request, await commitAt(request, repo, rev), path),
  }),
}));

builder.objectFields(Repo, (t) => ({
  proposal: t.field({
    type: Proposal,
    nullable: true,
    description: 'A proposal by its number; null when it is absent or its source is hidden from this key.',
    args: { number: t.arg.int({ required: true, description: 'The number in this repository, from 1.' }) },
    resolve: (repo, { number }, { request }) => readableProposal(request, repo, number),
  }),
  proposals: t.field({
    type: ProposalConnection,
    description: 'The proposals, newest first.',
    args: { ...pageArgs, filter: t.arg({ type: ProposalFilter, description: 'Which proposals; all unless given.' }) },
    complexity: pageCost,
    resolve: (repo, { filter, ...args }, { request }) =>
      connect(request, args, { field: 'Repo.proposals', parent: String(repo.id), rows: { filter } }, (page) => readProposals(request, repo, filter, page)),
  }),
  operations: t.field({
    type: OperationConnection,
    description: 'The audit trail: every operation on this repository, newest first. Needs the scope AUDIT.',
    args: { ...forwardArgs, filter: t.arg({ type: OperationFilter, description: 'Which operations; all unless given.' }) },
    complexity: pageCost,
    resolve: (repo, { filter, ...args }, { request }) =>
      connect(request, args, { field: 'Repo.operations', parent: String(repo.id), rows: { filter } }, (page) => readOperations(request, repo, filter, page)),
  }),
  latency: t.field({
    type: [OperationLatency],
    description: 'How long clients waited, for every kind of operation that occurred, or for one kind. DIFF counts requests that read diffs. Percentiles are at the nearest rank and wrong by 1 % at most; count and maximum are exact.',
    args: {
      kind: t.arg({ type: OperationKind, description: 'One kind only; it is listed even when it did not occur.' }),
      window: t.arg({ type: 'Duration', description: 'How far to look back; `P7D` unless given. The window begins with a whole minute, beyond two days with a whole hour; 90 days are kept.' }),
    },
    complexity: { field: 5, multiplier: 10 },
    resolve: (repo, { kind, window }, { request }) => readLatency(request, repo, kind, window),
  }),
}));

const RepoQuota = builder.objectRef<QuotaUse>('RepoQuota').implement({
  description: 'A limit on what a repository holds, and what there is of it.',
  fields: (t) => ({
    limit: t.exposeString('limit', { description: 'The name of the limit, as LimitExceeded and `server.limits` have it. Names ending in `Bytes` are bytes.' }),
    used: t.expose('used', { type: 'SafeInt', description: 'What there is. More than the maximum where that was narrowed since: nothing goes by itself, and nothing can be added.' }),
    maximum: t.expose('maximum', { type: 'SafeInt', description: 'The most that is allowed: the narrower of what the server and what the settings of the repository say.' }),
  }),
});

RepoUsage.implement({
  description: 'What a repository takes.',
  fields: (t) => ({
    packBytes: t.expose('packBytes', { type: 'SafeInt', description: 'Bytes on disk of its packs.' }),
    packs: t.exposeInt('packs', { description: 'How many packs hold its objects.' }),
    branches: t.exposeInt('branches', { description: 'Live branches.' }),
    checkpoints: t.exposeInt('checkpoints', { description: 'Checkpoints in all, undone and abandoned ones included.' }),
    openProposals: t.exposeInt('openProposals', { description: 'Proposals that can still be reviewed and merged.' }),
    quotas: t.field({ type: [RepoQuota], description: 'Each limit on what it holds, beside what there is of it.', resolve: ({ quotas }) => [...quotas] }),
  }),
});

Label.implement({
  description: 'A flat pair of text: labels of repositories and keys, metadata of branches, checkpoints and proposals, trailers of commits.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'The key; as input, letters, digits and `-`.' }),
    value: t.exposeString('value', { description: 'The value, one line.' }),
  }),
});
