import { describe, expect, it } from 'vitest';
import type { SocketAddress } from '../protocol/socket-address.ts';
import { hostAddresses, reachEndpoint } from './reach-endpoint.ts';

const at = (address: string, port = 7472): SocketAddress => ({ address, port });

const member = (reachedAt: string, ...claimed: string[]) => ({
  reachedAt: at(reachedAt),
  addresses: claimed.map((address) => at(address)),
});

const both = member('192.0.2.5', '172.17.0.1', '2001:db8::5', '192.0.2.5');

describe('reachEndpoint', () => {
  it.each([
    ['none', undefined, both, false, []],
    ['loopback of this host', at('127.0.0.1', 80), both, true, ['127.0.0.1:80']],
    ['loopback of another host', at('127.0.0.1', 80), both, false, []],
    ['IPv6 loopback of another host', at('::1', 80), both, false, []],
    ['all IPv4 of this host', at('0.0.0.0', 80), both, true, ['127.0.0.1:80']],
    ['all IPv4 of another host', at('0.0.0.0', 80), both, false, ['192.0.2.5:80']],
    ['all of this host', at('::', 80), both, true, ['127.0.0.1:80', '::1:80']],
    ['all of another host', at('::', 80), both, false, ['192.0.2.5:80', '2001:db8::5:80']],
    [
      'all, where it answered by IPv6',
      at('::', 80),
      member('2001:db8::7', '192.0.2.5'),
      false,
      ['2001:db8::7:80', '192.0.2.5:80'],
    ],
    ['all IPv4, where it has none', at('0.0.0.0', 80), member('2001:db8::7'), false, []],
    ['one address', at('198.51.100.1', 80), both, false, ['198.51.100.1:80']],
    ['one address of this host', at('198.51.100.1', 80), both, true, ['198.51.100.1:80']],
    ['link-local, which means nothing elsewhere', at('fe80::1', 80), both, false, []],
  ])('[R6] %s', (_what, endpoint, from, isHere, expected) => {
    expect(reachEndpoint(endpoint, from, isHere).map(({ address, port }) => `${address}:${port}`)).toEqual(expected);
  });
});

describe('hostAddresses', () => {
  it.each([
    ['where it answered before what it claims', member('192.0.2.6', '192.0.2.5'), ['192.0.2.6']],
    ['no loopback that is only claimed', member('192.0.2.6', '::1'), ['192.0.2.6']],
    ['loopback where it answered there', member('127.0.0.1', '127.0.0.1'), ['127.0.0.1']],
    ['no link-local', member('fe80::1%eth0', '2001:db8::5'), ['2001:db8::5']],
    ['no scope', member('fd00::1%eth0'), ['fd00::1']],
  ])('%s', (_what, from, expected) => {
    expect(hostAddresses(from)).toEqual(expected);
  });
});
