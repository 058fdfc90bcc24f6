import type { CommentRecord, ThreadRecord } from '../../../domain/thread.js';
import type { Request } from '../../request.js';
import { readableProposalById } from '../readable-branch.js';

/** A thread of a readable proposal by its row's id; null otherwise. */
export async function readableThreadById(request: Request, threadId: number): Promise<ThreadRecord | null> {
  const thread = await request.reader.thread(threadId);
  if (thread === null) return null;
  return (await readableProposalById(request, thread.proposalId)) === null ? null : thread;
}

/** A comment on a readable proposal by its row's id; null otherwise. */
export async function readableCommentById(request: Request, commentId: number): Promise<CommentRecord | null> {
  const comment = await request.reader.comment(commentId);
  if (comment === null) return null;
  return (await readableThreadById(request, comment.threadId)) === null ? null : comment;
}
