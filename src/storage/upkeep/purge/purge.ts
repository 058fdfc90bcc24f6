import type { StoredPack } from '../../../domain/ports/repo-objects.js';
import { PurgeRefused, type PurgeReport, type PurgeTarget, type RenamedCommit } from '../../../domain/purge.js';
import { EpochMoved } from '../../../domain/ports/transaction.js';
import type { GraphRow } from '../../../git/history/graph-row.js';
import { indexCommits } from '../../../git/history/index-commits.js';
import type { Oid } from '../../../git/objects/object-source.js';
import { peel } from '../../../git/objects/tag.js';
import { pathsOfBlobs } from '../../../git/rewrite/blobs-of.js';
import { HistoryRewriter, type RewrittenCommit } from '../../../git/rewrite/history-rewriter.js';
import { appendBehind, lockHead } from '../../log.js';
import { insertPack } from '../../objects.js';
import { replacing, type Workplace } from '../replace-packs.js';
import { readRoots } from '../roots.js';
import type { Queries } from '../../sending.js';
import { finishPurges } from './finish.js';
import { endLeases, layOutIds, lockRows, notePurge, renameIds, renameInReceipts, replaceGraphRows, rowsToMove, silenceRuns, type MovedRows } from './rewrite-rows.js';
import { scopeOf, type PurgeScope } from './scope.js';
import { PackStaging } from './staging.js';

/** Who purges, for the log. */
export interface PurgeActor {
  readonly actor: string;
  readonly keyId: string;
  readonly keyName: string;
  readonly requestId: string;
}

/** What is to be purged, where, by whom. */
export interface PurgeOrder extends PurgeActor {
  readonly repo: { readonly id: number; readonly name: string };
  readonly target: PurgeTarget;
  /** Finds out what would happen, and changes nothing. */
  readonly dryRun: boolean;
  /** The age in milliseconds from which a pack that no row names is nobody's. */
  readonly strayMs: number;
}

const PATHS_TOLD = 100;
/** Looks at what writers added meanwhile, before the last one that they have to wait for. */
const LOOKS = 3;

/**
 * Removes contents from a repository for good: makes its history anew without them, puts the new ids into every row in one
 * transaction, and takes the old packs off the disk at once.
 *
 * Writers go on while the new history is made. The transaction takes all their locks and makes anew what they added since, which
 * is little; whoever was under way meets moved versions and the next epoch, and does its work again on the new history. Killed before
 * that transaction, nothing has happened; after it, upkeep of any gateway finishes ({@link finishPurges}), and so does the same order.
 *
 * Rejects with {@link PurgeRefused}, and with ObjectMissing or ObjectCorrupt for a damaged repository; then nothing was changed.
 */
export async function purgeHistory(place: Workplace, order: PurgeOrder): Promise<PurgeReport> {
  const work = new PurgeWork(place, order);
  await work.begin();
  if (order.dryRun) return work.report(null);
  await work.catchUp();
  place.faults?.at('purge.before-transaction');
  const seq = await work.commit();
  place.faults?.at('purge.committed');
  const disappearance = await finishPurges(place, order.strayMs);
  return work.report({ seq, disappearance });
}

class PurgeWork {
  readonly #place: Workplace;
  readonly #order: PurgeOrder;
  readonly #staging: PackStaging;
  readonly #history = new Map<Oid, GraphRow>();
  #scope: PurgeScope = { blobs: new Set(), silenced: new Set(), runs: [] };
  #rewriter: HistoryRewriter;
  #packs: StoredPack[] = [];
  #paths: readonly string[] = [];
  #moved: MovedRows = { refs: [], events: [], proposals: [] };
  #epoch = 0;

  constructor(place: Workplace, order: PurgeOrder) {
    this.#place = place;
    this.#order = order;
    this.#staging = new PackStaging(place.store, !order.dryRun);
    this.#rewriter = this.#rewriterOf(this.#scope);
  }

