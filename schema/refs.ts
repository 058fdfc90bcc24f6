import type { ApiKeyRecord } from '../src/domain/api-key.js';
import type { BranchRecord } from '../src/domain/branch.js';
import type { CheckpointRecord } from '../src/domain/checkpoint.js';
import type { OperationRecord, RefChange as RefChangeRecord } from '../src/domain/operation.js';
import type { LatencyRecord } from '../src/domain/latency.js';
import type { LoggedEvent } from '../src/domain/ports/event-log.js';
import type { ProposalCount as ProposalCountRecord } from '../src/domain/ports/reader.js';
import type { RuleStatus as RuleStatusRecord } from '../src/domain/problem.js';
import type { DeclinedRecord, ProposalRecord, ReviewRecord, RevisionRecord } from '../src/domain/proposal.js';
import type { CommentRecord, ThreadRecord } from '../src/domain/thread.js';
import type { DeletedRepoRecord, RepoRecord, TagRecord } from '../src/domain/repo.js';
import type { Label as LabelRecord } from '../src/domain/label.js';
import type { RepoSettings as RepoSettingsRecord } from '../src/domain/repo-settings.js';
import type { Signature as SignatureRecord } from '../src/git/objects/commit.js';
import type { CommitView } from '../src/operations/reading/read-commits.js';
import type { RepoUsageView } from '../src/operations/reading/admin/read-usage.js';
import type { ConflictHunkView, ConflictSideView, ConflictView } from '../src/operations/reading/comparing/read-conflicts.js';
import type { DiffFileView } from '../src/operations/reading/comparing/read-diff.js';
import type { DiffHunkView, DiffLineView } from '../src/operations/reading/comparing/read-hunks.js';
import type { DiffSpec, DiffTotals } from '../src/operations/reading/comparing/diff-spec.js';
import type { BlobView, FileView } from '../src/operations/reading/read-file.js';
import type { MergeView } from '../src/operations/reading/comparing/read-merge-preview.js';
import type { RivalView } from '../src/operations/reading/proposal/read-rivals.js';
import type { TreeEntryView, TreeView } from '../src/operations/reading/read-tree.js';
import type { ImportJobRecord } from '../src/domain/import-job.js';
import type { MirrorRecord } from '../src/domain/mirror.js';
import type { DeliveryRecord, WebhookRecord } from '../src/domain/webhook.js';
import type { EventFilter as EventFilterRecord } from '../src/events/topics.js';
import { builder } from './builder.js';

/*
 * What stands behind each type. The types are told in types/<noun>.ts; they refer to one another through these, so that no
 * file of types imports another.
 */

