import { deepStrictEqual } from 'node:assert/strict';
import { basename } from 'node:path';
import type postgres from 'postgres';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import type { BranchRecord } from '../../src/domain/branch.js';
import type { FileChangeInput } from '../../src/domain/file-changes.js';
import type { OperationRecord } from '../../src/domain/operation.js';
import type { ProposalRecord } from '../../src/domain/proposal.js';
import { readCommit, type Commit } from '../../src/git/objects/commit.js';
import type { ObjectSource } from '../../src/git/objects/object-source.js';
import { listTree } from '../../src/git/objects/walk-tree.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import type { FaultPoints } from '../../src/operations/gateway.js';
import { importRepo } from '../../src/operations/import/import-repo.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import type { LogPlace, Outcome } from '../../src/operations/outcome.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { urlTarget } from '../../src/storage/postgres/database-target.js';
import { git, makeRepository, removeRepository } from './git-binary.js';
import { clientFor } from './postgres.js';
import { openOperations, receiptOf, type OperationsFixture } from './operations.js';

/** Every table whose rows a verb may write; what the sequencer and the clock of latencies move on their own is left out. */
const TABLES = [
  'api_key', 'branch', 'checkpoint', 'comment', 'comment_body', 'commit_graph', 'commit_trailer', 'declined_change', 'idempotency', 'import_job', 'landing', 'log_head', 'mirror', 'operation', 'pack', 'prompt', 'proposal', 'proposal_revision', 'repo', 'review', 'tag', 'thread', 'webhook', 'webhook_delivery',
] as const;

/** A digest of the rows of each table. */
export type Census = Readonly<Record<string, string>>;

/** A gateway with what tests of one verb need around it: short ways to a repository, a branch, a proposal, and to the rows behind. */
export class VerbWorld {
  readonly #fixture: OperationsFixture;
  readonly #sql: postgres.Sql;
  #count = 0;

  constructor(fixture: OperationsFixture) {
    this.#fixture = fixture;
    this.#sql = clientFor(urlTarget(fixture.app.config.databaseUrl ?? '').options, 1);
  }

  get app(): OperationsFixture['app'] {
    return this.#fixture.app;
  }

  as(actor: string, key?: Partial<ApiKeyRecord>): ReturnType<OperationsFixture['as']> {
    return this.#fixture.as(actor, key);
  }

  /** Lets another process take over; see `OperationsFixture.restart`. */
  restart(): Promise<void> {
    return this.#fixture.restart();
  }

  async close(): Promise<void> {
    await this.#sql.end({ timeout: 1 });
    await this.#fixture.close();
  }

  /** A new repository of the owner's, under a name of its own, with `README.md` and `src/a.txt`. */
  async repo(name = `repo-${this.#count++}`): Promise<{ readonly repo: string; readonly repoId: number }> {
    const files = [{ path: 'README.md', text: '# Hello\n' }, { path: 'src/a.txt', text: 'one\ntwo\nthree\n' }];
    const { repoId } = receiptOf(await createRepo(this.as('owner'), { name, files }));
    return { repo: name, repoId };
  }

  async write(actor: string, repo: string, branch: string, ...changes: readonly FileChangeInput[]): Promise<void> {
    receiptOf(await createCheckpoint(this.as(actor), { repo, branch, message: 'Work', changes }));
  }

  /** Writes one file. */
  async put(actor: string, repo: string, branch: string, path: string, text: string): Promise<void> {
    await this.write(actor, repo, branch, { write: { path, text } });
  }

  /** A branch of the agent's off `from` (the default branch) with one checkpoint on it, which adds the file `<name>.txt`. */
  async worked(repo: string, name: string, from?: string): Promise<BranchRecord> {
    const { branchId } = receiptOf(await createBranch(this.as('agent'), { repo, name, from: from ?? null }));
    await this.put('agent', repo, name, `${name}.txt`, `${name}\n`);
    return this.branchById(branchId);
  }

  /** A repository with a branch `session/1` that the agent has worked on, proposed into main. */
  async proposed(): Promise<{ readonly repo: string; readonly repoId: number; readonly proposalId: number; readonly head: string }> {
    const made = await this.repo();
    const { head } = await this.worked(made.repo, 'session/1');
    const { proposalId } = receiptOf(await openProposal(this.as('agent'), { repo: made.repo, source: 'session/1', title: 'Work' }));
    return { ...made, proposalId, head };
  }

  /** The same, approved by the reviewer. */
  async approved(): ReturnType<VerbWorld['proposed']> {
    const made = await this.proposed();
    receiptOf(await reviewProposal(this.as('reviewer'), { repo: made.repo, number: 1, verdict: 'APPROVE', head: made.head }));
    return made;
  }

