import type { BodyKind } from './body.ts';
import type { ByteCopies } from './byte-copies.ts';
import type { MalformedReason } from './decoded.ts';
import { type MessageId, readMessageId } from './ids.ts';
import { headBytesMax } from './limits.ts';
import { checkHead, type MessageHead, readBodyKind, readNodePart } from './message-head.ts';
import type { NameCache } from './name-cache.ts';
import { readParams } from './params.ts';
import type { Reader } from './reader.ts';
import type { FramedBytes } from './received-frame.ts';
import { newTextRecord, noTexts, type TextRecord } from './text-record.ts';

/**
 * The head of a message where it lies: checked as `decodeMessageHead` does, but with nothing made that nobody may ask for.
 * Valid as long as its frame is, or for good after `keep`.
 */
export class ReceivedHead implements MessageHead {
  /** Where the rest of the frame lies, the id first. */
  bytes: Uint8Array;
  start: number;
  /** The body lies from here to `end`. */
  bodyStart = 0;
  end: number;
  bodyKind: BodyKind = 'none';
  attempt = 0;
  service = '';
  node = '';
  command = '';
  fromService = '';
  fromNode = '';
  params: TextRecord = noTexts;
  private idText: MessageId | undefined = undefined;

  /** Without a frame it is to be `reset` first. */
  constructor(frame: FramedBytes = noFrame) {
    this.bytes = frame.bytes;
    this.start = frame.start;
    this.end = frame.end;
  }

  /** For those who read many and keep none. */
  reset(frame: FramedBytes): void {
    this.bytes = frame.bytes;
    this.start = frame.start;
    this.end = frame.end;
    this.idText = undefined;
  }

  get id(): MessageId {
    this.idText ??= readMessageId(this.bytes, this.start);
    return this.idText;
  }

  /** Why it is malformed; `undefined` when it is not, and only then the fields mean anything. */
  read(reader: Reader): MalformedReason | undefined {
    this.readFields(reader);
    checkHead(reader, this.start, this.bodyKind);
    this.bodyStart = reader.position;
    return reader.reason;
  }

  /** The head of a run, which is that of its first message [F19]: what the bodies are is the caller's to check. */
  readShared(reader: Reader): MalformedReason | undefined {
    this.readFields(reader);
    if (reader.position - this.start > headBytesMax) reader.fail('long');
    return reader.reason;
  }

  /** The same with parameters of its own: nothing that one program does to them is seen by the next. */
  withOwnParams(): ReceivedHead {
    const head = new ReceivedHead(this);
    head.bodyStart = this.bodyStart;
    head.bodyKind = this.bodyKind;
    head.attempt = this.attempt;
    head.service = this.service;
    head.node = this.node;
    head.command = this.command;
    head.fromService = this.fromService;
    head.fromNode = this.fromNode;
    head.params = Object.assign(newTextRecord(), this.params);
    return head;
  }

  private readFields(reader: Reader): void {
    reader.reset(this.bytes, this.start, this.end);
    reader.skip(16);
    this.bodyKind = readBodyKind(reader);
    this.attempt = reader.u8();
    const known = reader.names?.ofMessages.find(this.bytes, reader.position, this.end);
    if (known === undefined) this.readNames(reader);
    else {
      const { service, node, command, fromService, fromNode } = known.value;
      this.service = service;
      this.node = node;
      this.command = command;
      this.fromService = fromService;
      this.fromNode = fromNode;
      this.params = noTexts;
      reader.skip(known.bytes.length);
    }
  }

  private readNames(reader: Reader): void {
    const start = reader.position;
    this.service = reader.name();
    this.node = readNodePart(reader);
    this.command = reader.command();
    this.fromService = reader.nameOrNone();
    this.fromNode = reader.nameOrNone();
    this.params = readParams(reader);
    if (reader.failed || this.params !== noTexts) return;
    const { service, node, command, fromService, fromNode } = this;
    reader.names?.ofMessages.add(this.bytes, start, reader.position, { service, node, command, fromService, fromNode });
  }

  /** Copies the body, of the frame it was read of, and makes the text of the id: of the rest nothing is needed any more. */
  keepBody(frame: FramedBytes, copies: ByteCopies, names: NameCache): Uint8Array {
    this.idText = names.ids.read(this.bytes, this.start);
    return copies.takeOf(frame, this.bodyStart, this.end);
  }

  /** Copies the head and the body, and returns the latter. */
  keep(copies: ByteCopies): Uint8Array {
    const { start, bodyStart, end } = this;
    const at = copies.place(this.bytes, start, end);
    const own = copies.placed;
    this.bytes = own;
    this.start = at;
    this.bodyStart = at + bodyStart - start;
    this.end = at + end - start;
    if (end === bodyStart) return noBytes;
    return new Uint8Array(own.buffer, own.byteOffset + this.bodyStart, end - bodyStart);
  }
}

const noBytes = new Uint8Array(0);
const noFrame: FramedBytes = { bytes: noBytes, start: 0, end: 0 };
