import { connect, createServer, isIP, type AddressInfo, type Server, type Socket } from 'node:net';

/** The one place that a tunnel leads to. */
export interface TunnelTarget {
  /** As the program asks for it: a name or a number. */
  readonly host: string;
  readonly port: number;
  /** The addresses that were judged, tried in this order. */
  readonly addresses: readonly string[];
}

/** What is watched of it. */
export interface TunnelWatch {
  /** How many bytes may come in through it, over all connections; then all of them are cut. */
  readonly mostBytes: number;
  /** Told the sum after each piece. */
  received(bytes: number): void;
}

/** A way out for one program, to one host. */
export interface Tunnel {
  /** What the program is to use as its proxy. */
  readonly proxy: string;
  /** True once more came in than may. */
  readonly isExceeded: boolean;
  close(): Promise<void>;
}

/** A fetch uses one connection, or a few where the server closes them. */
const MOST_CONNECTIONS = 16;
const CONNECT_MS = 10_000;
const GREETING_MS = 10_000;
/** Version, no authentication, and the replies that are used (RFC 1928, sections 3 and 6). */
const VERSION = 5;
const GREETING_ANSWER = Buffer.from([VERSION, 0]);
const GRANTED = 0;
const FORBIDDEN = 2;
const UNREACHABLE = 4;
const CONNECT = 1;
const BY_IPV4 = 1;
const BY_NAME = 3;
const BY_IPV6 = 4;

/**
 * Opens a SOCKS 5 proxy (RFC 1928) on this machine that connects to the judged addresses of one host and to nothing else: a program that
 * resolves names and follows addresses by itself gets nowhere but there. It ends with {@link Tunnel.close}.
 */
export async function openTunnel(target: TunnelTarget, watch: TunnelWatch): Promise<Tunnel> {
  const tunnel = new SocksTunnel(target, watch);
  await tunnel.listen();
  return tunnel;
}

class SocksTunnel implements Tunnel {
  isExceeded = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #received = 0;

  constructor(readonly target: TunnelTarget, readonly watch: TunnelWatch) {
    this.#server = createServer((socket) => void this.#serve(socket));
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  get proxy(): string {
    const address = this.#server.address();
    return `socks5h://127.0.0.1:${isListening(address) ? address.port : 0}`;
  }

  close(): Promise<void> {
    this.#cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    // What breaks is told by the program at the other end.
    return socket.on('error', () => undefined).once('close', () => this.#sockets.delete(socket));
  }

  async #serve(client: Socket): Promise<void> {
    this.#keep(client);
    const timer = setTimeout(() => client.destroy(), GREETING_MS);
    const asked = await this.#handshake(client);
    clearTimeout(timer);
    if (asked === null) {
      client.end(reply(FORBIDDEN));
      return;
    }
    const remote = await this.#reach();
    if (remote === null || client.destroyed) {
      remote?.destroy();
      client.end(reply(UNREACHABLE));
      return;
    }
    client.write(reply(GRANTED));
    remote.on('data', (piece: Buffer) => this.#count(piece.length));
    remote.pipe(client);
    client.pipe(remote);
    remote.once('close', () => client.destroy());
    client.once('close', () => remote.destroy());
  }

  /** Greeting and request; null for what is no SOCKS, or asks for another place. */
  async #handshake(client: Socket): Promise<true | null> {
    const greeting = await read(client, 2);
    if (greeting === null || greeting[0] !== VERSION || (await read(client, greeting[1] ?? 0)) === null) return null;
    client.write(GREETING_ANSWER);
    const head = await read(client, 4);
    if (head === null || head[0] !== VERSION || head[1] !== CONNECT) return null;
    const host = await hostAsked(client, head[3] ?? 0);
    const port = await read(client, 2);
    return host !== null && port !== null && host === this.target.host && port.readUInt16BE() === this.target.port ? true : null;
  }

  async #reach(): Promise<Socket | null> {
    for (const address of this.target.addresses) {
      const socket = await connected(this.#keep(connect({ host: address, port: this.target.port })));
      if (socket !== null) return socket;
    }
    return null;
  }

  #count(bytes: number): void {
    this.#received += bytes;
    this.watch.received(this.#received);
    if (this.#received <= this.watch.mostBytes) return;
    this.isExceeded = true;
    this.#cut();
  }
}

function isListening(address: AddressInfo | string | null): address is AddressInfo {
  return address !== null && typeof address !== 'string';
}

function connected(socket: Socket): Promise<Socket | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.destroy(), CONNECT_MS);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(null);
    });
  });
}

async function hostAsked(client: Socket, kind: number): Promise<string | null> {
  if (kind === BY_NAME) {
    const length = await read(client, 1);
    return (length === null ? null : await read(client, length[0] ?? 0))?.toString('latin1') ?? null;
  }
  if (kind === BY_IPV4) return (await read(client, 4))?.join('.') ?? null;
  const bytes = kind === BY_IPV6 ? await read(client, 16) : null;
  return bytes === null ? null : shortIpv6(bytes);
}

/** As the URL standard writes it, which is how hosts are compared. */
function shortIpv6(bytes: Buffer): string | null {
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16)).join(':');
  return isIP(groups) === 6 ? new URL(`http://[${groups}]/`).hostname.slice(1, -1) : null;
}

function reply(code: number): Buffer {
  return Buffer.from([VERSION, code, 0, BY_IPV4, 0, 0, 0, 0, 0, 0]);
}

/** Exactly so many bytes; null where the connection ends before. */
async function read(socket: Socket, count: number): Promise<Buffer | null> {
  if (count === 0) return Buffer.alloc(0);
  for (;;) {
    const piece: unknown = socket.read(count);
    if (Buffer.isBuffer(piece)) return piece.length === count ? piece : null;
    if (socket.readableEnded || socket.destroyed) return null;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        for (const event of EVENTS) socket.off(event, go);
        resolve();
      };
      for (const event of EVENTS) socket.once(event, go);
    });
  }
}

const EVENTS = ['readable', 'end', 'close'] as const;
