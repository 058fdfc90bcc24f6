import { createHash } from 'node:crypto';
import type { Action } from '../auth/actions.js';
import type { EventPayload, OperationKind, RefChange, Subject } from '../domain/operation.js';
import { quotasOf } from '../domain/quotas.js';
import type { RepoRecord } from '../domain/repo.js';
import { EpochMoved, QuotaPassed, RepoChanged, type Transaction } from '../domain/ports/transaction.js';
import type { IdempotentCall } from '../domain/ports/storage.js';
import { isDiskFault, StorageBusy, StorageUnavailable } from '../domain/ports/errors.js';
import type { Problem } from '../domain/problem.js';
import * as problems from '../domain/problems.js';
import { IDEMPOTENCY_KEY, textViolation } from '../domain/text.js';
import { BudgetExceeded, GitDataError } from '../git/objects/errors.js';
import { canonicalJson } from '../shared/canonical-json.js';
import { failureType, type Span } from '../shared/tracing.js';
import type { LogPlace, Outcome } from './outcome.js';
import type { Request } from './request.js';
import type { WaitOutcome } from './waits.js';

/** What the log is told of an operation: everything of the row that the verb itself knows. */
export interface LogEntry {
  readonly refs: readonly RefChange[];
  readonly subject: Subject | null;
  readonly runId: string | null;
  readonly events: readonly EventPayload[];
  /** Why, where nobody asked for it: the rule that had it done. */
  readonly reason?: string;
}

/**
 * A verb's last word inside the transaction: a refusal (rolled back), a lost race (tried again; on a branch, in its queue), or what it did. `made`:
 * the repository where the verb has just made it; of others the limits are known from what was read.
 */
export type Applied<Receipt> =
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'moved'; readonly branchId: number | null }
  | { readonly kind: 'done'; readonly stream: number; readonly gcEpoch: number | null; readonly made?: RepoRecord; readonly record: LogEntry; receipt(place: LogPlace): Receipt };

/** A verb's decision after reading and computing: a refusal, an answer that needs no write, or a transaction to run. */
export type Decision<Receipt> =
  | { readonly kind: 'refuse'; readonly problem: Problem }
  | { readonly kind: 'answer'; readonly receipt: Receipt }
  | {
      readonly kind: 'write';
      /** Runs inside the transaction; reads nothing but through `tx`, holds no other lock. */
      apply(tx: Transaction): Promise<Applied<Receipt>>;
      /** Runs after the commit, before the answer: tells caches what is live now. Must not fail. */
      committed?(): void;
    };

/** A verb, told. `decide` is run again from the start when a branch moved underneath and the caller named no expected head. */
export interface Story<Input, Receipt> {
  readonly kind: OperationKind;
  readonly action: Action;
  /** What makes two calls the same, where the input holds a secret: a digest of that is kept, which must not help to guess it. The input when absent. */
  sameness?(request: Request, input: Input): unknown;
  decide(request: Request, input: Input): Promise<Decision<Receipt>>;
}

/** Inputs that may carry an idempotency key. */
interface Repeatable {
  readonly idempotencyKey?: string | null | undefined;
}

/** A verb, ready to be called by a resolver. Never rejects for anything expected: refusals, contention and outages are Problems. */
export type Operation<Input, Receipt> = (request: Request, input: Input) => Promise<Outcome<Receipt>>;

/** Tries of one call against moving branches; with the fair queue 250 rivals on one branch settle within 16. */
const MAX_TRIES = 24;

/** Verbs that are done on a full disk as well: a row or two, after which something can be removed, or somebody can do no more harm. */
const MAKE_ROOM: ReadonlySet<OperationKind> = new Set(['DELETE_BRANCH', 'DELETE_REPO', 'RETENTION', 'REVOKE_KEY', 'DELETE_WEBHOOK']);

/** What a refusal for contention advises, in milliseconds: about the time that one queue of 32 writers needs. */
const RETRY_AFTER_MS = 500;

/** A decision to refuse. */
export function refused(problem: Problem): { readonly kind: 'refuse'; readonly problem: Problem } {
  return { kind: 'refuse', problem };
}

/** Thrown inside the transaction to roll it back with a value in hand; never leaves this file. */
class RolledBack extends Error {
  override readonly name = 'RolledBack';
  constructor(readonly step: Step<never>) {
    super('rolled back');
  }
}

type Step<Receipt> =
  | { readonly kind: 'over'; readonly outcome: Outcome<Receipt>; readonly place: LogPlace | null }
  | { readonly kind: 'again'; readonly branchId: number | null };

/**
 * Gives a verb what every verb has: one transaction that holds the work, its log row and its idempotency row; another try when a
 * branch moved underneath; the bell after the commit; the latency as the client waited. The verb itself only decides and applies.
 */
