import type { FrameFields } from '../protocol/frame.ts';
import { FrameHeaderWriter } from '../protocol/frame-header-writer.ts';
import { frameHeaderBytes } from '../protocol/limits.ts';
import { atTurnEnd } from '../runtime/turn.ts';

/** Where a frame queue writes to. */
export interface FrameSink {
  write(bytes: Uint8Array): boolean;
  writeBoth(first: Uint8Array, second: Uint8Array): boolean;
  readonly queuedBytes: number;
}

/** Turns frames into as few writes as possible: small parts are copied side by side, one write per turn. */
export interface FrameQueue {
  // A method, as in a frame link.
  queuedBytes(): number;
  push(fields: FrameFields, head: Uint8Array | undefined, body: Uint8Array | undefined): void;
  /** Whole frames, which are copied. */
  pushFrames(frames: Uint8Array): void;
  /** Writes what is queued now; else it is written at the end of the turn. */
  flush(): void;
  /** Forgets what is queued. */
  drop(): void;
}

/** One write of this size costs the system little more than one of 100 bytes. */
const slabBytes = 65_536;

/** Most links carry little: a node that has one to each of a thousand others is to hold one megabyte for them, not 64. */
const slabBytesAtFirst = 1_024;

/** So much is written at once, and not at the end of the turn only: with many in flight both sides work at the same time. */
const flushedBytesMin = 16_384;

/** A body up to this size is copied beside its header: cheaper than a write of its own. */
const copiedBytesMax = 8_192;

export function createFrameQueue(sink: FrameSink): FrameQueue {
  let slab = new Uint8Array(slabBytesAtFirst);
  /** What of the slab has been given to the sink, and where the next frame goes. */
  let flushed = 0;
  let used = 0;
  let scheduled = false;
  const header = new FrameHeaderWriter();
  /** The sink holds nothing, and gets nothing but from here: it need not be asked. */
  let isSinkEmpty = true;

  /** `body` goes right behind what is queued. */
  function flush(body?: Uint8Array): void {
    if (used === flushed) return;
    const bytes = slab.subarray(flushed, used);
    flushed = used;
    if (body === undefined) sink.write(bytes);
    else sink.writeBoth(bytes, body);
    // The sink holds what it was given by reference until the system has taken it; only then may it be written over.
    isSinkEmpty = sink.queuedBytes === 0;
    if (isSinkEmpty) flushed = used = 0;
  }

  function sinkBytes(): number {
    if (isSinkEmpty) return 0;
    const bytes = sink.queuedBytes;
    isSinkEmpty = bytes === 0;
    return bytes;
  }

  /**
   * Room for `count` bytes side by side. A slab is filled to its end before there is a next one: a sink that takes nothing
   * holds about the bytes it was given, not a slab for each write.
   */
  function reserve(count: number): void {
    if (count <= slab.length - used) return;
    flush();
    if (count <= slab.length - used && slab.length === slabBytes) return;
    slab = new Uint8Array(Math.min(slabBytes, slab.length * 8));
    flushed = used = 0;
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    atTurnEnd(turnEnds);
  }

  /** Whoever reads it can begin while the rest of this turn is still being made. */
  function flushOrSchedule(): void {
    if (used - flushed >= flushedBytesMin) flush();
    else schedule();
  }

  function turnEnds(): void {
    scheduled = false;
    flush();
  }

  function append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      reserve(1);
      const end = Math.min(bytes.length, at + slab.length - used);
      slab.set(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end), used);
      used += end - at;
      at = end;
    }
  }

  return {
    queuedBytes: () => used - flushed + sinkBytes(),
    push(fields, head, body) {
      const rest = (head?.length ?? 0) + (body?.length ?? 0);
      reserve(frameHeaderBytes);
      header.write(slab, used, fields, rest);
      used += frameHeaderBytes;
      if (head !== undefined) append(head);
      if (body !== undefined) {
        if (body.length <= copiedBytesMax) append(body);
        else flush(body);
      }
      flushOrSchedule();
    },
    pushFrames(frames) {
      append(frames);
      flushOrSchedule();
    },
    flush,
    drop() {
      flushed = used;
    },
  };
}
