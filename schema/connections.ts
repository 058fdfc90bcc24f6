import type { ObjectRef } from '@pothos/core';
import { builder } from './builder.js';
import * as refs from './refs.js';

/** One connection and one edge type for each kind of item, shared by every list of it, so that no type is named after a field. */
function connectionOf<T>(name: string, items: string, ref: ObjectRef<typeof builder.$inferSchemaTypes, T>) {
  return builder.connectionObject(
    { type: ref, name: `${name}Connection`, description: `A page of ${items}.` },
    { name: `${name}Edge`, description: `One of ${items}, and where it stands in the list.` },
  );
}

/** See its description; likewise below. */
export const RepoConnection = connectionOf('Repo', 'repositories', refs.Repo);
export const BranchConnection = connectionOf('Branch', 'branches', refs.Branch);
export const TagConnection = connectionOf('Tag', 'tags', refs.Tag);
export const CheckpointConnection = connectionOf('Checkpoint', 'checkpoints', refs.Checkpoint);
export const CommitConnection = connectionOf('Commit', 'commits', refs.Commit);
export const TreeEntryConnection = connectionOf('TreeEntry', 'directory entries', refs.TreeEntry);
export const DiffFileConnection = connectionOf('DiffFile', 'changed files', refs.DiffFile);
export const DiffHunkConnection = connectionOf('DiffHunk', 'hunks', refs.DiffHunk);
export const MergeConflictConnection = connectionOf('MergeConflict', 'conflicting paths', refs.MergeConflict);
export const ProposalConnection = connectionOf('Proposal', 'proposals', refs.Proposal);
export const ProposalRevisionConnection = connectionOf('ProposalRevision', 'revisions of a proposal', refs.ProposalRevision);
export const ReviewConnection = connectionOf('Review', 'reviews', refs.Review);
export const OperationConnection = connectionOf('Operation', 'operations of the log', refs.Operation);
export const ApiKeyConnection = connectionOf('ApiKey', 'API keys', refs.ApiKey);
export const EventConnection = builder.connectionObject(
  { type: refs.Event, name: 'EventConnection', description: 'A stretch of the log of events, oldest first.' },
  { name: 'EventEdge', description: 'An event; its cursor is good for every event field and filter.' },
);