  async branch(repoId: number, name: string): Promise<BranchRecord> {
    return present(await this.app.storage.reader().branchByName(repoId, name), `the branch ${name}`);
  }

  /** Deleted ones too. */
  async branchById(id: number): Promise<BranchRecord> {
    return present(await this.app.storage.reader().branch(id), `the branch ${id}`);
  }

  async head(repoId: number, name: string): Promise<string> {
    return (await this.branch(repoId, name)).head;
  }

  async proposal(id: number): Promise<ProposalRecord> {
    return present(await this.app.storage.reader().proposal(id), `the proposal ${id}`);
  }

  async commit(repoId: number, oid: string): Promise<Commit> {
    return readCommit(this.app.storage.objects.open(repoId), oid);
  }

  /** The text of every file of a commit, by path. */
  async files(repoId: number, oid: string): Promise<Record<string, string>> {
    return filesOf(this.app.storage.objects.open(repoId), oid);
  }

  /** The row of the log at this place. */
  async operation(place: LogPlace | null): Promise<OperationRecord> {
    return present(place === null ? null : await this.app.storage.reader().operation(place.stream, place.seq), 'the row of the log');
  }

  /** Answers the outcome of a call that must write nothing at all. Rejects with an AssertionError that names the tables otherwise. */
  async withoutTrace<T>(call: () => Promise<T>): Promise<T> {
    const before = await this.census();
    const outcome = await call();
    deepStrictEqual(await this.census(), before, 'the call has written rows');
    return outcome;
  }

  /** A digest of all rows, table by table: equal when, and only when, every row of it is. */
  async census(): Promise<Census> {
    const digests: Record<string, string> = {};
    for (const table of TABLES) {
      const [row] = await this.#sql<{ digest: string }[]>`select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as digest from ${this.#sql(table)} as t`;
      digests[table] = row?.digest ?? '';
    }
    return digests;
  }

  /** The number that one statement counts. */
  async count(statement: (sql: postgres.Sql) => PromiseLike<readonly { readonly count: string | number }[]>): Promise<number> {
    const [row] = await statement(this.#sql);
    return Number(row?.count ?? Number.NaN);
  }

  /** Checks that the log of a stream is whole: gapless, chained, its head at its last row. */
  async expectWholeLog(stream: number): Promise<void> {
    const verdict = await this.app.storage.verifyLog(stream);
    deepStrictEqual(verdict.ok, true, JSON.stringify(verdict));
  }
}

/** Opens one for the tests of a file. */
export async function openWorld(options: { readonly faults?: FaultPoints; readonly settings?: Readonly<Record<string, string>> } = {}): Promise<VerbWorld> {
  return new VerbWorld(await openOperations(options));
}

/** The text of every file of a commit, by path. */
export async function filesOf(objects: ObjectSource, oid: string): Promise<Record<string, string>> {
  const { leaves } = await listTree(objects, (await readCommit(objects, oid)).tree, 10_000);
  const found: Record<string, string> = {};
  for (const { path, entry } of leaves) found[path] = (await objects.read(entry.oid)).content.toString();
  return found;
}

/** How many of these outcomes are not refusals, and the codes of those that are, sorted. */
export function tally(outcomes: readonly Outcome<unknown>[]): { readonly done: number; readonly refused: readonly string[] } {
  const refused = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.problem.code])).sort();
  return { done: outcomes.length - refused.length, refused };
}

function present<T>(value: T | null, what: string): T {
  if (value === null) throw new TypeError(`${what} is not there`);
  return value;
}

/**
 * Imports a repository whose branches `main` and `orphan` have no commit in common; both hold one file of their own.
 * Its name is new every time.
 */
export async function importOrphan(world: VerbWorld): Promise<{ readonly name: string; readonly repoId: number }> {
  const directory = makeRepository();
  try {
    for (const branch of ['main', 'orphan']) {
      const blob = git(directory, ['hash-object', '-w', '--stdin'], `${branch}\n`);
      const tree = git(directory, ['mktree'], `100644 blob ${blob}\t${branch}.txt\n`);
      git(directory, ['update-ref', `refs/heads/${branch}`, git(directory, ['commit-tree', tree, '-m', branch])]);
    }
    const name = `orphans-${basename(directory).toLowerCase()}`;
    const source = await world.app.openImport(directory);
    const { repoId } = receiptOf(await importRepo(world.as('operator', { scopes: ['ADMIN'] }), { name, source }));
    return { name, repoId };
  } finally {
    removeRepository(directory);
  }
}
