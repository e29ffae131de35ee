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
});
