import { setMaxListeners } from 'node:events';
import { createSourceEventStream, getOperationAST, GraphQLError, Kind, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';
import type { Context } from '../../../schema/context.js';
import type { Viewer } from '../../auth/viewer.js';
import type { Gateway } from '../../operations/gateway.js';
import { tellDiffs } from '../../operations/reading/comparing/diffs-read.js';
import { QueryError } from '../../operations/reading/query-error.js';
import type { Request } from '../../operations/request.js';
import { type Span, traceIdOf } from '../../shared/tracing.js';
import type { TokenBuckets } from '../access/token-buckets.js';
import type { Metrics } from '../status/metrics.js';
import type { AccessLog, RequestNotes } from '../http/access-log.js';
import { Audiences } from './audiences.js';
import { COERCION, QueryExecutor } from './execution/query-executor.js';
import { maskError } from './mask-errors.js';
import type { Operation } from './operation.js';
import { openResults, type Results } from './results.js';
import type { Subscriptions } from './subscriptions.js';

/** Who runs an operation. */
export interface Caller {
  readonly viewer: Viewer;
  readonly requestId: string;
  /** Aborted when nobody waits for the result any more. */
  readonly gone: AbortSignal;
  /** Of the request that carries the operation; without them the operation is a line in the log of its own. */
  readonly notes?: RequestNotes;
  /** As {@link Request.aside}. */
  readonly aside?: () => () => void;
  /** The last cursor that a client says has arrived when it comes again; of subscriptions only. */
  readonly resumeAfter?: string | null;
}

/** What running operations needs. */
export interface RunnerOptions {
  readonly schema: GraphQLSchema;
  readonly gateway: Gateway;
  readonly subscriptions: Subscriptions;
  /** Counts the mutations of each key, by its id. */
  readonly mutations: TokenBuckets;
  readonly metrics: Metrics;
  readonly access: AccessLog;
  /** Whether errors suggest names of the schema. */
  readonly introspection: boolean;
}

/** Root fields of an operation that its line in the log names. */
const NAMED_FIELDS = 10;

/** An operation that is under way, as far as metrics, log and traces know it. */
interface Running {
  readonly span: Span;
  readonly type: string;
  /** Its root field, or `several`. */
  readonly field: string;
  /** Its root fields, {@link NAMED_FIELDS} at most. */
  readonly named: string;
  readonly started: number;
}

/** Runs operations, whatever they travelled over: context, deadline, masked errors, places of subscriptions, latency. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #audiences: Audiences;
  readonly #executor: QueryExecutor;

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { schema, gateway, introspection } = options;
    this.#audiences = new Audiences({ schema, gateway, introspection, mask: (result, requestId) => this.#masked(result, requestId) });
    this.#executor = new QueryExecutor(schema);
  }

  /** Runs a query or a mutation. Answers TIMEOUT when its time is up; what it was doing is told to stop and may still have an effect. */
  execute(operation: Operation, caller: Caller): Promise<ExecutionResult> {
    return this.#traced(operation, (running) => this.#execute(operation, caller, running));
  }

  /** Begins a subscription: its results, or one result that says why there are none. */
  subscribe(operation: Operation, caller: Caller): Promise<ExecutionResult | Results> {
    return this.#traced(operation, (running) => this.#subscribe(operation, caller, running));
  }

  /** Works within a span of the operation; that of a subscription ends once it has begun. */
  #traced<T>(operation: Operation, work: (running: Running) => Promise<T>): Promise<T> {
    const { type, fields } = rootsOf(operation, this.#options.schema);
    const [only = 'none', ...others] = fields;
    const field = others.length === 0 ? only : 'several';
    const named = fields.slice(0, NAMED_FIELDS).join(' ');
    const attributes = { 'graphql.operation.type': type, 'weir.graphql.fields': named };
    return this.#options.gateway.tracing.span(`${type} ${field}`, attributes, (span) => work({ span, type, field, named, started: performance.now() }));
  }

  async #execute(operation: Operation, caller: Caller, running: Running): Promise<ExecutionResult> {
    const { gateway, introspection } = this.#options;
    const { limits } = gateway;
    const mutation = getOperationAST(operation.document, operation.operationName)?.operation === 'mutation';
    const waiting = mutation ? this.#options.mutations.take(caller.viewer.key.id) : 0;
    if (waiting > 0) return this.#finished(running, caller, { errors: [tooManyMutations(waiting)] });
    const deadline = openDeadline(caller.gone, mutation ? limits.mutationTimeoutMs : limits.queryTimeoutMs, mutation);
    const context = this.#context(caller, deadline.signal);
    try {
      const result = await Promise.race([
        this.#executor.execute({ ...input(operation), contextValue: context, hideSuggestions: !introspection }),
        deadline.passed.then((error): ExecutionResult => ({ errors: [maskError(error, gateway.log, caller.requestId)] })),
      ]);
      return this.#finished(running, caller, result);
    } finally {
      tellDiffs(context.request, performance.now() - running.started);
      deadline.clear();
    }
  }

  async #subscribe(operation: Operation, caller: Caller, running: Running): Promise<ExecutionResult | Results> {
    const { schema, subscriptions, introspection } = this.#options;
    const place = subscriptions.open(caller.viewer.key);
    if (typeof place === 'string') return this.#finished(running, caller, { errors: [noPlace(place)] });
    const ended = new AbortController();
    setMaxListeners(0, ended.signal);
    const end = (): void => ended.abort(new QueryError('TIMEOUT', 'The subscription has ended.'));
    for (const signal of [caller.gone, place.signal]) {
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    }
    const release = (): void => {
      caller.gone.removeEventListener('abort', end);
      place.release();
    };
    const context: Context = { ...this.#context(caller, ended.signal), resumeAfter: caller.resumeAfter ?? null };
    const source = await createSourceEventStream({ schema, ...input(operation), contextValue: context, hideSuggestions: !introspection, options: COERCION });
    if (!(Symbol.asyncIterator in source)) {
      release();
      return this.#finished(running, caller, source);
    }
    this.#finished(running, caller, {});
    const seat = this.#audiences.join(operation, caller.viewer, caller.requestId);
    const leave = (): void => {
      seat.leave();
      release();
    };
    return openResults({ source: source[Symbol.asyncIterator](), tell: seat.tell, context, mask: (result) => this.#masked(result, caller.requestId), gone: caller.gone, ended: place.signal, end, release: leave });
  }

  #context({ viewer, requestId, aside }: Caller, signal: AbortSignal): Context {
    const { gateway } = this.#options;
    const request: Request = { gateway, viewer, reader: gateway.storage.reader(signal), requestId, signal, ...(aside === undefined ? {} : { aside }) };
    return { request };
  }

  #masked(result: ExecutionResult, requestId: string): ExecutionResult {
    const { log } = this.#options.gateway;
    return result.errors === undefined ? result : { ...result, errors: result.errors.map((error) => maskError(error, log, requestId)) };
  }

  #finished({ span, type, field, named, started }: Running, caller: Caller, result: ExecutionResult): ExecutionResult {
    const milliseconds = performance.now() - started;
    this.#options.metrics.operation(type, field, result.errors === undefined ? 'ok' : 'error', milliseconds / 1000);
    const name = `${type} ${named}`;
    if (caller.notes === undefined) this.#options.access.answered({ requestId: caller.requestId, method: type, route: 'websocket', status: 200, milliseconds, bytes: null }, { keyId: caller.viewer.key.id, operations: [name], traceId: traceIdOf(span.traceparent) });
    else caller.notes.operations.push(name);
    const masked = this.#masked(result, caller.requestId);
    const [error] = masked.errors ?? [];
    if (error !== undefined) span.fail(String(error.extensions['code'] ?? 'INTERNAL'));
    return masked;
  }
}

