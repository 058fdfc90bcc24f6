import { describe, expect, test } from 'vitest';
import { isNetwork, PublicNetworks } from '../../src/shared/networks.js';
import { fc } from '../support/fast-check.js';

const networks = new PublicNetworks([]);

describe('addresses that must not be connected to', () => {
  test.each([
    '0.0.0.0', '0.1.2.3', '10.0.0.1', '100.64.0.1', '100.127.255.255', '127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.0.0.1', '192.0.2.1', '192.168.1.1',
    '198.18.0.1', '198.51.100.7', '203.0.113.7', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '168.63.129.16',
    '::', '::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::1', '100::1', '2001::1', '2001:db8::1', '2002:7f00:1::', '3fff::1',
    'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1', '', 'localhost', '127.1', '2130706433', '0x7f000001', '1.2.3.4 ',
  ])('%s', (address) => {
    expect(networks.isRefused(address)).toBe(true);
  });
});

test.each(['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.1', '172.15.255.255', '172.32.0.1', '192.169.0.1', '168.63.129.17', '2606:4700:4700::1111', '2a00:1450:4001::1'])('%s is a public address', (address) => {
  expect(networks.isRefused(address)).toBe(false);
});

test('networks that the operator allows are as good as public ones, and no more than those', () => {
  const allowing = new PublicNetworks(['10.1.0.0/16', 'fd00:1::/32']);
  expect(['10.1.0.1', '10.1.255.255', 'fd00:1::7', '8.8.8.8'].map((address) => allowing.isRefused(address))).toEqual([false, false, false, false]);
  expect(['10.2.0.1', 'fd00:2::7', '127.0.0.1', '::1'].map((address) => allowing.isRefused(address))).toEqual([true, true, true, true]);
});

test('an IPv4 address in IPv6 clothes is refused whenever the plain one is', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect([networks.isRefused(address), networks.isRefused(`::ffff:${address}`)]).not.toEqual([true, false]);
    }),
  );
});

test.each([['10.0.0.0/8', true], ['::/0', true], ['fd00::/128', true], ['10.0.0.0/33', false], ['10.0.0.0', false], ['10.0.0/8', false], ['::1/129', false], ['fe80::%eth0/64', false], ['', false]])('%s is a network: %s', (text, expected) => {
  expect(isNetwork(text)).toBe(expected);
});
