import { describe, expect, it } from 'vitest';
import { formatAddress, isNodePart, parseAddress } from './address.ts';

describe('addresses', () => {
  it.each([
    ['crm', 'crm', ''],
    ['crm@db1', 'crm', 'db1'],
    ['crm@*', 'crm', '*'],
  ])('%s', (text, service, node) => {
    const parsed = parseAddress(text);
    expect(parsed).toEqual({ ok: true, address: { service, node } });
    expect(parsed.ok && formatAddress(parsed.address)).toBe(text);
    expect(isNodePart(node)).toBe(true);
  });

  it.each(['', '@', 'crm@', '@db1', '*', '*@db1', 'crm@db1@db2', 'crm@**', 'Crm', 'crm@DB1', ' crm'])(
    '%j is none, and says why',
    (text) => {
      const parsed = parseAddress(text);
      expect(parsed.ok).toBe(false);
      expect(!parsed.ok && parsed.reason.length).toBeGreaterThan(10);
    },
  );

  it.each([
    ['crm[version=2]', 'crm', '', { version: '2' }],
    ['crm[version=2,zone=a]@db1', 'crm', 'db1', { version: '2', zone: 'a' }],
    ['crm[x=]@*', 'crm', '*', { x: '' }],
    ['crm[a=b=c]', 'crm', '', { a: 'b=c' }],
    ['crm[__proto__=1]', 'crm', '', Object.fromEntries([['__proto__', '1']])],
  ])('%s selects by label', (text, service, node, labels) => {
    const parsed = parseAddress(text);
    expect(parsed.ok && parsed.address).toMatchObject({ service, node });
    expect(parsed.ok && { ...parsed.address.labels }).toEqual(labels);
    expect(parsed.ok && formatAddress(parsed.address)).toBe(text);
  });

  it.each([
    'crm[',
    'crm[]',
    'crm[version]',
    'crm[=2]',
    'crm[a=1,]',
    'crm[a=1,a=2]',
    'crm[a=1]x',
    'crm@db1[a=1]',
    '[a=1]',
  ])('%j selects nothing, and says why', (text) => {
    const parsed = parseAddress(text);
    expect(!parsed.ok && parsed.reason.length).toBeGreaterThan(10);
  });

  it('at most 16 labels, of at most 255 bytes each', () => {
    const labels = (count: number) => Array.from({ length: count }, (_, n) => `l${n}=1`).join(',');
    expect(parseAddress(`crm[${labels(16)}]`).ok).toBe(true);
    expect(parseAddress(`crm[${labels(17)}]`).ok).toBe(false);
    expect(parseAddress(`crm[a=${'x'.repeat(255)}]`).ok).toBe(true);
    expect(parseAddress(`crm[a=${'x'.repeat(256)}]`).ok).toBe(false);
    expect(parseAddress(`crm[${'x'.repeat(256)}=a]`).ok).toBe(false);
  });
});
