import { describe, expect, it } from 'vitest';
import { createEventQueue, ScheduledEvent } from './event-queue.ts';
import { createVirtualRandom } from './virtual-random.ts';

const nothing = (): void => undefined;
const eventAt = (at: number): ScheduledEvent => new ScheduledEvent(at, undefined, nothing);

function drain(queue: ReturnType<typeof createEventQueue>): ScheduledEvent[] {
  const events: ScheduledEvent[] = [];
  for (let event = queue.pop(); event !== undefined; event = queue.pop()) events.push(event);
  return events;
}

describe('the event queue', () => {
  it('gives events by time, and at one time by the order in which they were pushed', () => {
    const queue = createEventQueue();
    const random = createVirtualRandom(1);
    const pushed = Array.from({ length: 5_000 }, () => eventAt(Math.floor(random.next() * 100)));
    for (const event of pushed) queue.push(event);
    expect(drain(queue)).toEqual(pushed.toSorted((a, b) => a.at - b.at || a.order - b.order));
  });

  it('passes over what was cancelled', () => {
    const queue = createEventQueue();
    const events = [3, 1, 2].map(eventAt);
    for (const event of events) queue.push(event);
    events[1]?.cancel();
    expect(queue.peek()).toBe(events[2]);
    expect(drain(queue)).toEqual([events[2], events[0]]);
  });

  it('keeps the order of those that are left when it is swept', () => {
    const queue = createEventQueue();
    const random = createVirtualRandom(2);
    const pushed = Array.from({ length: 3_000 }, () => eventAt(Math.floor(random.next() * 50)));
    for (const [index, event] of pushed.entries()) {
      queue.push(event);
      if (index % 3 > 0) event.cancel();
    }
    expect(queue.size).toBeLessThan(pushed.length);
    const left = pushed.filter((_, index) => index % 3 === 0);
    expect(drain(queue)).toEqual(left.toSorted((a, b) => a.at - b.at || a.order - b.order));
  });

  it('does not grow when timers are set and cancelled again and again', () => {
    const queue = createEventQueue();
    const kept = eventAt(7);
    queue.push(kept);
    for (let count = 0; count < 100_000; count++) {
      const event = eventAt(1_000_000 + count);
      queue.push(event);
      event.cancel();
    }
    expect(queue.size).toBeLessThan(3_000);
    expect(drain(queue)).toEqual([kept]);
  });
});
