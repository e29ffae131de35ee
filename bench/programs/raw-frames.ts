import type { Socket } from 'node:net';

/** A raw frame: u32 length of the body, u32 tag, body. What the references speak, and nothing less than a message needs. */
export const rawHeadBytes = 8;

/** In the tag: nothing comes back. */
export const oneWay = 0x8000_0000;

const slabBytes = 65_536;

export interface RawWriter {
  /** Copies a frame behind those of this turn. */
  put(tag: number, source: Uint8Array, from: number, to: number): void;
  /** All of it by one write. False when the socket wants to be waited for. */
  flush(): boolean;
}

/** One write per turn: frames are copied to a slab, which is used again when the kernel took all of it. */
export function createRawWriter(socket: Socket): RawWriter {
  let slab = Buffer.allocUnsafeSlow(slabBytes);
  let used = 0;

  function flush(): boolean {
    if (used === 0) return true;
    const room = socket.write(used === slab.length ? slab : slab.subarray(0, used));
    if (socket.writableLength > 0) slab = Buffer.allocUnsafeSlow(slabBytes);
    used = 0;
    return room;
  }

  return {
    put(tag, source, from, to) {
      const size = to - from;
      if (used + rawHeadBytes + size > slab.length) {
        flush();
        if (rawHeadBytes + size > slab.length) slab = Buffer.allocUnsafeSlow(2 * (rawHeadBytes + size));
      }
      slab[used] = size >>> 24;
      slab[used + 1] = size >>> 16;
      slab[used + 2] = size >>> 8;
      slab[used + 3] = size;
      slab[used + 4] = tag >>> 24;
      slab[used + 5] = tag >>> 16;
      slab[used + 6] = tag >>> 8;
      slab[used + 7] = tag;
      slab.set(from === 0 && to === source.length ? source : source.subarray(from, to), used + rawHeadBytes);
      used += rawHeadBytes + size;
    },
    flush,
  };
}

export interface RawEvents {
  /** A whole frame: its body is `bytes` from `from` to `to`, until this returns. */
  readonly onFrame: (tag: number, bytes: Uint8Array, from: number, to: number) => void;
  /** One that nothing comes back for, as soon as its head is there. Its body is not looked at. */
  readonly onOneWay: (size: number) => void;
}

/** Parses in place; only what a read cut in two is copied. */
export function createRawParser(events: RawEvents): (chunk: Uint8Array) => void {
  const carry = new Uint8Array(2 * 1_048_576);
  let held = 0;
  let skip = 0;

  const wordAt = (bytes: Uint8Array, at: number) =>
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0;

  function hold(chunk: Uint8Array, at: number, wanted: number): number {
    const taken = Math.max(0, Math.min(wanted - held, chunk.length - at));
    carry.set(chunk.subarray(at, at + taken), held);
    held += taken;
    return at + taken;
  }

  /** The frame whose beginning is held; returns where the next begins, past the end when it is not whole yet. */
  function finishHeld(chunk: Uint8Array, start: number): number {
    const at = hold(chunk, start, rawHeadBytes);
    if (held < rawHeadBytes) return at;
    const size = wordAt(carry, 0);
    const tag = wordAt(carry, 4);
    if (tag >= oneWay) {
      held = 0;
      events.onOneWay(size);
      return at + size;
    }
    const end = hold(chunk, at, rawHeadBytes + size);
    if (held === rawHeadBytes + size) {
      events.onFrame(tag, carry, rawHeadBytes, held);
      held = 0;
    }
    return end;
  }

  return (chunk) => {
    const { length } = chunk;
    let at = skip;
    if (at < length && held > 0) at = finishHeld(chunk, at);
    while (length - at >= rawHeadBytes) {
      const size = wordAt(chunk, at);
      const tag = wordAt(chunk, at + 4);
      const end = at + rawHeadBytes + size;
      if (tag >= oneWay) events.onOneWay(size);
      else if (end > length) break;
      else events.onFrame(tag, chunk, at + rawHeadBytes, end);
      at = end;
    }
    skip = Math.max(0, at - length);
    if (at < length) hold(chunk, at, length - at);
  };
}
