import type { BranchRecord } from '../../../domain/branch.js';
import { decodeGlobalId } from '../../../domain/global-id.js';
import type { LatencyRecord } from '../../../domain/latency.js';
import { SERVER_STREAM, type OperationKind, type OperationRecord, type RefChange } from '../../../domain/operation.js';
import { EMPTY_PAGE, type Page, type PageRequest } from '../../../domain/ports/pages.js';
import type { OperationQuery } from '../../../domain/ports/reader.js';
import type { ProblemOf } from '../../../domain/problem.js';
import type { ProposalRecord } from '../../../domain/proposal.js';
import type { RepoRecord } from '../../../domain/repo.js';
import type { Request } from '../../request.js';
import { isAllowed, mustAllow } from '../allowed.js';
import { mayReadBranch, readableBranch, readableProposalById } from '../readable-branch.js';
import { readableRepoById } from '../readable-repo.js';

type Maybe<T> = T | null | undefined;

/** Which rows of the log a client asks for; the branch by name, or by node id within a repository; the proposal by its node id; the key by either of its ids. */
export interface OperationFilter {
  readonly kinds?: Maybe<readonly OperationKind[]>;
  readonly actor?: Maybe<string>;
  readonly key?: Maybe<string>;
  readonly branch?: Maybe<string>;
  readonly proposalId?: Maybe<string>;
  readonly runId?: Maybe<string>;
  readonly since?: Maybe<Date>;
  readonly until?: Maybe<Date>;
}

/** The query that leaves nothing out. */
const EVERY_ROW: OperationQuery = { stream: null, repoGlobs: ['**'], server: false, kinds: null, actor: null, keyId: null, branchName: null, proposalId: null, runId: null, since: null, until: null, afterSeq: null };

/** Rows of the log, newest first: of one repository, or of everything that the key reaches and the server's own. Needs AUDIT, or throws FORBIDDEN. */
export async function readOperations(request: Request, repo: RepoRecord | null, filter: Maybe<OperationFilter>, page: PageRequest): Promise<Page<OperationRecord>> {
  if (repo === null) mustAllow(request, 'readServerAudit');
  else mustAllow(request, 'readAudit', { repoName: repo.name });
  const branch = filter?.branch ?? null;
  const named = repo === null || branch === null ? null : await readableBranch(request, repo, branch);
  const proposal = await proposalNamed(request, filter?.proposalId ?? null);
  if (proposal === 'absent') return EMPTY_PAGE;
  const query: OperationQuery = {
    ...EVERY_ROW,
    stream: repo?.id ?? null,
    repoGlobs: request.viewer.key.repos,
    server: repo === null,
    kinds: filter?.kinds ?? null,
    actor: filter?.actor ?? null,
    keyId: keyIdOf(filter?.key ?? null),
    branchName: named?.name ?? branch,
    proposalId: proposal?.id ?? null,
    runId: filter?.runId ?? null,
    since: filter?.since ?? null,
    until: filter?.until ?? null,
  };
  return request.reader.operations(query, page);
}

async function proposalNamed(request: Request, ref: string | null): Promise<ProposalRecord | null | 'absent'> {
  if (ref === null) return null;
  const id = decodeGlobalId(ref);
  return id?.type === 'Proposal' ? ((await readableProposalById(request, id.id)) ?? 'absent') : 'absent';
}

function keyIdOf(ref: string | null): string | null {
  const id = ref === null ? null : decodeGlobalId(ref);
  return id?.type === 'ApiKey' ? id.id : ref;
}

/** A row of the log by its place, for keys with AUDIT; null when it is absent or not for this key. */
export async function readOperation(request: Request, stream: number, seq: number): Promise<OperationRecord | null> {
  if (stream === SERVER_STREAM) return isAllowed(request, 'readServerAudit') ? request.reader.operation(stream, seq) : null;
  // AUDIT reaches without READ, as the lists of the log do.
  const repo = await request.reader.repo(stream);
  return repo !== null && isAllowed(request, 'readAudit', { repoName: repo.name }) ? request.reader.operation(stream, seq) : null;
}

/** The references that an operation moved, without those of branches that are hidden from the key. */
export async function readRefs(request: Request, operation: OperationRecord): Promise<readonly RefChange[]> {
  if (operation.refs.length === 0) return [];
  const repo = await readableRepoById(request, operation.stream);
  return repo === null ? [] : operation.refs.filter((change) => mayReadBranch(request, repo.name, change.branchName));
}

/** Pages of a branch's operations that are looked through for the one that made the expected head. */
const SINCE_PAGES = 5;

/** What moved a branch after this place in the log, oldest first. Whoever may read the branch may read these. */
export function readSince(request: Request, branch: BranchRecord, afterSeq: number, page: PageRequest): Promise<Page<OperationRecord>> {
  return request.reader.operations({ ...movesOf(branch), afterSeq }, page);
}

/**
 * The seq of the operation that made what the caller expected of a branch. Null when the log does not say: the expected head or
 * version was never the branch's, or lies more than 500 operations back.
 */
export async function seqExpected(request: Request, branch: BranchRecord, problem: ProblemOf<'STALE_HEAD'>): Promise<number | null> {
  let after: string | null = null;
  let version = branch.version;
  for (let read = 0; read < SINCE_PAGES; read++) {
    const page: Page<OperationRecord> = await request.reader.operations(movesOf(branch), { count: 100, after, backward: false });
    for (const { node } of page.edges) {
      const moved = node.refs.find((change) => change.branchName === branch.name);
      if (problem.expectedHead === null ? version === problem.expectedVersion : moved?.after === problem.expectedHead) return node.seq;
      version--;
    }
    after = page.edges.at(-1)?.key ?? null;
    if (!page.hasNext || after === null) return null;
  }
  return null;
}

function movesOf(branch: BranchRecord): OperationQuery {
  return { ...EVERY_ROW, stream: branch.repoId, branchName: branch.name };
}

/** A week, in milliseconds: the window of latencies unless one is named. */
const LATENCY_WINDOW_MS = 7 * 24 * 3600 * 1000;

/** Latency of every kind of operation that occurred in the window, or of one kind, which is listed even when it did not occur. */
export async function readLatency(request: Request, repo: RepoRecord, kind: Maybe<OperationKind>, windowMs: Maybe<number>): Promise<readonly LatencyRecord[]> {
  const found = await request.reader.latency(repo.id, kind ?? null, windowMs ?? LATENCY_WINDOW_MS);
  return found.length > 0 || kind === null || kind === undefined ? found : [{ kind, count: 0, p50: null, p95: null, p99: null, max: null }];
}
