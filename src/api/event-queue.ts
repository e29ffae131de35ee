import { FogataError } from '../protocol/fogata-error.ts';

/** Events a reader may fall behind: some tens of MiB, and minutes of the liveliest cluster. */
export const eventsQueuedMax = 65_536;

/** Pushed on one side, iterated on the other. */
export interface EventQueue<Event> extends AsyncIterableIterator<Event, undefined> {
  push(event: Event): void;
  /** What is queued is still read; then the iteration ends. */
  end(): void;
}

/**
 * A queue between a listener and a `for await`. A reader that falls `eventsQueuedMax` behind gets what is queued and then
 * a `busy` error: it could not know what it missed. `onEnd` is called once: at the end, at the error, or when the reader leaves.
 */
export function eventQueue<Event>(onEnd: () => void, queuedMax = eventsQueuedMax): EventQueue<Event> {
  const queue: Event[] = [];
  let taken = 0;
  let ended = false;
  let failure: FogataError | undefined;
  const waiting: { resolve(result: IteratorResult<Event, undefined>): void; reject(error: FogataError): void }[] = [];

  function finish(error: FogataError | undefined): void {
    if (ended) return;
    ended = true;
    failure = error;
    for (const reader of waiting.splice(0)) reader.resolve({ done: true, value: undefined });
    onEnd();
  }

  function take(): Event {
    const event = queue[taken] as Event;
    taken += 1;
    // Moving the rest to the front pays only when much of the array is behind.
    if (taken === queue.length || taken >= 1_024) {
      queue.splice(0, taken);
      taken = 0;
    }
    return event;
  }

  return {
    push(event) {
      if (ended) return;
      const reader = waiting.shift();
      if (reader !== undefined) reader.resolve({ done: false, value: event });
      else if (queue.length - taken < queuedMax) queue.push(event);
      else finish(new FogataError('busy', `the reader of these events is ${queuedMax} of them behind`));
    },
    end: () => finish(undefined),
    next() {
      if (queue.length > taken) return Promise.resolve({ done: false, value: take() });
      if (!ended) return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
      const error = failure;
      failure = undefined;
      return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
    },
    return() {
      queue.length = 0;
      taken = 0;
      finish(undefined);
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
