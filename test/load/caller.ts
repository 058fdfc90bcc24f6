import { Agent, request } from 'node:http';
import type { Json } from '../support/gateway.js';

/** How a call ended. BUSY: refused for the load, with the time to come back; LATE: no answer within {@link LATE_MS}; FAILED: anything else. */
export type Ending = 'GOOD' | 'BUSY' | 'LATE' | 'FAILED';

/** One call, as the client saw it. */
export interface Called {
  readonly ending: Ending;
  /** From when it was sent to when it was answered, in milliseconds. */
  readonly ms: number;
  /** The field `done` of the answer; null unless it was good. */
  readonly done: Json;
  /** Of BUSY: when to come back, in milliseconds; NaN where the refusal did not say. */
  readonly retryAfterMs: number;
  /** Of FAILED: what the gateway said. */
  readonly said: string | null;
}

/** An answer after this is of no use to an agent any more, in milliseconds. */
export const LATE_MS = 5_000;

interface Raw {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** Sends documents to gateways by turns, as many at once as there are: no call waits for a connection. */
export class Caller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: 512 });
  readonly #urls: readonly string[];
  readonly #key: string;
  #turn = 0;

  constructor(urls: readonly string[], key: string) {
    this.#urls = urls;
    this.#key = key;
  }

  /** Runs a document whose one root field is `done`, or a mutation whose result is one; never rejects. */
  async call(query: string, variables: object): Promise<Called> {
    const started = performance.now();
    const over = (ending: Ending, { done = null, retryAfterMs = Number.NaN, said = null }: Partial<Called> = {}): Called => ({ ending, ms: performance.now() - started, done, retryAfterMs, said });
    try {
      const { status, retryAfter, text } = await this.#post(JSON.stringify({ query, variables }));
      const body: Json = JSON.parse(text);
      const refusal = refusalOf(status, body);
      if (refusal !== null) return over('BUSY', { retryAfterMs: status === 503 && retryAfter === undefined ? Number.NaN : refusal });
      const done = body?.data?.done ?? null;
      if (status !== 200 || done === null || typeof done.code === 'string') return over('FAILED', { said: shortly(body) });
      return over('GOOD', { done });
    } catch (error) {
      return error instanceof TooLate ? over('LATE') : over('FAILED', { said: String(error) });
    }
  }

  /** Closes the connections. */
  close(): void {
    this.#agent.destroy();
  }

  #post(body: string): Promise<Raw> {
    const url = this.#urls[this.#turn++ % this.#urls.length] ?? '';
    return new Promise((resolve, reject) => {
      const sent = request(`${url}/graphql`, { method: 'POST', agent: this.#agent, headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text: Buffer.concat(chunks).toString('utf8') });
        });
      });
      const timer = setTimeout(() => sent.destroy(new TooLate()), LATE_MS);
      sent.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      sent.end(body);
    });
  }
}

class TooLate extends Error {
  override readonly name = 'TooLate';
  constructor() {
    super('no answer came in time');
  }
}

/** The wait that a refusal for the load names; NaN where it names none; null for other answers. */
function refusalOf(status: number, body: Json): number | null {
  const extensions = body?.errors?.[0]?.extensions;
  if (status === 429 || extensions?.code === 'BUSY') return typeof extensions?.retryAfterMs === 'number' ? extensions.retryAfterMs : Number.NaN;
  const done = body?.data?.done;
  return done?.code === 'BUSY' ? (done.retryAfterMs ?? Number.NaN) : null;
}

function shortly(body: Json): string {
  const [error] = body?.errors ?? [];
  const { code = 'NOTHING', message = '' } = error === undefined ? (body?.data?.done ?? {}) : { code: error.extensions?.code, message: error.message };
  return `${code}: ${message}`.slice(0, 120);
}