export function defineOperation<Input extends Repeatable, Receipt>(story: Story<Input, Receipt>): Operation<Input, Receipt> {
  return (request, input) => request.gateway.tracing.span(`verb ${story.kind}`, { 'weir.operation.kind': story.kind }, (span) => tell(story, request, input, span));
}

async function tell<Input extends Repeatable, Receipt>(story: Story<Input, Receipt>, request: Request, input: Input, span: Span): Promise<Outcome<Receipt>> {
  const started = performance.now();
  const { storage, log, waits } = request.gateway;
  const ended = (how: WaitOutcome, place: LogPlace | null, problem: Problem | null): void => {
    waits.verb(story.kind, how, place, performance.now() - started);
    span.set({
      'weir.operation.outcome': how,
      ...(place === null ? {} : { 'weir.repo.id': place.stream, 'weir.operation.seq': place.seq }),
      ...(problem === null ? {} : { 'weir.problem.code': problem.code }),
    });
  };
  try {
    const step = await tellUntilSettled(story, request, input);
    if (step.kind === 'over' && step.place !== null) {
      request.reader.forget();
      storage.events.ring();
    }
    const place = step.kind === 'over' ? step.place : null;
    const outcome: Outcome<Receipt> = step.kind === 'over' ? step.outcome : { ok: false, problem: problems.busy(RETRY_AFTER_MS) };
    ended(outcome.ok ? (outcome.replayed ? 'repeated' : 'done') : 'refused', place, outcome.ok ? null : outcome.problem);
    return outcome;
  } catch (error) {
    const problem = problemOf(error);
    ended(problem === null ? 'failed' : 'refused', null, problem);
    span.fail(failureType(error));
    if (problem === null) throw error;
    log.warn({ requestId: request.requestId, kind: story.kind, error: String(error) }, 'operation refused by a fault below');
    return { ok: false, problem };
  }
}

async function tellUntilSettled<Input extends Repeatable, Receipt>(story: Story<Input, Receipt>, request: Request, input: Input): Promise<Step<Receipt>> {
  const call = idempotentCall(story, request, input);
  if (call !== null && 'code' in call) return over({ ok: false, problem: call });
  if (call !== null) {
    const known = await request.gateway.storage.replay(call);
    if (known.status !== 'NEW') return over(repeated(known));
  }
  let queueOn: number | null = null;
  const shortage = MAKE_ROOM.has(story.kind) ? null : request.gateway.disk.shortage();
  if (shortage !== null) return over({ ok: false, problem: problems.diskShort(shortage) });
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const attempt = async (isInTurn: boolean): Promise<Step<Receipt>> => {
      request.signal.throwIfAborted();
      return tellOnce(story, request, input, call, isInTurn);
    };
    const step: Step<Receipt> = queueOn === null ? await attempt(false) : await inTurn(request, queueOn, () => attempt(true));
    if (step.kind === 'over') return step.place === null && call !== null ? unlessDoneMeanwhile(request, call, step) : step;
    queueOn = step.branchId ?? queueOn;
  }
  return { kind: 'again', branchId: queueOn };
}

/**
 * Waits in the line of the branch, first behind those of this gateway, then, as the one of this gateway, behind those of others:
 * a writer that has lost its first try meets no rival in the next, and waits for as many as came before it, times the gateways.
 */
function inTurn<T>({ gateway: { queues, storage }, signal, aside }: Request, branchId: number, attempt: () => Promise<T>): Promise<T> {
  const back = aside?.();
  return queues.inLine(branchId, () => {
    back?.();
    return storage.turn(branchId, attempt, signal);
  });
}

/** A transaction takes some hundredths of a second; one that takes longer than this waits for a lock, or for a connection that such ones have. */
const LONG_TRANSACTION_MS = 1_000;

/** Those who ask for something else do not wait for what this one waits for. */
async function asideIfLong<T>({ aside }: Request, transaction: () => Promise<T>): Promise<T> {
  let back: (() => void) | undefined;
  const timer = setTimeout(() => (back = aside?.()), LONG_TRANSACTION_MS);
  try {
    return await transaction();
  } finally {
    clearTimeout(timer);
    back?.();
  }
}

/**
 * A duplicate may have committed after this call looked for an outcome and before it decided: what then stands in the way, or makes
 * the work needless, is the very thing that was asked for. An answer without a write is the last word only if no outcome is known by now.
 */
async function unlessDoneMeanwhile<Receipt>(request: Request, call: IdempotentCall, step: Step<Receipt>): Promise<Step<Receipt>> {
  const known = await request.gateway.storage.replay(call);
  return known.status === 'NEW' ? step : over(repeated(known));
}

