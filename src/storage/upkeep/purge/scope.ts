import { and, asc, eq } from 'drizzle-orm';
import { checkpoint, landing } from '../../../../drizzle/index.js';
import { PurgeRefused, type PurgeTarget } from '../../../domain/purge.js';
import type { GraphRow } from '../../../git/history/graph-row.js';
import type { ObjectSource, Oid } from '../../../git/objects/object-source.js';
import { blobsAtPath, blobsBrought } from '../../../git/rewrite/blobs-of.js';
import { EMPTY_BLOB, TOMBSTONE_OID } from '../../../git/rewrite/tombstone.js';
import { oneOfTexts } from '../../filters.js';
import type { Queries } from '../../sending.js';

/** What is to go, as ids. */
export interface PurgeScope {
  readonly blobs: ReadonlySet<Oid>;
  /** Commits that lose their message, because their run goes. */
  readonly silenced: ReadonlySet<Oid>;
  /** Runs whose prompts and messages go. */
  readonly runs: readonly string[];
}

/**
 * What the target comes to over this history (parents before children). Rejects with {@link PurgeRefused} where something that was
 * named is not there: a typing error must not pass for a removal.
 */
export async function scopeOf(queries: Queries, repoId: number, source: ObjectSource, history: readonly GraphRow[], target: PurgeTarget): Promise<PurgeScope> {
  const blobs = new Set<Oid>();
  const silenced = new Set<Oid>();
  for (const oid of target.blobs) {
    await requireBlob(source, oid);
    blobs.add(oid);
  }
  const commits = history.map(({ oid }) => oid);
  for (const path of target.paths) {
    const found = await blobsAtPath(source, commits, path);
    found.delete(TOMBSTONE_OID);
    if (found.size === 0) throw new PurgeRefused(`No commit has anything to remove at ${JSON.stringify(path)}.`);
    for (const oid of found) blobs.add(oid);
  }
  for (const run of target.runs) {
    const made = await commitsOfRun(queries, repoId, run);
    if (made.size === 0) throw new PurgeRefused(`There is no checkpoint of run ${JSON.stringify(run)}.`);
    const after = withDescendants(history, made, await landings(queries, repoId));
    const brought = await blobsBrought(source, made, commits.filter((oid) => !after.has(oid)));
    brought.delete(TOMBSTONE_OID);
    for (const oid of brought) blobs.add(oid);
    for (const oid of made) silenced.add(oid);
  }
  return { blobs, silenced, runs: target.runs };
}

async function requireBlob(source: ObjectSource, oid: Oid): Promise<void> {
  if (oid === EMPTY_BLOB) throw new PurgeRefused('The empty file holds nothing that could be removed.');
  if (oid === TOMBSTONE_OID) throw new PurgeRefused('This is what stands in the place of removed files; it cannot be removed.');
  if (!(await source.has(oid))) throw new PurgeRefused(`There is no object ${oid} here.`);
  const { type } = await source.header(oid);
  if (type !== 'blob') throw new PurgeRefused(`${oid} is a ${type}, not the content of a file; name a blob, a path or a run.`);
}

async function commitsOfRun(queries: Queries, repoId: number, run: string): Promise<Set<Oid>> {
  const rows = await queries.selectDistinct({ oid: checkpoint.oid }).from(checkpoint).where(and(eq(checkpoint.repoId, repoId), oneOfTexts(checkpoint.runId, [run])));
  return new Set(rows.map(({ oid }) => oid));
}

interface Landing {
  readonly sourceHead: Oid;
  readonly targetCommit: Oid;
}

async function landings(queries: Queries, repoId: number): Promise<Landing[]> {
  return queries.select({ sourceHead: landing.sourceHead, targetCommit: landing.targetCommit }).from(landing).where(eq(landing.repoId, repoId)).orderBy(asc(landing.id));
}

/** These commits, all that descend from them, and where any of those was squashed or rebased to: the commits that may have their content from them. */
function withDescendants(history: readonly GraphRow[], of: ReadonlySet<Oid>, landed: readonly Landing[]): Set<Oid> {
  const found = new Set(of);
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const { oid, parents } of history) if (parents.some((parent) => found.has(parent))) found.add(oid);
    for (const { sourceHead, targetCommit } of landed) if (found.has(sourceHead)) found.add(targetCommit);
  }
  return found;
}
