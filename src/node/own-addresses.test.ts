import { describe, expect, it } from 'vitest';
import type { NetworkInterface } from '../runtime/interfaces.ts';
import { ownAddresses } from './own-addresses.ts';

function one(name: string, address: string, fields: Partial<NetworkInterface> = {}): NetworkInterface {
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  return { name, address, family, prefixLength: 24, internal: name === 'lo', ...fields };
}

const all = [
  one('lo', '127.0.0.1'),
  one('lo', '::1'),
  one('docker0', '172.17.0.1'),
  one('eth0', '2001:db8::1'),
  one('eth0', 'fe80::1'),
  one('eth0', '192.0.2.1'),
  one('wlan0', '198.51.100.1'),
];

describe('own addresses', () => {
  it('real before virtual, IPv4 before IPv6, without loopback and link-local', () => {
    expect(ownAddresses(all, 'open', 7472).map(({ address }) => address)).toEqual([
      '192.0.2.1',
      '198.51.100.1',
      '2001:db8::1',
      '172.17.0.1',
    ]);
  });

  it('[P4] loopback only when not open', () => {
    expect(ownAddresses(all, 'loopback', 7472)).toEqual([
      { address: '127.0.0.1', port: 7472 },
      { address: '::1', port: 7472 },
    ]);
  });

  it('what is advertised comes first, and once', () => {
    const given = [
      { address: '203.0.113.9', port: 7480 },
      { address: '192.0.2.1', port: 7472 },
    ];
    expect(ownAddresses(all, 'open', 7472, given).slice(0, 3)).toEqual([
      ...given,
      { address: '198.51.100.1', port: 7472 },
    ]);
  });

  it('what an interface gave itself comes after what somebody gave it', () => {
    const interfaces = [one('eth0', '169.254.7.7'), one('eth1', '192.0.2.1')];
    expect(ownAddresses(interfaces, 'open', 1).map(({ address }) => address)).toEqual(['192.0.2.1', '169.254.7.7']);
  });

  it('at most eight; and none where there is none', () => {
    const many = Array.from({ length: 9 }, (_, i) => one(`eth${i}`, `192.0.2.${i}`));
    expect(ownAddresses(many.slice(0, 8), 'open', 1)).toHaveLength(8);
    expect(ownAddresses(many, 'open', 1)).toHaveLength(8);
    expect(ownAddresses([one('eth0', 'fe80::1')], 'open', 1)).toEqual([]);
    expect(ownAddresses([], 'loopback', 1)).toEqual([{ address: '127.0.0.1', port: 1 }]);
  });
});
