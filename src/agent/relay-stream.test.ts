import { expect, it } from 'vitest';
import { manualClock } from '../../test/delivery/manual-clock.ts';
import { deafEvents } from '../delivery/deaf-events.ts';
import type { AcceptedStream, MeshStream } from '../delivery/mesh-stream.ts';
import { PieceSlab, slabBytes } from '../delivery/piece-slab.ts';
import { relayStream } from './relay-stream.ts';
import { RelayedSlots, relayedSlotsMax } from './relayed-slots.ts';

const pieceBytes = 40_000;
const slotBytes = 65_536;

/** An onward stream that holds what it was given as long as it is told to, and the memory that the pieces lie in. */
function bed() {
  const clock = manualClock();
  const slots = new RelayedSlots(clock);
  const written: Uint8Array[] = [];
  const state = { hasRoom: true, unwritten: 0, consumed: 0 };
  const onward: MeshStream = {
    write(bytes) {
      written.push(bytes);
      return state.hasRoom;
    },
    end() {},
    reset() {},
    consumed() {},
    unwrittenBytes: () => state.unwritten,
  };
  const accepted = { ...onward, consumed: (count: number) => void (state.consumed += count) };
  let onwardEvents = deafEvents;
  const events = relayStream(
    accepted as MeshStream as AcceptedStream,
    (given) => {
      onwardEvents = given;
      return onward;
    },
    { slots, slab: new PieceSlab() },
  );
  const pass = (value: number, length = pieceBytes) => {
    const read = new Uint8Array(length).fill(value);
    events.onData(read);
    read.fill(99);
  };
  return { clock, state, written, pass, drain: () => onwardEvents.onDrain() };
}

it('what is passed on lies in memory that is used again once it is written', () => {
  const { state, written, pass } = bed();
  pass(1);
  pass(2);
  expect(written[1]?.buffer).toBe(written[0]?.buffer);
  state.unwritten = Number.POSITIVE_INFINITY;
  pass(3);
  pass(4);
  expect(new Set(written.slice(2).map(({ buffer }) => buffer)).size).toBe(2);
  expect(written.slice(2).map((bytes) => [bytes.length, bytes[0]])).toEqual([
    [pieceBytes, 3],
    [pieceBytes, 4],
  ]);
  expect(state.consumed).toBe(4 * pieceBytes);
});

it('what has to wait and would leave half of a slot empty lies in the slab', () => {
  const { state, written, pass, drain } = bed();
  state.hasRoom = false;
  state.unwritten = Number.POSITIVE_INFINITY;
  pass(1, slotBytes / 2);
  pass(2, slotBytes / 2);
  pass(3, slotBytes / 2 + 1);
  expect(written.map(({ buffer }) => buffer.byteLength)).toEqual([slotBytes, slabBytes, slotBytes]);
  expect(state.consumed).toBe(0);
  state.hasRoom = true;
  drain();
  expect(state.consumed).toBe(1.5 * slotBytes + 1);
  pass(4, slotBytes / 2);
  expect(written[3]?.buffer.byteLength).toBe(slotBytes);
  expect(written.map((bytes) => bytes[0])).toEqual([1, 2, 3, 4]);
});

it('a stream that writes no more gives back what it has written', () => {
  const { clock, state, written, pass } = bed();
  state.unwritten = pieceBytes;
  pass(1);
  clock.advance(1_000);
  pass(2);
  expect(written[1]?.buffer).not.toBe(written[0]?.buffer);
  state.unwritten = 0;
  clock.advance(1_000);
  state.unwritten = pieceBytes;
  pass(3);
  pass(4);
  expect(new Set(written.map(({ buffer }) => buffer)).size).toBe(2);
});

it('what is too much for the slots lies in the slab', () => {
  const { state, written, pass } = bed();
  state.unwritten = Number.POSITIVE_INFINITY;
  for (let count = 0; count <= relayedSlotsMax; count += 1) pass(count);
  expect(written.at(-2)?.buffer.byteLength).toBe(slotBytes);
  expect(written.at(-1)?.buffer.byteLength).toBe(slabBytes);
  expect([written.at(-1)?.length, written.at(-1)?.[0]]).toEqual([pieceBytes, relayedSlotsMax]);
});
