import { mayReadEvent } from '../auth/authorize.js';
import type { Viewer } from '../auth/viewer.js';
import type { EventCursor, LoggedEvent } from '../domain/ports/event-log.js';
import type { DueDelivery, HeldWebhook } from '../domain/ports/webhooks.js';
import { isBefore, matchesFilter } from '../events/topics.js';
import type { Gateway } from '../operations/gateway.js';
import { readEvent } from '../operations/reading/read-events.js';
import type { Request } from '../operations/request.js';
import { SealBroken } from '../shared/sealed-text.js';
import type { Lanes } from './lanes.js';
import { waitBefore } from './schedule.js';
import type { Resolve } from '../shared/resolve-host.js';
import { send, type Sent } from './send.js';
import { sign } from './signature.js';

/** How attempts come out, as metrics count them. */
export type DeliveryResult = 'delivered' | 'failed' | 'given_up' | 'withheld';

/** What couriers of one gateway share. Durations in milliseconds. */
export interface Depot {
  readonly gateway: Gateway;
  readonly owner: string;
  readonly lanes: Lanes;
  readonly timeoutMs: number;
  readonly retryMs: number;
  /** The body for an event, as the viewer may read it. Rejects when it cannot be made now. */
  render(request: Request, event: LoggedEvent): Promise<string>;
  /** Is told of every attempt. */
  counted(result: DeliveryResult): void;
  readonly resolve?: Resolve;
}

/** First attempts at a time for one webhook, each of another repository. */
const AT_ONCE = 6;
/** While the last attempt failed: enough to notice that the receiver is back. */
const AT_ONCE_FAILING = 2;
/** Further attempts at a time, in a room of their own: an event that a receiver chokes on holds up its repository alone. */
const RETRIED_AT_ONCE = 2;
/** Heads of repositories looked at in one statement. */
const LOOKED_AT = 64;
/** Deliveries that may be pending at a time; what comes after stays in the log and costs nothing. */
const MOST_OWED = 10_000;
/** Events that were judged and not owed, after which the cursor is written all the same. */
const JUDGED_UNWRITTEN = 2_000;
/** After a fault of ours the next look comes this much later. */
const FAULT_PAUSE_MS = 1_000;

const KEY_GONE = 'The key that made this webhook is revoked or has expired.';
const SECRET_LOST = 'The secret of this webhook cannot be opened with the sealing key of this server; create the webhook anew.';
const WANTS_NO_MORE = 'The receiver answered 410: it wants no more.';

/** Works for one webhook as long as this gateway holds it: owes what happens, and delivers what is due. */
export class Courier {
  readonly #depot: Depot;
  readonly #closing = new AbortController();
  readonly #underWay = new Map<number, { readonly isRetry: boolean; readonly ended: Promise<void> }>();
  /** Deliveries whose attempt has ended since the heads were last asked for: what was answered may still show them as they were before. */
  #endedSince = new Set<number>();
  #webhook: HeldWebhook;
  /** Until then no other gateway delivers, on the clock of `performance.now`. */
  #heldUntil: number;
  /** Judged up to here; written at `#written`. */
  #judged: EventCursor;
  #written: EventCursor;
  #unwritten = 0;
  #owed: number | null = null;
  #lookAt = 0;
  #working: Promise<void> | null = null;
  #again = false;
  #failing = false;
  #stopping = false;
  /** The cursor in the database is not where it was left. */
  #astray = false;
  /** After a fault nothing is looked at before. */
  #restUntil = 0;

  constructor(depot: Depot, webhook: HeldWebhook, heldUntil: number) {
    this.#depot = depot;
    this.#webhook = webhook;
    this.#heldUntil = heldUntil;
    this.#judged = { position: webhook.position, index: webhook.index };
    this.#written = this.#judged;
  }

