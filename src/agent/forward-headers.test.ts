import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { append, endToEndHeaders, HeaderNames } from './forward-headers.ts';

describe('names of headers', () => {
  it('are found whatever their case and length, and no others', () => {
    const text = fc.stringMatching(/^[a-z-]{0,40}$/);
    fc.assert(
      fc.property(fc.array(text), text, (names, other) => {
        const all = new HeaderNames(...names);
        for (const name of names) expect([all.has(name), all.has(name.toUpperCase())]).toEqual([true, true]);
        expect(all.has(other)).toBe(names.includes(other));
      }),
    );
  });
});

describe('end-to-end headers', () => {
  it('are all but those of the connection, those it lists and those that are not wanted', () => {
    const raw = [
      'A',
      '1',
      'Keep-Alive',
      'x',
      'B',
      '2',
      'Connection',
      'close, b, Host',
      'HOST',
      'h',
      'c',
      '3',
      'a',
      '4',
    ];
    expect(endToEndHeaders(raw)).toEqual(['A', '1', 'HOST', 'h', 'c', '3', 'a', '4']);
    expect(endToEndHeaders(raw, new HeaderNames('c'))).toEqual(['A', '1', 'HOST', 'h', 'a', '4']);
  });

  it('get a value behind the last of its name, or a header of its own', () => {
    const headers = ['Via', 'a', 'vib', 'b', 'VIA', 'c'];
    append(headers, 'via', 'd');
    append(headers, 'x', 'e');
    expect(headers).toEqual(['Via', 'a', 'vib', 'b', 'VIA', 'c, d', 'x', 'e']);
  });
});
