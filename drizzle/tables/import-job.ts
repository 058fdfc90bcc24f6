import { sql } from 'drizzle-orm';
import { index, integer, jsonb, pgTable } from 'drizzle-orm/pg-core';
import type { ImportState } from '../../src/domain/import-job.js';
import type { Problem } from '../../src/domain/problem.js';
import { count, cText, generatedId, instant } from './columns.js';

/**
 * Imports from an address. `owner` is the gateway that works on one, until `owned_until` unless it goes on; the row is settled in the
 * transaction that makes the repository, or not at all.
 */
export const importJob = pgTable(
  'import_job',
  {
    id: generatedId(),
    repoName: cText('repo_name').notNull(),
    description: cText('description'),
    url: cText('url').notNull(),
    /** In whose name the repository is made. */
    keyId: cText('key_id').notNull(),
    createdBy: cText('created_by').notNull(),
    onBehalfOf: cText('on_behalf_of'),
    requestId: cText('request_id').notNull(),
    state: cText('state').$type<ImportState>().notNull().default('RUNNING'),
    problem: jsonb('problem').$type<Problem>(),
    repoId: count('repo_id'),
    /** Of this attempt, as they came over the network. */
    receivedBytes: count('received_bytes').notNull().default(0),
    /** How often a gateway began it: one that was killed leaves it to another. */
    attempts: integer('attempts').notNull().default(0),
    owner: cText('owner'),
    ownedUntil: instant('owned_until'),
    startedAt: instant('started_at').notNull().defaultNow(),
    finishedAt: instant('finished_at'),
  },
  (table) => [index('import_job_started').on(table.startedAt, table.id), index('import_job_running').on(table.id).where(sql`${table.state} = 'RUNNING'`)],
);
