import { and, eq, getTableColumns, inArray, sql, type SQL } from 'drizzle-orm';
import { webhook, webhookDelivery } from '../../drizzle/index.js';
import type { Page, PageRequest } from '../domain/ports/pages.js';
import type { EventCursor } from '../domain/ports/event-log.js';
import type { Attempt, DeliveryQuery, DueDelivery, HeldWebhook, OwedEvent, WebhookStore } from '../domain/ports/webhooks.js';
import type { DeliveryRecord } from '../domain/webhook.js';
import type { Database } from './database.js';
import { oneOfNumbers, oneOfTexts } from './filters.js';
import { cutPages, pagesOfParents, readingOrder, type Listing } from './keyset.js';
import type { Queries } from './sending.js';

const DELIVERIES: Listing<DeliveryRecord> = {
  from: sql`${webhookDelivery}`,
  parent: webhookDelivery.webhookId,
  order: { columns: [webhookDelivery.id], descending: true, keyOf: (row) => [row.id] },
  parentOf: (row) => row.webhookId,
};

/** Deliveries by id. */
export async function deliveriesById(queries: Queries, ids: readonly number[]): Promise<DeliveryRecord[]> {
  return queries.select().from(webhookDelivery).where(oneOfNumbers(webhookDelivery.id, ids));
}

/** One page of the deliveries of each webhook, newest first, in one statement. */
export async function pagesOfDeliveries(queries: Queries, webhookIds: readonly number[], { states }: DeliveryQuery, page: PageRequest): Promise<Page<DeliveryRecord>[]> {
  const ids = pagesOfParents(DELIVERIES, [webhookDelivery.id], webhookIds, states === null ? undefined : oneOfTexts(webhookDelivery.state, states), page);
  const rows = await queries.select().from(webhookDelivery).where(inArray(webhookDelivery.id, ids)).orderBy(...readingOrder(DELIVERIES.order, page));
  return cutPages(rows, DELIVERIES, webhookIds, page);
}

const SECONDS_TO_MS = 1000;

function inMs(milliseconds: number): SQL {
  return sql`make_interval(secs => ${milliseconds / SECONDS_TO_MS}::double precision)`;
}

/** The condition that a delivery is pending and its webhook still held by this gateway. */
function isMine(owner: string, { id, webhookId }: DeliveryRecord): SQL | undefined {
  return and(eq(webhookDelivery.id, id), eq(webhookDelivery.state, 'PENDING'), sql`exists (select from ${webhook} where ${webhook.id} = ${webhookId} and ${webhook.owner} = ${owner})`);
}

/** What every attempt leaves in its row. */
function attempted({ status, note, durationMs }: Attempt) {
  return { status, note, durationMs: Math.round(durationMs), attempts: sql`${webhookDelivery.attempts} + 1`, attemptedAt: sql`now()`, triedSince: sql`coalesce(${webhookDelivery.triedSince}, now())` };
}

const SETTLED = { nextAt: null, settledAt: sql`now()` };

