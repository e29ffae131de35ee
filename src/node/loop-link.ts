import type { FrameFields } from '../protocol/frame.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { Clock } from '../runtime/clock.ts';

/** Carries a node's frames to itself, in order and never within the call that sends them. */
export interface LoopLink {
  send(fields: FrameFields, head: Uint8Array | undefined, body: Uint8Array | undefined): void;
}

/**
 * So many rounds are run as microtasks before one waits for the clock: programs that call themselves round and round
 * would else keep everything else from running.
 */
const roundsMax = 256;

export function createLoopLink(clock: Clock, onFrame: (frame: ReceivedFrame) => void): LoopLink {
  let queue: ReceivedFrame[] = [];
  let scheduled = false;
  let rounds = 0;

  function schedule(): void {
    scheduled = true;
    rounds += 1;
    if (rounds < roundsMax) queueMicrotask(deliver);
    else clock.schedule(0, afterOthers);
  }

  function afterOthers(): void {
    rounds = 0;
    deliver();
  }

  function deliver(): void {
    scheduled = false;
    const frames = queue;
    queue = [];
    for (const frame of frames) onFrame(frame);
  }

  return {
    send(fields, head, body) {
      const bytes = new Uint8Array((head?.length ?? 0) + (body?.length ?? 0));
      if (head !== undefined) bytes.set(head);
      if (body !== undefined) bytes.set(body, head?.length ?? 0);
      queue.push({ ...fields, bytes, start: 0, end: bytes.length });
      if (!scheduled) schedule();
    },
  };
}
