import { describe, expect, it } from 'vitest';
import { parseSeedAddress } from './seed-address.ts';

describe('seed addresses', () => {
  it.each([
    ['db1', 'db1', 7472],
    ['db1.example.org:7480', 'db1.example.org', 7480],
    ['192.0.2.1', '192.0.2.1', 7472],
    ['192.0.2.1:1', '192.0.2.1', 1],
    ['2001:db8::1', '2001:db8::1', 7472],
    ['[2001:db8::1]', '2001:db8::1', 7472],
    ['[2001:db8::1]:65535', '2001:db8::1', 65_535],
    ['fe80::1%eth0', 'fe80::1%eth0', 7472],
    ['[fe80::1%eth0]:7480', 'fe80::1%eth0', 7480],
  ])('reads %s', (text, host, port) => {
    expect(parseSeedAddress(text)).toEqual({ host, port });
  });

  it.each([
    '',
    ':7472',
    'db1:',
    'db1:0',
    'db1:65536',
    'db1:x',
    'a b',
    '[db1]:1',
    '[::1',
    '::1]',
    '[]',
    'db1:7472:',
    'db1/x',
    '1::2::3',
  ])('refuses %j', (text) => {
    expect(parseSeedAddress(text)).toBeUndefined();
  });

  it('takes a name as long as DNS permits, and none longer', () => {
    expect(parseSeedAddress('x'.repeat(253))?.host).toHaveLength(253);
    expect(parseSeedAddress('x'.repeat(254))).toBeUndefined();
  });
});
