import { describe, expect, it } from 'vitest';
import { addressBytes, broadcastAddress, isLinkLocalIpv6, isLoopbackAddress, sameSubnet } from './subnet.ts';

describe('subnets', () => {
  it.each([
    ['192.168.1.5', 24, '192.168.1.255'],
    ['10.1.2.3', 8, '10.255.255.255'],
    ['10.77.5.9', 20, '10.77.15.255'],
    ['192.0.2.1', 30, '192.0.2.3'],
    ['127.0.0.1', 8, '127.255.255.255'],
    ['192.0.2.1', 31, undefined],
    ['192.0.2.1', 32, undefined],
    ['2001:db8::1', 16, undefined],
    ['rubbish', 8, undefined],
  ])('the broadcast address of %s/%d is %s', (address, prefixLength, expected) => {
    expect(broadcastAddress(address, prefixLength)).toBe(expected);
  });

  it.each([
    ['10.77.5.9', '10.77.15.254', 20, true],
    ['10.77.5.9', '10.77.16.1', 20, false],
    ['10.77.5.9', '10.77.5.9', 32, true],
    ['10.77.5.9', '10.77.5.8', 32, false],
    ['1.2.3.4', '200.2.3.4', 0, true],
    ['2001:db8::1', '2001:db8::ffff', 64, true],
    ['2001:db8::1', '2001:db9::1', 32, false],
    ['10.0.0.1', '2001:db8::1', 0, false],
    ['10.0.0.1', '::ffff:10.0.0.2', 24, true],
  ])('%s and %s agree in %d bits: %s', (a, b, prefixLength, expected) => {
    const [left, right] = [addressBytes(a), addressBytes(b)];
    expect(sameSubnet(left!, right!, prefixLength)).toBe(expected);
  });

  it('knows loopback and link-local addresses, with and without scope', () => {
    for (const address of ['127.0.0.1', '127.3.2.1', '::1', '::ffff:127.0.0.1'])
      expect(isLoopbackAddress(address)).toBe(true);
    for (const address of ['128.0.0.1', '::2', 'fe80::1%lo', 'localhost', ''])
      expect(isLoopbackAddress(address)).toBe(false);
    for (const address of ['fe80::1', 'fe80::1%eth0', 'febf::1']) expect(isLinkLocalIpv6(address)).toBe(true);
    for (const address of ['fec0::1', 'fd00::1', '169.254.0.1', '']) expect(isLinkLocalIpv6(address)).toBe(false);
  });
});
