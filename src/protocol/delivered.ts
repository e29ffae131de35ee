import { CorrelationsWriter, ReceivedCorrelations } from './correlations.ts';
import type { MalformedReason } from './decoded.ts';
import { membersMax } from './limits.ts';
import { quantiseLoad, readLoad } from './load.ts';
import type { Reader } from './reader.ts';
import type { ReceivedFrame } from './received-frame.ts';
import { Writer } from './writer.ts';

/**
 * The rest of a delivered frame while it is being made ([F15]): who has the messages, then the correlation of each behind the
 * first, which stands in the frame's header.
 */
export class DeliveredWriter {
  private readonly writer = new Writer(64);
  readonly correlations = new CorrelationsWriter(this.writer);

  /** Forgets what was written. Throws FogataError `invalid` for a bad name. `nodes`: 1 to 2,000. */
  begin(service: string, nodes: readonly string[]): void {
    const { writer } = this;
    writer.reset();
    writer.u8(quantiseLoad(undefined));
    writer.name(service);
    writer.u16(nodes.length);
    for (const node of nodes) writer.name(node);
    this.correlations.begin();
  }

  /** Valid until the next `begin`, or change of its correlations. */
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
  readonly correlations = new ReceivedCorrelations();

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
    if (!reader.failed) this.correlations.read(frame, reader);
    return reader.reason;
  }
}
