import { readU32, writeU32 } from './frame.ts';
import { deliveredMax } from './limits.ts';
import type { Reader } from './reader.ts';
import type { ReceivedFrame } from './received-frame.ts';
import type { Writer } from './writer.ts';

/** Higher than the one before by no more than this, a correlation takes one byte. */
const stepMax = 255;
/** Said in place of a step: the correlation follows as it is. */
const noStep = 0;
const wholeBytes = 5;

/** The correlations of a frame that replies to many ([F15]), while it is being made. */
export class CorrelationsWriter {
  count = 0;
  /** This one stands in the frame's header; the others end its rest. */
  first = 0;
  private last = 0;
  private headBytes = 0;
  private readonly writer: Writer;

  constructor(writer: Writer) {
    this.writer = writer;
  }

  /** What the writer holds is what stands before them; there are none yet. */
  begin(): void {
    this.headBytes = this.writer.length;
    this.count = 0;
  }

  /** Forgets them; behind the same beginning there may be more. */
  again(): void {
    this.writer.length = this.headBytes;
    this.count = 0;
  }

  /** One more; false when it is full. */
  add(correlation: number): boolean {
    if (this.count >= deliveredMax) return false;
    const step = correlation - this.last;
    this.last = correlation;
    this.count += 1;
    if (this.count === 1) this.first = correlation;
    else if (step > 0 && step <= stepMax) {
      const at = this.writer.room(1);
      this.writer.bytes[at] = step;
    } else {
      const at = this.writer.room(wholeBytes);
      this.writer.bytes[at] = noStep;
      writeU32(this.writer.bytes, at + 1, correlation);
    }
    return true;
  }
}

/** The same as they were read; one object is used again for every frame. */
export class ReceivedCorrelations {
  /** Of these the first `count` mean something. */
  values = new Uint32Array(64);
  count = 0;

  /** From where `reader` stands to the frame's end. */
  read({ bytes, end, correlation }: ReceivedFrame, reader: Reader): void {
    let last = correlation;
    let count = 1;
    let at = reader.position;
    this.values[0] = last;
    while (at < end) {
      if (count >= deliveredMax) return reader.fail('count');
      const step = bytes[at] as number;
      if (step !== noStep) {
        last += step;
        at += 1;
      } else {
        if (end - at < wholeBytes) return reader.fail('short');
        last = readU32(bytes, at + 1);
        at += wholeBytes;
      }
      if (last > 0xffff_ffff) return reader.fail('range');
      if (count >= this.values.length) this.grow();
      this.values[count] = last;
      count += 1;
    }
    this.count = count;
  }

  private grow(): void {
    const larger = new Uint32Array(Math.min(deliveredMax, 4 * this.values.length));
    larger.set(this.values);
    this.values = larger;
  }
}
