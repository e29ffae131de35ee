import { describe, expect, it } from 'vitest';
import { type MessageId, type NodeId, noNode } from './ids.ts';
import { integerMax } from './limits.ts';
import { Reader } from './reader.ts';
import { cutUtf8 } from './utf8.ts';
import { Writer } from './writer.ts';

const texts = ['', 'a', 'crm', 'exactly eight', 'x'.repeat(48), 'x'.repeat(49), 'ä', '🔥'.repeat(20), '\ufeffa', '\0'];

describe('Reader and Writer', () => {
  it('agree on every type', () => {
    const writer = new Writer(1);
    const id = '00112233445566ff' as NodeId;
    const message = '00112233445566778899aabbccddeeff' as MessageId;
    writer.u8(255);
    writer.u16(65_535);
    writer.u32(4_294_967_295);
    writer.u64(integerMax);
    writer.word(['x', 'y'], 'y');
    writer.nodeId(id);
    writer.messageId(message);
    writer.name('crm');
    writer.nameOrNone('');
    writer.command('A/b');
    writer.raw(Uint8Array.of(1, 2));
    const reader = new Reader(writer.copy());
    expect([reader.u8(), reader.u16(), reader.u32(), reader.u64()]).toEqual([255, 65_535, 4_294_967_295, integerMax]);
    expect(reader.word(['x', 'y'])).toBe('y');
    expect([reader.nodeId(), reader.messageId()]).toEqual([id, message]);
    expect([reader.name(), reader.nameOrNone(), reader.command()]).toEqual(['crm', '', 'A/b']);
    expect(reader.raw(2)).toEqual(Uint8Array.of(1, 2));
    reader.expectEnd();
    expect(reader.result('done')).toEqual({ ok: true, value: 'done' });
  });

  it.each(texts)('[N3] text %j', (text) => {
    const writer = new Writer(1);
    writer.str8(text);
    writer.str16(text);
    const reader = new Reader(writer.view());
    expect([reader.str8(), reader.str16(), reader.left]).toEqual([text, text, 0]);
  });

  it('texts hold at their bounds', () => {
    const writer = new Writer(1);
    writer.str8('a'.repeat(255));
    writer.str16('ä'.repeat(32_767));
    const tooLarge: unknown = expect.objectContaining({ code: 'too-large' });
    expect(() => writer.str8('a'.repeat(256))).toThrow(tooLarge);
    expect(() => writer.str8('ä'.repeat(128))).toThrow(tooLarge);
    expect(() => writer.str16('a'.repeat(65_536))).toThrow(tooLarge);
    expect(() => writer.str16('ä'.repeat(32_768))).toThrow(tooLarge);
  });

  it('[N1] integers hold at their bounds', () => {
    const writer = new Writer();
    for (const value of [-1, 256, 1.5, Number.NaN]) expect(() => writer.u8(value)).toThrow(RangeError);
    for (const value of [-1, 65_536]) expect(() => writer.u16(value)).toThrow(RangeError);
    for (const value of [-1, 4_294_967_296]) expect(() => writer.u32(value)).toThrow(RangeError);
    for (const value of [-1, integerMax + 1, 0.5]) expect(() => writer.u64(value)).toThrow(RangeError);
    const above = new Reader(Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0));
    above.u64();
    expect(above.reason).toBe('number');
  });

  it('[N7] names are checked both ways', () => {
    expect(() => new Writer().name('Crm')).toThrow(expect.objectContaining({ code: 'invalid' }));
    expect(() => new Writer().command('a b')).toThrow(expect.objectContaining({ code: 'invalid' }));
    const reader = new Reader(Uint8Array.of(1, 0x41));
    expect([reader.name(), reader.reason]).toEqual(['', 'name']);
  });

  it('a failure sticks, and everything after it is nothing', () => {
    const reader = new Reader(Uint8Array.of(1, 2, 3, 0xff, 5, 6, 7, 8, 9), 0, 3);
    reader.u32();
    reader.fail('name');
    expect([reader.reason, reader.left]).toEqual(['short', 0]);
    expect([reader.u8(), reader.u16(), reader.u64(), reader.str8(), reader.nodeIdOrNone()]).toEqual([
      0,
      0,
      0,
      '',
      noNode,
    ]);
    expect(reader.raw(1)).toHaveLength(0);
    expect(reader.result(1)).toEqual({ ok: false, reason: 'short' });
  });

  it('refuses the zero id, unknown words, counts above a bound and bytes left over', () => {
    const check = (bytes: number[], read: (reader: Reader) => void) => {
      const reader = new Reader(Uint8Array.from(bytes));
      read(reader);
      return reader.reason;
    };
    expect(check([0, 0, 0, 0, 0, 0, 0, 0], (reader) => reader.nodeId())).toBe('id');
    expect(check([0], (reader) => reader.word(['x']))).toBe('range');
    expect(check([2], (reader) => reader.word(['x']))).toBe('range');
    expect(check([8], (reader) => reader.count8(8))).toBeUndefined();
    expect(check([9], (reader) => reader.count8(8))).toBe('count');
    expect(check([0], (reader) => reader.expectEnd())).toBe('long');
    expect(check([1, 0xff], (reader) => reader.str8())).toBe('utf8');
  });

  it('a writer is used again, and grows no further than it may', () => {
    const writer = new Writer(4, 8);
    writer.u64(1);
    expect(() => writer.u8(1)).toThrow(expect.objectContaining({ code: 'too-large' }));
    writer.reset();
    writer.str8('sieben!');
    expect(writer.view()).toHaveLength(8);
    writer.reset();
    expect(() => writer.str8('acht!!!!')).toThrow(expect.objectContaining({ code: 'too-large' }));
  });

  it('texts for people are cut between characters', () => {
    expect(cutUtf8('abc', 3)).toBe('abc');
    expect(cutUtf8('abcd', 3)).toBe('abc');
    expect(cutUtf8('aää', 4)).toBe('aä');
    expect(cutUtf8('🔥🔥', 7)).toBe('🔥');
  });
});
