import { and, eq, gte, lt, sql } from 'drizzle-orm';
import { latencyBucket, operationDuration } from '../../drizzle/index.js';
import { latencyOfBuckets, waitBucket, type LatencyRecord } from '../domain/latency.js';
import type { OperationKind } from '../domain/operation.js';
import type { Queries } from './sending.js';

/** How long a client waited for an operation; `seq` where it has a row in the log, `at` by this gateway's clock. */
export interface Measured {
  readonly kind: OperationKind;
  readonly stream: number;
  readonly seq: number | null;
  readonly milliseconds: number;
  readonly at: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Windows up to this are counted by the minute. */
const BY_MINUTE = 48 * HOUR;
const DAYS_KEPT = 90;

/** Keeps how long the clients of rows of the log waited. Doing it twice changes nothing. */
export async function keepDurations(queries: Queries, measured: readonly Measured[]): Promise<void> {
  const rows = measured.flatMap(({ stream, seq, milliseconds }) => (seq === null ? [] : [{ stream, seq, milliseconds }]));
  if (rows.length === 0) return;
  await queries.execute(sql`
    insert into ${operationDuration} (stream, seq, milliseconds)
    select * from unnest(${sql.param(rows.map(({ stream }) => stream))}::bigint[], ${sql.param(rows.map(({ seq }) => seq))}::bigint[], ${sql.param(rows.map(({ milliseconds }) => milliseconds))}::double precision[])
    on conflict do nothing`);
}

/** Counts waits in the buckets of their minutes. Rows are written in the order of their key, as other gateways do, so that none waits for another in a circle. */
export async function keepWaits(queries: Queries, measured: readonly Measured[]): Promise<void> {
  const counted = new Map<string, { readonly stream: number; readonly at: number; readonly kind: string; readonly bucket: number; count: number; longest: number }>();
  for (const { stream, kind, milliseconds, at } of measured) {
    const row = { stream, at: at - (at % MINUTE), kind, bucket: waitBucket(milliseconds), count: 0, longest: 0 };
    const key = `${row.stream} ${row.at} ${kind} ${row.bucket}`;
    const known = counted.get(key) ?? row;
    known.count++;
    known.longest = Math.max(known.longest, milliseconds);
    counted.set(key, known);
  }
  const rows = [...counted.values()];
  const column = <Value>(pick: (row: (typeof rows)[number]) => Value) => sql.param(rows.map(pick));
  await queries.execute(sql`
    insert into ${latencyBucket} as known (stream, at, kind, bucket, count, longest)
    select stream, to_timestamp(at / 1000.0), kind, bucket, count, longest
    from unnest(${column((row) => row.stream)}::bigint[], ${column((row) => row.at)}::double precision[], ${column((row) => row.kind)}::text[],
      ${column((row) => row.bucket)}::int[], ${column((row) => row.count)}::int[], ${column((row) => row.longest)}::double precision[]) as counted(stream, at, kind, bucket, count, longest)
    order by stream, at, kind collate "C", bucket
    on conflict (stream, at, kind, bucket) do update set count = known.count + excluded.count, longest = greatest(known.longest, excluded.longest)`);
}

/**
 * Percentiles of what clients waited in the last `windowMs`, of one kind or of every kind that occurred: see {@link latencyOfBuckets}. The
 * window begins with a whole minute, beyond two days with a whole hour, and reaches back 90 days at most. Its cost depends on its length alone.
 */
export async function latencyOf(queries: Queries, stream: number, kind: OperationKind | null, windowMs: number): Promise<LatencyRecord[]> {
  const grain = windowMs <= BY_MINUTE ? MINUTE : HOUR;
  const since = sql`date_bin(make_interval(secs => ${grain / 1000}), now() - make_interval(secs => ${Math.min(windowMs, DAYS_KEPT * 24 * HOUR) / 1000}::double precision), timestamptz 'epoch')`;
  const rows = await queries
    .select({ kind: latencyBucket.kind, bucket: latencyBucket.bucket, count: sql`sum(${latencyBucket.count})`.mapWith(Number), longest: sql`max(${latencyBucket.longest})`.mapWith(Number) })
    .from(latencyBucket)
    .where(and(eq(latencyBucket.stream, stream), gte(latencyBucket.at, since), kind === null ? undefined : eq(latencyBucket.kind, kind)))
    .groupBy(latencyBucket.kind, latencyBucket.bucket);
  return latencyOfBuckets(rows);
}

/** Adds minutes that no window counts any more up to hours, and removes what is older than 90 days; `limit` rows of each at most. */
export async function foldLatency(queries: Queries, limit: number): Promise<void> {
  const hour = sql`date_bin('1 hour', at, timestamptz 'epoch')`;
  await queries.execute(sql`
    with old as (
      delete from ${latencyBucket} where ctid = any(array(
        select ctid from ${latencyBucket} where at < date_bin('1 hour', now(), timestamptz 'epoch') - interval '49 hours' and at <> ${hour} order by at limit ${limit} for update skip locked))
      returning *)
    insert into ${latencyBucket} as known (stream, at, kind, bucket, count, longest)
    select stream, ${hour} as begin, kind, bucket, sum(count), max(longest) from old group by stream, begin, kind, bucket order by stream, begin, kind, bucket
    on conflict (stream, at, kind, bucket) do update set count = known.count + excluded.count, longest = greatest(known.longest, excluded.longest)`);
  const expired = queries.select({ ctid: sql`ctid` }).from(latencyBucket).where(lt(latencyBucket.at, sql`now() - make_interval(days => ${DAYS_KEPT})`)).limit(limit);
  await queries.delete(latencyBucket).where(sql`ctid = any(array(${expired}))`);
}
