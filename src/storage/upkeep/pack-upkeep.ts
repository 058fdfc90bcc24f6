import { readdir } from 'node:fs/promises';
import type { Disappearance, PurgeReport } from '../../domain/purge.js';
import type { Database } from '../database.js';
import type { PackStores } from '../packs/pack-stores.js';
import type { FaultPoints } from '../packs/write-pack.js';
import { SingleFlight } from '../single-flight.js';
import { collectGarbage, type Collection } from './collect.js';
import { consolidate, packsDue, type Consolidation } from './consolidate.js';
import { eraseRepo, givenUpRepos } from './erase-repo.js';
import { takePackLease } from './lease.js';
import { crowdedRepos, knownPacks, removeRetired } from './pack-rows.js';
import { finishPurges, unfinishedPurges } from './purge/finish.js';
import { purgeHistory, type PurgeOrder } from './purge/purge.js';
import type { Workplace } from './replace-packs.js';
import { DEFAULT_ROLL_UP, type RollUpRule } from './roll-up.js';

/** How the background work goes. Durations in milliseconds. */
export interface UpkeepSettings {
  /** Between the end of one round and the beginning of the next. */
  readonly intervalMs: number;
  /** How long a replaced pack's files stay: longer than any request that may have them open. */
  readonly graceMs: number;
  /** Is told, in a sentence, what could not be done; the next round tries again. */
  readonly report: (sentence: string) => void;
}

/** Files that no row names go after a day: no writer, not even of a large import, is between rename and commit for so long. */
export const STRAY_AGE_MS = 24 * 3600_000;

/** Rounds between two looks for stray files; 4 h at the usual interval of 30 s. */
const ROUNDS_A_SWEEP = 480;
/** Repositories looked at in one round, the most crowded first: one statement each where nothing is to be done. */
const REPOS_A_ROUND = 1000;

/**
 * Keeps the packs of all repositories few and what nobody needs off the disk. Every gateway runs one; leases see to it that one
 * at a time works on a repository, and the swap of rows is right even if two do.
 */
export class PackUpkeep {
  readonly #database: Database;
  readonly #stores: PackStores;
  readonly #root: string;
  readonly #faults: FaultPoints | undefined;
  readonly #rounds = new SingleFlight(() => this.#round());
  readonly #closing = new AbortController();
  /** Packs that the background has found damaged, and has told of: they are not read again and again. */
  readonly #unfit = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #settings: UpkeepSettings = { intervalMs: 30_000, graceMs: 300_000, report: () => undefined };
  #count = 0;

  /** `root` holds one directory a repository. Nothing runs by itself before {@link start}. */
  constructor(database: Database, stores: PackStores, root: string, faults?: FaultPoints) {
    this.#database = database;
    this.#stores = stores;
    this.#root = root;
    this.#faults = faults;
  }

