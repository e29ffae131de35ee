import { type BodyKind, bodyKinds } from './body.ts';
import { type Malformed, type MalformedReason, malformed } from './decoded.ts';
import { type ErrorCode, errorCodeNumber, errorCodeOf } from './error-code.ts';
import { FogataError } from './fogata-error.ts';
import { headBytesMax, reasonBytesMax } from './limits.ts';
import { quantiseLoad, readLoad, writeLoad } from './load.ts';
import { checkHead, readBodyKind } from './message-head.ts';
import type { ReplyNames } from './name-cache.ts';
import { readParams, writeParams } from './params.ts';
import { Reader } from './reader.ts';
import { noTexts, type TextRecord } from './text-record.ts';
import { cutUtf8 } from './utf8.ts';
import type { Writer } from './writer.ts';

/** What became of a message, in the order of their numbers on the wire (from 1). */
export const outcomeWords = ['answered', 'delivered', 'stored', 'expired', 'refused', 'unknown'] as const;

export type OutcomeWord = (typeof outcomeWords)[number];

/** What a reply, or the accept of a stream, says before its body. */
export interface ReplyHead {
  readonly outcome: OutcomeWord;
  /** `undefined`: no error. A number that is not known reads as `failed`. */
  readonly code: ErrorCode | undefined;
  readonly bodyKind: BodyKind;
  /** Load of the instance: 0 idle to 1 full; `undefined` not known. */
  readonly load: number | undefined;
  /** The instance that did it; both `''` where there was none. */
  readonly service: string;
  readonly node: string;
  /** For people; may be `''`. Cut to `reasonBytesMax` when it is written. */
  readonly reason: string;
  readonly params: TextRecord;
}

export type DecodedReplyHead = { readonly ok: true; readonly head: ReplyHead; readonly bodyStart: number } | Malformed;

/** Behind outcome and error code; behind it the load. */
const bodyKindOffset = 2;
const loadOffset = 3;

/** Throws FogataError: `invalid` for a bad name, `too-large` above the bounds. */
export function writeReplyHead(writer: Writer, head: ReplyHead): void {
  const start = writer.length;
  writer.word(outcomeWords, head.outcome);
  writer.u8(head.code === undefined ? 0 : errorCodeNumber(head.code));
  writer.u8(bodyKinds.indexOf(head.bodyKind));
  writeLoad(writer, head.load);
  writer.nameOrNone(head.service);
  writer.nameOrNone(head.node);
  writer.str16(cutUtf8(head.reason, reasonBytesMax));
  writeParams(writer, head.params);
  if (writer.length - start > headBytesMax) {
    throw new FogataError('too-large', `the parameters of a reply have more than ${headBytesMax} bytes together`);
  }
}

/** `start` is where the head begins, `end` where the frame ends. The body lies from `bodyStart` to `end`. */
export function decodeReplyHead(bytes: Uint8Array, start: number, end: number): DecodedReplyHead {
  const reply = new ReceivedReply();
  const reason = reply.read(new Reader(bytes, start, end));
  return reason === undefined ? { ok: true, head: reply.head(), bodyStart: reply.bodyStart } : malformed(reason);
}

const noAuthor: ReplyNames = Object.freeze({ service: '', node: '' });

/** A reply's head where it lies, checked as `decodeReplyHead` does; one object is used again for every reply. */
export class ReceivedReply implements ReplyHead {
  outcome: OutcomeWord = 'unknown';
  code: ErrorCode | undefined = undefined;
  bodyKind: BodyKind = 'none';
  load: number | undefined = undefined;
  /** The instance that says it. Mostly the same object for the same instance; it never changes. */
  author: ReplyNames = noAuthor;
  reason = '';
  params: TextRecord = noTexts;
  /** The body lies from here to the frame's end. */
  bodyStart = 0;

  get service(): string {
    return this.author.service;
  }

  get node(): string {
    return this.author.node;
  }

  /** For keeps. */
  head(): ReplyHead {
    const { outcome, code, bodyKind, load, service, node, reason, params } = this;
    return { outcome, code, bodyKind, load, service, node, reason, params };
  }

  /** Why it is malformed; `undefined` when it is not, and only then the fields mean anything. */
  read(reader: Reader): MalformedReason | undefined {
    const start = reader.position;
    this.outcome = reader.word(outcomeWords);
    this.code = readErrorCode(reader);
    this.bodyKind = readBodyKind(reader);
    this.load = readLoad(reader);
    const known = reader.names?.ofReplies.find(reader.bytes, reader.position, reader.end);
    if (known === undefined) this.readNames(reader);
    else {
      this.author = known.value;
      this.reason = '';
      this.params = noTexts;
      reader.skip(known.bytes.length);
    }
    checkHead(reader, start, this.bodyKind);
    this.bodyStart = reader.position;
    return reader.reason;
  }

  private readNames(reader: Reader): void {
    const start = reader.position;
    this.author = Object.freeze({ service: reader.nameOrNone(), node: reader.nameOrNone() });
    this.reason = reader.str16();
    this.params = readParams(reader);
    if (reader.failed || this.reason !== '' || this.params !== noTexts) return;
    reader.names?.ofReplies.add(reader.bytes, start, reader.position, this.author);
  }
}

/** What an agent changes in place of a reply it passes on. `start`: the head's first byte. */
export function setReplyLoad(bytes: Uint8Array, start: number, load: number | undefined): void {
  bytes[start + loadOffset] = quantiseLoad(load);
}

/** Whether a reply has a body, of one that is well formed and begins with `head`. */
export function hasReplyBody(head: Uint8Array): boolean {
  return bodyKinds[head[bodyKindOffset] as number] !== 'none';
}

/** 0 is none. A code of a later revision is still an error: it reads as `failed`. */
export function readErrorCode(reader: Reader): ErrorCode | undefined {
  const number = reader.u8();
  return number === 0 ? undefined : (errorCodeOf(number) ?? 'failed');
}
