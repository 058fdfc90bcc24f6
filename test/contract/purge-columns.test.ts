import { getTableColumns, getTableName, is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { describe, expect, it } from 'vitest';
import * as drizzle from '../../drizzle/index.js';
import { ERASED } from '../../src/storage/upkeep/erase-repo.js';
import { ID_COLUMNS } from '../../src/storage/upkeep/purge/rewrite-rows.js';

const OID = 'a'.repeat(40);

/** Columns of ids that a purge does not rename, each with what becomes of it. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'commit_graph.oid': 'replaced with the whole row',
  'commit_graph.tree': 'replaced with the whole row',
  'commit_trailer.oid': 'removed with the row of its commit; those of the new commit are read from its message',
  'upload_lease.oid': 'the lease on what goes ends; other blobs keep their ids',
};

/** True for a column that stores an object id: twenty bytes for forty digits. */
function holdsOid(column: { mapToDriverValue(value: unknown): unknown }): boolean {
  try {
    const stored = column.mapToDriverValue(OID);
    return Buffer.isBuffer(stored) && stored.equals(Buffer.from(OID, 'hex'));
  } catch {
    return false;
  }
}

const TABLES = Object.values(drizzle).filter((each) => is(each, PgTable));
const HASHES = new Set(['api_key.hash', 'api_key.previous_hash', 'idempotency.digest', 'log_head.hash', 'mirror.refs_hash', 'operation.previous', 'operation.hash']);

describe('a purge', () => {
  it('renames every column that holds an object id, or says what else becomes of it', () => {
    const found = TABLES.flatMap((table) => Object.values(getTableColumns(table)).flatMap((column) => (holdsOid(column) ? [`${getTableName(table)}.${column.name}`] : [])));
    const renamed = ID_COLUMNS.map(({ column }) => `${getTableName(column.table)}.${column.name}`);
    // Lists of ids: the parents of a commit, replaced with its row, and what a purge noted of itself.
    const lists = ['commit_graph.parents', 'purge.blobs'];
    expect(found.filter((name) => !HASHES.has(name) && !lists.includes(name)).sort()).toEqual([...renamed, ...Object.keys(OTHERWISE)].sort());
  });
});

/** Tables that keep what they have of a repository that is removed for good, each with why. */
const KEPT: Readonly<Record<string, string>> = {
  operation: 'the log is append-only',
  log_head: 'the log stands on it; its counts are zero',
  operation_branch: 'the index of the log by branch',
  operation_proposal: 'the index of the log by proposal',
  event_position: 'the one order of events has no gaps',
  unplaced: 'what is logged gets its place',
  api_key: 'keys are of no repository',
  idempotency: 'receipts are numbers, and go after seven days',
  import_job: 'an import names an address and a repository, and holds nothing of it',
  webhook: 'webhooks are of a key',
  webhook_delivery: 'deliveries go by their age once they are settled',
};

describe('the removal of a deleted repository', () => {
  it('empties every table of it, or says why not', () => {
    expect([...ERASED.map(getTableName), ...Object.keys(KEPT)].sort()).toEqual(TABLES.map(getTableName).sort());
  });
});
