import { sql } from 'drizzle-orm';
import { boolean, index, integer, pgTable, primaryKey, uniqueIndex } from 'drizzle-orm/pg-core';
import { bytes, cText, count, generatedId, instant, oid, oidList } from './columns.js';
import { repo } from './repo.js';

/** The live packs of each repository: the truth about which files in its directory count. */
export const pack = pgTable(
  'pack',
  {
    repoId: count('repo_id').notNull().references(() => repo.id),
    name: cText('name').notNull(),
    bytes: count('bytes').notNull(),
    objects: integer('objects').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.repoId, table.name] })],
);

/** Where a squash, a rebase or a partial merge landed, and the synthetic base that later merges of that source use. */
export const landing = pgTable(
  'landing',
  {
    id: generatedId(),
    repoId: count('repo_id').notNull().references(() => repo.id),
    sourceHead: oid('source_head').notNull(),
    targetCommit: oid('target_commit').notNull(),
    base: oid('base').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [
    index('landing_repo').on(table.repoId, table.id),
    // Of many landings a comparison reads those of the commits that one side has and the other has not.
    index('landing_source').on(table.repoId, table.sourceHead),
    index('landing_target').on(table.repoId, table.targetCommit),
  ],
);

/**
 * The commit graph, a cache of immutable facts that can be rebuilt from objects. `batch` is numbered under the log head's
 * lock, not by a sequence: whoever has seen batch n has seen all before it. No foreign key: checking it would take as long
 * as inserting the 100,000 rows of an import. `trailers_known`: `commit_trailer` has what the commit's message carries.
 */
export const commitGraph = pgTable(
  'commit_graph',
  {
    repoId: count('repo_id').notNull(),
    oid: oid('oid').notNull(),
    parents: oidList('parents').notNull(),
    tree: oid('tree'),
    generation: integer('generation').notNull(),
    seconds: count('seconds').notNull(),
    batch: count('batch').notNull(),
    trailersKnown: boolean('trailers_known').notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.repoId, table.oid] }),
    index('commit_graph_batch').on(table.repoId, table.batch),
    // Only what is still to be read: empty wherever trailers came with their commits.
    index('commit_graph_unread').on(table.repoId).where(sql`not ${table.trailersKnown}`),
  ],
);

/**
 * Which commits carry which trailer: a cache of immutable facts, as the graph is. `digest` is the first 16 bytes of SHA-256 of key and
 * value, of one size however long the value is; whoever finds a commit here compares its message, so digests that collide do no harm.
 */
export const commitTrailer = pgTable(
  'commit_trailer',
  {
    repoId: count('repo_id').notNull(),
    digest: bytes('digest').notNull(),
    oid: oid('oid').notNull(),
  },
  (table) => [primaryKey({ columns: [table.repoId, table.digest, table.oid] })],
);

/** Blobs that a key streamed in and may refer to until the lease ends; roots of garbage collection till then. */
export const uploadLease = pgTable(
  'upload_lease',
  {
    repoId: count('repo_id').notNull().references(() => repo.id),
    keyId: cText('key_id').notNull(),
    oid: oid('oid').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.repoId, table.keyId, table.oid] }), index('upload_lease_expiry').on(table.expiresAt)],
);

/**
 * Packs that are live no longer, and whose files wait for readers that still have them open. The row goes when the files are
 * gone; no pack is ever live and retired at once, and no name is used twice.
 */
export const retiredPack = pgTable(
  'retired_pack',
  {
    repoId: count('repo_id').notNull().references(() => repo.id),
    name: cText('name').notNull(),
    retiredAt: instant('retired_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.repoId, table.name] }), index('retired_pack_due').on(table.retiredAt)],
);

/**
 * Who needs the files of a repository to stay (`READ`: an export, a clone, a check of everything), and who alone may replace its
 * packs (`UPKEEP`). Without a repository it is for all of them, those to come included: a backup. Ends by itself when its holder dies; a
 * holder that lives moves `expires_at` on.
 */
export const packLease = pgTable(
  'pack_lease',
  {
    id: generatedId(),
    repoId: count('repo_id').references(() => repo.id),
    purpose: cText('purpose').$type<'READ' | 'UPKEEP'>().notNull(),
    takenAt: instant('taken_at').notNull().defaultNow(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [
    index('pack_lease_repo').on(table.repoId),
    uniqueIndex('pack_lease_upkeep').on(table.repoId).where(sql`${table.purpose} = 'UPKEEP'`),
  ],
);
