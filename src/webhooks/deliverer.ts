import { randomUUID } from 'node:crypto';
import type { Depot } from './courier.js';
import { Courier } from './courier.js';
import { Lanes } from './lanes.js';

/** What a deliverer is made of; see {@link Depot}. */
export interface DelivererOptions extends Omit<Depot, 'owner' | 'lanes'> {
  /** How long what was settled stays in the log of deliveries. */
  readonly keepMs: number;
  /** Instead of the usual shortest lease, in milliseconds; fault tests have no half minute to wait for a takeover. */
  readonly shortestLeaseMs?: number;
  /** Instead of the usual pause between two looks for webhooks, in milliseconds; tests that make dozens have no second to wait for each. */
  readonly lookMs?: number;
}

/** Between two looks for webhooks that nobody holds, and for what was asked of those that are held here. */
const LOOK_MS = 1_000;
/** Webhooks that one look takes. */
const TAKEN_AT_ONCE = 1_000;
/** A gateway that dies is followed by another after this. Longer than any attempt, by the factor below. */
const SHORTEST_LEASE_MS = 30_000;
const LEASE_IN_ATTEMPTS = 3;
/** Rounds between two removals of old deliveries, and how many one removes: 1,000 a minute and more where it does not suffice. */
const LOOKS_A_SWEEP = 60;
const SWEPT_AT_ONCE = 1_000;
/** What attempts under way get to end when the gateway stops, which must be done within 10 s. */
const PATIENCE_MS = 3_000;

/**
 * Delivers for this gateway: takes webhooks that nobody holds, keeps them by a lease, and has a courier work for each. Of several gateways,
 * one delivers for a webhook at a time; another goes on where it stopped.
 */
export class Deliverer {
  readonly #depot: Depot;
  readonly #keepMs: number;
  readonly #leaseMs: number;
  readonly #lookMs: number;
  readonly #couriers = new Map<number, Courier>();
  readonly #closing = new AbortController();
  #looks = 0;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #listening: Promise<void> | null = null;
  /** Couriers whose webhook is not held any more, until their attempts have ended. */
  readonly #leaving = new Set<Promise<void>>();

  constructor({ keepMs, shortestLeaseMs = SHORTEST_LEASE_MS, lookMs = LOOK_MS, ...options }: DelivererOptions) {
    this.#depot = { ...options, owner: randomUUID(), lanes: new Lanes() };
    this.#keepMs = keepMs;
    this.#lookMs = lookMs;
    this.#leaseMs = Math.max(shortestLeaseMs, LEASE_IN_ATTEMPTS * options.timeoutMs);
  }

  /** Begins in the background, which does not keep the process alive. */
  start(): void {
    this.#listening ??= this.#listen();
    if (this.#timer === null) this.#plan(0);
  }

  /** Ends what is under way, or cuts it after a few seconds (then it is sent again), and lets others take over at once. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
    await this.#listening;
    for (const courier of this.#couriers.values()) this.#leaving.add(courier.close(PATIENCE_MS));
    await Promise.all(this.#leaving);
    try {
      await this.#depot.gateway.storage.webhooks.release(this.#depot.owner);
    } catch {
      // The leases end by themselves.
    }
  }

  #plan(afterMs: number): void {
    this.#timer = setTimeout(() => {
      this.#looking = this.#look().finally(() => {
        this.#looking = null;
        if (!this.#closing.signal.aborted) this.#plan(this.#lookMs);
      });
    }, afterMs).unref();
  }

  /** Wakes every courier when something has happened: those with nothing to do find that out without asking the database. */
  async #listen(): Promise<void> {
    const { events } = this.#depot.gateway;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const { newest } = events;
      for (const courier of this.#couriers.values()) courier.poke();
      await events.change(newest, signal);
    }
  }

  async #look(): Promise<void> {
    const { gateway, owner } = this.#depot;
    try {
      const asked = performance.now();
      const held = await gateway.storage.webhooks.hold(owner, this.#leaseMs, TAKEN_AT_ONCE);
      if (this.#closing.signal.aborted) return;
      // Rows are renewed when a third of the lease is over, so two thirds are what every answer promises.
      const until = asked + (this.#leaseMs * 2) / 3;
      for (const webhook of held) {
        const courier = this.#couriers.get(webhook.id);
        if (courier !== undefined) courier.renewed(webhook, until);
        else this.#employ(webhook.id, new Courier(this.#depot, webhook, until));
      }
      const ids = new Set(held.map(({ id }) => id));
      for (const id of [...this.#couriers.keys()].filter((each) => !ids.has(each))) this.#dismiss(id);
      if (this.#looks++ % LOOKS_A_SWEEP === 0) while ((await gateway.storage.webhooks.forgetSettled(this.#keepMs, SWEPT_AT_ONCE)) >= SWEPT_AT_ONCE && !this.#closing.signal.aborted);
    } catch (error) {
      if (!this.#closing.signal.aborted) gateway.log.warn({ error: String(error) }, 'webhooks could not be looked for; trying again');
    }
  }

  #employ(id: number, courier: Courier): void {
    this.#couriers.set(id, courier);
    courier.poke();
  }

  #dismiss(id: number): void {
    const courier = this.#couriers.get(id);
    this.#couriers.delete(id);
    if (courier === undefined) return;
    const left = courier.close(PATIENCE_MS).finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }
}
