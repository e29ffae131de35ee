import { describe, expect, it } from 'vitest';
import { createMdnsAsked, type MdnsLink } from './mdns-asked.ts';

const link: MdnsLink = { interface: 'eth0', family: 'ipv4' };

describe('[Z6] a question that waits', () => {
  it('is asked where nobody else has, and left out where another has: each interface and family for itself', () => {
    const asked = createMdnsAsked();
    asked.hear(link, 'elsewhere');
    expect(asked.takeTurn({ interface: 'eth0', family: 'ipv6' })).toBe(true);
    expect(asked.takeTurn({ interface: 'eth1', family: 'ipv4' })).toBe(true);
    expect(asked.takeTurn(link)).toBe(false);
  });

  it('is never left out twice running', () => {
    const asked = createMdnsAsked();
    const turns = Array.from({ length: 4 }, () => {
      for (let i = 0; i < 10; i++) asked.hear(link, 'elsewhere');
      return asked.takeTurn(link);
    });
    expect(turns).toEqual([false, true, false, true]);
  });

  it('is asked again when nobody has asked since the last time', () => {
    const asked = createMdnsAsked();
    asked.hear(link, 'elsewhere');
    expect([asked.takeTurn(link), asked.takeTurn(link), asked.takeTurn(link)]).toEqual([false, true, true]);
  });

  it('is not held for that of another when it comes back, but the next from this host is', () => {
    const asked = createMdnsAsked();
    expect(asked.takeTurn(link)).toBe(true);
    asked.hear(link, 'here');
    expect(asked.takeTurn(link)).toBe(true);
    asked.hear(link, 'here');
    asked.hear(link, 'here');
    expect(asked.takeTurn(link)).toBe(false);
  });

  it('counts what was heard while it waits, and nothing from before', () => {
    const asked = createMdnsAsked();
    asked.hear(link, 'elsewhere');
    asked.begin();
    expect(asked.takeTurn(link)).toBe(true);
  });
});
