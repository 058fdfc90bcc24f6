import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { errorCode } from './start-refused.js';

/** The address of a host, and the version of IP that it is of. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Asks for all addresses of a name; answers none for a name that has none. Rejects as Node's resolver does. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** How long one name server is waited for. */
const NAME_SERVER_MS = 2_000;

/**
 * Asks the name servers of this machine. Not by getaddrinfo, which occupies one of the few threads that files are read with until a name server
 * answers, and those of a stranger need never answer. Names in the hosts file and search domains are therefore unknown here. A host that is
 * given by number is its own address.
 */
export async function resolveHost(hostname: string): Promise<readonly ResolvedAddress[]> {
  const version = isIP(hostname);
  if (version !== 0) return [{ address: hostname, family: version }];
  const resolver = new Resolver({ timeout: NAME_SERVER_MS, tries: 2 });
  const [four, six] = await Promise.all([noneIfUnknown(resolver.resolve4(hostname)), noneIfUnknown(resolver.resolve6(hostname))]);
  return [...four.map((address) => ({ address, family: 4 })), ...six.map((address) => ({ address, family: 6 }))];
}

async function noneIfUnknown(addresses: Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await addresses;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENODATA' || code === 'ENOTFOUND') return [];
    throw error;
  }
}
