import { describe, expect, it } from 'vitest';
import { ClientAddresses } from '../../src/server/access/client-address.js';

const addresses = new ClientAddresses(['10.0.0.0/8', 'fd00::/8']);

describe('the address of a client', () => {
  it.each([
    ['of a peer that is no proxy', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['of a proxy that says nothing', '10.0.0.1', null, '10.0.0.1'],
    ['that a proxy tells', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
    ['that two proxies tell', 'fd00::1', '198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['and not what the client has put before it', '10.0.0.1', '192.0.2.7, 198.51.100.1', '198.51.100.1'],
    ['where a proxy is written as IPv6', '::ffff:10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
    ['in IPv6', '10.0.0.1', '2001:db8::5', '2001:db8::5'],
    ['where all are proxies', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['where something else is told', '10.0.0.1', '198.51.100.1, unknown', '10.0.0.1'],
    ['where nothing is told', '10.0.0.1', '', '10.0.0.1'],
    ['of a socket without one', 'unknown', '198.51.100.1', 'unknown'],
  ])('is the one %s', (_case, peer, forwardedFor, client) => {
    expect(addresses.of(peer, forwardedFor)).toBe(client);
  });

  it('is that of the peer where no proxy is trusted', () => {
    expect(new ClientAddresses([]).of('10.0.0.1', '198.51.100.1')).toBe('10.0.0.1');
  });
});
