import type { MalformedReason } from './decoded.ts';
import { FrameHeader, isRestBytesValid, readFrameHeader, readU32 } from './frame.ts';
import { dataBytesMax, frameBytesMax, frameBytesMin } from './limits.ts';
import type { ReceivedFrame } from './received-frame.ts';

/** Splits a byte stream into frames. */
export interface FrameParser {
  /** Bytes held of a frame that is not whole yet; not 0 at the end of the stream means that it was cut off. */
  readonly heldBytes: number;
  /**
   * Calls back for each frame that is whole now, in order, and not again for the rest of the stream after a fault, which it
   * returns [F4]. The frame may be changed in place. The chunk may be written over once this returns.
   */
  push(chunk: Uint8Array, onFrame: (frame: ReceivedFrame) => void): MalformedReason | undefined;
}

export function createFrameParser(): FrameParser {
  return new Splitter();
}

const lengthBytes = 4;

/** A frame is not believed to be as long as it says until half of it has come: memory follows the bytes received. */
const bytesAtFirst = 4_096;

/** A larger buffer is given back when its frame is done. A full data frame of a stream fits, or bulk would allocate for each. */
const bytesKept = 2 * dataBytesMax;

const noBytes = new Uint8Array(0);

/**
 * A frame that lies whole in a chunk is handed over in place; only what is left at a chunk's end is copied, and never more
 * than one frame is held.
 */
class Splitter implements FrameParser {
  private readonly frame = new FrameHeader();
  private held: Uint8Array = noBytes;
  private heldLength = 0;
  private fault: MalformedReason | undefined = undefined;

  get heldBytes(): number {
    return this.heldLength;
  }

  push(chunk: Uint8Array, onFrame: (frame: ReceivedFrame) => void): MalformedReason | undefined {
    const { length } = chunk;
    let at = this.heldLength > 0 ? this.complete(chunk, onFrame) : 0;
    this.beginRead(length);
    while (this.fault === undefined && length - at >= lengthBytes) {
      const end = at + this.frameLength(chunk, at);
      if (this.fault !== undefined || end > length) break;
      this.hand(chunk, at, onFrame);
      at = end;
    }
    if (this.fault === undefined) this.hold(chunk, at, length, 0);
    else this.release();
    return this.fault;
  }

  /** Adds to the frame that is held, and hands it over when it is whole. Returns how much of the chunk that took. */
  private complete(chunk: Uint8Array, onFrame: (frame: ReceivedFrame) => void): number {
    let at = Math.max(0, Math.min(lengthBytes - this.heldLength, chunk.length));
    this.hold(chunk, 0, at, 0);
    if (this.heldLength < lengthBytes) return at;
    const frameLength = this.frameLength(this.held, 0);
    if (this.fault !== undefined) return at;
    const end = Math.min(chunk.length, at + frameLength - this.heldLength);
    this.hold(chunk, at, end, frameLength);
    at = end;
    if (this.heldLength < frameLength) return at;
    const { held } = this;
    this.release();
    this.beginRead(frameLength);
    this.hand(held, 0, onFrame);
    return at;
  }

  /** What is handed over from now on lies elsewhere than before. */
  private beginRead(end: number): void {
    const { frame } = this;
    frame.readNumber += 1;
    frame.readEnd = end;
  }

  private hand(bytes: Uint8Array, offset: number, onFrame: (frame: ReceivedFrame) => void): void {
    const { frame } = this;
    this.fault = readFrameHeader(bytes, offset, frame);
    if (this.fault !== undefined) return;
    if (isRestBytesValid(frame.kind, frame.flags, frame.end - frame.start)) onFrame(frame);
    else this.fault = 'range';
  }

  /** `frameLength`: how long the frame says it is, 0 when that is not known yet. */
  private hold(chunk: Uint8Array, start: number, end: number, frameLength: number): void {
    if (start === end) return;
    const wanted = this.heldLength + end - start;
    if (wanted > this.held.length) {
      const larger = new Uint8Array(Math.max(bytesAtFirst, wanted, Math.min(2 * wanted, frameLength)));
      larger.set(this.held.subarray(0, this.heldLength));
      this.held = larger;
    }
    this.held.set(chunk.subarray(start, end), this.heldLength);
    this.heldLength = wanted;
  }

  private release(): void {
    this.heldLength = 0;
    if (this.held.length > bytesKept) this.held = noBytes;
  }

  /** The whole length of the frame at `at`, its length field included. */
  private frameLength(bytes: Uint8Array, at: number): number {
    const length = readU32(bytes, at);
    if (length < frameBytesMin) this.fault = 'short';
    else if (length > frameBytesMax) this.fault = 'long';
    return lengthBytes + length;
  }
}
