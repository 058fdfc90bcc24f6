import type { ApiKeyRecord } from '../../domain/api-key.js';
import type { BranchRecord } from '../../domain/branch.js';
import type { CheckpointRecord } from '../../domain/checkpoint.js';
import { decodeGlobalId, type DiffIdentity, type GlobalId } from '../../domain/global-id.js';
import type { OperationRecord, Subject } from '../../domain/operation.js';
import type { LoggedEvent } from '../../domain/ports/event-log.js';
import type { ImportJobRecord } from '../../domain/import-job.js';
import type { ProposalRecord, ReviewRecord } from '../../domain/proposal.js';
import type { CommentRecord, ThreadRecord } from '../../domain/thread.js';
import type { RepoRecord } from '../../domain/repo.js';
import type { DeliveryRecord, WebhookRecord } from '../../domain/webhook.js';
import type { Oid } from '../../git/objects/object-source.js';
import type { Request } from '../request.js';
import { diffSettings, type DiffSpec } from './comparing/diff-spec.js';
import { wayOfCode } from './comparing/merge-code.js';
import { computeMerge, mergeOfDiff } from './comparing/merge-spec.js';
import { gitRead, QueryError } from './query-error.js';
import { loadCommit, type CommitView } from './read-commits.js';
import { readDiffFile, type DiffFileView } from './comparing/read-diff.js';
import { readEvent } from './read-events.js';
import { readFileAt, type FileView } from './read-file.js';
import { readApiKey } from './admin/read-keys.js';
import { readImport } from './admin/read-imports.js';
import { readOperation } from './admin/read-log.js';
import { isMergeStrategy, previewMerge, type MergeView } from './comparing/read-merge-preview.js';
import { readableReviewById } from './proposal/read-proposal.js';
import { readableCommentById, readableThreadById } from './proposal/read-thread.js';
import { readDelivery, readWebhook } from './admin/read-webhooks.js';
import { readDirectory, type TreeView } from './read-tree.js';
import { readableBranchById, readableCheckpointById, readableProposalById } from './readable-branch.js';
import { mayReadCommit } from './readable-commit.js';
import { isWithinReach, readableRepoById } from './readable-repo.js';

/** What a node id stands for: its type and its view. */
export type NodeView =
  | { readonly type: 'Repo'; readonly value: RepoRecord }
  | { readonly type: 'Branch'; readonly value: BranchRecord }
  | { readonly type: 'Checkpoint'; readonly value: CheckpointRecord }
  | { readonly type: 'Commit'; readonly value: CommitView }
  | { readonly type: 'Tree'; readonly value: TreeView }
  | { readonly type: 'File'; readonly value: FileView }
  | { readonly type: 'Diff'; readonly value: DiffSpec }
  | { readonly type: 'DiffFile'; readonly value: DiffFileView }
  | { readonly type: 'MergePreview'; readonly value: MergeView }
  | { readonly type: 'Proposal'; readonly value: ProposalRecord }
  | { readonly type: 'Review'; readonly value: ReviewRecord }
  | { readonly type: 'Thread'; readonly value: ThreadRecord }
  | { readonly type: 'Comment'; readonly value: CommentRecord }
  | { readonly type: 'Webhook'; readonly value: WebhookRecord }
  | { readonly type: 'WebhookDelivery'; readonly value: DeliveryRecord }
  | { readonly type: 'ImportJob'; readonly value: ImportJobRecord }
  | { readonly type: 'Operation'; readonly value: OperationRecord }
  | { readonly type: 'ApiKey'; readonly value: ApiKeyRecord }
  | { readonly type: 'Event'; readonly value: LoggedEvent };

/** The thing that a node id names; null when the id is malformed, the thing is gone, or the key may not read it. Those look alike. */
export async function readNode(request: Request, id: string): Promise<NodeView | null> {
  const ref = decodeGlobalId(id);
  return ref === null ? null : readRef(request, ref);
}

/** What an operation of the log was about; null when it is gone or hidden from the key. */
export function readSubject(request: Request, subject: Subject | null): Promise<NodeView | null> {
  return subject === null ? Promise.resolve(null) : readNode(request, `${subject.type}:${subject.id}`);
}

/** What stands between an id and its thing: whatever it lies in, by whose names it is decided who may read it. */
async function isHidden(request: Request, ref: GlobalId): Promise<boolean> {
  if ('repoId' in ref) return !(await isWithinReach(request, 'Repo', ref.repoId));
  switch (ref.type) {
    case 'Repo':
    case 'Branch':
    case 'Checkpoint':
    case 'Proposal':
    case 'Review':
    case 'Thread':
    case 'Comment':
      return !(await isWithinReach(request, ref.type, ref.id));
    default:
      return false;
  }
}

