import { request as open, type IncomingMessage } from 'node:http';
import { PacketReader } from '../../../src/git/protocol/pkt-line.js';

/** A request as it goes over the wire, which `fetch` would tidy. */
export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with its length, or in chunks. */
  readonly body?: Buffer | string;
  readonly chunked?: boolean;
}

/** An answer, whole. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** Whether the server said `100 Continue` before. */
  readonly continued: boolean;
}

/** Asks once, on a connection of its own; a request that expects `100-continue` holds its body back until it is told. Rejects when the connection breaks. */
export function rawRequest(url: string, { method = 'GET', headers = {}, body, chunked = false }: RawRequest = {}): Promise<RawAnswer> {
  const length = body === undefined || chunked ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    let continued = false;
    const asked = open(url, { method, headers: { ...length, ...headers }, agent: false }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.once('error', reject);
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(pieces), continued }));
    });
    asked.once('error', reject);
    if (headers['expect'] === undefined) {
      asked.end(body);
      return;
    }
    asked.once('continue', () => {
      continued = true;
      asked.end(body);
    });
    asked.flushHeaders();
  });
}

/** Sends the head of a request and a part of its body, and cuts the connection. Resolves when it is closed. */
export function interruptedRequest(url: string, headers: Readonly<Record<string, string>>, part: Buffer, length: number): Promise<void> {
  return new Promise((resolve) => {
    const asked = open(url, { method: 'POST', headers: { ...headers, 'content-length': String(length) }, agent: false });
    asked.once('error', () => undefined);
    asked.once('close', () => resolve());
    asked.write(part, () => asked.destroy());
  });
}

/** The packets of an answer as lines; marks by their names. */
export function linesOf(body: Buffer): string[] {
  const reader = new PacketReader(body);
  const lines: string[] = [];
  for (let next = reader.nextLine(); next !== null; next = reader.nextLine()) lines.push(typeof next === 'string' ? next : next.line);
  return lines;
}

/** What caches and clients make of an answer of any kind. What a cache of HTTP/1.0 would make of it is left out. */
export function headOf({ status, headers }: RawAnswer): Record<string, unknown> {
  return { status, allow: headers.allow, mayBeKept: !/no-store|no-cache/u.test(headers['cache-control'] ?? '') };
}

/** The same with its type, which means something where it succeeded. */
export function typedHeadOf(answer: RawAnswer): Record<string, unknown> {
  return { ...headOf(answer), type: answer.headers['content-type'] };
}
