import { describe, expect, it } from 'vitest';
import { systemResolver } from './system-resolver.ts';

describe('the system resolver', () => {
  it('answers an address with itself, scope included', async () => {
    const resolver = systemResolver();
    expect(await resolver.resolve('192.0.2.7')).toEqual(['192.0.2.7']);
    expect(await resolver.resolve('2001:db8::7')).toEqual(['2001:db8::7']);
    expect(await resolver.resolve('fe80::7%eth0')).toEqual(['fe80::7%eth0']);
  });

  it('knows localhost, also when asked more often at once than it may look up', async () => {
    const resolver = systemResolver();
    const answers = await Promise.all(Array.from({ length: 6 }, () => resolver.resolve('localhost')));
    for (const answer of answers)
      expect(answer.some((address) => address === '127.0.0.1' || address === '::1')).toBe(true);
  });

  it('rejects a name that cannot be, and goes on afterwards', async () => {
    const resolver = systemResolver();
    await expect(resolver.resolve(`${'a'.repeat(64)}.invalid`)).rejects.toThrow();
    expect(await resolver.resolve('127.0.0.1')).toEqual(['127.0.0.1']);
    expect((await resolver.resolve('localhost')).length).toBeGreaterThan(0);
  });
});
