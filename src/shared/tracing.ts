/** What is said of a span: ids, counts, names of the schema and of the code. Never a key's value, a variable, a prompt, a path or a message of an error. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work that is under way. */
export interface Span {
  /** Its place in its trace as `traceparent` says it (W3C Trace Context, 3.2); null where nothing is traced. */
  readonly traceparent: string | null;
  /** Adds what is known by now. */
  set(attributes: SpanAttributes): void;
  /** Marks the work as failed. `type` is a code or the name of an error class, never its message. */
  fail(type: string): void;
}

/** Where the caller of a request says that it stands: the two headers as they came, valid or not; null when absent. */
export interface TraceHeaders {
  readonly traceparent: string | null;
  readonly tracestate: string | null;
}

/**
 * Traces of what requests are made of. Each method runs `work` once and answers, or rejects with, what it does; the span ends with it. A
 * rejection alone marks nothing: whether it is a failure or a lost race, only the caller knows, and says so by {@link Span.fail}.
 */
export interface Tracing {
  /** A request from outside: the root of a trace, or a child of where the caller stands. */
  request<T>(name: string, attributes: SpanAttributes, caller: TraceHeaders, work: (span: Span) => Promise<T>): Promise<T>;
  /** Work within what is under way; begins a trace where nothing is, as in the background. */
  span<T>(name: string, attributes: SpanAttributes, work: (span: Span) => Promise<T>): Promise<T>;
  /** As {@link span}, but only within a trace: what nobody asked for, such as upkeep, leaves none. */
  step<T>(name: string, attributes: SpanAttributes, work: (span: Span) => Promise<T>): Promise<T>;
}

const NO_SPAN: Span = Object.freeze({ traceparent: null, set: () => undefined, fail: () => undefined });

/** Traces nothing and costs one call. */
export const NO_TRACING: Tracing = Object.freeze<Tracing>({
  request: (_name, _attributes, _caller, work) => work(NO_SPAN),
  span: (_name, _attributes, work) => work(NO_SPAN),
  step: (_name, _attributes, work) => work(NO_SPAN),
});

/** What {@link Span.fail} is told of something thrown: the name of its class. */
export function failureType(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

/**
 * The id of the trace in a `traceparent`: 32 hexadecimal digits in lower case; null for absent or malformed ones. Versions after 00 may have
 * more behind the flags, which is left unread (W3C Trace Context, 3.2.2 and 4.3).
 */
export function traceIdOf(traceparent: string | null): string | null {
  const [, version, traceId, rest] = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/u.exec(traceparent ?? '') ?? [];
  return traceId === undefined || (version === '00' && rest !== undefined) ? null : traceId;
}