/** A repository's row. */
export const Repo = builder.objectRef<RepoRecord>('Repo');
/** A deleted repository's row. */
export const DeletedRepo = builder.objectRef<DeletedRepoRecord>('DeletedRepo');
/** A repository's own settings. */
export const RepoSettings = builder.objectRef<RepoSettingsRecord>('RepoSettings');
/** What a repository takes. */
export const RepoUsage = builder.objectRef<RepoUsageView>('RepoUsage');
/** A branch's row, deleted ones included. */
export const Branch = builder.objectRef<BranchRecord>('Branch');
/** Two counts of commits. */
export const AheadBehind = builder.objectRef<{ readonly ahead: number; readonly behind: number }>('AheadBehind');
/** A tag's row. */
export const Tag = builder.objectRef<TagRecord>('Tag');
/** A checkpoint's row, without its prompt. */
export const Checkpoint = builder.objectRef<CheckpointRecord>('Checkpoint');
/** A parsed commit. */
export const Commit = builder.objectRef<CommitView>('Commit');
/** Who and when, from a commit. */
export const Signature = builder.objectRef<SignatureRecord>('Signature');
/** A key and a value. */
export const Label = builder.objectRef<LabelRecord>('Label');
/** A directory of a commit. */
export const Tree = builder.objectRef<TreeView>('Tree');
/** One entry of a directory. */
export const TreeEntry = builder.objectRef<TreeEntryView>('TreeEntry');
/** A file of a commit. */
export const File = builder.objectRef<FileView>('File');
/** A file's content, not yet read. */
export const Blob = builder.objectRef<BlobView>('Blob');
/** A diff, pinned to object ids and options, not yet computed. */
export const Diff = builder.objectRef<DiffSpec>('Diff');
/** Totals of a diff. */
export const DiffStats = builder.objectRef<DiffTotals>('DiffStats');
/** One changed file of a diff, its content not yet compared. */
export const DiffFile = builder.objectRef<DiffFileView>('DiffFile');
/** One hunk of a changed file. */
export const DiffHunk = builder.objectRef<DiffHunkView>('DiffHunk');
/** One line of a hunk. */
export const DiffLine = builder.objectRef<DiffLineView>('DiffLine');
/** A range of UTF-16 code units within a line. */
export const DiffSpan = builder.objectRef<{ readonly start: number; readonly end: number }>('DiffSpan');
/** A merge that was computed, pinned to object ids. */
export const MergePreview = builder.objectRef<MergeView>('MergePreview');
/** One conflicting path. */
export const MergeConflict = builder.objectRef<ConflictView>('MergeConflict');
/** A file as one side of a conflict has it. */
export const ConflictSide = builder.objectRef<ConflictSideView>('ConflictSide');
/** One place in which the sides of a conflict differ. */
export const ConflictHunk = builder.objectRef<ConflictHunkView>('ConflictHunk');
/** A proposal's row. */
export const Proposal = builder.objectRef<ProposalRecord>('Proposal');
/** How many proposals are in a state. */
export const ProposalCount = builder.objectRef<ProposalCountRecord>('ProposalCount');
/** One head that a proposal has had. */
export const ProposalRevision = builder.objectRef<RevisionRecord>('ProposalRevision');
/** What of one file was declined. */
export const DeclinedChange = builder.objectRef<DeclinedRecord>('DeclinedChange');
/** Another proposal on the same paths. */
export const Rival = builder.objectRef<RivalView>('Rival');
/** A review's row. */
export const Review = builder.objectRef<ReviewRecord>('Review');
/** A thread's row. */
export const Thread = builder.objectRef<ThreadRecord>('Thread');
/** A comment's row. */
export const Comment = builder.objectRef<CommentRecord>('Comment');
/** A rule of review and whether it holds. */
export const RuleStatus = builder.objectRef<RuleStatusRecord>('RuleStatus');
/** A row of the log. */
export const Operation = builder.objectRef<OperationRecord>('Operation');
/** A reference that an operation moved. */
export const RefChange = builder.objectRef<RefChangeRecord>('RefChange');
/** Latency of one kind of operation. */
export const OperationLatency = builder.objectRef<LatencyRecord>('OperationLatency');
/** An API key's row; its hash has no field. */
export const ApiKey = builder.objectRef<ApiKeyRecord>('ApiKey');
/** An import's row. */
export const ImportJob = builder.objectRef<ImportJobRecord>('ImportJob');
/** A mirror. */
export const Mirror = builder.objectRef<MirrorRecord>('Mirror');
/** A webhook's row; its secret has no field. */
export const Webhook = builder.objectRef<WebhookRecord>('Webhook');
/** What a webhook is told of. */
export const WebhookFilter = builder.objectRef<EventFilterRecord>('WebhookFilter');
/** A delivery's row. */
export const WebhookDelivery = builder.objectRef<DeliveryRecord>('WebhookDelivery');
/** An event with its place in the log, whichever kind it is. */
export const Event = builder.interfaceRef<LoggedEvent>('Event');
/** An event of a proposal. */
export const ProposalEvent = builder.interfaceRef<LoggedEvent>('ProposalEvent');
/** Anything with an id. */
export const Node = builder.nodeInterfaceRef();
