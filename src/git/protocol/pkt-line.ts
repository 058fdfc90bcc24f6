import { ProtocolViolation } from './protocol-violation.js';

/** The packets without content: the end of a section, the delimiter within one, and the end of a stateless answer (gitprotocol-v2). */
export type Mark = 'FLUSH' | 'DELIMITER' | 'END';

/** One packet: its content, or a mark. */
export type Packet = Buffer | Mark;

/** The flush packet. */
export const FLUSH: Buffer = Buffer.from('0000');
/** The delimiter of protocol version 2. */
export const DELIMITER: Buffer = Buffer.from('0001');

const MARKS: readonly (Mark | undefined)[] = ['FLUSH', 'DELIMITER', 'END'];
/** Four hexadecimal digits before each packet, which count themselves. */
const LENGTH_BYTES = 4;
/** gitprotocol-common: the longest packet, its length included. */
const MAX_PACKET_BYTES = 65_520;

/** A packet of this content. Throws RangeError when it is longer than 65,516 bytes, which is a mistake of the caller. */
export function packet(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  const length = bytes.length + LENGTH_BYTES;
  if (length > MAX_PACKET_BYTES) throw new RangeError(`a packet of ${length} bytes is longer than ${MAX_PACKET_BYTES}`);
  return Buffer.concat([Buffer.from(length.toString(16).padStart(LENGTH_BYTES, '0')), bytes]);
}

/** A packet of one line; the newline that the protocol asks for is added. */
export function linePacket(line: string): Buffer {
  return packet(`${line}\n`);
}

/** The packet that ends an answer with a sentence; git shows it after `remote error:`. */
export function errorPacket(sentence: string): Buffer {
  return packet(`ERR ${sentence}`);
}

/** Reads the packets of a buffer one by one; what is behind the last that was read is {@link rest}. */
export class PacketReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** What has not been read. */
  get rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }

  /** The next packet; null at the end of the buffer. Throws ProtocolViolation for a length that is none, or that lies behind the end. */
  next(): Packet | null {
    if (this.#at === this.#bytes.length) return null;
    const digits = this.#bytes.toString('latin1', this.#at, this.#at + LENGTH_BYTES);
    if (!/^[0-9a-f]{4}$/iu.test(digits)) throw new ProtocolViolation('The request has a packet without a length.');
    const length = Number.parseInt(digits, 16);
    const mark = MARKS[length];
    if (mark !== undefined) {
      this.#at += LENGTH_BYTES;
      return mark;
    }
    if (length < LENGTH_BYTES || length > MAX_PACKET_BYTES || this.#at + length > this.#bytes.length) throw new ProtocolViolation('The request has a packet of an impossible length.');
    const content = this.#bytes.subarray(this.#at + LENGTH_BYTES, this.#at + length);
    this.#at += length;
    return content;
  }

  /** The next packet as a line without its newline, or a mark; null at the end. */
  nextLine(): { readonly line: string } | Mark | null {
    const next = this.next();
    if (next === null || typeof next === 'string') return next;
    return { line: next.toString('utf8').replace(/\n$/u, '') };
  }
}