  /** It is still ours, as it stands now. */
  renewed(webhook: HeldWebhook, heldUntil: number): void {
    if (webhook.version !== this.#webhook.version) this.#lookAt = 0;
    this.#webhook = webhook;
    this.#heldUntil = heldUntil;
    this.#stopping = false;
    if (this.#astray && this.#working === null) {
      this.#judged = this.#written = { position: webhook.position, index: webhook.index };
      this.#owed = null;
      this.#astray = false;
    }
    this.poke();
  }

  /** Looks whether there is something to do; cheap when there is not. */
  poke(): void {
    if (this.#closing.signal.aborted || this.#stopping || !this.#hasWork()) return;
    this.#again = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
      // Asked again between the last look and this moment.
      if (this.#again) this.poke();
    });
  }

  /** Begins nothing more; attempts under way get `patienceMs` to end, then they are cut and remain owed. */
  async close(patienceMs: number): Promise<void> {
    this.#stopping = true;
    const timer = setTimeout(() => this.#closing.abort(), patienceMs);
    await this.#working;
    await Promise.all([...this.#underWay.values()].map(({ ended }) => ended));
    clearTimeout(timer);
    this.#closing.abort();
  }

  #hasWork(): boolean {
    const now = performance.now();
    return now >= this.#restUntil && (this.#canJudge() || now >= this.#lookAt);
  }

  #canJudge(): boolean {
    return !this.#astray && (this.#owed ?? 0) < MOST_OWED && isBefore(this.#judged, this.#depot.gateway.events.newest);
  }

  async #work(): Promise<void> {
    while (this.#again && !this.#stopping && !this.#closing.signal.aborted) {
      this.#again = false;
      try {
        const viewer = await this.#viewer();
        if (viewer === null) return;
        while (this.#canJudge() && (await this.#judge(viewer)));
        await this.#dispatch();
      } catch (error) {
        this.#fault(error);
        return;
      }
    }
  }

  #fault(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#rest();
    this.#depot.gateway.log.warn({ webhookId: this.#webhook.id, error: String(error) }, 'a webhook could not be worked for; trying again');
  }

  #rest(): void {
    this.#restUntil = performance.now() + FAULT_PAUSE_MS;
    this.#lookAt = 0;
  }

