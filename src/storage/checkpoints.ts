import { createHash, randomBytes } from 'node:crypto';
import { aliasedTable, and, desc, eq, getTableColumns, inArray, sql } from 'drizzle-orm';
import { branch, checkpoint, prompt } from '../../drizzle/index.js';
import type { BranchRecord } from '../domain/branch.js';
import type { CheckpointRecord } from '../domain/checkpoint.js';
import type { Maker } from '../domain/review-rules.js';
import type { Page, PageRequest } from '../domain/ports/pages.js';
import type { BranchAdvance, NewCheckpoint } from '../domain/ports/transaction.js';
import { liveAt } from './branches.js';
import type { Queries } from './sending.js';
import { changeStates } from './timeline.js';
import { bytesArray, oneOfNumbered, oneOfNumbers } from './filters.js';
import { nobodysTurn } from './locks.js';
import { cutPages, pagesOfParents, readingOrder, type Listing } from './keyset.js';

/** What the log keeps of a prompt: SHA-256 of salt and text. The salt is erased with the prompt. */
export interface PromptDigest {
  readonly checkpointId: number;
  readonly sha256: string;
}

/** A forward move as written: the branch after it, its checkpoint, and the digest of its prompt for the log. */
export interface Move {
  readonly branch: BranchRecord;
  readonly checkpoint: CheckpointRecord;
  readonly prompt: PromptDigest | null;
}

const LISTING: Listing<CheckpointRecord> = {
  from: sql`${checkpoint}`,
  parent: checkpoint.branchId,
  order: { columns: [checkpoint.number], descending: false, keyOf: (row) => [row.number] },
  parentOf: (row) => row.branchId,
};

/** SHA-256 of salt and text, lowercase hex. */
export function promptDigest(salt: Buffer, text: string): string {
  return createHash('sha256').update(salt).update(text, 'utf8').digest('hex');
}

/** Checkpoints by id. */
export async function checkpointsById(queries: Queries, ids: readonly number[]): Promise<CheckpointRecord[]> {
  return queries.select().from(checkpoint).where(oneOfNumbers(checkpoint.id, ids));
}

/** Checkpoints by branch and number. */
export async function checkpointsByNumber(queries: Queries, numbers: readonly (readonly [number, number])[]): Promise<CheckpointRecord[]> {
  return queries.select().from(checkpoint).where(oneOfNumbered(checkpoint.branchId, checkpoint.number, numbers));
}

/** Which checkpoint of a commit is asked for: on one branch, or on any when `branchId` is null. */
export interface CommitOnBranch {
  readonly repoId: number;
  readonly oid: string;
  readonly branchId: number | null;
}

/** The newest checkpoint of each commit, with the question it answers. */
export async function checkpointsOfCommits(queries: Queries, asked: readonly CommitOnBranch[]): Promise<{ readonly asked: CommitOnBranch; readonly row: CheckpointRecord }[]> {
  const list = sql`unnest(${sql.param(asked.map((each) => each.repoId))}::bigint[], ${bytesArray(asked.map((each) => each.oid))}, ${sql.param(asked.map((each) => each.branchId))}::bigint[]) with ordinality as asked(repo_id, oid, branch_id, place)`;
  const onBranch = sql`(asked.branch_id is null or ${checkpoint.branchId} = asked.branch_id)`;
  const newest = sql`(select ${checkpoint.id} from ${checkpoint} where ${checkpoint.repoId} = asked.repo_id and ${checkpoint.oid} = asked.oid and ${onBranch} order by ${desc(checkpoint.id)} limit 1)`;
  const rows = await queries
    .select({ row: getTableColumns(checkpoint), place: sql`asked.place`.mapWith(Number) })
    .from(sql`${list}`)
    .innerJoin(checkpoint, sql`${checkpoint.id} = ${newest}`);
  return rows.flatMap(({ row, place }) => {
    const question = asked[place - 1];
    return question === undefined ? [] : [{ asked: question, row }];
  });
}

/** One page of the checkpoints of each branch, oldest first, in one statement. */
export async function pagesOfCheckpoints(queries: Queries, branchIds: readonly number[], page: PageRequest): Promise<Page<CheckpointRecord>[]> {
  const ids = pagesOfParents(LISTING, [checkpoint.id], branchIds, undefined, page);
  const rows = await queries.select().from(checkpoint).where(inArray(checkpoint.id, ids)).orderBy(...readingOrder(LISTING.order, page));
  return cutPages(rows, LISTING, branchIds, page);
}

/** Prompts that have not been erased, by checkpoint. */
export async function promptsOf(queries: Queries, checkpointIds: readonly number[]): Promise<{ readonly checkpointId: number; readonly text: string }[]> {
  return queries.select({ checkpointId: prompt.checkpointId, text: prompt.text }).from(prompt).where(oneOfNumbers(prompt.checkpointId, checkpointIds));
}

