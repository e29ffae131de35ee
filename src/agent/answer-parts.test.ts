import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interimMax, PartKind, PartReader, partBytesMax, partHead } from './answer-parts.ts';

const part = (kind: 1 | 2 | 3, text: string) =>
  Buffer.concat([partHead(kind, Buffer.byteLength(text)), Buffer.from(text)]);
const head = (text: string) => part(PartKind.head, text);
const body = (text: string) => part(PartKind.body, text);
const trailers = (text: string) => part(PartKind.trailers, text);

/** Reads a final head as `final`, an interim one as any other text but `bad`. */
function readerOf(hasHead = false, interimBefore = 0) {
  const seen: string[] = [];
  let consumed = 0;
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  const reader = new PartReader(
    {
      onHead(json) {
        seen.push(`head ${text(json)}`);
        return text(json) === 'bad' ? undefined : text(json) === 'final';
      },
      onBody(bytes) {
        const last = seen.at(-1);
        if (last?.startsWith('body ')) seen[seen.length - 1] = last + text(bytes);
        else seen.push(`body ${text(bytes)}`);
      },
      onTrailers(json) {
        seen.push(`trailers ${text(json)}`);
        return text(json) !== 'bad';
      },
      onConsumed: (count) => void (consumed += count),
    },
    interimBefore,
    hasHead,
  );
  return { reader, seen, consumed: () => consumed };
}

const whole = [head('103'), head('final'), body('a'), body(''), body('bc'), trailers('t')];

describe('PartReader', () => {
  it('reads parts, however they are cut, and returns the credit of all but the body', () => {
    const bytes = Buffer.concat(whole);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 })), (sizes) => {
        const { reader, seen, consumed } = readerOf();
        let at = 0;
        for (const size of [...sizes, bytes.length]) {
          expect(reader.push(bytes.subarray(at, at + size))).toBeUndefined();
          at += size;
        }
        expect(seen).toEqual(['head 103', 'head final', 'body abc', 'trailers t']);
        expect(consumed()).toBe(bytes.length - 3);
        expect(reader.mayEnd).toBe(true);
      }),
    );
  });

  it('may end only between parts, after the final head', () => {
    const { reader } = readerOf();
    const ends = whole.map((bytes) => {
      reader.push(bytes.subarray(0, 3));
      const within = reader.mayEnd;
      reader.push(bytes.subarray(3));
      return [within, reader.mayEnd];
    });
    expect(ends.map(([within]) => within)).toEqual(whole.map(() => false));
    expect(ends.map(([, after]) => after)).toEqual([false, true, true, true, true, true]);
  });

  it.each([
    ['a body before the head', [body('a')]],
    ['trailers before the head', [trailers('t')]],
    ['a head after the final one', [head('final'), head('final')]],
    ['a body after the trailers', [head('final'), trailers('t'), body('a')]],
    ['trailers twice', [head('final'), trailers('t'), trailers('t')]],
    ['an unknown kind', [Buffer.of(4, 0, 0, 0, 1, 0)]],
    ['an empty head', [head('')]],
    ['a head that is none', [head('bad')]],
    ['trailers that are none', [head('final'), trailers('bad')]],
  ])('%s is refused, and nothing is read after it', (_what, parts) => {
    const { reader, seen } = readerOf();
    const faults = parts.map((bytes) => reader.push(bytes));
    expect(faults.at(-1)).toEqual(expect.any(String));
    const { length } = seen;
    reader.push(Buffer.concat(whole));
    expect(seen).toHaveLength(length);
  });

  it('holds the bounds at n and n + 1', () => {
    expect(readerOf().reader.push(partHead(PartKind.head, partBytesMax))).toBeUndefined();
    expect(readerOf().reader.push(partHead(PartKind.head, partBytesMax + 1))).toEqual(expect.any(String));
    const heads = (count: number) =>
      Buffer.concat([...Array.from({ length: count }, () => head('103')), head('final')]);
    expect(readerOf().reader.push(heads(interimMax))).toBeUndefined();
    expect(readerOf().reader.push(heads(interimMax + 1))).toEqual(expect.any(String));
    expect(readerOf(false, 1).reader.push(heads(interimMax))).toEqual(expect.any(String));
  });

  it('stops when it is told to in the middle', () => {
    const seen: string[] = [];
    const reader: PartReader = new PartReader(
      {
        onHead() {
          reader.stop();
          return true;
        },
        onBody: () => void seen.push('body'),
        onTrailers: () => true,
        onConsumed: () => undefined,
      },
      0,
      false,
    );
    reader.push(Buffer.concat([head('final'), body('a')]));
    expect(seen).toEqual([]);
  });

  it('never throws on random bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.boolean(), (chunks, hasHead) => {
        const { reader } = readerOf(hasHead);
        for (const chunk of chunks) reader.push(chunk);
      }),
    );
  });
});
