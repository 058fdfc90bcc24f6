import { randomBytes } from 'node:crypto';
import { and, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm';
import { comment, commentBody, thread } from '../../drizzle/index.js';
import type { Page, PageRequest } from '../domain/ports/pages.js';
import type { NewComment, NewThread } from '../domain/ports/transaction.js';
import type { CommentRecord, ThreadRecord } from '../domain/thread.js';
import { promptDigest } from './checkpoints.js';
import { oneOfNumbers } from './filters.js';
import { cutPages, pagesOfParents, readingOrder, type Listing } from './keyset.js';
import type { Queries } from './sending.js';

/** What the log keeps of a comment's body: SHA-256 of salt and text. The salt is erased with the body. */
export interface CommentDigest {
  readonly commentId: number;
  readonly sha256: string;
}

const THREADS: Listing<ThreadRecord> = {
  from: sql`${thread}`,
  parent: thread.proposalId,
  order: { columns: [thread.id], descending: false, keyOf: (row) => [row.id] },
  parentOf: (row) => row.proposalId,
};

const COMMENTS: Listing<CommentRecord> = {
  from: sql`${comment}`,
  parent: comment.threadId,
  order: { columns: [comment.id], descending: false, keyOf: (row) => [row.id] },
  parentOf: (row) => row.threadId,
};

/** Threads by id. */
export async function threadsById(queries: Queries, ids: readonly number[]): Promise<ThreadRecord[]> {
  return queries.select().from(thread).where(oneOfNumbers(thread.id, ids));
}

/** Comments by id. */
export async function commentsById(queries: Queries, ids: readonly number[]): Promise<CommentRecord[]> {
  return queries.select().from(comment).where(oneOfNumbers(comment.id, ids));
}

/** What comments say, of those that have not been erased. */
export async function commentBodies(queries: Queries, commentIds: readonly number[]): Promise<{ readonly commentId: number; readonly text: string }[]> {
  return queries.select({ commentId: commentBody.commentId, text: commentBody.text }).from(commentBody).where(oneOfNumbers(commentBody.commentId, commentIds));
}

/** One page of the threads of each proposal, oldest first, in one statement. */
export async function pagesOfThreads(queries: Queries, proposalIds: readonly number[], page: PageRequest): Promise<Page<ThreadRecord>[]> {
  const ids = pagesOfParents(THREADS, [thread.id], proposalIds, undefined, page);
  const rows = await queries.select().from(thread).where(inArray(thread.id, ids)).orderBy(...readingOrder(THREADS.order, page));
  return cutPages(rows, THREADS, proposalIds, page);
}

/** One page of the comments of each thread, oldest first, in one statement. */
export async function pagesOfComments(queries: Queries, threadIds: readonly number[], page: PageRequest): Promise<Page<CommentRecord>[]> {
  const ids = pagesOfParents(COMMENTS, [comment.id], threadIds, undefined, page);
  const rows = await queries.select().from(comment).where(inArray(comment.id, ids)).orderBy(...readingOrder(COMMENTS.order, page));
  return cutPages(rows, COMMENTS, threadIds, page);
}

/** Begins a thread; its first comment is inserted apart. */
export async function insertThread(queries: Queries, values: NewThread): Promise<ThreadRecord | null> {
  const { anchor, ...begun } = values;
  const [row] = await queries.insert(thread).values({ ...begun, ...anchor }).returning();
  return row ?? null;
}

/** Inserts a comment with what it says, and answers the digest of that for the log. */
export async function insertComment(queries: Queries, values: NewComment): Promise<{ readonly comment: CommentRecord; readonly digest: CommentDigest } | null> {
  const { body, ...said } = values;
  const [row] = await queries.insert(comment).values(said).returning();
  if (row === undefined) return null;
  const salt = randomBytes(16);
  await queries.insert(commentBody).values({ commentId: row.id, salt, text: body });
  return { comment: row, digest: { commentId: row.id, sha256: promptDigest(salt, body) } };
}

/** Resolves an open thread by this actor, or opens a resolved one (null). null: it is so already. */
export async function settleThread(queries: Queries, id: number, resolvedBy: string | null): Promise<ThreadRecord | null> {
  const [row] = await queries
    .update(thread)
    .set(resolvedBy === null ? { resolvedAt: null, resolvedBy: null } : { resolvedAt: sql`now()`, resolvedBy })
    .where(and(eq(thread.id, id), resolvedBy === null ? isNotNull(thread.resolvedAt) : isNull(thread.resolvedAt)))
    .returning();
  return row ?? null;
}
