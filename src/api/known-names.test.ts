import { describe, expect, it } from 'vitest';
import { KnownNames } from './known-names.ts';

describe('known names', () => {
  it('are the same object for the same address, and checked the first time', () => {
    const names = new KnownNames();
    const crm = names.address('crm[zone=a]@db1', 'call');
    expect(crm).toEqual({ service: 'crm', node: 'db1', labels: { zone: 'a' } });
    expect(names.address('crm[zone=a]@db1', 'send')).toBe(crm);
    for (let i = 0; i < 2; i++) {
      expect(() => names.address('CRM', 'call')).toThrow(/lower-case/);
      expect(() => names.address('crm@*', 'call')).toThrow(/publish to "crm"/);
    }
  });

  it('publishing reaches all, also where one of them was called before', () => {
    const names = new KnownNames();
    names.address('crm', 'call');
    const all = names.address('crm', 'publish');
    expect(all).toEqual({ service: 'crm', node: '*' });
    expect(names.address('crm', 'publish')).toBe(all);
    expect(names.address('crm', 'call')).toEqual({ service: 'crm', node: '' });
  });

  it('are 256 addresses, and then they are learned anew', () => {
    const names = new KnownNames();
    const first = names.address('s0', 'call');
    for (let n = 1; n < 256; n++) names.address(`s${n}`, 'call');
    expect(names.address('s0', 'call')).toBe(first);
    names.address('s256', 'call');
    expect(names.address('s0', 'call')).not.toBe(first);
    expect(names.address('s0', 'call')).toEqual(first);
  });

  it('a command is checked unless it is the last one', () => {
    const names = new KnownNames();
    expect(() => names.command('')).toThrow(/command: /);
    expect([names.command('a'), names.command('a'), names.command('b')]).toEqual(['a', 'a', 'b']);
    expect(() => names.command('a b')).toThrow(/command: /);
    expect(() => names.command(undefined)).toThrow(/a command is a text/);
  });
});
