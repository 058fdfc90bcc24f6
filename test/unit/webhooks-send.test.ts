import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PublicNetworks } from '../../src/shared/networks.js';
import { waitBefore } from '../../src/webhooks/schedule.js';
import type { ResolvedAddress } from '../../src/shared/resolve-host.js';
import { send, type Sending } from '../../src/webhooks/send.js';
import { startReceiver, type Receiver } from '../support/webhook-receiver.js';

let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());

function sending(allowed: readonly string[], addresses: readonly ResolvedAddress[], http = true): Sending {
  const networks = new PublicNetworks(allowed);
  return { destinations: { http, isRefused: (address) => networks.isRefused(address) }, timeoutMs: 2_000, signal: new AbortController().signal, resolve: async () => addresses };
}

const LOCAL: ResolvedAddress = { address: '127.0.0.1', family: 4 };
const PUBLIC: ResolvedAddress = { address: '203.0.114.1', family: 4 };

describe('an attempt', () => {
  test('goes to the address that was judged, under the name that was asked for', async () => {
    expect(await send(`http://receiver.example:${receiver.port}/hook?x=1`, {}, '{}', sending(['127.0.0.0/8'], [LOCAL]))).toMatchObject({ taken: true, status: 204, note: null });
    expect(receiver.received.at(-1)?.headers.host).toBe(`receiver.example:${receiver.port}`);
  });

  test.each([
    ['a private address behind a public name', [LOCAL], 'network'],
    ['a private address among public ones', [PUBLIC, LOCAL], 'network'],
    ['an IPv4 address in IPv6 clothes', [{ address: '::ffff:127.0.0.1', family: 6 }], 'network'],
    ['a name without an address', [], 'no address'],
  ] as const)('at %s is refused before a connection', async (_what, addresses, note) => {
    const before = receiver.received.length;
    expect(await send(`http://receiver.example:${receiver.port}/`, {}, '{}', sending([], addresses))).toMatchObject({ taken: false, status: null, note: expect.stringContaining(note) });
    expect(receiver.received).toHaveLength(before);
  });

  test('over plain http needs leave', async () => {
    expect(await send(receiver.url, {}, '{}', sending(['127.0.0.0/8'], [], false))).toMatchObject({ taken: false, note: expect.stringContaining('https') });
  });

  test('whose name server never answers ends in time', async () => {
    const asked = sending([], []);
    const sent = await send('https://receiver.example/', {}, '{}', { ...asked, timeoutMs: 50, resolve: () => new Promise(() => undefined) });
    expect(sent).toMatchObject({ taken: false, status: null });
  });
});

function bounds(attempts: number): number[] {
  return [waitBefore(attempts, 0, null), waitBefore(attempts, 1, null)];
}

describe('the wait before the next attempt', () => {
  test('doubles up to an hour, and lies between a half and the whole of that', () => {
    expect([1, 2, 3, 11, 12, 13, 500].map(bounds)).toEqual([[1e3, 2e3], [2e3, 4e3], [4e3, 8e3], [1_024_000, 2_048_000], [1.8e6, 3.6e6], [1.8e6, 3.6e6], [1.8e6, 3.6e6]]);
  });

  test('is at least what the receiver asks for, and never more than an hour', () => {
    expect([waitBefore(1, 0, 30_000), waitBefore(1, 0, 1e12)]).toEqual([30_000, 3_600_000]);
  });
});
