import { ConnectionError, RequestError, type GraphQLFailure } from './errors.js';
import { Backoff, passing, type RetryOptions } from './retrying.js';

/** Where the gateway is and who asks. */
export interface ConnectionOptions {
  /** The gateway, such as `https://weir.example.com`; in a browser a path will do. */
  readonly url: string;
  /** An API key. */
  readonly key: string;
  /** Whom the key acts for; needs the scope ACT_AS. */
  readonly actor?: string;
  /** In the place of the global fetch. */
  readonly fetch?: typeof fetch;
  readonly retry?: RetryOptions;
}

/** What ends a call early. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFailure[];
}

/** Sends documents over HTTP (GraphQL over HTTP, draft of 2025). */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #endpoint: string;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#endpoint = `${options.url.replace(/\/+$/u, '').replace(/\/graphql$/u, '')}/graphql`;
  }

  get retry(): RetryOptions {
    return this.#options.retry ?? {};
  }

  /**
   * Runs a query or a mutation and answers its data. What may go better a moment later is tried again, a mutation only if its input
   * has an idempotency key. Rejects with RequestError, ConnectionError, or the reason of the signal.
   */
  async run(text: string, variables: object, { signal }: CallOptions = {}): Promise<unknown> {
    const backoff = new Backoff(this.retry);
    for (;;) {
      try {
        return await this.#once(text, variables, signal);
      } catch (error) {
        signal?.throwIfAborted();
        const askedMs = passing(error);
        if (askedMs === null || backoff.spent || !isRepeatable(text, variables)) throw error;
        await backoff.wait(askedMs, signal);
      }
    }
  }

  /** Sends one request. Rejects with ConnectionError when no answer came, or with the reason of the signal. */
  async send(text: string, variables: object, headers: Readonly<Record<string, string>>, signal: AbortSignal | undefined): Promise<Response> {
    const { key, actor, fetch: send = fetch } = this.#options;
    const acting: Record<string, string> = actor === undefined ? {} : { 'weir-actor': actor };
    try {
      return await send(this.#endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...acting, ...headers },
        body: JSON.stringify({ query: text, variables }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new ConnectionError('the gateway was not reached', { cause });
    }
  }

  async #once(text: string, variables: object, signal: AbortSignal | undefined): Promise<unknown> {
    const response = await this.send(text, variables, { accept: 'application/graphql-response+json, application/json;q=0.9' }, signal);
    const answer = await answerOf(response, signal);
    if (answer.errors !== undefined || answer.data === undefined) throw new RequestError(response.status, answer.errors ?? [], answer.data ?? null);
    return answer.data;
  }
}

/** What a response holds. Rejects with ConnectionError when it breaks off, and with RequestError when it is not GraphQL's, as that of a proxy. */
export async function answerOf(response: Response, signal: AbortSignal | undefined): Promise<Answer> {
  let text: string;
  try {
    text = await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new ConnectionError('the answer of the gateway broke off', { cause });
  }
  const answer = parsed(text);
  if (answer === null) throw new RequestError(response.status, [], null);
  return answer;
}

function parsed(text: string): Answer | null {
  try {
    const value: Answer | null = JSON.parse(text);
    return typeof value === 'object' && value !== null && ('data' in value || 'errors' in value) ? value : null;
  } catch {
    return null;
  }
}

function isRepeatable(text: string, variables: object): boolean {
  if (!/(?:^|[\s}])mutation\b/u.test(text)) return true;
  const input: unknown = 'input' in variables ? variables.input : null;
  return typeof input === 'object' && input !== null && 'idempotencyKey' in input && typeof input.idempotencyKey === 'string';
}
