import type { Timer } from '../runtime/clock.ts';

/** Who an event belongs to: a process. What belongs to nobody (the network, the scenario) always happens. */
export interface EventOwner {
  /** Number under which the trace knows the owner. */
  readonly party: number;
  /** Events of the dead do not happen. */
  readonly alive: boolean;
  /** Events of the frozen wait in `deferred`. */
  readonly frozen: boolean;
  readonly deferred: ScheduledEvent[];
}

/** Something that will happen. It is its own timer, so that a timer costs one object. */
export class ScheduledEvent implements Timer {
  at: number;
  /** Grows with each event pushed: of two events at one instant the one that was pushed first comes first. */
  order: number;
  readonly owner: EventOwner | undefined;
  /** `undefined` once cancelled; the queue forgets such an event when it comes upon it. */
  action: (() => void) | undefined;

  constructor(at: number, owner: EventOwner | undefined, action: () => void) {
    this.at = at;
    this.order = 0;
    this.owner = owner;
    this.action = action;
  }

  cancel(): void {
    this.action = undefined;
  }
}

export interface EventQueue {
  /** Cancelled events count until they are come upon. */
  readonly size: number;
  push(event: ScheduledEvent): void;
  /** The next event that is not cancelled; it stays in the queue. */
  peek(): ScheduledEvent | undefined;
  /** Takes the event that `peek` shows. */
  pop(): ScheduledEvent | undefined;
  /** Events of `owner` that are not cancelled. Looks at every event. */
  countOf(owner: EventOwner): number;
}

/** Below this many events the cancelled ones are not worth a sweep. */
const sweepSizeMin = 1_024;

/**
 * A heap by (time, order of pushing) in which each event has four below it. Cancelling is free; when half of the heap may
 * be cancelled it is swept. The times lie in an array of their own: the events themselves are long out of the processor's
 * caches when they are compared.
 */
export function createEventQueue(): EventQueue {
  let heap: ScheduledEvent[] = [];
  let times = new Float64Array(sweepSizeMin);
  let pushed = 0;
  let sweepSize = sweepSizeMin;

  function siftUp(event: ScheduledEvent, from: number): void {
    const { at } = event;
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 2;
      const parentAt = times[parent] as number;
      // What is pushed last comes last of those at its time.
      if (at >= parentAt) break;
      heap[index] = heap[parent] as ScheduledEvent;
      times[index] = parentAt;
      index = parent;
    }
    heap[index] = event;
    times[index] = at;
  }

  /** Of the events below `index` the one that comes first; -1 when there is none. */
  function firstBelow(index: number): number {
    const from = 4 * index + 1;
    const end = Math.min(from + 4, heap.length);
    if (from >= end) return -1;
    let first = from;
    for (let child = from + 1; child < end; child++) {
      if (comesBefore(child, times[first] as number, heap[first] as ScheduledEvent)) first = child;
    }
    return first;
  }

  function comesBefore(index: number, at: number, event: ScheduledEvent): boolean {
    const own = times[index] as number;
    return own < at || (own === at && (heap[index] as ScheduledEvent).order < event.order);
  }

  function siftDown(event: ScheduledEvent, from: number): void {
    const { at } = event;
    let index = from;
    for (;;) {
      const child = firstBelow(index);
      if (child < 0 || !comesBefore(child, at, event)) break;
      heap[index] = heap[child] as ScheduledEvent;
      times[index] = times[child] as number;
      index = child;
    }
    heap[index] = event;
    times[index] = at;
  }

  function sweep(): void {
    heap = heap.filter((event) => event.action !== undefined);
    for (let index = 0; index < heap.length; index++) times[index] = (heap[index] as ScheduledEvent).at;
    for (let index = (heap.length - 2) >> 2; index >= 0; index--) siftDown(heap[index] as ScheduledEvent, index);
    sweepSize = Math.max(sweepSizeMin, heap.length * 2);
  }

  function removeFirst(): void {
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) siftDown(last, 0);
  }

  function peek(): ScheduledEvent | undefined {
    let first = heap[0];
    while (first !== undefined && first.action === undefined) {
      removeFirst();
      first = heap[0];
    }
    return first;
  }

  return {
    get size() {
      return heap.length;
    },
    push(event) {
      event.order = pushed++;
      const last = heap.push(event) - 1;
      if (heap.length > times.length) {
        const longer = new Float64Array(times.length * 2);
        longer.set(times);
        times = longer;
      }
      if (heap.length >= sweepSize) sweep();
      else siftUp(event, last);
    },
    peek,
    pop() {
      const first = peek();
      if (first !== undefined) removeFirst();
      return first;
    },
    countOf: (owner) => heap.filter((event) => event.owner === owner && event.action !== undefined).length,
  };
}
