import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import type { Json } from './gateway.js';

/** One request that a receiver was sent. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Json;
}

/** What a receiver does with a request; unless it ends the response, the sender waits. */
export type Answering = (received: Received, response: ServerResponse, count: number) => void;

/** A real receiver on a port of its own. */
export interface Receiver {
  readonly url: string;
  readonly port: number;
  /** All requests so far, in the order in which they had arrived. */
  readonly received: readonly Received[];
  /** From now on it answers like this. */
  answer(answering: Answering): void;
  /** Ids of the messages, in order of arrival, repeats included. */
  ids(): string[];
  /** Throws for a request that the reference implementation of Standard Webhooks would refuse. */
  verify(secret: string, received: Received): void;
  close(): Promise<void>;
}

/** Takes every message. */
export const TAKES: Answering = (_received, response) => void response.writeHead(204).end();

/** Answers with this status. */
export function answers(status: number, headers: Readonly<Record<string, string>> = {}): Answering {
  return (_received, response) => void response.writeHead(status, headers).end('never shown');
}

/** Starts one that takes everything. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let answering = TAKES;
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const one = { headers: request.headers, text, body: JSON.parse(text) };
      received.push(one);
      answering(one, response, received.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    port,
    received,
    answer(next) {
      answering = next;
    },
    ids: () => received.map(({ headers }) => String(headers['webhook-id'])),
    verify: (secret, { headers, text }) => void new Webhook(secret).verify(text, Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
