import type { IncomingMessage, ServerResponse } from 'node:http';
import { pino } from 'pino';
import { openApp } from '../app.js';
import type { Config } from '../config.js';
import type { HttpEdge } from './listen.js';
import type { Served } from './serve.js';

/** Opens the gateway for `weir serve`. Its log goes to standard error, so that standard output holds the address and the first key only. */
export async function openServed(config: Config): Promise<Served> {
  const log = pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: true }));
  const app = await openApp(config, { log });
  return { edge: LIVENESS, firstAdminKey: () => app.firstAdminKey(), close: () => app.close() };
}

/** Says that the process lives, and nothing else. */
const LIVENESS: HttpEdge = {
  handle(request: IncomingMessage, response: ServerResponse) {
    const live = request.method === 'GET' && request.url === '/health/live';
    response.writeHead(live ? 200 : 404, { 'content-type': 'text/plain; charset=utf-8' }).end(live ? 'live\n' : 'not found\n');
  },
  upgrade(_request, socket) {
    socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
  },
  endSubscriptions: () => Promise.resolve(),
};
