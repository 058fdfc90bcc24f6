import { sql } from 'drizzle-orm';
import type { Database } from '../database.js';
import type { Queries } from '../sending.js';

/** Things of one kind that are named one by one; there may be as many as events. */
const NAMED = 20;

/** An operation with events that the order of all events has not, and does not wait to get; `late` when a later one of its stream is in it. */
const LOST = sql`
  select operation.stream, operation.seq, exists (select 1 from event_position later where later.stream = operation.stream and later.seq > operation.seq) as late
  from operation
  where jsonb_array_length(convert_from(operation.payload, 'utf8')::jsonb -> 'events') > 0
    and not exists (select 1 from event_position placed where placed.stream = operation.stream and placed.seq = operation.seq)
    and not exists (select 1 from unplaced waiting where waiting.stream = operation.stream and waiting.seq = operation.seq)`;

/** What waits for a position and has one, or is no operation. */
const NEEDLESS = sql`
  select unplaced.stream, unplaced.seq from unplaced
  where exists (select 1 from event_position placed where placed.stream = unplaced.stream and placed.seq = unplaced.seq)
    or not exists (select 1 from operation where operation.stream = unplaced.stream and operation.seq = unplaced.seq)`;

/** Positions that do not follow the one before, lead to no operation, or stand before an earlier operation of their stream. */
const MISPLACED = sql`
  select * from (
    select position, stream, seq, lag(position, 1, 0::bigint) over (order by position) as before,
      lag(seq, 1, 0::bigint) over (partition by stream order by position) as earlier,
      exists (select 1 from operation where operation.stream = event_position.stream and operation.seq = event_position.seq) as found
    from event_position
  ) as looked where position <> before + 1 or earlier > seq or not found order by position limit ${NAMED}`;

/**
 * Checks the one order of all events against the log: no gap, nothing lost, nothing twice, each stream in the order of its operations. Each
 * statement sees one instant, so what the sequencer is moving is on one side or the other. With `repair`, lost operations wait for a
 * position again, unless subscribers have been told of later ones of the stream already: those are only named, as gaps are.
 */
export async function examinePositions(database: Database, repair: boolean): Promise<string[]> {
  const found: string[] = [];
  const done = repair ? '; it is set right' : '';
  for (const { stream, seq, late } of await database.run((queries) => rowsOf(queries, sql`${LOST} order by 1, 2 limit ${NAMED}`))) {
    found.push(`operation ${seq} of stream ${stream} has events that nobody will be told of${late === true ? ', and later ones were told of' : done}`);
  }
  for (const { stream, seq } of await database.run((queries) => rowsOf(queries, sql`${NEEDLESS} limit ${NAMED}`))) found.push(`operation ${seq} of stream ${stream} waits for a position that it has, or does not exist${done}`);
  for (const row of await database.run((queries) => rowsOf(queries, MISPLACED))) found.push(misplacement(row));
  if (repair) await database.transaction(setRight);
  return found;
}

async function setRight(queries: Queries): Promise<void> {
  await queries.execute(sql`delete from unplaced using (${NEEDLESS}) as needless where unplaced.stream = needless.stream and unplaced.seq = needless.seq`);
  await queries.execute(sql`insert into unplaced (stream, seq) select stream, seq from (${LOST}) as lost where not late on conflict do nothing`);
}

function misplacement({ position, before, found, stream, seq }: Readonly<Record<string, unknown>>): string {
  if (Number(position) !== Number(before) + 1) return `the positions of events lead from ${before} to ${position}: those between are gone`;
  if (found !== true) return `position ${position} leads to operation ${seq} of stream ${stream}, which does not exist`;
  return `position ${position} has operation ${seq} of stream ${stream}, which later ones of that stream stand before`;
}

async function rowsOf(queries: Queries, query: ReturnType<typeof sql>): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return queries.execute(query);
}
