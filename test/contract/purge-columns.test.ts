import { getTableColumns, getTableName, is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { describe, expect, it } from 'vitest';
import * as drizzle from '../../drizzle/index.js';
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
const HASHES = new Set(['api_key.hash', 'idempotency.digest', 'log_head.hash', 'operation.previous', 'operation.hash']);

describe('a purge', () => {
  it('renames every column that holds an object id, or says what else becomes of it', () => {
    const found = TABLES.flatMap((table) => Object.values(getTableColumns(table)).flatMap((column) => (holdsOid(column) ? [`${getTableName(table)}.${column.name}`] : [])));
    const renamed = ID_COLUMNS.map(({ column }) => `${getTableName(column.table)}.${column.name}`);
    // Lists of ids: the parents of a commit, replaced with its row, and what a purge noted of itself.
    const lists = ['commit_graph.parents', 'purge.blobs'];
    expect(found.filter((name) => !HASHES.has(name) && !lists.includes(name)).sort()).toEqual([...renamed, ...Object.keys(OTHERWISE)].sort());
  });
});