async function readRef(request: Request, ref: GlobalId): Promise<NodeView | null> {
  if (await isHidden(request, ref)) return null;
  switch (ref.type) {
    case 'Repo':
      return asNode('Repo', await readableRepoById(request, ref.id));
    case 'Branch':
      return asNode('Branch', await readableBranchById(request, ref.id));
    case 'Checkpoint':
      return asNode('Checkpoint', await readableCheckpointById(request, ref.id));
    case 'Proposal':
      return asNode('Proposal', await readableProposalById(request, ref.id));
    case 'Review':
      return asNode('Review', await readableReviewById(request, ref.id));
    case 'Thread':
      return asNode('Thread', await readableThreadById(request, ref.id));
    case 'Comment':
      return asNode('Comment', await readableCommentById(request, ref.id));
    case 'Webhook':
      return asNode('Webhook', await readWebhook(request, ref.id));
    case 'WebhookDelivery':
      return asNode('WebhookDelivery', await readDelivery(request, ref.id));
    case 'ImportJob':
      return asNode('ImportJob', await readImport(request, ref.id));
    case 'ApiKey':
      return asNode('ApiKey', await readApiKey(request, ref.id));
    case 'Operation':
      return asNode('Operation', await readOperation(request, ref.stream, ref.seq));
    case 'Event':
      return asNode('Event', await readEvent(request, ref));
    case 'Commit':
      return asNode('Commit', await commitOf(request, ref.repoId, ref.oid));
    case 'Tree':
    case 'File':
      return atCommit(request, ref);
    case 'Diff':
      return asNode('Diff', await readableDiff(request, ref));
    case 'DiffFile':
      return diffFileOf(request, ref);
    case 'MergePreview':
      return asNode('MergePreview', await previewOf(request, ref));
  }
}

function asNode<T extends string, V>(type: T, value: V | null): { readonly type: T; readonly value: V } | null {
  return value === null ? null : { type, value };
}

async function readableCommits(request: Request, repoId: number, oids: readonly Oid[]): Promise<boolean> {
  const repo = await readableRepoById(request, repoId);
  if (repo === null) return false;
  return (await Promise.all(oids.map((oid) => mayReadCommit(request, repo, oid)))).every(Boolean);
}

async function commitOf(request: Request, repoId: number, oid: Oid): Promise<CommitView | null> {
  return (await readableCommits(request, repoId, [oid])) ? loadCommit(request, repoId, oid) : null;
}

async function atCommit(request: Request, ref: Extract<GlobalId, { type: 'Tree' | 'File' }>): Promise<NodeView | null> {
  const commit = await commitOf(request, ref.repoId, ref.commit);
  if (commit === null) return null;
  return ref.type === 'Tree' ? asNode('Tree', await readDirectory(request, commit, ref.path)) : asNode('File', await readFileAt(request, commit, ref.path));
}

/**
 * The diff that an identity names, when every commit in it is readable and the tree of a merge is what that merge still gives; null
 * otherwise. The same check stands before the raw patch of a diff.
 */
export async function readableDiff(request: Request, { repoId, from, base, to, options, mergedTree, mergedBy, remergedOver }: DiffIdentity): Promise<DiffSpec | null> {
  const commits = [from, base, to, remergedOver].filter((oid) => oid !== null && oid !== undefined);
  if (!(await readableCommits(request, repoId, commits))) return null;
  const spec: DiffSpec = { repoId, from, base, to, options: diffSettings(options) };
  if (remergedOver !== undefined) return { ...spec, remergedOver };
  if (mergedTree === undefined) return spec;
  const merged: DiffSpec = { ...spec, mergedTree, ...(mergedBy === undefined ? {} : { mergedBy }) };
  const mergeSpec = mergeOfDiff(request, merged);
  if (mergeSpec?.part !== undefined && !(await readableCommits(request, repoId, [mergeSpec.part.base]))) return null;
  const result = mergeSpec === null ? null : await unlessUnfit(gitRead(() => computeMerge(request, mergeSpec)));
  return result !== null && result.merge.conflicts.length === 0 && result.merge.tree === mergedTree ? merged : null;
}

async function diffFileOf(request: Request, ref: Extract<GlobalId, { type: 'DiffFile' }>): Promise<NodeView | null> {
  const spec = await readableDiff(request, ref);
  return spec === null ? null : asNode('DiffFile', await readDiffFile(request, spec, ref.path));
}

async function previewOf(request: Request, ref: Extract<GlobalId, { type: 'MergePreview' }>): Promise<MergeView | null> {
  const { repoId, from, into, strategy, by = '' } = ref;
  const way = wayOfCode(request, by);
  if (way === null || !isMergeStrategy(strategy) || !(await readableCommits(request, repoId, [from, into, ...(way.part === undefined ? [] : [way.part.base])]))) return null;
  return unlessUnfit(previewMerge(request, { repoId, ours: into, theirs: from, ...way }, strategy));
}

/** Null where an id asks for what cannot be: an id that this gateway made never does. */
async function unlessUnfit<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof QueryError && (error.code === 'NO_MERGE_BASE' || error.code === 'INVALID_ARGUMENT')) return null;
    throw error;
  }
}
