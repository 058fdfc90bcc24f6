import { DEFAULT_LIMITS } from '../../src/domain/limits.js';
import { DEFAULT_REPO_SETTINGS } from '../../src/domain/repo-settings.js';
import type { Reader } from '../../src/domain/ports/reader.js';
import type { IdempotencyClaim, IdempotentCall, Storage } from '../../src/domain/ports/storage.js';
import type { NewOperation, Transaction } from '../../src/domain/ports/transaction.js';
import { Waits } from '../../src/operations/waits.js';
import { BranchQueues } from '../../src/operations/branch-queues.js';
import type { FaultPoints, Gateway } from '../../src/operations/gateway.js';
import type { Request } from '../../src/operations/request.js';
import { NO_TRACING } from '../../src/shared/tracing.js';

/** What a fake storage has been told, in the order it was told it. */
export interface Told {
  readonly steps: string[];
  readonly rows: NewOperation[];
  readonly latencies: { readonly kind: string; readonly repoId: number | null; readonly seq: number | null }[];
  readonly warnings: Readonly<Record<string, unknown>>[];
}

/** Ways to make a fake storage fail; each is asked when its step comes, and throws or does nothing. */
export interface Failures {
  readonly begin?: () => void;
  readonly append?: () => void;
  readonly commit?: () => void;
}

/**
 * A storage that keeps rows of the log and outcomes of idempotent calls in memory and nothing else: for what every verb has in
 * common. A transaction that throws leaves nothing of what it told. Whatever else is asked of it fails the test.
 */
export class FakeStorage {
  readonly told: Told = { steps: [], rows: [], latencies: [], warnings: [] };
  readonly #outcomes = new Map<string, { readonly digest: string; readonly receipt: unknown }>();
  readonly #failures: Failures;
  #last: Promise<unknown> = Promise.resolve();

  constructor(failures: Failures = {}) {
    this.#failures = failures;
  }

  readonly events = { ring: (): void => void this.told.steps.push('ring') };

  /** The version in which its readers see every repository. */
  repoVersion: number | null = null;

  reader(): Pick<Reader, 'forget' | 'repoSeen'> {
    this.told.steps.push('reader');
    const { repoVersion } = this;
    return { forget: () => undefined, repoSeen: () => (repoVersion === null ? null : { version: repoVersion, settings: DEFAULT_REPO_SETTINGS }) };
  }

  /** One at a time, as the primary key of an idempotent call makes its duplicates wait. */
  async transaction<T>(work: (tx: Pick<Transaction, 'append'>) => Promise<T>): Promise<T> {
    const mine = this.#last.then(() => this.#transact(work));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #transact<T>(work: (tx: Pick<Transaction, 'append'>) => Promise<T>): Promise<T> {
    this.told.steps.push('begin');
    this.#failures.begin?.();
    const rows: NewOperation[] = [];
    const settled = new Map(this.#outcomes);
    try {
      const answer = await work({
        append: async (row) => {
          this.#failures.append?.();
          rows.push(row);
          return { stream: row.stream, seq: this.told.rows.length + rows.length };
        },
      });
      this.#failures.commit?.();
      this.told.rows.push(...rows);
      this.told.steps.push('commit');
      return answer;
    } catch (error) {
      this.#outcomes.clear();
      for (const [key, outcome] of settled) this.#outcomes.set(key, outcome);
      this.told.steps.push('rollback');
      throw error;
    }
  }

  async replay(call: IdempotentCall): Promise<IdempotencyClaim> {
    this.told.steps.push('replay');
    return this.#known(call);
  }

  async claim(_tx: unknown, call: IdempotentCall): Promise<IdempotencyClaim> {
    this.told.steps.push('claim');
    return this.#known(call);
  }

  async settle(_tx: unknown, call: IdempotentCall, receipt: unknown): Promise<void> {
    this.told.steps.push('settle');
    this.#outcomes.set(`${call.keyId} ${call.idempotencyKey}`, { digest: call.digest, receipt });
  }

  recordLatency(kind: string, repoId: number | null, _milliseconds: number, seq: number | null): void {
    this.told.latencies.push({ kind, repoId, seq });
  }

  #known(call: IdempotentCall): IdempotencyClaim {
    const row = this.#outcomes.get(`${call.keyId} ${call.idempotencyKey}`);
    if (row === undefined) return { status: 'NEW' };
    return row.digest === call.digest ? { status: 'REPLAY', receipt: row.receipt } : { status: 'MISMATCH' };
  }
}

/** Stands in for all that a fake does not have: any use of it fails the test with the name of what was used. */
function absent<T extends object>(what: string, present: Partial<T>): T {
  const get = (_: object, name: string | symbol): unknown => {
    if (name in present) return Reflect.get(present, name, present);
    throw new TypeError(`${what}.${String(name)} is not part of this fake`);
  };
  // The proxy answers for the whole interface: what is missing throws when it is used.
  return new Proxy(present, { get }) as T;
}

/** A request to a gateway over a fake storage. */
export function requestTo(storage: FakeStorage, options: { readonly faults?: FaultPoints; readonly signal?: AbortSignal; readonly keyId?: string } = {}): Request {
  const reader = absent<Reader>('reader', { forget: () => void storage.told.steps.push('forget') });
  const bound = absent<Storage>('storage', {
    events: absent<Storage['events']>('events', storage.events),
    reader: () => absent<Reader>('reader', storage.reader()),
    transaction: (work) => storage.transaction((tx) => work(absent<Transaction>('tx', tx))),
    turn: (_branchId, work) => work(),
    replay: (call) => storage.replay(call),
    claim: (tx, call) => storage.claim(tx, call),
    settle: (tx, call, receipt) => storage.settle(tx, call, receipt),
    recordLatency: (...measured) => storage.recordLatency(...measured),
  });
  const warn = (fields: Readonly<Record<string, unknown>>): void => void storage.told.warnings.push(fields);
  const gateway = absent<Gateway>('gateway', {
    storage: bound,
    limits: DEFAULT_LIMITS,
    queues: new BranchQueues(),
    waits: new Waits(bound),
    tracing: NO_TRACING,
    disk: { freeBytes: Number.NaN, shortage: () => null },
    faults: options.faults ?? null,
    log: { info: () => undefined, warn, error: () => undefined },
  });
  const key = {
    id: options.keyId ?? 'key000000001', name: 'tests', hash: '', scopes: [], repos: [], branches: [], readBranches: [], paths: [], actor: 'ada', actAs: [], labels: [],
    createdAt: new Date(0), createdBy: 'tests', expiresAt: null, revokedAt: null, lastUsedAt: null, previousHash: null, previousUntil: null, lineage: [],
  };
  return { gateway, reader, requestId: 'request-1', signal: options.signal ?? new AbortController().signal, viewer: { actor: 'ada', onBehalfOf: null, key } };
}
