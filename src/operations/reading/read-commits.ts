import type { RepoRecord } from '../../domain/repo.js';
import type { Label } from '../../domain/label.js';
import type { CheckpointRecord } from '../../domain/checkpoint.js';
import { readCommit, type Commit } from '../../git/objects/commit.js';
import type { Oid } from '../../git/objects/object-source.js';
import { parseTrailers } from '../../git/objects/trailers.js';
import type { Request } from '../request.js';
import { mustAllow } from './allowed.js';
import { gitRead } from './query-error.js';
import { readableBranch, readableBranchById } from './readable-branch.js';
import { mayReadCommit } from './readable-commit.js';
import { readableRepoById } from './readable-repo.js';

/** A commit of one repository, parsed. Whoever makes one has checked that the key may read it. */
export interface CommitView {
  readonly repoId: number;
  readonly commit: Commit;
}

/**
 * Reads a commit that is known to be readable: a head, a checkpoint, a parent of one. Rejects with QueryError, FORBIDDEN for keys
 * without READ, which come here from what a verb answered.
 */
export function loadCommit(request: Request, repoId: number, oid: Oid): Promise<CommitView> {
  return gitRead(async () => {
    mustAllow(request, 'readEvents');
    return { repoId, commit: await readCommit(request.gateway.storage.objects.open(repoId), oid) };
  });
}

/** Like {@link loadCommit}, null for a null id. */
export function loadCommitOrNull(request: Request, repoId: number, oid: Oid | null): Promise<CommitView> | null {
  return oid === null ? null : loadCommit(request, repoId, oid);
}

/** Reads a commit that may be hidden from the key; null for a null id, and where nothing that the key may read reaches it. */
export async function readableCommitOrNull(request: Request, repoId: number, oid: Oid | null): Promise<CommitView | null> {
  const repo = oid === null ? null : await readableRepoById(request, repoId);
  return oid !== null && repo !== null && (await mayReadCommit(request, repo, oid)) ? loadCommit(request, repoId, oid) : null;
}

/** The first line of a message, without surrounding space; what `git log --oneline` shows of one-line headlines. */
export function headline(message: string): string {
  const text = message.trimStart();
  const end = text.indexOf('\n');
  return (end < 0 ? text : text.slice(0, end)).trimEnd();
}

/** The trailers of a commit's message (git-interpret-trailers), in order, repeats included. */
export function commitTrailers(view: CommitView): readonly Label[] {
  return parseTrailers(view.commit.message);
}

/** How far a branch or commit is ahead of and behind another. Both must be readable. */
export async function readAheadBehind(request: Request, repo: Pick<RepoRecord, 'id'>, ours: Oid, theirs: Oid): Promise<{ readonly ahead: number; readonly behind: number }> {
  return gitRead(async () => (await request.gateway.storage.graph(repo.id, [ours, theirs])).aheadBehind(ours, theirs));
}

/** The newest checkpoint with this commit as its head that the key may read: on the branch named, or on any; null when there is none. */
export async function readCommitCheckpoint(request: Request, { repoId, commit }: CommitView, branchRef: string | null | undefined): Promise<CheckpointRecord | null> {
  let branchId: number | null = null;
  if (branchRef !== null && branchRef !== undefined) {
    const repo = await readableRepoById(request, repoId);
    const branch = repo === null ? null : await readableBranch(request, repo, branchRef);
    if (branch === null) return null;
    branchId = branch.id;
  }
  const checkpoint = await request.reader.checkpointOfCommit(repoId, commit.oid, branchId);
  if (checkpoint === null) return null;
  return (await readableBranchById(request, checkpoint.branchId)) === null ? null : checkpoint;
}
