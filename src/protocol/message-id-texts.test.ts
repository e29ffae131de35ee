import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessageId, writeMessageId } from './ids.ts';
import { MessageIdTexts } from './message-id-texts.ts';

describe('the texts of message ids', () => {
  it('are those of their bytes, whatever came before', () => {
    const texts = new MessageIdTexts();
    const id = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(fc.array(id, { maxLength: 8 }), (ids) => {
        for (const digits of ids) {
          const bytes = Uint8Array.from([7, ...digits]);
          expect(texts.read(bytes, 1)).toBe(readMessageId(bytes, 1));
        }
      }),
    );
  });

  it('go on when the last byte runs over', () => {
    const texts = new MessageIdTexts();
    const bytes = new Uint8Array(16);
    const read: string[] = [];
    for (const id of [
      '00000000000000000000000000000000',
      '000000000000000000000000000000ff',
      '0000000000000000000000000000ff00',
    ]) {
      writeMessageId(bytes, 0, id as never);
      read.push(texts.read(bytes, 0));
    }
    expect(read).toEqual([
      '00000000000000000000000000000000',
      '000000000000000000000000000000ff',
      '0000000000000000000000000000ff00',
    ]);
  });
});
