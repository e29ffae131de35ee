import { type FrameFields, FrameFlag, FrameKind } from '../protocol/frame.ts';
import { frameHeaderBytes, queuedBytesMax } from '../protocol/limits.ts';

/** Takes a frame. */
export type FrameTaker = (fields: FrameFields, head: Uint8Array | undefined, body: Uint8Array | undefined) => void;

/** Frames for a peer that is being dialled. */
export interface HeldFrames {
  /**
   * Keeps a frame; `busy`: too much is held. A cancel or an opener's reset takes back what it ends and is not kept itself:
   * what was never written was certainly not executed, and is not executed later.
   */
  add(fields: FrameFields, head: Uint8Array | undefined, body: Uint8Array | undefined, now: number): 'held' | 'busy';
  /** Hands all over, less the time they waited ([F10]). Those of one exchange or stream keep their order. */
  release(now: number, take: FrameTaker): void;
  clear(): void;
}

interface HeldFrame {
  readonly fields: FrameFields;
  readonly head: Uint8Array | undefined;
  readonly body: Uint8Array | undefined;
  readonly at: number;
}

/** Correlations of messages and of streams are numbered apart. */
const streamKeys = 2 ** 32;

export function createHeldFrames(): HeldFrames {
  const held = new Map<number, HeldFrame[]>();
  let bytes = 0;
  let lastKey = 0;

  /** Frames that can be taken back share the key of their exchange or stream; each other one has its own. */
  function keyOf({ kind, flags, correlation }: FrameFields): number {
    if (kind === FrameKind.message || kind === FrameKind.cancel) return correlation;
    const ofOpener = (flags & FrameFlag.back) === 0 && (kind === FrameKind.data || kind === FrameKind.credit);
    if (kind === FrameKind.open || ofOpener || isTakingBack(kind, flags)) return streamKeys + correlation;
    lastKey -= 1;
    return lastKey;
  }

  return {
    add(fields, head, body, now) {
      const key = keyOf(fields);
      if (isTakingBack(fields.kind, fields.flags)) {
        for (const frame of held.get(key) ?? []) bytes -= sizeOf(frame.head, frame.body);
        held.delete(key);
        return 'held';
      }
      const size = sizeOf(head, body);
      if (bytes + size > queuedBytesMax) return 'busy';
      bytes += size;
      const frame = { fields: { ...fields }, head: head?.slice(), body, at: now };
      const together = held.get(key);
      if (together === undefined) held.set(key, [frame]);
      else together.push(frame);
      return 'held';
    },
    release(now, take) {
      const all = [...held.values()];
      held.clear();
      bytes = 0;
      for (const { fields, head, body, at } of all.flat()) {
        const deadlineMs = Math.max(0, fields.deadlineMs - (now - at));
        take({ ...fields, deadlineMs, reckonedAt: now }, head, body);
      }
    },
    clear() {
      held.clear();
      bytes = 0;
    },
  };
}

function isTakingBack(kind: number, flags: number): boolean {
  return kind === FrameKind.cancel || (kind === FrameKind.reset && (flags & FrameFlag.back) === 0);
}

function sizeOf(head: Uint8Array | undefined, body: Uint8Array | undefined): number {
  return frameHeaderBytes + (head?.length ?? 0) + (body?.length ?? 0);
}
