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

/** A binary heap by (time, order of pushing). Cancelling is free; when half of the heap may be cancelled it is swept. */
export function createEventQueue(): EventQueue {
  let heap: ScheduledEvent[] = [];
  let pushed = 0;
  let sweepSize = sweepSizeMin;

  function sweep(): void {
    heap = heap.filter((event) => event.action !== undefined);
    for (let index = (heap.length >> 1) - 1; index >= 0; index--) siftDown(heap, index);
    sweepSize = Math.max(sweepSizeMin, heap.length * 2);
  }

  function removeFirst(): void {
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    siftDown(heap, 0);
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
      heap.push(event);
      if (heap.length >= sweepSize) sweep();
      else siftUp(heap, heap.length - 1);
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

function isBefore(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function siftUp(heap: ScheduledEvent[], from: number): void {
  const event = heap[from];
  if (event === undefined) return;
  let index = from;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex];
    if (parent === undefined || !isBefore(event, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = event;
}

function siftDown(heap: ScheduledEvent[], from: number): void {
  const event = heap[from];
  if (event === undefined) return;
  let index = from;
  for (;;) {
    let childIndex = 2 * index + 1;
    let child = heap[childIndex];
    if (child === undefined) break;
    const right = heap[childIndex + 1];
    if (right !== undefined && isBefore(right, child)) {
      child = right;
      childIndex += 1;
    }
    if (!isBefore(child, event)) break;
    heap[index] = child;
    index = childIndex;
  }
  heap[index] = event;
}