function input({ document, operationName, variableValues }: Operation): { document: DocumentNode; operationName: string | null; variableValues: { readonly [name: string]: unknown } | null } {
  return { document, operationName: operationName ?? null, variableValues: variableValues ?? null };
}

function tooManyMutations(seconds: number): GraphQLError {
  return new GraphQLError(`This key has used up its mutations of this minute. Come back in ${seconds} s.`, { extensions: { code: 'RATE_LIMITED', http: { status: 429, spec: false, headers: { 'retry-after': String(seconds) } } } });
}

function noPlace(reason: 'FULL' | 'ENDING'): GraphQLError {
  return reason === 'FULL'
    ? new GraphQLError('This key has as many open subscriptions as it may have.', { extensions: { code: 'RATE_LIMITED', http: { status: 429, headers: { 'retry-after': '10' } } } })
    : new GraphQLError('The server is stopping; subscribe again in a moment.', { extensions: { code: 'UNAVAILABLE', http: { status: 503, headers: { 'retry-after': '1' } } } });
}

/** The operation's root fields, as far as the schema has them: labels need a closed set of values, and the log wants no text of clients. */
function rootsOf({ document, operationName }: Operation, schema: GraphQLSchema): { readonly type: string; readonly fields: readonly string[] } {
  const operation = getOperationAST(document, operationName);
  if (operation === null || operation === undefined) return { type: 'none', fields: ['none'] };
  const known = schema.getRootType(operation.operation)?.getFields() ?? {};
  const fields = operation.selectionSet.selections.map((selection) => {
    if (selection.kind !== Kind.FIELD) return 'several';
    const { value } = selection.name;
    return Object.hasOwn(known, value) || value === '__schema' || value === '__typename' ? value : 'several';
  });
  return { type: operation.operation, fields: [...new Set(fields)] };
}

interface Deadline {
  readonly signal: AbortSignal;
  /** Resolves, never rejects, when the time is up. */
  readonly passed: Promise<QueryError>;
  clear(): void;
}

function openDeadline(gone: AbortSignal, milliseconds: number, mutation: boolean): Deadline {
  const controller = new AbortController();
  // Each statement that is under way listens for it.
  setMaxListeners(0, controller.signal);
  const giveUp = (): void => controller.abort(new QueryError('TIMEOUT', 'The client has gone.'));
  if (gone.aborted) giveUp();
  else gone.addEventListener('abort', giveUp, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<QueryError>((resolve) => {
    timer = setTimeout(() => {
      const advice = mutation ? ' It may still have an effect: repeat it with the same idempotencyKey to learn its outcome.' : ' Ask for less at a time.';
      const error = new QueryError('TIMEOUT', `The ${mutation ? 'mutation' : 'query'} took longer than ${milliseconds / 1000} s.${advice}`);
      controller.abort(error);
      resolve(error);
    }, milliseconds);
  });
  return {
    signal: controller.signal,
    passed,
    clear() {
      clearTimeout(timer);
      gone.removeEventListener('abort', giveUp);
    },
  };
}
