import type { MalformedReason } from './decoded.ts';
import { FrameHeader, FrameKind, readU32, writeU32 } from './frame.ts';
import { messageIdBytes } from './ids.ts';
import { bodyBytesMax, runMessagesMax } from './limits.ts';
import type { Reader } from './reader.ts';
import type { ReceivedFrame } from './received-frame.ts';
import { ReceivedHead } from './received-head.ts';
import { noTexts } from './text-record.ts';

/** Higher than the one before by no more than this, a correlation takes one byte. */
const stepMax = 255;
/** Said in place of a step: the correlation follows as it is. */
const noStep = 0;

const wordBytes = 4;

/** What a message takes in a run, its head and its body excluded, at most [F19]. */
export const runMessageBytesMax = 1 + wordBytes + messageIdBytes + wordBytes;

/**
 * Writes what stands before the body of a message behind the first, its id from the beginning of `head`. `last`: the
 * correlation of the one before. The caller has checked that there is room. Returns where the body goes.
 */
export function writeRunMessage(
  bytes: Uint8Array,
  offset: number,
  { correlation, last }: { readonly correlation: number; readonly last: number },
  head: Uint8Array,
  bodyBytes: number,
): number {
  const step = correlation - last;
  let at = offset;
  if (step > 0 && step <= stepMax) {
    bytes[at] = step;
    at += 1;
  } else {
    bytes[at] = noStep;
    writeU32(bytes, at + 1, correlation);
    at += 1 + wordBytes;
  }
  for (let i = 0; i < messageIdBytes; i++) bytes[at + i] = head[i] as number;
  writeU32(bytes, at + messageIdBytes, bodyBytes);
  return at + messageIdBytes + wordBytes;
}

/** The messages of a run, one after the other [F19]; one object is used again for every run. */
export class ReceivedRun {
  /** The one at hand, as far as it has a frame of its own: where the rest begins lies its id, where it ends its body does. */
  readonly frame = new FrameHeader();
  /** Why what follows is malformed; `undefined`: so far nothing is. */
  fault: MalformedReason | undefined = undefined;
  /** Where the body of the one at hand begins. */
  bodyStart = 0;
  private first = new ReceivedHead();
  private headStart = 0;
  private headEnd = 0;
  private begunAt = 0;
  private deadlineMs = 0;
  private at = 0;
  private end = 0;
  private count = 0;
  private readonly passed = new FrameHeader();

  /** `next` gives the first one. */
  begin({ bytes, start, end, kind, flags, hops, to, from, correlation, deadlineMs }: ReceivedFrame, now: number): void {
    const { frame } = this;
    frame.bytes = bytes;
    frame.start = start;
    frame.end = end;
    frame.kind = kind;
    frame.flags = flags;
    frame.hops = hops;
    frame.to = to;
    frame.from = from;
    frame.correlation = correlation;
    // What is copied of one body is copied of those beside it.
    frame.readNumber += 1;
    frame.readEnd = end;
    this.begunAt = now;
    this.deadlineMs = deadlineMs;
    this.at = start;
    this.end = end;
    this.count = 0;
    this.fault = undefined;
  }

  /** False: there is none, or it is malformed. The time since `begin` is off its deadline. */
  next(reader: Reader, now: number): boolean {
    const { frame } = this;
    frame.readAt = now;
    frame.deadlineMs = this.deadlineMs - (now - this.begunAt);
    if (this.count === 0) return this.takeFirst(reader);
    return this.at < this.end && this.takeNext();
  }

  /** Of the one at hand, but for its id and where its body lies; to keep. All of a run have the same where it has no parameters. */
  head(): ReceivedHead {
    const { first } = this;
    return first.params === noTexts ? first : first.withOwnParams();
  }

  /** The one at hand as a frame of its own, for those who pass it on. Valid until the next one. */
  whole(): ReceivedFrame {
    const { frame, passed, bodyStart, headStart, headEnd } = this;
    const headBytes = headEnd - headStart;
    passed.end = headBytes + frame.end - bodyStart;
    if (passed.bytes.length < passed.end) passed.bytes = new Uint8Array(2 * passed.end);
    passed.bytes.set(frame.bytes.subarray(headStart, headEnd));
    for (let i = 0; i < messageIdBytes; i++) passed.bytes[i] = frame.bytes[frame.start + i] as number;
    passed.bytes.set(frame.bytes.subarray(bodyStart, frame.end), headBytes);
    passed.kind = FrameKind.message;
    passed.flags = frame.flags;
    passed.hops = frame.hops;
    passed.to = frame.to;
    passed.from = frame.from;
    passed.correlation = frame.correlation;
    passed.deadlineMs = frame.deadlineMs;
    passed.readAt = frame.readAt;
    return passed;
  }

  private takeFirst(reader: Reader): boolean {
    const { frame } = this;
    const first = new ReceivedHead(frame);
    this.first = first;
    const malformed = first.readShared(reader);
    if (malformed !== undefined) return this.fail(malformed);
    this.headStart = frame.start;
    this.headEnd = reader.position;
    return this.take(frame.start, reader.position);
  }

  private takeNext(): boolean {
    const { frame, end } = this;
    const { bytes } = frame;
    const step = bytes[this.at] as number;
    let at = this.at + 1;
    if (step !== noStep) frame.correlation += step;
    else if (end - at < wordBytes) return this.fail('short');
    else {
      frame.correlation = readU32(bytes, at);
      at += wordBytes;
    }
    if (frame.correlation > 0xffff_ffff) return this.fail('range');
    if (this.count >= runMessagesMax) return this.fail('count');
    return this.take(at, at + messageIdBytes);
  }

  private take(idAt: number, lengthAt: number): boolean {
    const { frame, end } = this;
    const bodyStart = lengthAt + wordBytes;
    if (bodyStart > end) return this.fail('short');
    const bodyBytes = readU32(frame.bytes, lengthAt);
    if (bodyBytes > bodyBytesMax || (bodyBytes > 0 && this.first.bodyKind === 'none')) return this.fail('long');
    if (bodyBytes > end - bodyStart) return this.fail('short');
    this.count += 1;
    this.bodyStart = bodyStart;
    this.at = bodyStart + bodyBytes;
    frame.start = idAt;
    frame.end = this.at;
    return true;
  }

  private fail(reason: MalformedReason): boolean {
    this.fault = reason;
    return false;
  }
}
