import type { MalformedReason } from './decoded.ts';
import { readU32, writeU32 } from './frame.ts';
import { deliveredMax, membersMax } from './limits.ts';
import { quantiseLoad, readLoad } from './load.ts';
import type { Reader } from './reader.ts';
import type { ReceivedFrame } from './received-frame.ts';
import { Writer } from './writer.ts';

/** Higher than the one before by no more than this, a correlation takes one byte. */
const stepMax = 255;
/** Said in place of a step: the correlation follows as it is. */
const noStep = 0;
const wholeBytes = 5;

/**
 * The rest of a delivered frame while it is being made ([F15]): who has the messages, then the correlation of each behind the
 * first, which stands in the frame's header.
 */
export class DeliveredWriter {
  /** How many messages it is about. */
  count = 0;
  /** The first one's correlation. */
  first = 0;
  private last = 0;
  private headBytes = 0;
  private readonly writer = new Writer(64);

  /** Forgets what was written. Throws FogataError `invalid` for a bad name. `nodes`: 1 to 2,000. */
  begin(service: string, nodes: readonly string[]): void {
    const { writer } = this;
    this.count = 0;
    writer.reset();
    writer.u8(quantiseLoad(undefined));
    writer.name(service);
    writer.u16(nodes.length);
    for (const node of nodes) writer.name(node);
    this.headBytes = writer.length;
  }

  /** Forgets the messages; of the same instances there may be more. */
  again(): void {
    this.count = 0;
    this.writer.length = this.headBytes;
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

  /** Valid until the next `begin`, `again` or `add`. */
  view(load: number | undefined): Uint8Array {
    this.writer.bytes[0] = quantiseLoad(load);
    return this.writer.view();
  }
}

/** A delivered frame as it was read; one object is used again for every frame. */
export class ReceivedDelivered {
  load: number | undefined = undefined;
  service = '';
  nodes: readonly string[] = [];
  /** Of these the first `count` mean something. */
  correlations = new Uint32Array(64);
  count = 0;

  /** Why it is malformed; `undefined` when it is not, and only then the fields mean anything. */
  read(frame: ReceivedFrame, reader: Reader): MalformedReason | undefined {
    reader.reset(frame.bytes, frame.start, frame.end);
    this.load = readLoad(reader);
    this.service = reader.name();
    const nodes: string[] = [];
    const count = reader.count16(membersMax);
    if (count === 0) reader.fail('count');
    for (let i = 0; i < count && !reader.failed; i++) nodes.push(reader.name());
    this.nodes = nodes;
    if (!reader.failed) this.readCorrelations(frame, reader);
    return reader.reason;
  }

  private readCorrelations({ bytes, end, correlation }: ReceivedFrame, reader: Reader): void {
    let last = correlation;
    let count = 1;
    let at = reader.position;
    this.correlations[0] = last;
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
      if (count >= this.correlations.length) this.grow();
      this.correlations[count] = last;
      count += 1;
    }
    this.count = count;
  }

  private grow(): void {
    const larger = new Uint32Array(Math.min(deliveredMax, 4 * this.correlations.length));
    larger.set(this.correlations);
    this.correlations = larger;
  }
}
