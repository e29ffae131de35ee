import { expect, it } from 'vitest';
import { manualClock } from '../../test/delivery/manual-clock.ts';
import { RelayedSlots, relayedSlotsMax } from './relayed-slots.ts';

it('who holds slots is asked for them each second, until it has none', () => {
  const clock = manualClock();
  const slots = new RelayedSlots(clock);
  let asked = 0;
  let left = 2;
  const holder = {
    giveBack() {
      asked += 1;
      left -= 1;
      return left > 0;
    },
  };
  slots.watch(holder);
  slots.watch(holder);
  clock.advance(999);
  expect(asked).toBe(0);
  clock.advance(1);
  expect(asked).toBe(1);
  clock.advance(1_000);
  expect(asked).toBe(2);
  clock.advance(60_000);
  expect(asked).toBe(2);
});

it('what was given back is taken again', () => {
  const slots = new RelayedSlots(manualClock());
  const slot = slots.take();
  expect(slots.take()).not.toBe(slot);
  slots.give(slot);
  expect(slots.take()).toBe(slot);
});

it('so many are taken at once', () => {
  const slots = new RelayedSlots(manualClock());
  const slot = slots.take();
  for (let count = 1; count < relayedSlotsMax; count += 1) {
    expect(slots.hasRoom).toBe(true);
    slots.take();
  }
  expect(slots.hasRoom).toBe(false);
  slots.give(slot);
  expect(slots.hasRoom).toBe(true);
  slots.take();
  expect(slots.hasRoom).toBe(false);
  slots.lose(1);
  expect(slots.hasRoom).toBe(true);
});