/** One try; that the repository has no room for it is an answer, before the objects are written or under the lock of the log head. */
async function tellOnce<Input, Receipt>(story: Story<Input, Receipt>, request: Request, input: Input, call: IdempotentCall | null, isInTurn: boolean): Promise<Step<Receipt>> {
  try {
    return await decideAndApply(story, request, input, call, isInTurn);
  } catch (error) {
    if (error instanceof QuotaPassed) return over({ ok: false, problem: problems.quotaPassed(error.quota) });
    throw error;
  }
}

async function decideAndApply<Input, Receipt>(story: Story<Input, Receipt>, request: Request, input: Input, call: IdempotentCall | null, isInTurn: boolean): Promise<Step<Receipt>> {
  const { storage, faults, limits } = request.gateway;
  // Every try reads anew: what an earlier one saw may have moved.
  const reader = storage.reader(request.signal);
  const decision = await story.decide({ ...request, reader }, input);
  if (decision.kind === 'refuse') return over({ ok: false, problem: decision.problem });
  if (decision.kind === 'answer') return over({ ok: true, receipt: decision.receipt, replayed: false });
  faults?.at('operation.objects-durable');
  try {
    const transaction = async (tx: Transaction): Promise<Step<Receipt>> => {
      if (call !== null) {
        const claim = await storage.claim(tx, call);
        if (claim.status !== 'NEW') throw new RolledBack(over(repeated<never>(claim)));
        faults?.at('operation.claimed');
      }
      const applied = await decision.apply(tx);
      if (applied.kind === 'refused') throw new RolledBack(over({ ok: false, problem: applied.problem }));
      if (applied.kind === 'moved') throw new RolledBack({ kind: 'again', branchId: applied.branchId });
      faults?.at('operation.applied');
      const { key, actor } = request.viewer;
      const seen = reader.repoSeen(applied.stream);
      const repo = applied.made ?? seen;
      const quotas = repo === null ? {} : { quotas: quotasOf(limits, repo.settings.limits) };
      const place = await tx.append({ stream: applied.stream, kind: story.kind, actor, keyId: key.id, keyName: key.name, requestId: request.requestId, gcEpoch: applied.gcEpoch, repoVersion: seen?.version ?? null, ...quotas, ...applied.record });
      faults?.at('operation.appended');
      const receipt = applied.receipt(place);
      if (call !== null) await storage.settle(tx, call, receipt);
      faults?.at('operation.before-commit');
      return { kind: 'over', outcome: { ok: true, receipt, replayed: false }, place };
    };
    const step = await asideIfLong(request, () => storage.transaction(transaction, { inTurn: isInTurn, signal: request.signal }));
    decision.committed?.();
    faults?.at('operation.committed');
    return step;
  } catch (error) {
    if (error instanceof RolledBack) return error.step;
    if (error instanceof EpochMoved || error instanceof RepoChanged) return { kind: 'again', branchId: null };
    throw error;
  }
}

function over<Receipt>(outcome: Outcome<Receipt>): Step<Receipt> {
  return { kind: 'over', outcome, place: null };
}

function repeated<Receipt>(claim: { readonly status: 'REPLAY'; readonly receipt: unknown } | { readonly status: 'MISMATCH' }): Outcome<Receipt> {
  if (claim.status === 'MISMATCH') return { ok: false, problem: problems.idempotencyMismatch() };
  // The receipt was stored by this same operation: the digest in the row covers the kind and the input.
  return { ok: true, receipt: claim.receipt as Receipt, replayed: true };
}

function idempotentCall<Input extends Repeatable, Receipt>({ kind, sameness }: Story<Input, Receipt>, request: Request, input: Input): IdempotentCall | Problem | null {
  const { idempotencyKey, ...rest } = input;
  if (idempotencyKey === null || idempotencyKey === undefined) return null;
  const violation = textViolation(IDEMPOTENCY_KEY, idempotencyKey);
  if (violation !== null) return problems.invalidInput('idempotencyKey', violation);
  const digest = createHash('sha256').update(kind).update('\0').update(canonicalJson(sameness?.(request, input) ?? rest)).digest('hex');
  return { keyId: request.viewer.key.id, idempotencyKey, digest };
}

function problemOf(error: unknown): Problem | null {
  if (error instanceof BudgetExceeded) return problems.limitExceeded(error.budget, error.maximum, error.actual);
  if (error instanceof GitDataError && 'oid' in error && typeof error.oid === 'string') return problems.objectCorrupt(error.oid);
  if (isDiskFault(error)) return problems.unavailable();
  if (error instanceof StorageBusy) return problems.busy(RETRY_AFTER_MS);
  if (error instanceof StorageUnavailable) return problems.unavailable();
  return null;
}
