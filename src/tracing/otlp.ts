import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, defaultTextMapGetter, ROOT_CONTEXT, type Span as OtelSpan, SpanKind, SpanStatusCode, trace, TraceFlags, type Tracer } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOffSampler, AlwaysOnSampler, BatchSpanProcessor, ParentBasedSampler, type ReadableSpan, type Sampler, type SpanExporter, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { NO_TRACING, type Span, type SpanAttributes, type TraceHeaders, type Tracing } from '../shared/tracing.js';
import { VERSION } from '../shared/version.js';
import type { SamplerName, TracingSettings } from './settings.js';

/** Tracing with an end. */
export interface OpenTracing extends Tracing {
  /** Sends what is left, for {@link CLOSE_MS} at most, and ends. Never rejects. */
  close(): Promise<void>;
}

/** A collector that hangs must not keep a drained gateway alive. */
const CLOSE_MS = 3_000;
/** Between two complaints about a collector: an export is tried every 5 s. */
const COMPLAINT_MS = 60_000;

/**
 * Traces that are sent to `url` by OTLP over HTTP, as JSON, in batches, beside the requests: when the collector is slow or gone, spans are
 * dropped, requests notice nothing, and `report` gets a sentence about once a minute.
 */
export function openOtlp(url: string, settings: TracingSettings, report: (sentence: string) => void): OpenTracing {
  const exporter = new OTLPTraceExporter({ url, headers: { ...settings.headers }, timeoutMillis: settings.timeoutMs });
  const provider = new TracerProvider({
    sampler: samplerOf(settings.sampler, settings.samplerRatio),
    resource: resourceFromAttributes({ ...settings.resource, 'service.name': settings.serviceName, 'service.version': VERSION }),
    spanProcessors: [new BatchSpanProcessor({ exporter: complaining(exporter, report), exportTimeoutMillis: settings.timeoutMs })],
  });
  return new OtlpTracing(provider);
}

class OtlpTracing implements OpenTracing {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;
  readonly #propagator = new W3CTraceContextPropagator();
  readonly #current = new AsyncLocalStorage<Context>();
  #closing: Promise<void> | null = null;

  constructor(provider: TracerProvider) {
    this.#provider = provider;
    this.#tracer = provider.getTracer('weir', VERSION);
  }

  request<T>(name: string, attributes: SpanAttributes, { traceparent, tracestate }: TraceHeaders, work: (span: Span) => Promise<T>): Promise<T> {
    const carrier = { ...(traceparent === null ? {} : { traceparent }), ...(tracestate === null ? {} : { tracestate }) };
    return this.#within(this.#propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter), SpanKind.SERVER, name, attributes, work);
  }

  span<T>(name: string, attributes: SpanAttributes, work: (span: Span) => Promise<T>): Promise<T> {
    return this.#within(this.#current.getStore() ?? ROOT_CONTEXT, SpanKind.INTERNAL, name, attributes, work);
  }

  step<T>(name: string, attributes: SpanAttributes, work: (span: Span) => Promise<T>): Promise<T> {
    const parent = this.#current.getStore();
    return parent === undefined ? NO_TRACING.step(name, attributes, work) : this.#within(parent, SpanKind.INTERNAL, name, attributes, work);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#end());
  }

  async #within<T>(parent: Context, kind: SpanKind, name: string, attributes: SpanAttributes, work: (span: Span) => Promise<T>): Promise<T> {
    const span = this.#tracer.startSpan(name, { kind, attributes }, parent);
    try {
      return await this.#current.run(trace.setSpan(parent, span), work, new OpenSpan(span));
    } finally {
      span.end();
    }
  }

  async #end(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => { timer = setTimeout(resolve, CLOSE_MS); });
    // What could not be sent was reported by the exporter.
    await Promise.race([this.#provider.shutdown().catch(() => undefined), patience]);
    clearTimeout(timer);
  }
}

class OpenSpan implements Span {
  readonly #span: OtelSpan;

  constructor(span: OtelSpan) {
    this.#span = span;
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.#span.spanContext();
    return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED) === 0 ? '00' : '01'}`;
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes);
  }

  fail(type: string): void {
    this.#span.setAttributes({ 'error.type': type });
    this.#span.setStatus({ code: SpanStatusCode.ERROR });
  }
}

function samplerOf(name: SamplerName, ratio: number): Sampler {
  const [root, parentBased] = name.startsWith('parentbased_') ? [name.slice('parentbased_'.length), true] : [name, false];
  const sampler = root === 'always_on' ? new AlwaysOnSampler() : root === 'always_off' ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(ratio);
  return parentBased ? new ParentBasedSampler({ root: sampler }) : sampler;
}

/** The exporter, with a word to the operator where its failures would be silent. Only the class of a failure is told: its message may quote an answer. */
function complaining(exporter: SpanExporter, report: (sentence: string) => void): SpanExporter {
  let complainedAt = -Infinity;
  const told = ({ code, error }: ExportResult): void => {
    if (code === ExportResultCode.SUCCESS || performance.now() - complainedAt < COMPLAINT_MS) return;
    complainedAt = performance.now();
    report(`Traces could not be sent (${error?.name ?? 'unknown'}); they are dropped until the collector answers.`);
  };
  return {
    export(spans: ReadableSpan[], done: (result: ExportResult) => void) {
      exporter.export(spans, (result) => {
        told(result);
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
