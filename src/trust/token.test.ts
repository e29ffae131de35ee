import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase32, encodeBase32 } from './base32.ts';
import { decodeToken, encodeToken, type Token } from './token.ts';

const token: Token = {
  cluster: 'site',
  addresses: [
    { address: '192.0.2.7', port: 7472 },
    { address: '2001:db8::7', port: 7472 },
  ],
  invitation: '0123456789abcdef',
  secret: new Uint8Array(16).fill(7),
  expiresAt: 1_700_000_000_000,
};

describe('base32', () => {
  it('gives back any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(decodeBase32(encodeBase32(bytes))).toEqual(bytes);
      }),
    );
  });
});

it('base32 takes nothing behind the end, and no other last character', () => {
  const text = encodeBase32(Uint8Array.of(1, 2, 3));
  expect(decodeBase32(text)).toEqual(Uint8Array.of(1, 2, 3));
  expect(decodeBase32(`${text}x`)).toBeUndefined();
  expect(decodeBase32(`${text.slice(0, -1)}1`)).toBeUndefined();
});

describe('a token [K8]', () => {
  it('is one word, and gives back what it was made of', () => {
    const text = encodeToken(token);
    expect(text).toMatch(/^[0-9a-z]+$/);
    expect(decodeToken(text)).toEqual({ ok: true, token });
  });

  it('stands capitals, blanks, line breaks and look-alikes', () => {
    const text = encodeToken(token);
    const typed = ` ${text.slice(0, 20).toUpperCase()}\n   ${text.slice(20).replaceAll('0', 'O').replaceAll('1', 'l')}\r\n`;
    expect(decodeToken(typed)).toEqual({ ok: true, token });
  });

  it('tells a typo from what is no token at all', () => {
    const text = encodeToken(token);
    fc.assert(
      fc.property(fc.integer({ min: 6, max: text.length - 2 }), fc.integer({ min: 1, max: 31 }), (at, by) => {
        const digits = '0123456789abcdefghjkmnpqrstvwxyz';
        const other = digits[(digits.indexOf(text[at] ?? '0') + by) % 32];
        expect(decodeToken(text.slice(0, at) + other + text.slice(at + 1))).toEqual({ ok: false, reason: 'typo' });
      }),
    );
    expect(decodeToken(text.slice(0, -6))).toEqual({ ok: false, reason: 'typo' });
    expect(decodeToken('hello')).toEqual({ ok: false, reason: 'no-token' });
    expect(decodeToken('fogata')).toEqual({ ok: false, reason: 'typo' });
  });

  it('is decoded without a throw, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 1_500 }), fc.boolean(), (text, begun) => {
        expect(decodeToken(begun ? `fogata${text}` : text).ok).toBe(false);
      }),
    );
  });
});
