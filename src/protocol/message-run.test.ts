import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headOf, messageIdOf, messageRest, received } from '../../test/delivery/delivery-bed.ts';
import { faultOf, messagesIn, runRest } from '../../test/delivery/run-frames.ts';
import { messageHead } from '../../test/interop/protocol-arbitraries.ts';
import { ByteCopies } from './byte-copies.ts';
import { FrameKind } from './frame.ts';
import { bodyBytesMax, runMessagesMax } from './limits.ts';
import { ReceivedRun } from './message-run.ts';
import { NameCache } from './name-cache.ts';
import { Reader } from './reader.ts';

const noBytes = new Uint8Array(0);
const bytesHead = headOf({ bodyKind: 'bytes' });
const frameOf = (rest: Uint8Array, correlation: number) => received({ kind: FrameKind.run, correlation }, rest);
const some = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: messageIdOf(i + 1), correlation: i + 1, body: noBytes }));

describe('[F19] a run', () => {
  it('says of each message what a frame of its own would', () => {
    const one = fc.record({
      id: fc.nat().map(messageIdOf),
      correlation: fc.nat(),
      body: fc.uint8Array({ maxLength: 90 }),
    });
    fc.assert(
      fc.property(messageHead, fc.array(one, { minLength: 1, maxLength: 20 }), (head, all) => {
        const messages = all.map((each) => (head.bodyKind === 'none' ? { ...each, body: noBytes } : each));
        const rest = runRest(head, messages);
        const found = messagesIn(frameOf(rest, messages[0]?.correlation ?? 0));
        expect(found.map(({ bytes, correlation }) => [correlation, Buffer.from(bytes).toString('hex')])).toEqual(
          messages.map(({ id, correlation, body }) => [
            correlation,
            Buffer.concat([messageRest({ ...head, id }), body]).toString('hex'),
          ]),
        );
      }),
    );
  });

  it('costs a message behind the first 21 bytes besides its body, as long as correlations follow each other', () => {
    const [a, b, far] = [1, 256, 512].map((correlation) => ({ id: messageIdOf(1), correlation, body: noBytes }));
    if (a === undefined || b === undefined || far === undefined) throw new Error('three');
    const one = runRest(bytesHead, [a]).length;
    expect([runRest(bytesHead, [a, b]).length - one, runRest(bytesHead, [a, far]).length - one]).toEqual([21, 25]);
    expect(runRest(bytesHead, [far, a]).length - one).toBe(25);
  });

  it('has bodies that stay as they are once the frame is gone, also where they are many and long', () => {
    const names = new NameCache();
    const bodies = [3, 0, 9_000, 9_000, 20_000, 1].map((length, i) => new Uint8Array(length).fill(i + 1));
    const rest = runRest(
      bytesHead,
      bodies.map((body, i) => ({ id: messageIdOf(i), correlation: i + 1, body })),
    );
    const run = new ReceivedRun();
    const reader = new Reader(rest);
    const copies = new ByteCopies();
    const kept: Uint8Array[] = [];
    const ids: string[] = [];
    run.begin(frameOf(rest, 1), 0);
    while (run.next(reader, 0)) {
      const { frame, bodyStart } = run;
      kept.push(copies.takeOf(frame, bodyStart, frame.end));
      ids.push(names.ids.read(frame.bytes, frame.start));
    }
    rest.fill(0);
    expect(kept).toEqual(bodies);
    expect(ids).toEqual(bodies.map((_, i) => messageIdOf(i)));
  });

  it('has one head for all, and one for each where there are parameters', () => {
    const headsOf = (rest: Uint8Array) => {
      const run = new ReceivedRun();
      const reader = new Reader(rest);
      run.begin(frameOf(rest, 1), 0);
      const heads = [];
      while (run.next(reader, 0)) heads.push(run.head());
      return heads;
    };
    const [first, second] = headsOf(runRest(bytesHead, some(2)));
    expect(second).toBe(first);
    const [next] = headsOf(runRest(headOf({ service: 'other' }), some(1)));
    expect([first?.service, next?.service]).toEqual([bytesHead.service, 'other']);
    const [one, two] = headsOf(runRest(headOf({ params: { a: 'b' } }), some(2)));
    expect(two?.params).not.toBe(one?.params);
    expect([one?.params, two?.params]).toEqual([{ a: 'b' }, { a: 'b' }]);
  });

  it('takes off the deadline of each what passed since it was taken up', () => {
    const run = new ReceivedRun();
    const rest = runRest(bytesHead, some(2));
    const reader = new Reader(rest);
    run.begin(received({ kind: FrameKind.run, deadlineMs: 100 }, rest), 5.25);
    expect([run.next(reader, 5.25), run.frame.deadlineMs]).toEqual([true, 100]);
    expect([run.next(reader, 106.25), run.frame.deadlineMs, run.frame.readAt]).toEqual([true, -1, 106.25]);
  });

  it('holds so many messages and no more', () => {
    expect(faultOf(runRest(bytesHead, some(runMessagesMax)))).toBeUndefined();
    expect(faultOf(runRest(bytesHead, some(runMessagesMax + 1)))).toBe('count');
  });

  it('holds so long a body and no longer', () => {
    const ofBytes = (count: number) =>
      runRest(bytesHead, [{ id: messageIdOf(1), correlation: 1, body: new Uint8Array(count) }]);
    expect(faultOf(ofBytes(bodyBytesMax))).toBeUndefined();
    expect(faultOf(ofBytes(bodyBytesMax + 1))).toBe('long');
  });

  it('is malformed where it is cut off, has a body of no kind, or counts beyond what there is', () => {
    const body = Uint8Array.of(1, 2);
    const [a, b] = [1, 2].map((n) => ({ id: messageIdOf(n), correlation: n, body }));
    if (a === undefined || b === undefined) throw new Error('two');
    const first = runRest(bytesHead, [a]).length;
    const rest = runRest(bytesHead, [a, b]);
    for (let length = 0; length < rest.length; length++) {
      expect(faultOf(rest.subarray(0, length))).toBe(length === first ? undefined : 'short');
    }
    expect(faultOf(runRest(headOf(), [a]))).toBe('long');
    expect(faultOf(rest, 0xffff_ffff)).toBe('range');
  });
});
