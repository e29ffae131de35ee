import { CorrelationsWriter, ReceivedCorrelations } from './correlations.ts';
import type { MalformedReason } from './decoded.ts';
import type { Reader } from './reader.ts';
import type { ReceivedFrame } from './received-frame.ts';
import { ReceivedReply } from './reply-head.ts';
import { Writer } from './writer.ts';

/** The rest of an alike frame while it is being made ([F17]): a reply, then the correlation of each message behind the first that it is for. */
export class AlikeWriter {
  private readonly writer = new Writer(64);
  private readonly correlations = new CorrelationsWriter(this.writer);
  private headBytes = 0;

  /** How many messages it is about. */
  get count(): number {
    return this.correlations.count;
  }

  /** The first one's correlation. */
  get first(): number {
    return this.correlations.first;
  }

  /** Forgets what was written. `reply`: the rest of a reply frame, of 65,535 bytes at most. */
  begin(reply: Uint8Array): void {
    const { writer } = this;
    this.correlations.reset();
    writer.reset();
    writer.u16(reply.length);
    writer.raw(reply);
    this.headBytes = writer.length;
  }

  /** Forgets the messages; of the same reply there may be more. */
  again(): void {
    this.correlations.reset();
    this.writer.length = this.headBytes;
  }

  /** One more; false when it is full. */
  add(correlation: number): boolean {
    return this.correlations.add(correlation);
  }

  /** Valid until the next `begin`, `again` or `add`. */
  view(): Uint8Array {
    return this.writer.view();
  }
}

/** An alike frame as it was read; one object is used again for every frame. */
export class ReceivedAlike {
  readonly reply = new ReceivedReply();
  /** Where the reply's body ends, which begins at its `bodyStart`. */
  bodyEnd = 0;
  readonly correlations = new ReceivedCorrelations();

  /** Why it is malformed; `undefined` when it is not, and only then the fields mean anything. */
  read(frame: ReceivedFrame, reader: Reader): MalformedReason | undefined {
    const { bytes, start, end } = frame;
    reader.reset(bytes, start, end);
    const replyBytes = reader.u16();
    const replyStart = reader.position;
    if (reader.left < replyBytes) reader.fail('short');
    if (reader.failed) return reader.reason;
    this.bodyEnd = replyStart + replyBytes;
    reader.reset(bytes, replyStart, this.bodyEnd);
    const malformed = this.reply.read(reader);
    if (malformed !== undefined) return malformed;
    // What it brings is its caller's own.
    if (this.reply.outcome === 'answered') return 'range';
    reader.reset(bytes, this.bodyEnd, end);
    this.correlations.read(frame, reader);
    return reader.reason;
  }
}