  async #stop(note: string): Promise<void> {
    this.#stopping = true;
    await this.#depot.gateway.storage.webhooks.stop(this.#webhook.id, this.#depot.owner, note);
    this.#depot.gateway.log.warn({ webhookId: this.#webhook.id, note }, 'a webhook was stopped');
  }

  /** In whose name events are told; null when the key is dead, which stops the webhook. */
  async #viewer(): Promise<Viewer | null> {
    const key = await this.#depot.gateway.storage.liveKey(this.#webhook.keyId);
    if (key !== null) return { key, actor: key.actor, onBehalfOf: null };
    await this.#stop(KEY_GONE);
    return null;
  }

  /** Takes the next events of the log and owes those that are wanted. false: there are none, or the webhook is not ours any more. */
  async #judge(viewer: Viewer): Promise<boolean> {
    const { gateway, owner } = this.#depot;
    const events = await gateway.events.after(this.#judged);
    const last = events.at(-1);
    if (last === undefined) return false;
    const owed = events.filter((event) => matchesFilter(this.#webhook.filter, event) && mayReadEvent(viewer, event.payload));
    this.#unwritten += events.length;
    if (owed.length > 0 || this.#unwritten >= JUDGED_UNWRITTEN) {
      if (!(await gateway.storage.webhooks.owe(this.#webhook.id, owner, this.#written, last.cursor, owed))) {
        this.#astray = true;
        return false;
      }
      this.#written = last.cursor;
      this.#unwritten = 0;
      if (owed.length > 0) this.#lookAt = 0;
      if (this.#owed !== null) this.#owed += owed.length;
    }
    this.#judged = last.cursor;
    return true;
  }

  /** Begins what is due, as far as there is room. */
  async #dispatch(): Promise<void> {
    const { webhooks } = this.#depot.gateway.storage;
    this.#owed ??= await webhooks.owed(this.#webhook.id);
    if (performance.now() < this.#lookAt) return;
    const ended = (this.#endedSince = new Set());
    const heads = await webhooks.due(this.#webhook.id, LOOKED_AT);
    const idle = heads.filter(({ id }) => !this.#underWay.has(id) && !ended.has(id));
    const due = idle.filter(({ dueInMs }) => dueInMs <= 0);
    const next = idle.find(({ dueInMs }) => dueInMs > 0);
    // When everything that is due was begun, the next of the others says when to look again; each one that ends has it looked anyway.
    this.#lookAt = ended.size > 0 ? 0 : next === undefined ? Number.POSITIVE_INFINITY : performance.now() + next.dueInMs;
    const underWay = [...this.#underWay.values()];
    const retried = underWay.filter(({ isRetry }) => isRetry).length;
    const [first, further] = [due.filter(({ attempts }) => attempts === 0), due.filter(({ attempts }) => attempts > 0)];
    const room = (this.#failing ? AT_ONCE_FAILING : AT_ONCE) - (underWay.length - retried);
    for (const delivery of [...first.slice(0, Math.max(0, room)), ...further.slice(0, Math.max(0, RETRIED_AT_ONCE - retried))]) this.#begin(delivery);
  }

  #begin(delivery: DueDelivery): void {
    const { lanes } = this.#depot;
    const isRetry = delivery.attempts > 0;
    const attempt = async (): Promise<void> => {
      try {
        await (isRetry || this.#failing ? lanes.failing : lanes.sound).run(() => this.#attempt(delivery));
        this.#lookAt = 0;
      } catch (error) {
        this.#fault(error);
      }
      this.#endedSince.add(delivery.id);
      this.#underWay.delete(delivery.id);
      this.poke();
    };
    this.#underWay.set(delivery.id, { isRetry, ended: attempt() });
  }

  async #attempt(delivery: DueDelivery): Promise<void> {
    const { gateway, owner, timeoutMs } = this.#depot;
    if (this.#stopping) return;
    const viewer = await this.#viewer();
    if (viewer === null) return;
    const request: Request = { gateway, viewer, reader: gateway.storage.reader(), requestId: `webhook-${this.#webhook.id}-${delivery.id}`, signal: this.#closing.signal };
    const event = await readEvent(request, { position: delivery.position, index: delivery.index });
    if (event === null) {
      // As a redelivery: it says nothing of the receiver.
      await gateway.storage.webhooks.giveUp(owner, { ...delivery, again: true }, { status: null, note: 'The event cannot be read any more.', durationMs: 0 }, '');
      this.#ended('withheld');
      return;
    }
    const secret = this.#secret();
    if (secret === null) return this.#stop(SECRET_LOST);
    const body = await this.#depot.render(request, event);
    const headers = sign(secret, `evt_${delivery.position}_${delivery.index}`, new Date(), body);
    // An attempt must end before another gateway may begin one, or two events of a repository could pass each other.
    if (performance.now() + timeoutMs >= this.#heldUntil) return this.#rest();
    const sent = await send(this.#webhook.url, { ...headers }, body, { ...this.#depot, destinations: gateway.webhooks.destinations, signal: this.#closing.signal, turn: delivery.attempts });
    if (this.#closing.signal.aborted) return;
    gateway.faults?.at('webhook.sent');
    await this.#settle(delivery, sent);
  }

  #secret(): string | null {
    try {
      return this.#depot.gateway.webhooks.open(this.#webhook.secret);
    } catch (error) {
      if (error instanceof SealBroken) return null;
      throw error;
    }
  }

  async #settle(delivery: DueDelivery, sent: Sent): Promise<void> {
    const { gateway, owner, retryMs } = this.#depot;
    const { webhooks } = gateway.storage;
    this.#failing = !sent.taken;
    if (sent.taken) {
      await webhooks.delivered(owner, delivery, sent);
      return this.#ended('delivered');
    }
    const wait = waitBefore(delivery.attempts + 1, Math.random(), sent.waitMs);
    if (sent.gone || delivery.triedForMs + sent.durationMs + wait <= retryMs) {
      await webhooks.retry(owner, delivery, sent, wait);
      this.#depot.counted('failed');
      return sent.gone ? this.#stop(WANTS_NO_MORE) : undefined;
    }
    const note = `Nothing was taken for ${Math.round(retryMs / 3_600_000)} h. Last: ${sent.note ?? ''}`;
    const became = await webhooks.giveUp(owner, delivery, sent, note);
    if (became === 'FAILED') return this.#ended('given_up');
    this.#stopping = true;
    this.#depot.counted('given_up');
    gateway.log.warn({ webhookId: this.#webhook.id, note }, 'a webhook was stopped');
  }

  #ended(result: DeliveryResult): void {
    if (this.#owed !== null) this.#owed--;
    this.#depot.counted(result);
  }
}
