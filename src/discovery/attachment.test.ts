import { describe, expect, it } from 'vitest';
import type { NetworkInterface } from '../runtime/interfaces.ts';
import { attachmentsMax, selectAttachments } from './attachment.ts';
import { createInterfaceLocator } from './interface-locator.ts';

function ipv4(name: string, address: string, prefixLength: number): NetworkInterface {
  return { name, address, family: 'ipv4', prefixLength, internal: name === 'lo' };
}

function ipv6(name: string, address: string, prefixLength = 64): NetworkInterface {
  return { name, address, family: 'ipv6', prefixLength, internal: name === 'lo' };
}

const host = [
  ipv4('lo', '127.0.0.1', 8),
  ipv6('lo', '::1', 128),
  ipv4('eth0', '192.168.1.5', 24),
  ipv4('eth0', '10.0.0.5', 8),
  ipv6('eth0', '2001:db8::5'),
  ipv6('eth0', 'fe80::5'),
  ipv6('eth0', 'fe80::6'),
  ipv4('wg0', '10.9.0.1', 32),
];

describe('attachments', () => {
  it('are every IPv4 address and the IPv6 side of each interface, loopback last', () => {
    const chosen = selectAttachments(host, 'open');
    expect(chosen.map(({ interface: name, address, broadcast }) => [name, address, broadcast])).toEqual([
      ['eth0', '192.168.1.5', '192.168.1.255'],
      ['eth0', '10.0.0.5', '10.255.255.255'],
      ['eth0', 'fe80::5%eth0', undefined],
      ['wg0', '10.9.0.1', undefined],
      ['lo', '127.0.0.1', '127.255.255.255'],
      ['lo', '::1', undefined],
    ]);
    expect(chosen.map((one) => one.multicastInterface)).toContain('::%eth0');
  });

  it('[P4] are on loopback only in that scope', () => {
    expect(selectAttachments(host, 'loopback').map((one) => one.address)).toEqual(['127.0.0.1', '::1']);
  });

  it('take an IPv6 interface without link-local address by the one it has', () => {
    expect(selectAttachments([ipv6('tun0', 'fd00::1')], 'open').map((one) => one.address)).toEqual(['fd00::1']);
  });

  it('are bounded, and real interfaces come before loopback', () => {
    const many = [
      ...host.slice(0, 1),
      ...Array.from({ length: 2 * attachmentsMax }, (_, i) => ipv4(`br${i}`, `10.1.${i}.1`, 24)),
    ];
    const chosen = selectAttachments(many, 'open');
    expect(chosen).toHaveLength(attachmentsMax);
    expect(chosen.some((one) => one.internal)).toBe(false);
  });
});

describe('the interface locator', () => {
  const locator = createInterfaceLocator(host);
  it.each([
    ['192.168.1.77', 'eth0'],
    ['10.200.0.1', 'eth0'],
    ['10.9.0.1', 'wg0'],
    ['127.4.4.4', 'lo'],
    ['::1', 'lo'],
    ['2001:db8::77', 'eth0'],
    ['fe80::99%wg0', 'wg0'],
    ['fe80::99%eth0', 'eth0'],
    ['172.16.0.1', undefined],
    ['nonsense', undefined],
  ])('places %s on %s', (address, name) => {
    expect(locator.locate(address)?.interface).toBe(name);
  });
});
