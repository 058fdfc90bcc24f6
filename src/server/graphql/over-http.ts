import { GraphQLError } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import type { Viewer } from '../../auth/viewer.js';
import type { Log } from '../../operations/gateway.js';
import type { Exchange } from '../http/exchange.js';
import type { Documents } from './documents.js';
import { maskError } from './mask-errors.js';
import { eventStream } from './over-sse.js';
import { type BodyLimits, readParams } from './params.js';
import type { Results } from './results.js';
import type { Caller, Runner } from './run.js';

/** What stands beside Yoga's own context: who asks. `request` is the HTTP request, not the one of operations. */
interface Carried {
  readonly caller: Caller;
  /** Null where it was too long to be taken. */
  readonly body: Buffer | null;
  /** What the request has subscribed to: as it was made, before Yoga wraps it. */
  readonly subscribed: { results: Results | null };
}

/** Answers `/graphql` for a viewer: JSON results, and subscriptions as server-sent events. */
export type GraphqlOverHttp = (exchange: Exchange, body: Buffer | null, viewer: Viewer, aside: () => () => void) => Promise<Response>;

/**
 * GraphQL over HTTP by Yoga: it negotiates and encodes all but streams of results. Its own parsers, caches, limits, CORS
 * and playground are off; what a request may be is said here.
 */
export function graphqlOverHttp({ documents, runner, log, limits }: { readonly documents: Documents; readonly runner: Runner; readonly log: Log; readonly limits: BodyLimits }): GraphqlOverHttp {
  const plugin: Plugin<Carried, Carried> = {
    onRequestParse({ setRequestParser, serverContext: { body } }) {
      // Yoga's own method check comes later and answers what is neither GET nor POST.
      setRequestParser((request) => readParams(request, body, limits));
    },
    onParse({ setParseFn }) {
      setParseFn((source: string) => documents.parse(source));
    },
    onValidate({ setValidationFn }) {
      setValidationFn((_schema, document) => documents.validate(document));
    },
    onExecute({ setExecuteFn, args }) {
      setExecuteFn(() => runner.execute(args, args.contextValue.caller));
    },
    onSubscribe({ setSubscribeFn, args }) {
      // Begun first and then found to have no reader, it would hold its place for ever.
      setSubscribeFn(async () => {
        const { request, caller, subscribed } = args.contextValue;
        if (!acceptsStream(request)) return { errors: [notAcceptable()] };
        const results = await runner.subscribe(args, caller);
        if (Symbol.asyncIterator in results) subscribed.results = results;
        return results;
      });
    },
    onResultProcess({ serverContext, setResultProcessor }) {
      const { results } = serverContext.subscribed;
      if (results !== null) setResultProcessor(() => eventStream(results), 'text/event-stream');
    },
  };
  const yoga = createYoga<Carried>({
    schema: documents.schema,
    graphqlEndpoint: '/graphql',
    plugins: [plugin],
    maskedErrors: { errorMessage: '', maskError: (error) => maskError(error, log) },
    graphiql: false, landingPage: false, cors: false, multipart: false, batching: false, logging: false,
    parserAndValidationCache: false, maxRequestBodySize: false,
  });
  return async ({ request, requestId, gone, notes }, body, viewer, aside) => yoga.fetch(request, { body, caller: { viewer, requestId, gone, notes, aside, resumeAfter: request.headers.get('last-event-id') || null }, subscribed: { results: null } });
}

function acceptsStream({ headers }: { readonly headers: { get(name: string): string | null } }): boolean {
  return /text\/(?:event-stream|\*)|\*\/\*/u.test(headers.get('accept') ?? '*/*');
}

function notAcceptable(): GraphQLError {
  return new GraphQLError('A subscription is answered as text/event-stream: accept that, or use a WebSocket.', { extensions: { code: 'INVALID_ARGUMENT', http: { status: 406 } } });
}
