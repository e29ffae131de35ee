import { describe, expect, it } from 'vitest';
import type { NetworkInterface } from '../runtime/interfaces.ts';
import { bestAddress, netsOf } from './best-address.ts';

const at = (address: string) => ({ address, port: 7472 });

function has(
  ...entries: readonly (readonly [name: string, address: string, prefixLength: number])[]
): NetworkInterface[] {
  return entries.map(([name, address, prefixLength]) => {
    return { name, address, prefixLength, family: address.includes(':') ? 'ipv6' : 'ipv4', internal: name === 'lo' };
  });
}

const lo = [
  ['lo', '127.0.0.1', 8],
  ['lo', '::1', 128],
] as const;
const dual = has(...lo, ['eth0', '10.1.0.1', 24], ['eth0', 'fd00::1', 64], ['docker0', '172.17.0.1', 16]);
const ipv6Only = has(...lo, ['eth0', 'fd00::1', 64], ['eth0', 'fe80::1', 64]);
const ipv4Only = has(...lo, ['eth0', '10.1.0.1', 24], ['eth0', 'fe80::1', 64]);

describe('the best of the addresses somebody gives', () => {
  it.each([
    ['a subnet in common', dual, ['203.0.113.9', '10.1.0.7'], '10.1.0.7'],
    ['no bridge, though it looks as if it were in common', dual, ['172.17.0.1', '192.0.2.5'], '192.0.2.5'],
    ['a container on this host, when there is nothing else', dual, ['172.17.0.2'], '172.17.0.2'],
    ['a family this host has: IPv6', ipv6Only, ['203.0.113.9', '2001:db8::9'], '2001:db8::9'],
    ['a family this host has: IPv4', ipv4Only, ['2001:db8::9', '203.0.113.9'], '203.0.113.9'],
    ['what its owner puts first, among equals', dual, ['203.0.113.9', '198.51.100.9'], '203.0.113.9'],
    ['never loopback or link-local before another', dual, ['127.0.0.1', 'fe80::7', '203.0.113.9'], '203.0.113.9'],
    ['loopback, where all is loopback', has(...lo), ['127.0.0.1', '::1'], '127.0.0.1'],
  ])('is %s', (_why, interfaces, addresses, best) => {
    expect(bestAddress(netsOf(interfaces), addresses.map(at))).toEqual(at(best));
  });

  it('is none of none', () => {
    expect(bestAddress(netsOf(dual), [])).toBeUndefined();
  });
});