/** Who made a commit: actors and keys of every checkpoint, on whatever branch, that has it as its head. */
export interface MadeCommit extends CommitPlace {
  readonly makers: readonly Maker[];
}

/** A commit of a repository. */
export interface CommitPlace {
  readonly repoId: number;
  readonly oid: string;
}

/** The makers of each commit that a checkpoint made; commits that none made are left out. */
export async function makersOfCommits(queries: Queries, asked: readonly CommitPlace[]): Promise<MadeCommit[]> {
  const list = sql`unnest(${sql.param(asked.map(({ repoId }) => repoId))}::bigint[], ${bytesArray(asked.map(({ oid }) => oid))}) as asked(repo_id, oid)`;
  const rows = await queries
    .selectDistinct({ repoId: checkpoint.repoId, oid: checkpoint.oid, actor: checkpoint.createdBy, keyId: checkpoint.keyId })
    .from(sql`${list}`)
    .innerJoin(checkpoint, sql`${checkpoint.repoId} = asked.repo_id and ${checkpoint.oid} = asked.oid`);
  const made = new Map<string, CommitPlace & { readonly makers: Maker[] }>();
  for (const { repoId, oid, actor, keyId } of rows) {
    const name = `${repoId} ${oid}`;
    const commit = made.get(name) ?? { repoId, oid, makers: [] };
    commit.makers.push({ actor, keyId });
    made.set(name, commit);
  }
  return [...made.values()];
}

/**
 * Moves a branch forward by compare-and-swap of its version. What the old row said of head and checkpoint is joined from the
 * statement's snapshot: both change only with the version, and a row of another version is not updated. null: it has moved, or unless
 * this is `inTurn`, others stand in line for it.
 */
export async function advanceBranch(queries: Queries, advance: BranchAdvance, inTurn: boolean): Promise<Move | null> {
  const previous = aliasedTable(branch, 'previous');
  const [moved] = await queries
    .update(branch)
    .set({
      head: advance.head,
      version: sql`${branch.version} + 1`,
      checkpointId: sql`nextval('checkpoint_id_seq')`,
      nextCheckpoint: sql`${branch.nextCheckpoint} + 1`,
      lastActivityAt: sql`now()`,
      mergedAt: null,
    })
    .from(previous)
    .where(and(liveAt(advance.branchId, advance.expectedVersion), eq(previous.id, branch.id), inTurn ? undefined : nobodysTurn(advance.branchId)))
    .returning({ ...getTableColumns(branch), before: previous.head, parentId: previous.checkpointId });
  if (moved === undefined) return null;
  const { before, parentId, ...after } = moved;
  const { standIn } = advance;
  if (standIn === undefined) return recordMove(queries, after, before, parentId, advance.checkpoint);
  if (!(await changeStates(queries, standIn.changes))) return null;
  return recordMove(queries, after, before, standIn.parentId, advance.checkpoint, false);
}

/** Makes checkpoint number 1 of a branch that was inserted at its own first commit; its version stays, since it did not move. */
export async function insertFirstCheckpoint(queries: Queries, inserted: BranchRecord, values: NewCheckpoint): Promise<Move | null> {
  const [after] = await queries
    .update(branch)
    .set({ checkpointId: sql`nextval('checkpoint_id_seq')`, nextCheckpoint: sql`${branch.nextCheckpoint} + 1` })
    .where(liveAt(inserted.id, inserted.version))
    .returning();
  return after === undefined ? null : recordMove(queries, after, null, null, values);
}

/** The rows that follow a move. They do not read one another's result, so the driver sends them in one go, in this order. */
async function recordMove(queries: Queries, after: BranchRecord, before: string | null, parentId: number | null, values: NewCheckpoint, leavesOthers = true): Promise<Move | null> {
  if (after.checkpointId === null) return null;
  const { prompt: text, ...described } = values;
  const left = queries
    .update(checkpoint)
    .set({ state: sql`case ${checkpoint.state} when 'UNDONE' then 'ABANDONED' else 'BEHIND' end` })
    .where(and(eq(checkpoint.branchId, after.id), sql`${checkpoint.state} in ('CURRENT', 'UNDONE')`));
  const made = queries
    .insert(checkpoint)
    .values({ ...described, id: after.checkpointId, repoId: after.repoId, branchId: after.id, number: after.nextCheckpoint - 1, state: 'CURRENT', oid: after.head, before, parentId })
    .returning();
  const [, [row], digest] = await Promise.all([leavesOthers ? left.execute() : null, made.execute(), text === null ? null : keepPrompt(queries, after.checkpointId, text)]);
  return row === undefined ? null : { branch: after, checkpoint: row, prompt: digest };
}

async function keepPrompt(queries: Queries, checkpointId: number, text: string): Promise<PromptDigest> {
  const salt = randomBytes(16);
  await queries.insert(prompt).values({ checkpointId, salt, text });
  return { checkpointId, sha256: promptDigest(salt, text) };
}
