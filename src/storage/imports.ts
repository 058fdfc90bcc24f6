import { and, eq, getTableColumns, isNull, sql } from 'drizzle-orm';
import { importJob } from '../../drizzle/index.js';
import type { ImportJobRecord } from '../domain/import-job.js';
import type { ImportStore, NewImportJob } from '../domain/ports/imports.js';
import type { Page, PageRequest } from '../domain/ports/pages.js';
import type { Problem } from '../domain/problem.js';
import type { Database } from './database.js';
import { oneOfNumbers } from './filters.js';
import { beyondKey, cutPage, readingOrder, type PageOrder } from './keyset.js';
import { lockForImports } from './locks.js';
import type { Queries } from './sending.js';

const { owner: _owner, ownedUntil: _ownedUntil, ...SHOWN } = getTableColumns(importJob);

const ORDER: PageOrder<ImportJobRecord> = {
  columns: [importJob.startedAt, importJob.id],
  descending: true,
  keyOf: (row) => [row.startedAt, row.id],
};

const RUNNING = eq(importJob.state, 'RUNNING');

/** Jobs by id. */
export async function importsById(queries: Queries, ids: readonly number[]): Promise<ImportJobRecord[]> {
  return queries.select(SHOWN).from(importJob).where(oneOfNumbers(importJob.id, ids));
}

/** One page of all jobs, newest first. */
export async function pageOfImports(queries: Queries, page: PageRequest): Promise<Page<ImportJobRecord>> {
  const rows = await queries.select(SHOWN).from(importJob).where(beyondKey(ORDER, page)).orderBy(...readingOrder(ORDER, page)).limit(page.count + 1);
  return cutPage(rows, ORDER, page);
}

/** Inserts a job, and answers how many run then; those that others insert meanwhile wait. */
export async function insertImport(queries: Queries, values: NewImportJob): Promise<{ readonly job: ImportJobRecord | undefined; readonly running: number }> {
  await lockForImports(queries);
  const [job] = await queries.insert(importJob).values(values).returning(SHOWN);
  return { job, running: await queries.$count(importJob, RUNNING) };
}

/** Ends a job with the repository that this very transaction makes. false: it was called off, or another gateway has it. */
export async function finishImport(queries: Queries, id: number, owner: string, repoId: number): Promise<boolean> {
  const rows = await queries.update(importJob).set({ ...settled('DONE'), repoId }).where(held(id, owner)).returning({ id: importJob.id });
  return rows.length > 0;
}

/** Calls a running job off. null: there is no such one that runs. */
export async function cancelImport(queries: Queries, id: number): Promise<ImportJobRecord | null> {
  const [row] = await queries.update(importJob).set(settled('CANCELLED')).where(and(eq(importJob.id, id), RUNNING)).returning(SHOWN);
  return row ?? null;
}

/** What gateways that work on imports do with their rows, each call a statement of its own. */
export class PostgresImports implements ImportStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  take(owner: string, leaseMs: number, count: number): Promise<readonly ImportJobRecord[]> {
    return this.#database.run((queries) =>
      queries
        .update(importJob)
        .set({ owner, ownedUntil: until(leaseMs), attempts: sql`${importJob.attempts} + 1`, receivedBytes: 0 })
        .where(sql`${importJob.id} in (select id from ${importJob} where state = 'RUNNING' and (owner is null or owned_until < now()) order by id limit ${count} for no key update skip locked)`)
        .returning(SHOWN),
    );
  }

  async keep(id: number, owner: string, leaseMs: number, receivedBytes: number): Promise<boolean> {
    const rows = await this.#database.run((queries) => queries.update(importJob).set({ ownedUntil: until(leaseMs), receivedBytes }).where(held(id, owner)).returning({ id: importJob.id }));
    return rows.length > 0;
  }

  async fail(id: number, owner: string, problem: Problem): Promise<boolean> {
    const rows = await this.#database.run((queries) => queries.update(importJob).set({ ...settled('FAILED'), problem }).where(held(id, owner)).returning({ id: importJob.id }));
    return rows.length > 0;
  }

  async release(owner: string): Promise<void> {
    await this.#database.run((queries) => queries.update(importJob).set({ owner: null, ownedUntil: null, attempts: sql`${importJob.attempts} - 1` }).where(and(eq(importJob.owner, owner), RUNNING, isNull(importJob.finishedAt))));
  }

  async forget(before: Date, count: number): Promise<number> {
    const ended = sql`${importJob.id} in (select id from ${importJob} where state <> 'RUNNING' and finished_at <= ${before.toISOString()}::timestamptz order by id limit ${count} for update skip locked)`;
    const rows = await this.#database.run((queries) => queries.delete(importJob).where(ended).returning({ id: importJob.id }));
    return rows.length;
  }
}

function held(id: number, owner: string) {
  return and(eq(importJob.id, id), eq(importJob.owner, owner), RUNNING);
}

function settled<S extends ImportJobRecord['state']>(state: S) {
  return { state, finishedAt: sql`now()`, owner: null, ownedUntil: null };
}

function until(leaseMs: number) {
  return sql`now() + ${leaseMs} * interval '1 millisecond'`;
}
