import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type HttpEdge, type Listening, listen } from '../../src/cli/listen.js';
import { serve, type Served } from '../../src/cli/serve.js';
import { loadConfig } from '../../src/config.js';
import { StartRefused } from '../../src/shared/start-refused.js';
import { serverProcesses } from '../../src/storage/postgres/processes.js';
import { compileSources } from '../support/compiled.js';
import { type Sandbox, makeSandbox } from '../support/sandbox.js';

// Each case makes or starts clusters of its own: seconds of disk and CPU where others share the machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const LOCAL = { host: '127.0.0.1', port: 0 };

/** An edge whose requests wait until the test answers them. */
class HeldEdge implements HttpEdge {
  readonly requests: { readonly request: IncomingMessage; readonly response: ServerResponse }[] = [];
  readonly sockets: Duplex[] = [];
  subscriptionsEnded = 0;
  private waiting: (() => void) | undefined;

  handle(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push({ request, response });
    this.waiting?.();
  }

  upgrade(_request: IncomingMessage, socket: Duplex): void {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
    this.sockets.push(socket);
  }

  endSubscriptions(): Promise<void> {
    this.subscriptionsEnded += 1;
    for (const socket of this.sockets) socket.end();
    return Promise.resolve();
  }

  /** Until the edge holds a request. */
  async held(): Promise<ServerResponse> {
    while (this.requests.length === 0) await new Promise<void>((resolve) => { this.waiting = resolve; });
    const [first] = this.requests;
    return first?.response ?? expect.unreachable();
  }
}

async function fetchText(url: string): Promise<{ status: number; text: string; connection: string | undefined }> {
  const [response] = await once(get(url, { agent: false }), 'response');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, text, connection: response.headers.connection };
}

describe('a listening edge', () => {
  let edge: HeldEdge;
  let listening: Listening;
  beforeEach(async () => {
    edge = new HeldEdge();
    listening = await listen(edge, LOCAL);
  });
  afterEach(() => listening.drain(0));

  test('finishes the request that is open when draining begins, and accepts none after', async () => {
    const answer = fetchText(listening.url);
    const response = await edge.held();
    const drained = listening.drain(20_000);
    await expect(fetchText(listening.url)).rejects.toThrow('ECONNREFUSED');
    response.end('whole');
    expect(await answer).toMatchObject({ status: 200, text: 'whole' });
    expect(await drained).toBe(0);
    expect(edge.subscriptionsEnded).toBe(1);
  });

  test('cuts what is still open when patience ends, and says how much', async () => {
    const answer = fetchText(listening.url).then(() => 'answered', (error: unknown) => String(error));
    await edge.held();
    expect(await listening.drain(20)).toBe(1);
    expect(await answer).toContain('socket hang up');
  });

  test('does not wait for idle connections', async () => {
    const socket = connect(Number(new URL(listening.url).port), LOCAL.host);
    const answered = once(socket, 'data');
    socket.write('GET / HTTP/1.1\r\nhost: weir\r\n\r\n');
    (await edge.held()).end('kept alive');
    await answered;
    const closed = once(socket, 'close');
    expect(await listening.drain(20_000)).toBe(0);
    await closed;
  });

  test('ends WebSockets through the edge', async () => {
    const socket = connect(Number(new URL(listening.url).port), LOCAL.host);
    socket.write('GET / HTTP/1.1\r\nhost: weir\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    await once(socket, 'data');
    const closed = once(socket, 'close');
    expect(await listening.drain(20_000)).toBe(0);
    await closed;
  });

  test('cuts a client that sends nothing', async () => {
    const socket = connect(Number(new URL(listening.url).port), LOCAL.host);
    await once(socket, 'connect');
    socket.write('GET / HT');
    const closed = once(socket, 'close');
    expect(await listening.drain(20)).toBe(1);
    await closed;
  });

  test('cuts a body that does not come in time, and leaves alone one that has a pace of its own until it is answered', async () => {
    const timed = await listen(Object.assign(edge, { pacesBody: (path: string) => path === '/paced' }), { ...LOCAL, requestMs: 200 });
    const send = (path: string): Socket => {
      const socket = connect(Number(new URL(timed.url).port), LOCAL.host);
      socket.write(`POST ${path} HTTP/1.1\r\nhost: weir\r\ncontent-length: 100\r\n\r\nhalf`);
      return socket;
    };
    const paced = send('/paced');
    await expect.poll(() => edge.requests.length).toBe(1);
    const cut = send('/plain');
    const [answer] = await once(cut, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 408 /u);
    await once(cut, 'close');
    expect(paced.closed).toBe(false);
    const answered = once(paced, 'data');
    edge.requests[0]?.response.end('enough');
    expect(String((await answered)[0])).toContain('enough');
    await once(paced, 'close');
    await timed.drain(0);
  });

  test('may be drained again with the same answer', async () => {
    expect(await Promise.all([listening.drain(1_000), listening.drain(0)])).toEqual([0, 0]);
    expect(edge.subscriptionsEnded).toBe(1);
  });
});

describe('an address that cannot be listened on', () => {
  test('is refused with a sentence when the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => { other.listen(0, LOCAL.host, resolve); });
    const address = other.address();
    const port = typeof address === 'object' ? address?.port ?? 0 : 0;
    await expect(listen(new HeldEdge(), { host: LOCAL.host, port })).rejects.toThrow(new StartRefused(`Port ${port} on 127.0.0.1 is taken by another program, perhaps by another Weir. Stop that, or choose another port with PORT.`));
    other.close();
  });

  test.each([['203.0.113.7'], ['no-such-host.invalid']])('is refused with a sentence when it is %s', async (host) => {
    await expect(listen(new HeldEdge(), { host, port: 0 })).rejects.toThrow(`${host} is no address of this machine.`);
  });

  test('makes no first key and closes the gateway', async () => {
    const happened: string[] = [];
    const served: Served = { edge: new HeldEdge(), firstAdminKey: () => { happened.push('key'); return Promise.resolve('weir_x'); }, close: () => { happened.push('closed'); return Promise.resolve(); } };
    const config = loadConfig({ HOST: '203.0.113.7' });
    const terminal = { out: (line: string) => happened.push(line), err: (line: string) => happened.push(line) };
    await expect(serve(config, () => Promise.resolve(served), terminal, new Promise(() => undefined))).rejects.toThrow(StartRefused);
    expect(happened).toEqual(['closed']);
  });
});

