import { describe, expect, it } from 'vitest';
import { received } from '../../test/delivery/delivery-bed.ts';
import { acceptor, answer, mustOpen, opener, owner, streamBed } from '../../test/delivery/stream-bed.ts';
import { FrameFlag, FrameKind } from '../protocol/frame.ts';
import { bodyBytesMax, streamCreditBytes, streamsMax, streamWindowBytesMax } from '../protocol/limits.ts';

const lost = { reached: true, text: 'gone' };
const bytesOf = (count: number) => new Uint8Array(count).map((_, i) => (i * 7) & 255);

describe('a stream', () => {
  it('[F8] [F9] is answered, carries bytes both ways and ends when both have ended', () => {
    const bed = streamBed();
    bed.provide((stream, events) => {
      events.follow = (what) => {
        if (what === 'end') stream.end();
      };
      stream.accept(answer);
      stream.write(new Uint8Array([1, 2]));
    });
    const told = owner();
    const stream = mustOpen(bed.open(told));
    stream.write(new Uint8Array([3]));
    stream.end();
    bed.settle();
    expect(told.told).toEqual(['ready', 'accept', 'end', 'finish']);
    expect([told.bytes, bed.accepted[0]?.owner.bytes]).toEqual([[1, 2], [3]]);
    expect(bed.accepted[0]?.owner.told).toEqual(['end', 'finish']);
    expect([bed.counts(), bed.faults]).toEqual([[0, 0, 0, 0], []]);
  });

  it('[R7] the accept says how busy the instance is', () => {
    const bed = streamBed();
    bed.provide((stream) => stream.accept(answer));
    mustOpen(bed.open(owner()));
    bed.settle();
    expect(bed.a.loads).toEqual([['web', 0.5]]);
  });

  it('[F7] the opener sends nothing but an end before the program is reached', () => {
    const bed = streamBed();
    bed.provide();
    const stream = mustOpen(bed.open(owner()));
    expect(stream.write(bytesOf(10))).toBe(false);
    bed.settle();
    expect(bed.accepted[0]?.owner.bytes).toEqual([]);
    bed.accepted[0]?.stream.ready();
    bed.accepted[0]?.stream.ready();
    bed.settle();
    expect(bed.accepted[0]?.owner.bytes).toHaveLength(10);
  });

  it('[F7] has never more under way than the other side granted, and goes on as that is consumed', () => {
    const bed = streamBed();
    bed.provide((stream) => stream.accept(answer));
    const told = owner();
    const stream = mustOpen(bed.open(told));
    bed.settle();
    const body = bytesOf(1_000_000);
    expect(stream.write(body)).toBe(false);
    bed.settle();
    const events = bed.accepted[0]?.owner;
    expect(events?.bytes.length).toBe(streamCreditBytes);
    expect(told.told).not.toContain('drain');
    // The window grows as it is worked off.
    let most = 0;
    for (let seen = 0; seen < body.length; ) {
      const now = events?.bytes.length ?? 0;
      bed.accepted[0]?.stream.consumed(now - seen);
      seen = now;
      bed.settle();
      most = Math.max(most, (events?.bytes.length ?? 0) - seen);
    }
    expect(most).toBeGreaterThan(2 * streamCreditBytes);
    expect(most).toBeLessThanOrEqual(streamWindowBytesMax);
    expect(Buffer.from(events?.bytes ?? []).equals(body)).toBe(true);
    expect(told.told.filter((what) => what === 'drain')).toHaveLength(1);
  });

  it('consumed counts no more than came', () => {
    const bed = streamBed();
    bed.provide((stream) => stream.accept(answer));
    const stream = mustOpen(bed.open(owner()));
    bed.settle();
    bed.accepted[0]?.stream.consumed(100_000_000);
    stream.write(bytesOf(streamCreditBytes * 2));
    bed.settle();
    expect(bed.accepted[0]?.owner.bytes).toHaveLength(streamCreditBytes);
  });

  it.each<[string, number, number]>([
    ['more data than credit', FrameKind.data, streamCreditBytes / 32_768 + 1],
    ['a flood of credit', FrameKind.credit, 20],
  ])('[F7] %s is a reset with `protocol`', (_, kind, times) => {
    const bed = streamBed();
    bed.provide((stream) => stream.accept(answer));
    const told = owner();
    mustOpen(bed.open(told));
    bed.settle();
    const rest = kind === FrameKind.data ? new Uint8Array(32_768) : new Uint8Array([0, 4, 0, 0]);
    for (let i = 0; i < times; i++) bed.b.table.onFrame(opener, received({ kind, correlation: 1 }, rest));
    bed.settle();
    expect(bed.accepted[0]?.owner.told.at(-1)).toBe('reset(protocol)');
    expect([told.told.at(-1), bed.counts()]).toEqual(['reset(protocol)', [0, 0, 0, 0]]);
  });

  it('[F9] data after the end is a reset', () => {
    const bed = streamBed();
    bed.provide((stream) => stream.accept(answer));
    const stream = mustOpen(bed.open(owner()));
    stream.end();
    bed.settle();
    bed.b.table.onFrame(opener, received({ kind: FrameKind.data, correlation: 1 }, new Uint8Array(1)));
    expect(bed.accepted[0]?.owner.told).toEqual(['end', 'reset(protocol)']);
  });

  it('[F8] what the acceptor writes and ends before its accept follows it', () => {
    const bed = streamBed();
    bed.provide((stream) => {
      expect(stream.write(new Uint8Array([5]))).toBe(false);
      stream.end();
    });
    const told = owner();
    mustOpen(bed.open(told)).end();
    bed.settle();
    expect([told.told, told.bytes]).toEqual([[], []]);
    bed.accepted[0]?.stream.accept(answer);
    bed.accepted[0]?.stream.accept(answer);
    bed.settle();
    expect([told.told, told.bytes, bed.faults]).toEqual([['ready', 'accept', 'end', 'finish'], [5], []]);
  });

  it.each(['a', 'b'] as const)('a reset by %s ends it on both sides, and tells the other one only', (who) => {
    const bed = streamBed();
    bed.provide((stream) => stream.accept(answer));
    const told = owner();
    const stream = mustOpen(bed.open(told));
    bed.settle();
    const events = bed.accepted[0]?.owner;
    const [mine, other] = who === 'a' ? [told, events] : [events, told];
    if (who === 'a') stream.reset('cancelled', 'no');
    else bed.accepted[0]?.stream.reset('cancelled', 'no');
    bed.settle();
    expect(mine?.told.filter((what) => what.startsWith('reset'))).toEqual([]);
    expect(other?.told.at(-1)).toBe('reset(cancelled)');
    expect(bed.counts()).toEqual([0, 0, 0, 0]);
    stream.write(bytesOf(5));
    stream.consumed(5);
    stream.end();
    bed.accepted[0]?.stream.ready();
    bed.accepted[0]?.stream.accept(answer);
    expect(bed.a.way.frames.length + bed.b.way.frames.length).toBe(0);
  });

  it('not accepted in time is reset on both sides; accepted, time does not matter', async () => {
    const bed = streamBed();
    bed.provide();
    const [late, early] = [owner(), owner()];
    mustOpen(bed.open(late, { deadlineMs: 100 }));
    mustOpen(bed.open(early, { deadlineMs: 100 }));
    bed.settle();
    bed.accepted[1]?.stream.accept(answer);
    bed.settle();
    await bed.world.runFor(200);
    bed.settle();
    expect([late.told, early.told]).toEqual([['reset(deadline)'], ['ready', 'accept']]);
    expect(bed.accepted.map((one) => one.owner.told)).toEqual([['reset(deadline)'], []]);
    expect(bed.counts()).toEqual([1, 1, 1, 1]);
  });

  it('[F10] an open whose deadline has passed reaches nobody', () => {
    const bed = streamBed();
    bed.provide();
    const told = owner();
    mustOpen(bed.open(told, { deadlineMs: 100 }));
    const [frame] = bed.a.way.frames.splice(0);
    if (frame !== undefined) bed.b.table.onFrame(opener, { ...frame, deadlineMs: 0 });
    bed.settle();
    expect([bed.accepted.length, told.told]).toEqual([0, ['reset(deadline)']]);
  });

  it('tells whether it may have begun: not while held, refused or lost unwritten; but once the program is reached', () => {
    const bed = streamBed();
    bed.provide((stream) => {
      if (bed.accepted.length === 2) stream.ready();
    });
    bed.a.way.result = () => 'held';
    const held = mustOpen(bed.open(owner()));
    expect(held.begun()).toBe(false);
    bed.a.table.onPeerUp(acceptor);
    expect(held.begun()).toBe(true);
    bed.settle();
    bed.accepted[0]?.stream.reset('busy', 'full');
    bed.settle();
    expect(held.begun()).toBe(false);
    bed.a.way.result = () => 'written';
    const reached = mustOpen(bed.open(owner()));
    bed.settle();
    bed.accepted[1]?.stream.reset('unreachable', 'died');
    bed.settle();
    expect(reached.begun()).toBe(true);
    bed.a.way.result = () => 'held';
    const never = mustOpen(bed.open(owner()));
    bed.a.table.onPeerLost(acceptor, { reached: false, text: 'refused' });
    expect(never.begun()).toBe(false);
  });

  it('the loss of the peer resets all, each once, and frees all', () => {
    const bed = streamBed();
    bed.provide((stream) => stream.accept(answer));
    const owners = [owner(), owner()];
    for (const told of owners) mustOpen(bed.open(told));
    bed.settle();
    bed.lose(lost);
    bed.lose(lost);
    for (const told of owners) expect(told.told).toEqual(['ready', 'accept', 'reset(link-lost)']);
    for (const { owner: told } of bed.accepted) expect(told.told).toEqual(['reset(link-lost)']);
    expect(bed.counts()).toEqual([0, 0, 0, 0]);
  });

  it('when the link is full it waits, loses nothing, and leaves the rest to others', () => {
    const bed = streamBed();
    bed.provide((stream) => stream.accept(answer));
    const told = owner();
    const stream = mustOpen(bed.open(told));
    bed.settle();
    bed.a.way.result = ({ kind, flags }) =>
      kind === FrameKind.data && (flags & FrameFlag.end) === 0 ? 'busy' : 'written';
    expect(stream.write(bytesOf(30_000))).toBe(false);
    stream.end();
    bed.settle();
    expect(bed.accepted[0]?.owner.bytes).toEqual([]);
    bed.a.way.result = () => 'written';
    bed.a.table.onDrain(acceptor);
    bed.settle();
    expect(Buffer.from(bed.accepted[0]?.owner.bytes ?? []).equals(bytesOf(30_000))).toBe(true);
    expect(bed.accepted[0]?.owner.told).toEqual(['end']);
    expect(told.told).toEqual(['ready', 'accept']);
  });

  it('owners that throw lose their stream, and nobody else', () => {
    const bed = streamBed();
    bed.provide((stream, events) => {
      if (bed.accepted.length === 1) throw new Error('provider');
      stream.accept(answer);
      events.follow = () => {
        throw new Error('acceptor');
      };
    });
    const owners = [owner(), owner(), owner()];
    const [thrown, plain, throwing] = owners;
    if (throwing !== undefined) {
      throwing.follow = () => {
        throw new Error('opener');
      };
    }
    const streams = owners.map((told) => mustOpen(bed.open(told)));
    bed.settle();
    streams[1]?.write(bytesOf(3));
    bed.settle();
    expect(thrown?.told).toEqual(['reset(failed)']);
    expect(plain?.told).toEqual(['ready', 'accept', 'reset(failed)']);
    expect(bed.accepted[2]?.owner.told).toEqual(['reset(failed)']);
    expect([bed.counts(), bed.a.faults.length]).toEqual([[0, 0, 0, 0], 1]);
    expect(bed.b.faults.length).toBeGreaterThanOrEqual(2);
  });

  it('a provider that loses its link while it is opened is told so', () => {
    const bed = streamBed();
    bed.provide((stream) => {
      stream.accept(answer);
      bed.b.way.result = () => 'unreachable';
      stream.write(bytesOf(1));
    });
    mustOpen(bed.open(owner()));
    bed.settle();
    expect(bed.accepted[0]?.owner.told).toEqual(['reset(link-lost)']);
  });

  it('an accept that cannot be sent is a reset, and too large an open is refused', () => {
    const bed = streamBed();
    bed.provide((stream) => stream.accept({ ...answer, bodyKind: 'bytes', body: new Uint8Array(bodyBytesMax + 1) }));
    const told = owner();
    mustOpen(bed.open(told));
    bed.settle();
    expect(told.told.at(-1)).toBe('reset(too-large)');
    expect(bed.accepted[0]?.owner.told).toEqual(['reset(too-large)']);
    expect(bed.open(owner(), { body: new Uint8Array(bodyBytesMax + 1) })).toMatchObject({ code: 'too-large' });
    expect(bed.open(owner(), { command: 'no good' })).toMatchObject({ code: 'invalid' });
    expect(bed.counts()).toEqual([0, 0, 0, 0]);
  });

  it('of one link at most 16,384 are open, on either side', { timeout: 30_000 }, () => {
    const bed = streamBed();
    bed.provide();
    for (let i = 0; i < streamsMax; i++) mustOpen(bed.open(owner()));
    expect(bed.open(owner())).toMatchObject({ ok: false, code: 'busy' });
    const [open] = bed.a.way.frames.slice(0, 1);
    bed.settle();
    expect(bed.counts()).toEqual([streamsMax, streamsMax, streamsMax, streamsMax]);
    if (open !== undefined) bed.b.table.onFrame(opener, { ...open, correlation: 77_777 });
    expect(bed.b.way.frames).toMatchObject([{ kind: FrameKind.reset, correlation: 77_777 }]);
    expect(bed.b.table.count()).toBe(streamsMax);
    bed.lose(lost);
    expect(bed.counts()).toEqual([0, 0, 0, 0]);
  });

  it('frames for streams that never were are ignored, malformed ones and an open twice are faults', () => {
    const bed = streamBed();
    bed.provide();
    for (const kind of [FrameKind.accept, FrameKind.data, FrameKind.credit, FrameKind.reset]) {
      for (const flags of [0, FrameFlag.back]) {
        expect(bed.a.table.onFrame(acceptor, received({ kind, flags, correlation: 9 }, bytesOf(3)))).toBeUndefined();
      }
    }
    mustOpen(bed.open(owner()));
    const [open] = bed.a.way.frames;
    bed.settle();
    const back = { correlation: 1, flags: FrameFlag.back };
    expect(bed.a.table.onFrame(acceptor, received({ kind: FrameKind.accept, ...back }, bytesOf(3)))).toContain('bad');
    expect(bed.a.table.onFrame(acceptor, received({ kind: FrameKind.credit, ...back }, bytesOf(3)))).toContain('bad');
    expect(bed.a.table.onFrame(acceptor, received({ kind: FrameKind.reset, ...back }, bytesOf(1)))).toContain('bad');
    expect(bed.a.table.onFrame(acceptor, received({ kind: FrameKind.data, ...back }, bytesOf(1)))).toContain('before');
    if (open !== undefined) expect(bed.b.table.onFrame(opener, open)).toContain('in use');
    expect(bed.counts()).toEqual([1, 1, 1, 1]);
  });

  it('stop breaks off all and tells the owners on both sides; nothing begins after it', () => {
    const bed = streamBed();
    bed.provide((stream) => stream.accept(answer));
    const told = owner();
    mustOpen(bed.open(told));
    bed.settle();
    bed.b.table.stop();
    expect(bed.accepted[0]?.owner.told).toEqual(['reset(closed)']);
    bed.settle();
    expect(told.told.at(-1)).toBe('reset(closed)');
    bed.a.table.stop();
    expect(bed.open(owner())).toMatchObject({ ok: false, code: 'closed' });
    expect(bed.counts()).toEqual([0, 0, 0, 0]);
  });
});
