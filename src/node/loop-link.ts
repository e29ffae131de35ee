import type { FrameFields } from '../protocol/frame.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';

/** Carries a node's frames to itself, in order and never within the call that sends them. */
export interface LoopLink {
  send(fields: FrameFields, head: Uint8Array | undefined, body: Uint8Array | undefined): void;
}

export function createLoopLink(onFrame: (frame: ReceivedFrame) => void): LoopLink {
  let queue: ReceivedFrame[] = [];
  let scheduled = false;

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
      if (scheduled) return;
      scheduled = true;
      queueMicrotask(deliver);
    },
  };
}
