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
  ends(): number;
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
  };
  let ends = 0;
  const stream = {
    write(bytes: Uint8Array) {
      written.push(bytes);
      return true;
    },
    endWith(bytes: Uint8Array) {
      written.push(bytes);
      ends += 1;
    },
    end: () => void (ends += 1),
    unwrittenBytes: () => unwritten,
  };
  const copies = new StreamCopies(stream, slots);
  return { copies, written, hold: (bytes) => void (unwritten = bytes), taken: () => taken, ends: () => ends };
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

it.each([
  [10, 0],
  [slotBytes, 1],
])('the last %i bytes are copied as well, and it ends once', (length, slotsTaken) => {
  const { copies, written, taken, ends } = bed();
  const bytes = full(1, length);
  copies.end(bytes);
  bytes.fill(9);
  expect([written.map((each) => [each.length, each[0]]), taken(), ends()]).toEqual([[[length, 1]], slotsTaken, 1]);
});
