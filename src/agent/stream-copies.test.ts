import { expect, it } from 'vitest';
import { type ByteSlots, byteSlots } from './byte-sink.ts';
import { StreamCopies } from './stream-copies.ts';

const slotBytes = 65_536;

/** A stream that holds what it was given, last of all, as long as it is told to. */
function bed(): {
  copies: StreamCopies;
  written: Uint8Array[];
  hold(bytes: number): void;
  taken(): number;
} {
  const written: Uint8Array[] = [];
  let unwritten = 0;
  let taken = 0;
  const all = byteSlots();
  const slots: ByteSlots = {
    take() {
      taken += 1;
      return all.take();
    },
    give(slot) {
      taken -= 1;
      all.give(slot);
    },
    lose: (count) => void (taken -= count),
  };
  const stream = {
    write(bytes: Uint8Array) {
      written.push(bytes);
      return true;
    },
    unwrittenBytes: () => unwritten,
  };
  const copies = new StreamCopies(stream, slots);
  return { copies, written, hold: (bytes) => void (unwritten = bytes), taken: () => taken };
}

const full = (value: number, length = slotBytes) => new Uint8Array(length).fill(value);

it('what is held is not written over', () => {
  const { copies, written, hold, taken } = bed();
  hold(Number.POSITIVE_INFINITY);
  for (let value = 0; value < 5; value += 1) copies.write(full(value));
  expect(taken()).toBe(5);
  expect(written.map((bytes) => [bytes[0], bytes.at(-1)])).toEqual([0, 1, 2, 3, 4].map((value) => [value, value]));
});

it('what is written is used again, to the byte', () => {
  const { copies, hold, taken } = bed();
  hold(Number.POSITIVE_INFINITY);
  for (let value = 0; value < 3; value += 1) copies.write(full(value));
  hold(slotBytes + 1);
  copies.write(full(3));
  expect(taken()).toBe(3);
  hold(slotBytes);
  copies.write(full(4));
  expect(taken()).toBe(2);
  hold(0);
  copies.write(full(5));
  expect(taken()).toBe(1);
});

it('what is small is a copy of its own, and what is large several', () => {
  const { copies, written, taken } = bed();
  const given = [full(1, 10), full(2, slotBytes + 1), full(3, 3 * slotBytes)];
  for (const bytes of given) {
    copies.write(bytes);
    bytes.fill(9);
  }
  expect(written.map((bytes) => bytes.length)).toEqual([10, slotBytes, 1, slotBytes, slotBytes, slotBytes]);
  expect(written.map((bytes) => bytes.at(-1))).toEqual([1, 3, 2, 3, 3, 3]);
  expect(taken()).toBe(3);
});

it("what is the stream's own already is not copied, and counts", () => {
  const { copies, written, hold, taken } = bed();
  const own = full(1, 20_000);
  expect(copies.keep(own)).toBe(true);
  expect([written[0], taken()]).toEqual([own, 0]);
  copies.write(full(2));
  copies.keep(full(3, 100));
  hold(101);
  expect([copies.giveBack(), taken()]).toEqual([true, 1]);
  hold(100);
  expect([copies.giveBack(), taken()]).toEqual([false, 0]);
});

it('of what nobody will know when it is written nothing is used again', () => {
  const { copies, written, hold, taken } = bed();
  copies.write(full(1));
  hold(Number.POSITIVE_INFINITY);
  expect([copies.giveBack(), taken()]).toEqual([false, 0]);
  hold(0);
  copies.write(full(2));
  expect(written[1]?.buffer).not.toBe(written[0]?.buffer);
});