  /** Begins rounds in the background, which do not keep the process alive. */
  start(settings: UpkeepSettings): void {
    this.#settings = settings;
    if (this.#timer === null) this.#plan();
  }

  /** Does now what the background does: consolidates crowded repositories and removes what is due. Never rejects. */
  round(): Promise<void> {
    return this.#rounds.run();
  }

  /** Rolls up the packs of one repository. null: another gateway is at it. Rejects as the database and the disk do. */
  consolidate(repoId: number, rule: RollUpRule = DEFAULT_ROLL_UP): Promise<Consolidation | null> {
    return this.#alone(repoId, (place) => consolidate(place, rule));
  }

  /** Removes from one repository what nothing leads to. null: another gateway is at it. Rejects as {@link collectGarbage}. */
  collect(repoId: number): Promise<Collection | null> {
    return this.#alone(repoId, collectGarbage);
  }

  /** Removes contents from a repository for good. null: another gateway is at its packs. Rejects as {@link purgeHistory}. */
  purge(order: PurgeOrder): Promise<PurgeReport | null> {
    return this.#alone(order.repo.id, (place) => purgeHistory(place, order));
  }

  /** Takes off the disk what was purged earlier and could not go yet. null: another gateway is at it. Rejects as {@link finishPurges}. */
  finishPurges(repoId: number, strayMs: number): Promise<Disappearance | null> {
    return this.#alone(repoId, (place) => finishPurges(place, strayMs));
  }

  /** Removes for good the repositories that were given up, each by one gateway at a time. Rejects as the database and the disk do; what is left goes with the next call. */
  async eraseGivenUp(): Promise<void> {
    for (const repoId of await this.#database.run(givenUpRepos)) {
      await this.#attempt(`repository ${repoId} was given up and is not removed yet`, () => this.#alone(repoId, (place) => eraseRepo(place, () => this.#stores.remove(repoId))));
    }
  }

  /** Removes the files of packs, of one repository or of all, that were replaced more than `graceMs` ago and that no one holds. Answers how many packs went. */
  async removeReplaced(repoId: number | null, graceMs: number = this.#settings.graceMs): Promise<number> {
    return removeRetired(this.#database, (name, from) => this.#stores.open(from).removeFiles(name), repoId, graceMs);
  }

  /** Removes files of one repository that no row names and that are older than `ageMs`. Answers how many went. */
  async removeStrays(repoId: number, ageMs: number = STRAY_AGE_MS): Promise<number> {
    return this.#stores.open(repoId).removeStrays(ageMs, (names) => this.#database.run((queries) => knownPacks(queries, repoId, names)));
  }

  /** Stops rounds and whatever is under way; what was not swapped yet is given up. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#rounds.settled();
  }

  #plan(): void {
    this.#timer = setTimeout(() => void this.#roundAndPlan(), this.#settings.intervalMs).unref();
  }

  async #roundAndPlan(): Promise<void> {
    await this.round();
    if (!this.#closing.signal.aborted) this.#plan();
  }

  async #round(): Promise<void> {
    await this.#attempt('repositories could not be consolidated', async () => {
      const crowded = await this.#database.run((queries) => crowdedRepos(queries, DEFAULT_ROLL_UP, REPOS_A_ROUND));
      for (const repoId of crowded) await this.#attempt(`the packs of repository ${repoId} could not be consolidated`, () => this.#consolidateAndTell(repoId));
    });
    await this.#attempt('purges could not be finished', async () => {
      for (const repoId of await unfinishedPurges(this.#database)) await this.#attempt(`what was purged from repository ${repoId} is still on the disk`, () => this.finishPurges(repoId, this.#settings.graceMs));
    });
    await this.#attempt('the repositories that were given up could not be listed', () => this.eraseGivenUp());
    await this.#attempt('replaced packs could not be removed', () => this.removeReplaced(null));
    await this.#attempt('the list of packs could not be read', () => this.#stores.refresh());
    if (this.#count++ % ROUNDS_A_SWEEP === 0) await this.#attempt('stray files could not be removed', () => this.#sweep());
  }

  async #consolidateAndTell(repoId: number): Promise<void> {
    if ((await packsDue({ repoId, database: this.#database }, DEFAULT_ROLL_UP, this.#unfit)).length === 0) return;
    const done = await this.#alone(repoId, (place) => consolidate(place, DEFAULT_ROLL_UP, this.#unfit));
    for (const [name, fault] of done?.unfit ?? []) {
      this.#unfit.add(name);
      this.#settings.report(`${name} of repository ${repoId} is damaged and stays as it is: ${String(fault)}; weir doctor says more`);
    }
  }

  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#root)) {
      if (this.#closing.signal.aborted) return;
      if (/^[1-9][0-9]*$/u.test(name)) await this.removeStrays(Number(name));
    }
  }

  async #alone<T>(repoId: number, work: (place: Workplace) => Promise<T>): Promise<T | null> {
    const lease = await takePackLease(this.#database, repoId, 'UPKEEP');
    if (lease === null) return null;
    try {
      return await work({ repoId, database: this.#database, store: this.#stores.open(repoId), signal: this.#closing.signal, ...(this.#faults === undefined ? {} : { faults: this.#faults }) });
    } finally {
      await lease.release();
    }
  }

  async #attempt(failed: string, work: () => Promise<unknown>): Promise<void> {
    if (this.#closing.signal.aborted) return;
    try {
      await work();
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#settings.report(`${failed}: ${String(error)}`);
    }
  }
}
