/** How the share of traces that are kept is found; the names are those of the OpenTelemetry specification. */
export type SamplerName = 'always_on' | 'always_off' | 'traceidratio' | 'parentbased_always_on' | 'parentbased_always_off' | 'parentbased_traceidratio';

/** What tracing needs of a configuration; the gateway's is one. */
export interface TracingSettings {
  /** Of all signals: traces go to `v1/traces` below it. */
  readonly endpoint: string | undefined;
  /** Of traces alone, whole; counts before {@link endpoint}. */
  readonly tracesEndpoint: string | undefined;
  /** Sent with every export. Secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** Longest export, tries included, in milliseconds. */
  readonly timeoutMs: number;
  readonly serviceName: string;
  /** Of the resource, beside the service's name and version. */
  readonly resource: Readonly<Record<string, string>>;
  readonly sampler: SamplerName;
  /** Share of traces that the samplers with `ratio` keep, from 0 to 1. */
  readonly samplerRatio: number;
  /** Turns tracing off whatever else is set. */
  readonly disabled: boolean;
}

/** Where traces are sent (OTLP exporter specification, “Endpoint URLs for OTLP/HTTP”); null when nothing is traced. */
export function tracesUrl({ endpoint, tracesEndpoint, disabled }: TracingSettings): string | null {
  if (disabled) return null;
  return tracesEndpoint ?? (endpoint === undefined ? null : `${endpoint.replace(/\/$/u, '')}/v1/traces`);
}
