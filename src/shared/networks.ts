import { BlockList, isIP } from 'node:net';

/**
 * IPv4 that is nobody's public host: the special-purpose registry of RFC 6890 (this network, private, shared by carriers, loopback,
 * link-local with the metadata services of clouds, protocol assignments, documentation, benchmarks, 6to4 relays), multicast and reserved,
 * and the one public number at which a cloud serves its machines' secrets.
 */
const REFUSED_V4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16',
  '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4', '168.63.129.16/32',
] as const;

/**
 * IPv6 within the global unicast space that is not a public host either: protocol assignments with Teredo, documentation (two), and 6to4, whose
 * last hop is an IPv4 address of anybody's choice. Outside of global unicast everything is refused: loopback, unique local, link-local,
 * multicast, NAT64, and IPv4 in IPv6 clothes.
 */
const REFUSED_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'] as const;
const GLOBAL_V6 = '2000::/3';

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', length = ''] = network.split('/');
    list.addSubnet(address, Number(length), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** True for a network in the notation of RFC 4632 and RFC 4291: `10.0.0.0/8`, `fd00::/8`. */
export function isNetwork(text: string): boolean {
  const [, address = '', length = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/u.exec(text) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(length) <= (version === 6 ? 128 : 32);
}

/** A set of networks. */
export class Networks {
  readonly #list: BlockList;

  /** `networks` as {@link isNetwork} has them. */
  constructor(networks: readonly string[]) {
    this.#list = blockList(networks);
  }

  /** True for an address in one of them; false for a text that is no address. */
  has(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  }
}

/** Tells addresses on the public internet from all others, but for networks that an operator allows. */
export class PublicNetworks {
  readonly #allowed: BlockList;
  readonly #refusedV4 = blockList(REFUSED_V4);
  readonly #refusedV6 = blockList(REFUSED_V6);
  readonly #globalV6 = blockList([GLOBAL_V6]);

  /** `allowed`: networks as {@link isNetwork} has them, whose addresses are as good as public ones. */
  constructor(allowed: readonly string[]) {
    this.#allowed = blockList(allowed);
  }

  /** True for an address that must not be connected to; also for a text that is no address, or has a zone. */
  isRefused(address: string): boolean {
    const version = isIP(address);
    if (version === 0 || address.includes('%')) return true;
    const family = version === 6 ? 'ipv6' : 'ipv4';
    if (this.#allowed.check(address, family)) return false;
    if (version === 4) return this.#refusedV4.check(address, family);
    return !this.#globalV6.check(address, family) || this.#refusedV6.check(address, family);
  }
}
