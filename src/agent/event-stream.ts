import { queuedBytesMax } from '../protocol/limits.ts';
import type { Clock, Timer } from '../runtime/clock.ts';

/** So that whatever stands between does not take the silence for the end. */
const keepAliveMs = 15_000;

/** What an event says is its data; its type is the name of the event, too. */
interface StreamedEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Server-sent events, one response. */
export interface EventStream {
  readonly response: Response;
  /** False: the stream has ended, or ends because this was too much. */
  send(event: StreamedEvent): boolean;
  /**
   * For what may be missed: false when so much is unread that this is not taken. Once there is room again the reader is told
   * how many it missed: `{"type": "missed", "count": 3}`.
   */
  offer(event: StreamedEvent): boolean;
  end(): void;
}

const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } as const;

/** What HEAD is answered: nobody reads a body, so nobody would ever end the stream. */
export function eventStreamHead(): Response {
  return new Response(null, { headers });
}

/**
 * Begins a stream of events. `onEnd` is called once: when the reader has gone, when it is so far behind that its connection is
 * destroyed, or at `end()`.
 */
export function createEventStream(clock: Clock, connection: { destroy(): void }, onEnd: () => void): EventStream {
  const encoder = new TextEncoder();
  let ended = false;
  let missed = 0;
  let timer: Timer | undefined;
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
      },
      pull() {
        const count = missed;
        missed = 0;
        if (count > 0) write(eventText({ type: 'missed', count }));
      },
      cancel: () => finish(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: queuedBytesMax }),
  );

  function finish(): void {
    if (ended) return;
    ended = true;
    timer?.cancel();
    onEnd();
  }

  function write(text: string): boolean {
    if (ended || controller === undefined) return false;
    if ((controller.desiredSize ?? 0) <= 0) {
      connection.destroy();
      finish();
      return false;
    }
    controller.enqueue(encoder.encode(text));
    return true;
  }

  function keepAlive(): void {
    write(': still here\n\n');
    if (!ended) timer = clock.schedule(keepAliveMs, keepAlive);
  }

  timer = clock.schedule(keepAliveMs, keepAlive);
  // The head goes out with the first byte: who asks is to know at once that it has begun.
  write(': begun\n\n');
  return {
    response: new Response(body, { headers }),
    send: (event) => write(eventText(event)),
    offer(event) {
      if (ended) return false;
      if ((controller?.desiredSize ?? 0) > 0) return write(eventText(event));
      missed += 1;
      return false;
    },
    end() {
      if (ended) return;
      controller?.close();
      finish();
    },
  };
}

function eventText(event: StreamedEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