test('serving prints the key once and the address, drains on the signal and closes last', async () => {
  const edge = new HeldEdge();
  const happened: string[] = [];
  const served: Served = { edge, firstAdminKey: () => Promise.resolve('weir_new'), close: () => { happened.push(`closed after ${edge.subscriptionsEnded}`); return Promise.resolve(); } };
  const signals = new EventEmitter();
  const stopped = once(signals, 'stop').then(([signal]) => String(signal));
  const out = (line: string): void => {
    happened.push(line);
    if (line.startsWith('Weir listens')) signals.emit('stop', 'SIGTERM');
  };
  await serve(loadConfig({ PORT: '0' }), () => Promise.resolve(served), { out, err: (line) => happened.push(line) }, stopped);
  expect(happened).toEqual(['The first admin key, shown only this once: weir_new', expect.stringMatching(/^Weir listens at http:\/\/127\.0\.0\.1:\d+$/), 'SIGTERM received: finishing open requests.', 'closed after 1']);
});

class EndedEarly extends Error {
  override readonly name = 'EndedEarly';
}

describe('weir serve', () => {
  let prepared: Sandbox;
  let main: string;
  let box: Sandbox;
  beforeAll(() => {
    prepared = makeSandbox();
    main = join(compileSources(join(prepared.directory, 'compiled')), 'main.js');
  });
  afterAll(() => prepared.remove());
  beforeEach(() => {
    box = makeSandbox();
  });
  afterEach(() => box.remove());

  interface Run {
    readonly child: ChildProcessWithoutNullStreams;
    readonly exited: Promise<number | string>;
    output(): string;
    errors(): string;
    /** Until standard output holds a line that matches; the match. */
    saw(pattern: RegExp): Promise<RegExpExecArray>;
  }

  function weir(args: string[], environment: Record<string, string> = {}): Run {
    const env = { PATH: process.env['PATH'] ?? '', HOME: box.directory, PORT: '0', WEIR_DATA: box.data, WEIR_SYSTEM_DIR: box.system, WEIR_LOG_LEVEL: 'warn', ...environment };
    const child = spawn(process.execPath, [main, ...args], { env, cwd: box.directory });
    const [out, err]: [string[], string[]] = [[], []];
    child.stdout.on('data', (chunk) => out.push(String(chunk)));
    child.stderr.on('data', (chunk) => err.push(String(chunk)));
    const exited = new Promise<number | string>((resolve) => { child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown')); });
    const saw = async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const match = pattern.exec(out.join(''));
        if (match !== null) return match;
        const ended = await Promise.race([once(child.stdout, 'data').then(() => null), exited]);
        if (ended !== null) throw new EndedEarly(`ended with ${ended}: ${err.join('')}`);
      }
    };
    return { child, exited, saw, output: () => out.join(''), errors: () => err.join('') };
  }

  test('starts on nothing, prints its address and a key, exits with 0 on SIGTERM, stops its database, and prints no key again', async () => {
    const first = weir(['serve']);
    const [, url = ''] = await first.saw(/^Weir listens at (http:\S+)$/m);
    expect(first.output()).toMatch(/^The first admin key, shown only this once: weir_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}$/m);
    expect((await fetchText(`${url}/health/live`)).status).toBe(200);
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    expect(serverProcesses(join(box.data, 'postgres', 'cluster'))).toEqual([]);

    const second = weir(['serve']);
    await second.saw(/^Weir listens at/m);
    expect(second.output()).not.toContain('weir_');
    second.child.kill('SIGINT');
    expect(await second.exited).toBe(0);
  });

  test('takes its first key from WEIR_ADMIN_KEY without printing it', async () => {
    const key = `weir_${'a'.repeat(12)}_${'b'.repeat(43)}`;
    const run = weir(['serve'], { WEIR_ADMIN_KEY: key });
    await run.saw(/^Weir listens at/m);
    expect(run.output()).toContain('The key in WEIR_ADMIN_KEY is now the first admin key.');
    expect(run.output() + run.errors()).not.toContain(key);
    run.child.kill('SIGTERM');
    expect(await run.exited).toBe(0);
  });

  test('shares a data directory with another one; only the last to leave stops the database', async () => {
    const runs = [weir(['serve']), weir(['serve'])];
    await Promise.all(runs.map((run) => run.saw(/^Weir listens at/m)));
    expect(runs.filter((run) => run.output().includes('weir_'))).toHaveLength(1);
    runs[0]?.child.kill('SIGTERM');
    expect(await runs[0]?.exited).toBe(0);
    expect(serverProcesses(join(box.data, 'postgres', 'cluster'))).not.toEqual([]);
    runs[1]?.child.kill('SIGTERM');
    expect(await runs[1]?.exited).toBe(0);
    expect(serverProcesses(join(box.data, 'postgres', 'cluster'))).toEqual([]);
  });

  test('refuses a malformed setting with one sentence and exits with 1, before anything is made', async () => {
    const run = weir(['serve'], { WEIR_CACHE: 'a lot' });
    expect(await run.exited).toBe(1);
    expect(run.errors()).toBe('WEIR_CACHE must be a size such as 8MiB, 25MB or 1048576 (bytes), at most 1024GiB, and is "a lot".\n');
    expect(serverProcesses(join(box.data, 'postgres', 'cluster'))).toEqual([]);
  });

  test('warns about a setting that does not exist', async () => {
    const run = weir(['serve'], { WEIR_CASHE: '1GiB', DATABASE_URL: 'postgres://weir@127.0.0.1:1/weir', WEIR_DATABASE_WAIT: '1ms' });
    expect(await run.exited).toBe(1);
    expect(run.errors()).toContain('WEIR_CASHE is no setting of Weir; it is ignored.\n');
    expect(run.errors()).toContain('Nothing answers at 127.0.0.1:1/weir (DATABASE_URL). Start the database there, or correct the host or port.\n');
  });

  test('refuses a taken port with one sentence, exits with 1 and stops its database', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => { other.listen(0, '127.0.0.1', resolve); });
    const address = other.address();
    const run = weir(['serve'], { PORT: String(typeof address === 'object' ? address?.port : 0) });
    expect(await run.exited).toBe(1);
    expect(run.errors()).toMatch(/^Port \d+ on 127\.0\.0\.1 is taken by another program/m);
    expect(run.output()).toBe('');
    expect(serverProcesses(join(box.data, 'postgres', 'cluster'))).toEqual([]);
    other.close();
  });

  test('says what it can do, and what version it is', async () => {
    const [help, version, wrong] = [weir(['--help']), weir(['--version']), weir(['serve', '--fast'])];
    expect(await Promise.all([help.exited, version.exited, wrong.exited])).toEqual([0, 0, 2]);
    expect(help.output()).toContain('  serve');
    expect(version.output()).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(wrong.errors()).toContain('See: weir serve --help');
  });
});
