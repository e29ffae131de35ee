import { describe, expect, it } from 'vitest';
import { alikeIn, alikeRest, refusalRest } from '../../test/delivery/alike-frames.ts';
import { AlikeWriter } from './alike.ts';
import { alikeReplyBytesMax, deliveredMax } from './limits.ts';

const countUp = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('[F17] an alike frame', () => {
  it('brings a reply, its body, and whom it is for', () => {
    const body = Uint8Array.of(1, 2, 3);
    const correlations = [7, 8, 300, 2, 4_294_967_295];
    const rest = alikeRest(refusalRest({ bodyKind: 'bytes' }, body), correlations);
    expect(alikeIn(rest, 7)).toMatchObject({
      reply: { outcome: 'refused', code: 'busy', reason: 'full' },
      body: { kind: 'bytes', bytes: body },
      correlations,
    });
    expect(alikeIn(alikeRest(refusalRest(), [9]), 9)).toMatchObject({ body: { kind: 'none' }, correlations: [9] });
  });

  it('costs a byte for each of those that follow each other, and is written again for others', () => {
    const writer = new AlikeWriter();
    writer.begin(refusalRest());
    writer.correlations.add(1);
    const one = writer.view().length;
    for (const more of countUp(999)) writer.correlations.add(1 + more);
    expect([writer.correlations.count, writer.view().length]).toEqual([1_000, one + 999]);
    writer.correlations.again();
    writer.correlations.add(5);
    expect([writer.correlations.first, writer.view().length]).toEqual([5, one]);
    expect(alikeIn(writer.view(), 5)).toMatchObject({ reply: { reason: 'full' }, correlations: [5] });
  });

  it('holds so many messages and no more', () => {
    const rest = alikeRest(refusalRest(), countUp(deliveredMax + 1));
    expect(alikeIn(rest, 1)).toMatchObject({ correlations: countUp(deliveredMax) });
    expect(alikeIn(Buffer.concat([rest, Uint8Array.of(1)]), 1)).toBe('count');
  });

  it('holds so long a reply and no longer', () => {
    const headBytes = refusalRest().length;
    const body = new Uint8Array(alikeReplyBytesMax - headBytes);
    const most = refusalRest({ bodyKind: 'bytes' }, body);
    expect(alikeIn(alikeRest(most, [1, 2]), 1)).toMatchObject({ body: { bytes: body }, correlations: [1, 2] });
    expect(() => alikeRest(Buffer.concat([most, Uint8Array.of(1)]), [1])).toThrow(RangeError);
  });

  it('is malformed where it is cut off within the reply, or brings an answer', () => {
    const reply = refusalRest();
    const rest = alikeRest(reply, [1]);
    for (let length = 0; length < rest.length; length++) expect(alikeIn(rest.subarray(0, length), 1)).toBe('short');
    expect(alikeIn(alikeRest(reply.subarray(0, -1), [1, 2]), 1)).toBe('short');
    expect(alikeIn(alikeRest(refusalRest({ outcome: 'answered', code: undefined }), [1]), 1)).toBe('range');
  });
});
