import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { Json } from './gateway.js';

/** A span as the collector was sent it. */
export interface CollectedSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the root of a trace. */
  readonly parentSpanId: string;
  readonly traceState: string | undefined;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** 0: unset, 2: failed. */
  readonly status: number;
}

/** One export: where it went, with which headers and what text. */
export interface Export {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A collector for OTLP over HTTP in JSON, on a port of its own. */
export interface Collector {
  readonly url: string;
  readonly exports: readonly Export[];
  /** All spans so far, in no order. */
  spans(): CollectedSpan[];
  /** What the resource of the first export says. */
  resource(): Readonly<Record<string, string | number | boolean>>;
  close(): Promise<void>;
}

/** Starts one; `status` is what it answers. */
export async function startCollector(status = 200): Promise<Collector> {
  const exports: Export[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      exports.push({ path: request.url ?? '', headers: request.headers, body });
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const resources = (): Json[] => exports.flatMap(({ body }) => JSON.parse(body).resourceSpans);
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    exports,
    spans: () => resources().flatMap((resource) => resource.scopeSpans).flatMap((scope) => scope.spans).map(collected),
    resource: () => attributesOf(resources()[0].resource.attributes),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function collected({ name, kind, traceId, spanId, parentSpanId, traceState, attributes, status }: Json): CollectedSpan {
  return { name, kind, traceId, spanId, parentSpanId: parentSpanId ?? '', traceState, attributes: attributesOf(attributes), status: status.code ?? 0 };
}

function attributesOf(given: Json[]): Record<string, string | number | boolean> {
  return Object.fromEntries(given.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue]));
}
