import { sql } from 'drizzle-orm';
import { latency } from '../../drizzle/index.js';
import { SERVER_STREAM, type OperationKind } from '../domain/operation.js';
import { noteUse } from './api-keys.js';
import type { Database } from './database.js';
import type { Queries } from './sending.js';
import { removeForgotten } from './idempotency.js';
import { removeEndedLeases } from './objects.js';

const TICK_MS = 1000;

/** Measurements that wait at most, should the database be away; beyond, the oldest are dropped. */
const MAX_WAITING = 10_000;

/** A key's use is written at most this often, in milliseconds. */
const TOUCH_MS = 60_000;

/** Every so many ticks old rows are removed, this many of each kind: once a minute and gateway. */
const SWEEP_EVERY = 60;
const SWEEP_ROWS = 1000;

/** Latencies of operations stay as long as the log; those without a row in it (diffs) for this long. */
const LATENCY_KEPT = sql`interval '30 days'`;

interface Measured {
  readonly kind: OperationKind;
  readonly stream: number;
  readonly seq: number | null;
  readonly milliseconds: number;
  readonly at: number;
}

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
    if (measured.length > 0 && !(await this.#attempt((queries) => insertMeasured(queries, measured)))) this.#measured = [...measured, ...this.#measured].slice(-MAX_WAITING);
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

async function insertMeasured(queries: Queries, measured: readonly Measured[]): Promise<void> {
  const column = <Value>(pick: (each: Measured) => Value) => sql.param(measured.map(pick));
  await queries.execute(sql`
    insert into latency (kind, stream, seq, milliseconds, at)
    select kind, stream, seq, milliseconds, to_timestamp(at / 1000.0)
    from unnest(${column((each) => each.kind)}::text[], ${column((each) => each.stream)}::bigint[], ${column((each) => each.seq)}::bigint[],
      ${column((each) => each.milliseconds)}::double precision[], ${column((each) => each.at)}::double precision[]) as measured(kind, stream, seq, milliseconds, at)`);
}

async function sweep(queries: Queries): Promise<void> {
  await removeForgotten(queries, SWEEP_ROWS);
  await removeEndedLeases(queries, SWEEP_ROWS);
  const old = sql`select ${latency.id} from ${latency} where ${latency.seq} is null and ${latency.at} < now() - ${LATENCY_KEPT} limit ${SWEEP_ROWS}`;
  await queries.delete(latency).where(sql`${latency.id} in (${old})`);
}
