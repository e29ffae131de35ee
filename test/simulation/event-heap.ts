/** Things that happen at a time, soonest first; those of one time in the order in which they were added. */
export interface EventHeap {
  add(at: number, act: () => void): void;
  nextAt(): number;
  /** Takes out the next one. */
  take(): { readonly at: number; readonly act: () => void } | undefined;
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

export function createEventHeap(): EventHeap {
  const heap: Event[] = [];
  let order = 0;

  const isBefore = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

  function sink(event: Event): void {
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, event)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = event;
  }

  return {
    add(when, act) {
      const event = { at: when, order: order++, act };
      let at = heap.length;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        if (!isBefore(event, heap[parent]!)) break;
        heap[at] = heap[parent]!;
        at = parent;
      }
      heap[at] = event;
    },
    nextAt: () => heap[0]?.at ?? Infinity,
    take() {
      const first = heap[0];
      const last = heap.pop();
      if (heap.length > 0 && last !== undefined) sink(last);
      return first;
    },
  };
}
