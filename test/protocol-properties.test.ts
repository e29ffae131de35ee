import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { malformedReasons } from '../src/protocol/decoded.ts';
import { codecs } from './interop/protocol-codecs.ts';

const runs = { numRuns: 150 };

describe.each(codecs)('$name', ({ values, encode, decode }) => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encode(value);
        const decoded = decode(bytes);
        expect(decoded).toEqual({ ok: true, value });
        expect(encode((decoded as { value: unknown }).value)).toStrictEqual(bytes);
      }),
      runs,
    );
  });

  it('[N5] has a value or a reason for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const decoded = decode(bytes);
        if (!decoded.ok) expect(malformedReasons).toContain(decoded.reason);
      }),
      runs,
    );
  });

  it('[N5] has a value or a reason for bytes that were once good', () => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255) });
    fc.assert(
      fc.property(values, fc.array(change, { minLength: 1, maxLength: 4 }), (value, changes) => {
        const bytes = encode(value);
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
        const decoded = decode(bytes);
        // What was understood can be said again and means the same.
        if (decoded.ok) expect(decode(encode(decoded.value))).toStrictEqual(decoded);
      }),
      runs,
    );
  });

  it('is never whole when its end is missing', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 0.999, noNaN: true }), (value, part) => {
        const bytes = encode(value);
        expect(decode(bytes.slice(0, Math.floor(part * bytes.length)))).toMatchObject({ ok: false });
      }),
      runs,
    );
  });
});
