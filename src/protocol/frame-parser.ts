import { readU32 } from './frame.ts';
import { frameBytesMax, frameBytesMin } from './limits.ts';

/**
 * One whole frame, its length field included, from `start` to `end` in `bytes`. Valid only during the call. Returning
 * false stops the parser for good: what comes after is not looked at.
 */
export type OnFrame = (bytes: Uint8Array, start: number, end: number) => boolean | undefined;

/** Why no frame can follow. `stopped`: `onFrame` said so. */
export type FrameParserFault = 'frame-too-short' | 'frame-too-long' | 'stopped';

const lengthBytes = 4;
/** A frame is not believed to be as long as it says until this much of it has come: memory follows bytes received. */
const bytesAtFirst = 4_096;
/** A larger buffer is given back when its frame is done. */
const bytesKept = 65_536;

/**
 * Splits a byte stream into frames. A frame that lies whole in a chunk is handed over in place; only what is left at a
 * chunk's end is copied, once, and never more than one frame of it is held.
 */
export class FrameParser {
  private readonly onFrame: OnFrame;
  private partial: Uint8Array = new Uint8Array(0);
  private partialLength = 0;
  private failure: FrameParserFault | undefined = undefined;

  constructor(onFrame: OnFrame) {
    this.onFrame = onFrame;
  }

  /** Bytes held of a frame that is not whole yet; not 0 at the end of the stream means that it was cut off. */
  get heldBytes(): number {
    return this.partialLength;
  }

  get fault(): FrameParserFault | undefined {
    return this.failure;
  }

  /** The chunk may be written over once this returns. After a fault it does nothing. Returns the fault, if there is one. */
  push(chunk: Uint8Array): FrameParserFault | undefined {
    let at = 0;
    if (this.partialLength > 0 && this.failure === undefined) at = this.complete(chunk);
    const { length } = chunk;
    while (this.failure === undefined && length - at >= lengthBytes) {
      const frameEnd = at + this.frameLength(chunk, at);
      if (this.fault !== undefined || frameEnd > length) break;
      this.hand(chunk, at, frameEnd);
      at = frameEnd;
    }
    if (this.failure === undefined && at < length) this.hold(chunk, at, length);
    return this.failure;
  }

  /** Adds to the frame that is held, and hands it over when it is whole. Returns how much of the chunk that took. */
  private complete(chunk: Uint8Array): number {
    let at = 0;
    if (this.partialLength < lengthBytes) {
      at = Math.min(lengthBytes - this.partialLength, chunk.length);
      this.hold(chunk, 0, at);
      if (this.partialLength < lengthBytes) return at;
    }
    const frameLength = this.frameLength(this.partial, 0);
    if (this.fault !== undefined) return at;
    const end = Math.min(chunk.length, at + frameLength - this.partialLength);
    this.hold(chunk, at, end);
    if (this.partialLength < frameLength) return end;
    this.partialLength = 0;
    const { partial } = this;
    if (partial.length > bytesKept) this.partial = new Uint8Array(0);
    this.hand(partial, 0, frameLength);
    return end;
  }

  private hand(bytes: Uint8Array, start: number, end: number): void {
    const { onFrame } = this;
    if (onFrame(bytes, start, end) === false) this.failure = 'stopped';
  }

  private hold(chunk: Uint8Array, start: number, end: number): void {
    const wanted = this.partialLength + end - start;
    if (wanted > this.partial.length) {
      const larger = new Uint8Array(Math.max(bytesAtFirst, wanted, Math.min(2 * wanted, frameBytesMax + lengthBytes)));
      larger.set(this.partial.subarray(0, this.partialLength));
      this.partial = larger;
    }
    this.partial.set(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end), this.partialLength);
    this.partialLength = wanted;
  }

  /** The whole length of the frame at `at`, its length field included. */
  private frameLength(bytes: Uint8Array, at: number): number {
    const length = readU32(bytes, at);
    if (length < frameBytesMin) this.failure = 'frame-too-short';
    else if (length > frameBytesMax) this.failure = 'frame-too-long';
    return lengthBytes + length;
  }
}
