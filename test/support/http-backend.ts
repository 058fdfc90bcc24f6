import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Repositories of a directory, served as anybody would serve them: git's own CGI program behind a plain server. */
export interface HttpBackend {
  /** `http://127.0.0.1:port`; repositories stand below it by their names. */
  readonly url: string;
  /** Every address that was asked for, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** How it is served. */
export interface HttpBackendOptions {
  /** Answers requests instead, where it answers true. */
  readonly instead?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Waited for before a request is answered. */
  readonly before?: (request: IncomingMessage) => Promise<void>;
}

/** Serves `directory` by `git http-backend` on a port of the system's choice. */
export async function serveHttpBackend(directory: string, { instead, before }: HttpBackendOptions = {}): Promise<HttpBackend> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (instead?.(request, response) === true) return;
    if (before === undefined) runBackend(directory, request, response);
    else void before(request).then(() => response.destroyed || runBackend(directory, request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    asked,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('the server has no port');
  return address.port;
}

/** One request as RFC 3875 has it: the program reads the body, and writes headers, an empty line and the body of the answer. */
function runBackend(directory: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://backend.test');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin', GIT_PROJECT_ROOT: directory, GIT_HTTP_EXPORT_ALL: '1', REQUEST_METHOD: request.method ?? 'GET', SERVER_PROTOCOL: `HTTP/${request.httpVersion}`, PATH_INFO: pathname,
      QUERY_STRING: search.slice(1), CONTENT_TYPE: header(request, 'content-type'), HTTP_CONTENT_ENCODING: header(request, 'content-encoding'), GIT_PROTOCOL: header(request, 'git-protocol'),
      GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*', HOME: directory,
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  response.once('close', () => child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined);
  request.pipe(child.stdin);
  let head = Buffer.alloc(0);
  const onHead = (chunk: Buffer): void => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    child.stdout.off('data', onHead);
    const headers = head.subarray(0, end).toString('latin1').split('\r\n').map((line) => line.split(': '));
    const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200';
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers.filter(([name]) => name !== 'Status').map(([name = '', value = '']) => [name, value])));
    response.write(head.subarray(end + 4));
    child.stdout.pipe(response);
  };
  child.stdout.on('data', onHead);
  // A program that dies without a word is a gateway's failure to whoever asked (RFC 9110, 15.6.3).
  child.once('close', () => {
    if (!response.headersSent) response.writeHead(502).end();
  });
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}
