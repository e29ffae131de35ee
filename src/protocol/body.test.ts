import { describe, expect, it } from 'vitest';
import { type BodyValue, fromBody, toBody } from './body.ts';
import { FogataError } from './fogata-error.ts';
import { bodyBytesMax } from './limits.ts';

describe('bodies', () => {
  it.each([
    [undefined, 'none'],
    [Uint8Array.of(0, 255), 'bytes'],
    ['', 'text'],
    ['\ufeffsüß 🔥', 'text'],
    [null, 'json'],
    [0, 'json'],
    [false, 'json'],
    [[1, 'a', null], 'json'],
    [{ a: { b: [true] } }, 'json'],
  ] as const)('%j goes as %s and comes back', (value, kind) => {
    const body = toBody(value);
    expect(body.kind).toBe(kind);
    expect(fromBody(body.kind, body.bytes)).toEqual({ ok: true, value });
  });

  it('holds at its bound', () => {
    expect(toBody(new Uint8Array(bodyBytesMax)).bytes.length).toBe(bodyBytesMax);
    expect(toBody('a'.repeat(bodyBytesMax)).bytes.length).toBe(bodyBytesMax);
    const tooLarge: unknown = expect.objectContaining({ code: 'too-large' });
    const over: BodyValue[] = [
      new Uint8Array(bodyBytesMax + 1),
      'a'.repeat(bodyBytesMax + 1),
      'ä'.repeat(bodyBytesMax / 2 + 1),
      ['a'.repeat(bodyBytesMax)],
    ];
    for (const value of over) expect(() => toBody(value)).toThrow(tooLarge);
  });

  it('refuses what JSON cannot say', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    for (const value of [cycle, 1n, () => {}, Symbol('x')] as unknown as BodyValue[]) {
      expect(() => toBody(value)).toThrow(FogataError);
      expect(() => toBody(value)).toThrow(expect.objectContaining({ code: 'invalid' }));
    }
  });

  it('never throws on bytes', () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    expect(fromBody('text', Uint8Array.of(0xff))).toEqual({ ok: false, reason: 'utf8' });
    expect(fromBody('json', Uint8Array.of(0xc3))).toEqual({ ok: false, reason: 'utf8' });
    expect(fromBody('json', bytes('{'))).toEqual({ ok: false, reason: 'json' });
    expect(fromBody('json', bytes(''))).toEqual({ ok: false, reason: 'json' });
    expect(fromBody('none', bytes('x'))).toEqual({ ok: false, reason: 'not-empty' });
    expect(fromBody('json', bytes('['.repeat(500_000))).ok).toBe(false);
  });

  it('a name like __proto__ in JSON is only a name', () => {
    const body = fromBody('json', new TextEncoder().encode('{"__proto__":{"polluted":1}}'));
    expect(body.ok && Object.keys(body.value as object)).toEqual(['__proto__']);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
