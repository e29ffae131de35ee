import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NameCache } from './name-cache.ts';

describe('a cache of names', () => {
  it('gives back what lies there, however many names there are', () => {
    const cache = new NameCache();
    const encoder = new TextEncoder();
    const name = fc.stringMatching(/^[a-z0-9._-]{1,63}$/);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 50 }), (names) => {
        const bytes = encoder.encode(names.join(''));
        let at = 0;
        for (const each of names) {
          expect(cache.read(bytes, at, at + each.length)).toBe(each);
          at += each.length;
        }
      }),
    );
  });
});