  /** Finds what is to go and makes the history anew for what can be seen now. */
  async begin(): Promise<void> {
    const { database, store, repoId } = this.#place;
    const roots = await database.run((queries) => readRoots(queries, repoId));
    this.#epoch = roots.epoch;
    await this.#readHistory(roots.oids);
    this.#scope = await database.run((queries) => scopeOf(queries, repoId, store, [...this.#history.values()], this.#order.target));
    if (this.#scope.blobs.size === 0 && this.#scope.silenced.size === 0) throw new PurgeRefused('There is nothing to remove.');
    this.#rewriter = this.#rewriterOf(this.#scope);
    await this.#follow(roots.oids);
    const touched = this.#rewriter.commits.filter((commit) => commit.touched).map(({ before }) => before);
    this.#paths = await pathsOfBlobs(store, touched, this.#scope.blobs, PATHS_TOLD);
    if (this.#order.dryRun) this.#moved = await this.#movedNow();
  }

  /** Makes anew what writers add while this goes on, until there is nothing or little left. */
  async catchUp(): Promise<void> {
    for (let look = 0, size = -1; look < LOOKS && size !== this.#history.size; look++) {
      size = this.#history.size;
      await this.#takeIn(await this.#place.database.run((queries) => readRoots(queries, this.#place.repoId)));
    }
    this.#packs.push(...(await this.#staging.packs()));
  }

  /** The one transaction. Answers the seq of its row in the log. */
  async commit(): Promise<number> {
    const { repoId, store, faults } = this.#place;
    const added = this.#packs;
    const seq = await replacing(this.#place, () => this.#packs, async (queries) => {
      await lockRows(queries, repoId);
      const head = await lockHead(queries, repoId, this.#epoch);
      await this.#takeIn(await readRoots(queries, repoId));
      added.push(...(await this.#staging.packs()));
      let { packBytes } = head;
      for (const pack of added) packBytes += await insertPack(queries, repoId, pack);
      const seqNow = await this.#rewriteRows(queries, { ...head, packBytes });
      faults?.at('purge.before-commit');
      return seqNow;
    });
    for (const pack of added) store.adopt(pack);
    return seq;
  }

  report(done: PurgeReport['done']): PurgeReport {
    const commits = this.#rewriter.commits;
    return { blobs: [...this.#scope.blobs], paths: this.#paths, touched: commits.filter(({ touched }) => touched).map(renamedCommit), rewritten: commits.map(renamedCommit), branches: this.#moved.refs.map(({ branchName }) => branchName), proposals: this.#moved.proposals, done };
  }

  async #rewriteRows(queries: Queries, head: Awaited<ReturnType<typeof lockHead>>): Promise<number> {
    const { repo, target: _target, dryRun: _dryRun, strayMs: _strayMs, ...actor } = this.#order;
    const { blobs, runs } = this.#scope;
    const gone = [...blobs];
    await layOutIds(queries, this.#rewriter.renamed());
    const moved = await rowsToMove(queries, repo);
    this.#moved = moved;
    await renameIds(queries, repo.id);
    const graphBatch = head.graphBatch + 1;
    await replaceGraphRows(queries, repo.id, this.#graphRows(), graphBatch);
    await endLeases(queries, repo.id, gone);
    await silenceRuns(queries, repo.id, runs);
    await renameInReceipts(queries, repo.id, (oid) => this.#rewriter.newId(oid));
    await notePurge(queries, repo.id, gone);
    const { seq } = await appendBehind(
      queries,
      { ...head, graphBatch },
      { ...actor, stream: repo.id, kind: 'PURGE', runId: null, refs: moved.refs, subject: { type: 'Repo', id: repo.id }, events: moved.events, purged: gone, gcEpoch: null, repoVersion: null },
      { prompts: [], comments: [] },
    );
    return seq;
  }

  async #movedNow(): Promise<MovedRows> {
    const { database } = this.#place;
    return database.transaction(async (queries) => {
      await layOutIds(queries, this.#rewriter.renamed());
      return rowsToMove(queries, this.#order.repo);
    });
  }

  async #takeIn({ epoch, oids }: { readonly epoch: number; readonly oids: readonly Oid[] }): Promise<void> {
    if (epoch !== this.#epoch) throw new EpochMoved();
    await this.#readHistory(oids);
    await this.#follow(oids);
  }

  async #readHistory(roots: readonly Oid[]): Promise<void> {
    const { store } = this.#place;
    const tips: Oid[] = [];
    for (const oid of roots) {
      if (this.#history.has(oid)) continue;
      const target = await peel(store, oid);
      if (target.type === 'commit') tips.push(target.oid);
    }
    for (const row of await indexCommits(store, tips, (oid) => this.#history.get(oid)?.generation ?? null)) this.#history.set(row.oid, row);
  }

  async #follow(roots: readonly Oid[]): Promise<void> {
    for (const oid of roots) await this.#rewriter.follow(oid);
  }

  /** Rows of the new commits: a new id changes neither the generation nor the date. */
  #graphRows(): GraphRow[] {
    return this.#rewriter.commits.flatMap(({ before, after, tree, parents }) => {
      const old = this.#history.get(before);
      return old === undefined ? [] : [{ ...old, oid: after, tree, parents }];
    });
  }

  #rewriterOf({ blobs, silenced }: PurgeScope): HistoryRewriter {
    const { store, signal } = this.#place;
    return new HistoryRewriter({ source: store, blobs, silenced, stage: () => this.#staging.stage(), signal });
  }
}

function renamedCommit({ before, after }: RewrittenCommit): RenamedCommit {
  return [before, after];
}
