import { SERVER_STREAM, type OperationKind } from '../domain/operation.js';
import { noteUse } from './api-keys.js';
import type { Database } from './database.js';
import type { Queries } from './sending.js';
import { removeForgotten } from './idempotency.js';
import { foldLatency, keepDurations, keepWaits, type Measured } from './latency.js';
import { removeEndedLeases } from './objects.js';

const TICK_MS = 1000;

/** Measurements that wait at most, should the database be away; beyond, the oldest are dropped. */
const MAX_WAITING = 10_000;

/** A key's use is written at most this often, in milliseconds. */
const TOUCH_MS = 60_000;

/** Every so many ticks old rows are removed, this many of each kind: once a minute and gateway. */
const SWEEP_EVERY = 60;
const SWEEP_ROWS = 1000;

/**
 * What may be written a second late, and lost when the process dies: how long clients waited, when keys were used, the removal
 * of rows that count no more. None of it delays an answer or holds a connection that a request waits for.
 */
export class Ticker {
  readonly #database: Database;
  readonly #timer: NodeJS.Timeout;
  #measured: Measured[] = [];
  #touched = new Set<string>();
  readonly #touchedAt = new Map<string, number>();
  #ticks = 0;
  #flushing: Promise<void> | null = null;

  constructor(database: Database) {
    this.#database = database;
    this.#timer = setInterval(() => void this.#tick(), TICK_MS).unref();
  }

  measure(kind: OperationKind, repoId: number | null, milliseconds: number, seq: number | null): void {
    if (this.#measured.length >= MAX_WAITING) this.#measured.splice(0, MAX_WAITING / 10);
    this.#measured.push({ kind, stream: repoId ?? SERVER_STREAM, seq, milliseconds, at: Date.now() });
  }

  touch(keyId: string): void {
    const now = performance.now();
    const last = this.#touchedAt.get(keyId);
    if (last !== undefined && now - last < TOUCH_MS) return;
    if (this.#touchedAt.size >= MAX_WAITING) this.#touchedAt.clear();
    this.#touchedAt.set(keyId, now);
    this.#touched.add(keyId);
  }

  /** Writes what waits. Never rejects: what cannot be written now is dropped, except measurements, which wait on. */
  flush(): Promise<void> {
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = null;
    });
    return this.#flushing;
  }

  /** Stops and writes what waits. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flushing;
    await this.flush();
  }

  async #tick(): Promise<void> {
    await this.flush();
    this.#ticks++;
    if (this.#ticks % SWEEP_EVERY === 0) await this.#attempt(sweep);
  }

  async #write(): Promise<void> {
    const measured = this.#measured;
    const touched = [...this.#touched];
    this.#measured = [];
    this.#touched = new Set();
    // Durations first: writing them twice changes nothing, and counting twice would.
    const kept = measured.length === 0 || ((await this.#attempt((queries) => keepDurations(queries, measured))) && (await this.#attempt((queries) => keepWaits(queries, measured))));
    if (!kept) this.#measured = [...measured, ...this.#measured].slice(-MAX_WAITING);
    if (touched.length > 0) await this.#attempt((queries) => noteUse(queries, touched));
  }

  async #attempt(work: (queries: Queries) => Promise<void>): Promise<boolean> {
    try {
      await this.#database.run(work);
      return true;
    } catch {
      return false;
    }
  }
}

async function sweep(queries: Queries): Promise<void> {
  await removeForgotten(queries, SWEEP_ROWS);
  await removeEndedLeases(queries, SWEEP_ROWS);
  await foldLatency(queries, SWEEP_ROWS);
}