/** Webhooks as those who deliver see them. */
export class PostgresWebhooks implements WebhookStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async hold(owner: string, leaseMs: number, count: number): Promise<readonly HeldWebhook[]> {
    const until = sql`now() + ${inMs(leaseMs)}`;
    // Renewed when a third of the lease is over, so that the row is not written every second.
    const rows = await this.#database.run(async (queries) => {
      await queries.execute(sql`
        update ${webhook} set owner = ${owner}, owned_until = ${until} where id in (
          select id from ${webhook}
          where deleted_at is null and state = 'ACTIVE' and (owner is null or owned_until < now() or (owner = ${owner} and owned_until < now() + ${inMs((leaseMs * 2) / 3)}))
          order by id limit ${count} for no key update skip locked)`);
      return queries.select().from(webhook).where(and(eq(webhook.owner, owner), eq(webhook.state, 'ACTIVE'), sql`${webhook.ownedUntil} > now()`, sql`${webhook.deletedAt} is null`));
    });
    return rows.flatMap(({ secret, ...row }) => (secret === null ? [] : [{ ...row, secret }]));
  }

  async release(owner: string): Promise<void> {
    await this.#database.run((queries) => queries.update(webhook).set({ owner: null, ownedUntil: null }).where(eq(webhook.owner, owner)));
  }

  async owe(webhookId: number, owner: string, from: EventCursor, to: EventCursor, owed: readonly OwedEvent[]): Promise<boolean> {
    const column = (pick: (event: OwedEvent) => number, type: string): SQL => sql`${sql.param(owed.map(pick))}::${sql.raw(type)}[]`;
    const rows = await this.#database.run((queries) =>
      queries.execute(sql`
        with moved as (
          update ${webhook} set position = ${to.position}, index = ${to.index}
          where id = ${webhookId} and owner = ${owner} and owned_until > now() and state = 'ACTIVE' and deleted_at is null and (position, index) = (${from.position}::bigint, ${from.index}::integer)
          returning id
        ), added as (
          insert into ${webhookDelivery} (webhook_id, position, index, stream)
          select moved.id, event.position, event.index, event.stream
          from moved, unnest(${column(({ cursor }) => cursor.position, 'bigint')}, ${column(({ cursor }) => cursor.index, 'integer')}, ${column(({ stream }) => stream, 'bigint')}) as event(position, index, stream)
          on conflict do nothing
        )
        select id from moved`),
    );
    return rows.length > 0;
  }

  owed(webhookId: number): Promise<number> {
    return this.#database.run((queries) => queries.$count(webhookDelivery, and(eq(webhookDelivery.webhookId, webhookId), eq(webhookDelivery.state, 'PENDING'))));
  }

  async due(webhookId: number, count: number): Promise<readonly DueDelivery[]> {
    const pending = sql`${webhookDelivery.webhookId} = ${webhookId} and ${webhookDelivery.state} = 'PENDING'`;
    const rows = await this.#database.run((queries) =>
      queries
        .select({
          row: getTableColumns(webhookDelivery),
          dueInMs: sql`extract(epoch from ${webhookDelivery.nextAt} - now()) * 1000`.mapWith(Number),
          triedForMs: sql`coalesce(extract(epoch from now() - ${webhookDelivery.triedSince}) * 1000, 0)`.mapWith(Number),
        })
        .from(webhookDelivery)
        .where(
          sql`${webhookDelivery.id} in (
            select head.id from (select distinct on (stream) id from ${webhookDelivery} where ${pending} and not again order by stream, position, index) as head
            union all select id from ${webhookDelivery} where ${pending} and again)`,
        )
        .orderBy(webhookDelivery.nextAt, webhookDelivery.id)
        .limit(count),
    );
    return rows.map(({ row, ...times }) => ({ ...row, ...times }));
  }

  async delivered(owner: string, delivery: DeliveryRecord, attempt: Attempt): Promise<void> {
    await this.#database.run(async (queries) => {
      // First, so that one that is given up at the same moment finds the receiver alive.
      await queries.update(webhook).set({ lastDeliveredAt: sql`now()` }).where(and(eq(webhook.id, delivery.webhookId), eq(webhook.owner, owner)));
      await queries.update(webhookDelivery).set({ ...attempted(attempt), ...SETTLED, state: 'DELIVERED' }).where(isMine(owner, delivery));
    });
  }

  async retry(owner: string, delivery: DeliveryRecord, attempt: Attempt, waitMs: number): Promise<void> {
    await this.#database.run((queries) => queries.update(webhookDelivery).set({ ...attempted(attempt), nextAt: sql`now() + ${inMs(waitMs)}` }).where(isMine(owner, delivery)));
  }

  giveUp(owner: string, delivery: DeliveryRecord, attempt: Attempt, note: string): Promise<'FAILED' | 'STOPPED'> {
    return this.#database.transaction(async (queries) => {
      const silent = sql`coalesce(${webhook.lastDeliveredAt} < ${sql.param(delivery.triedSince ?? delivery.createdAt, webhookDelivery.triedSince)}::timestamptz, true)`;
      const stopped = delivery.again ? [] : await queries.update(webhook).set({ state: 'STOPPED', note }).where(and(eq(webhook.id, delivery.webhookId), eq(webhook.owner, owner), silent)).returning({ id: webhook.id });
      const isStopped = stopped.length > 0;
      await queries.update(webhookDelivery).set({ ...attempted(attempt), ...(isStopped ? {} : { ...SETTLED, state: 'FAILED' as const }) }).where(isMine(owner, delivery));
      return isStopped ? 'STOPPED' : 'FAILED';
    });
  }

  async stop(webhookId: number, owner: string, note: string): Promise<void> {
    await this.#database.run((queries) => queries.update(webhook).set({ state: 'STOPPED', note }).where(and(eq(webhook.id, webhookId), eq(webhook.owner, owner))));
  }

  async forgetSettled(ageMs: number, count: number): Promise<number> {
    const gone = await this.#database.run((queries) =>
      queries.execute(sql`
        delete from ${webhookDelivery} where id in (
          (select id from ${webhookDelivery} where settled_at < now() - ${inMs(ageMs)} limit ${count})
          union all
          (select ${webhookDelivery.id} from ${webhook} join ${webhookDelivery} on ${webhookDelivery.webhookId} = ${webhook.id} where ${webhook.deletedAt} is not null limit ${count}))
        returning id`),
    );
    return gone.length;
  }
}
