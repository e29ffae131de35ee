import { CorrelationsWriter, ReceivedCorrelations } from './correlations.ts';
import type { MalformedReason } from './decoded.ts';
import type { Reader } from './reader.ts';
import type { ReceivedFrame } from './received-frame.ts';
import { ReceivedReply } from './reply-head.ts';
import { Writer } from './writer.ts';

/** The rest of an alike frame while it is being made ([F17]): a reply, then the correlation of each message behind the first that it is for. */
export class AlikeWriter {
  private readonly writer = new Writer(64);
  readonly correlations = new CorrelationsWriter(this.writer);

  /** Forgets what was written. `reply`: the rest of a reply frame, of 65,535 bytes at most. */
  begin(reply: Uint8Array): void {
    const { writer } = this;
    writer.reset();
    writer.u16(reply.length);
    writer.raw(reply);
    this.correlations.begin();
  }

  /** Valid until the next `begin`, or change of its correlations. */
  view(): Uint8Array {
    return this.writer.view();
  }
}

const noBytes = new Uint8Array(0);

/** An alike frame as it was read; one object is used again for every frame. */
export class ReceivedAlike {
  readonly reply = new ReceivedReply();
  /** The reply, as the rest of its frame, lies from `start` to `end`, and so ends its body. */
  bytes: Uint8Array = noBytes;
  start = 0;
  end = 0;
  readonly correlations = new ReceivedCorrelations();

  /** Why it is malformed; `undefined` when it is not, and only then the fields mean anything. */
  read(frame: ReceivedFrame, reader: Reader): MalformedReason | undefined {
    const { bytes } = frame;
    reader.reset(bytes, frame.start, frame.end);
    const replyBytes = reader.u16();
    const replyStart = reader.position;
    if (reader.left < replyBytes) reader.fail('short');
    if (reader.failed) return reader.reason;
    this.bytes = bytes;
    this.start = replyStart;
    this.end = replyStart + replyBytes;
    reader.reset(bytes, this.start, this.end);
    const malformed = this.reply.read(reader);
    if (malformed !== undefined) return malformed;
    // What it brings is its caller's own.
    if (this.reply.outcome === 'answered') return 'range';
    reader.reset(bytes, this.end, frame.end);
    this.correlations.read(frame, reader);
    return reader.reason;
  }
}
