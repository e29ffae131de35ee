import { frameHeaderBytes } from '../protocol/limits.ts';
import { type FrameFields, writeFrameHeader } from '../protocol/frame.ts';

/** Where a frame queue writes to. */
export interface FrameSink {
  write(bytes: Uint8Array): boolean;
  readonly queuedBytes: number;
}

/** Turns frames into as few writes as possible: small parts are copied side by side, one write per turn. */
export interface FrameQueue {
  readonly queuedBytes: number;
  push(fields: FrameFields, head: Uint8Array | undefined, body: Uint8Array | undefined): void;
  /** Writes what is queued now; else it is written at the end of the turn. */
  flush(): void;
  /** Forgets what is queued. */
  drop(): void;
}

/** One write of this size costs the system little more than one of 100 bytes. */
const slabBytes = 65_536;

/** A body up to this size is copied beside its header: cheaper than a write of its own. */
const copiedBytesMax = 8_192;

export function createFrameQueue(sink: FrameSink): FrameQueue {
  let slab = new Uint8Array(slabBytes);
  let used = 0;
  let scheduled = false;

  function flush(): void {
    scheduled = false;
    if (used === 0) return;
    const bytes = slab.subarray(0, used);
    used = 0;
    sink.write(bytes);
    // The sink holds the slab by reference until the system has taken it; only then may it be written over.
    if (sink.queuedBytes > 0) slab = new Uint8Array(slabBytes);
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    queueMicrotask(flush);
  }

  function append(bytes: Uint8Array): void {
    if (bytes.length > slabBytes - used) flush();
    if (bytes.length > slabBytes) {
      sink.write(bytes);
      return;
    }
    slab.set(bytes, used);
    used += bytes.length;
  }

  return {
    get queuedBytes() {
      return used + sink.queuedBytes;
    },
    push(fields, head, body) {
      const rest = (head?.length ?? 0) + (body?.length ?? 0);
      if (frameHeaderBytes > slabBytes - used) flush();
      writeFrameHeader(slab, used, fields, rest);
      used += frameHeaderBytes;
      if (head !== undefined) append(head);
      if (body !== undefined) {
        if (body.length <= copiedBytesMax) append(body);
        else {
          flush();
          sink.write(body);
        }
      }
      schedule();
    },
    flush,
    drop() {
      used = 0;
    },
  };
}
