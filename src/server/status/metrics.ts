import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Wait } from '../../operations/waits.js';
import { Busiest, type Busy } from './busiest.js';

/** From what a fast read takes to the longest that a mutation may. In seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Pushes to another server may take as long as an hour. In seconds. */
const PUSH_BUCKETS = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600];

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);

/** What is counted, as `/metrics` shows it. Every label has a closed set of values: no name that a client chooses is among them. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Histogram({
    name: 'weir_http_request_duration_seconds',
    help: 'Time from a request to the headers of its answer.',
    labelNames: ['route', 'method', 'status'],
    buckets: BUCKETS,
    registers: [this.#registry],
  });
  readonly #operations = new Histogram({
    name: 'weir_graphql_operation_duration_seconds',
    help: 'Time from a validated GraphQL operation to its result; of a subscription, to its begin.',
    labelNames: ['type', 'field', 'outcome'],
    buckets: BUCKETS,
    registers: [this.#registry],
  });
  readonly #refusals = new Counter({
    name: 'weir_http_refusals_total',
    help: 'Requests that were turned away at the door, by the code of the answer.',
    labelNames: ['code'],
    registers: [this.#registry],
  });
  readonly #failures = new Counter({
    name: 'weir_authentication_failures_total',
    help: 'Requests and sockets that showed no good key, by why: none, a wrong one, an actor it may not act for, or too many wrong ones before.',
    labelNames: ['reason'],
    registers: [this.#registry],
  });

  readonly #waits = new Histogram({
    name: 'weir_operation_duration_seconds',
    help: 'How long clients waited for a verb, or for a request that read diffs (DIFF), by kind and how it ended.',
    labelNames: ['kind', 'outcome'],
    buckets: BUCKETS,
    registers: [this.#registry],
  });
  readonly #deliveries = new Counter({
    name: 'weir_webhook_deliveries_total',
    help: 'Attempts to deliver events to webhooks, by how they came out.',
    labelNames: ['result'],
    registers: [this.#registry],
  });
  readonly #pushes = new Histogram({
    name: 'weir_mirror_push_duration_seconds',
    help: 'How long pushes to mirrors took, by how they came out. Looks that found nothing to push are not among them.',
    labelNames: ['result'],
    buckets: PUSH_BUCKETS,
    registers: [this.#registry],
  });
  readonly #repos: Busiest;

  /** `repos`: how many repositories have metrics of their own, the busiest; none with 0. */
  constructor(repos = 0) {
    this.#repos = new Busiest(repos);
    collectDefaultMetrics({ register: this.#registry });
    if (repos === 0) return;
    this.#watchRepos('weir_repo_operations_total', 'Operations of the busiest repositories since this gateway started, by the number of the repository.', ({ count }) => count);
    this.#watchRepos('weir_repo_operation_seconds_total', 'How long clients waited for operations of the busiest repositories, in all.', ({ seconds }) => seconds);
  }

  #watchRepos(name: string, help: string, pick: (busy: Busy) => number): void {
    const gauge: Gauge<'repo'> = new Gauge({
      name, help, labelNames: ['repo'], registers: [this.#registry],
      collect: () => {
        gauge.reset();
        for (const [repo, busy] of this.#repos.top()) gauge.set({ repo }, pick(busy));
      },
    });
  }

  /** Somebody waited for a verb or a diff. */
  waited({ kind, outcome, repoId, milliseconds }: Wait): void {
    this.#waits.observe({ kind, outcome }, milliseconds / 1000);
    if (repoId !== null) this.#repos.add(repoId, milliseconds / 1000);
  }

  /** Adds a value that is read whenever the metrics are. */
  watch(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({ name, help, registers: [this.#registry], collect: () => gauge.set(read()) });
  }

  /** A request was answered. `route` is the pattern, not the address. */
  request(route: string, method: string, status: number, seconds: number): void {
    this.#requests.observe({ route, method: METHODS.has(method) ? method : 'other', status }, seconds);
  }

  /** An operation came to its result. `field` is its root field, or `several`. */
  operation(type: string, field: string, outcome: 'ok' | 'error', seconds: number): void {
    this.#operations.observe({ type, field, outcome }, seconds);
  }

  /** A request was refused at the door. */
  refused(code: string): void {
    this.#refusals.inc({ code });
  }

  /** Somebody showed no good key. */
  unauthenticated(reason: string): void {
    this.#failures.inc({ reason });
  }

  /** A delivery to a webhook was tried. */
  delivered(result: string): void {
    this.#deliveries.inc({ result });
  }

  /** A push to a mirror came to its end. */
  mirrorPushed(result: string, seconds: number): void {
    this.#pushes.observe({ result }, seconds);
  }

  /** The text that Prometheus scrapes, and its content type. */
  async text(): Promise<{ readonly body: string; readonly contentType: string }> {
    return { body: await this.#registry.metrics(), contentType: this.#registry.contentType };
  }
}
