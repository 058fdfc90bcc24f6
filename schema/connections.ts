import type { ObjectRef } from '@pothos/core';
import { builder } from './builder.js';
import * as refs from './refs.js';

/** One connection and one edge type for each kind of item, shared by every list of it, so that no type is named after a field. */
export function connectionOf<T>(name: string, items: string, ref: ObjectRef<typeof builder.$inferSchemaTypes, T>) {
  return builder.connectionObject(
    { type: ref, name: `${name}Connection`, description: `A page of ${items}.` },
    { name: `${name}Edge`, description: `One of ${items}, and where it stands in the list.` },
  );
}

/** Pages of repositories. */
export const RepoConnection = connectionOf('Repo', 'repositories', refs.Repo);
/** Pages of deleted repositories. */
export const DeletedRepoConnection = connectionOf('DeletedRepo', 'deleted repositories', refs.DeletedRepo);
/** Pages of branches. */
export const BranchConnection = connectionOf('Branch', 'branches', refs.Branch);
/** Pages of tags. */
export const TagConnection = connectionOf('Tag', 'tags', refs.Tag);
/** Pages of checkpoints. */
export const CheckpointConnection = connectionOf('Checkpoint', 'checkpoints', refs.Checkpoint);
/** Pages of commits. */
export const CommitConnection = connectionOf('Commit', 'commits', refs.Commit);
/** Pages of directory entries. */
export const TreeEntryConnection = connectionOf('TreeEntry', 'directory entries', refs.TreeEntry);
/** Pages of changed files. */
export const DiffFileConnection = connectionOf('DiffFile', 'changed files', refs.DiffFile);
/** Pages of hunks. */
export const DiffHunkConnection = connectionOf('DiffHunk', 'hunks', refs.DiffHunk);
/** Pages of conflicting paths. */
export const MergeConflictConnection = connectionOf('MergeConflict', 'conflicting paths', refs.MergeConflict);
/** Pages of proposals. */
export const ProposalConnection = connectionOf('Proposal', 'proposals', refs.Proposal);
/** Pages of revisions of a proposal. */
export const ProposalRevisionConnection = connectionOf('ProposalRevision', 'revisions of a proposal', refs.ProposalRevision);
/** Pages of rivals of a proposal. */
export const RivalConnection = connectionOf('Rival', 'rivals of a proposal', refs.Rival);
/** Pages of reviews. */
export const ReviewConnection = connectionOf('Review', 'reviews', refs.Review);
/** Pages of threads. */
export const ThreadConnection = connectionOf('Thread', 'threads of comments', refs.Thread);
/** Pages of comments. */
export const CommentConnection = connectionOf('Comment', 'comments', refs.Comment);
/** Pages of operations of the log. */
export const OperationConnection = connectionOf('Operation', 'operations of the log', refs.Operation);
/** Pages of API keys. */
export const ApiKeyConnection = connectionOf('ApiKey', 'API keys', refs.ApiKey);
/** Pages of imports. */
export const ImportJobConnection = connectionOf('ImportJob', 'imports', refs.ImportJob);
/** Pages of webhooks. */
export const WebhookConnection = connectionOf('Webhook', 'webhooks', refs.Webhook);
/** Pages of deliveries of a webhook. */
export const WebhookDeliveryConnection = connectionOf('WebhookDelivery', 'deliveries of a webhook', refs.WebhookDelivery);
/** Pages of events. */
export const EventConnection = builder.connectionObject(
  { type: refs.Event, name: 'EventConnection', description: 'A stretch of the log of events, oldest first.' },
  { name: 'EventEdge', description: 'An event; its cursor is good for every event field and filter.' },
);
