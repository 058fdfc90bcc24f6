import { isIP } from 'node:net';
import { Networks } from '../../shared/networks.js';

/** IPv4 within IPv6 (RFC 4291, 2.5.5.2), as sockets on every network have it. */
const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/iu;

/** Hops of one `X-Forwarded-For` that are looked at; more proxies than this stand before nobody. */
const MOST_HOPS = 20;

/**
 * Whose address a request counts for. Anybody can write `X-Forwarded-For`, so it is believed only from proxies that the operator names, and
 * each of its entries only if the hop after it is such a proxy: from the right, the first that is none is the client.
 */
export class ClientAddresses {
  readonly #trusted: Networks;

  /** `trusted`: networks such as `10.0.0.0/8`; none: the peer is always the client. */
  constructor(trusted: readonly string[]) {
    this.#trusted = new Networks(trusted);
  }

  /** The address of the client; what is no address ends the walk at the last hop that was believed. */
  of(peer: string, forwardedFor: string | null): string {
    let client = plain(peer);
    if (forwardedFor === null || !this.#trusted.has(client)) return client;
    const hops = forwardedFor.split(',').slice(-MOST_HOPS).map((hop) => plain(hop.trim()));
    for (const hop of hops.toReversed()) {
      if (isIP(hop) === 0) return client;
      client = hop;
      if (!this.#trusted.has(hop)) return client;
    }
    return client;
  }
}

function plain(address: string): string {
  return MAPPED.exec(address)?.[1] ?? address;
}
