import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalIp, formatIp, parseIp, withoutScope } from './ip-address.ts';
import { formatHostPort, formatSocketAddress, parseHost, parseHostPort, parseSocketAddress } from './socket-address.ts';

describe('IP addresses', () => {
  it.each([
    ['0.0.0.0', '0.0.0.0'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['0001:0002:0003:0004:0005:0006:0007:0008', '1:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['FE80:0::1%wlp3s0.10', 'fe80::1%wlp3s0.10'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalIp(text)).toBe(canonical);
    expect(canonicalIp(canonical)).toBe(canonical);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.-4',
    '1.2.3.4 ',
    '0x1.2.3.4',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    '12345::',
    '::g',
    '1:2:3:4:5:6:7::8',
    '::1.2.3',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '1.2.3.4%eth0',
    'fe80::1%',
    'fe80::1%a b',
  ])('%j is none', (text) => {
    expect(canonicalIp(text)).toBeUndefined();
  });

  it('come back as they went', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.array(fc.constantFrom(0, 0, 1, 255), { minLength: 16, maxLength: 16 }).map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(bytes, (ip) => {
        expect(parseIp(formatIp(ip))).toEqual(ip);
      }),
    );
  });

  it('parse totally', () => {
    const text = fc.string({ unit: fc.constantFrom('0', '1', '25', 'f', 'a', ':', '.', '%', '::') });
    fc.assert(
      fc.property(text, (any) => {
        expect([undefined, 4, 16]).toContain(parseIp(any)?.length);
      }),
    );
  });

  it('lose their scope', () => {
    expect(withoutScope('fe80::1%eth0')).toBe('fe80::1');
    expect(withoutScope('10.0.0.1')).toBe('10.0.0.1');
  });
});

describe('hosts and ports', () => {
  it.each([
    ['192.0.2.1:7472', '192.0.2.1', 7472],
    ['[2001:DB8::1]:1', '2001:db8::1', 1],
    ['[fe80::1%eth0]:65535', 'fe80::1%eth0', 65535],
    ['db1.example:80', 'db1.example', 80],
    ['DB1:80', 'db1', 80],
  ])('%s', (text, host, port) => {
    expect(parseHostPort(text)).toEqual({ host, port });
  });

  it.each([
    ['db1', 'db1'],
    ['10.0.0.1', '10.0.0.1'],
    ['[::1]', '::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['web.1', 'web.1'],
    ['_fogata._udp.example', '_fogata._udp.example'],
  ])('%s takes the default port', (text, host) => {
    expect(parseHostPort(text, 7472)).toEqual({ host, port: 7472 });
    expect(parseHostPort(text)).toBeUndefined();
  });

  it.each([
    '',
    ':80',
    'db1:',
    'db1:0',
    'db1:65536',
    'db1:8x',
    '[::1]80',
    '[db1]:80',
    '[1.2.3.4]:80',
    '1.2.3.999:80',
    '01.2.3.4',
    '1.2.3',
    `${'x'.repeat(64)}:80`,
    'x.'.repeat(127),
    'a b:80',
    'a..b:80',
    '-a:80',
    '1:2:3:80',
  ])('%j is none', (text) => {
    expect(parseHostPort(text, 7472)).toBeUndefined();
  });

  it('that leave the port open', () => {
    expect(parseHost('db1:80')).toEqual({ host: 'db1', port: 80 });
    expect(parseHost('2001:DB8::1')).toEqual({ host: '2001:db8::1', port: undefined });
    expect(parseHost('db1:0')).toBeUndefined();
    expect(formatHostPort({ host: 'db1', port: 80 })).toBe('db1:80');
    expect(formatHostPort({ host: '::1', port: 80 })).toBe('[::1]:80');
  });

  it('of addresses only', () => {
    expect(parseSocketAddress('[::1]:7472')).toEqual({ address: '::1', port: 7472 });
    expect(parseSocketAddress('db1:7472')).toBeUndefined();
    expect(formatSocketAddress({ address: '::1', port: 7472 })).toBe('[::1]:7472');
    expect(formatSocketAddress({ address: '10.0.0.1', port: 7472 })).toBe('10.0.0.1:7472');
  });
});
