import { type BodyKind, bodyKinds } from './body.ts';
import { type Malformed, malformed } from './decoded.ts';
import { FogataError } from './fogata-error.ts';
import { type MessageId, messageIdBytes, writeMessageId } from './ids.ts';
import { bodyBytesMax, headBytesMax } from './limits.ts';
import { readParams, writeParams } from './params.ts';
import { Reader } from './reader.ts';
import type { TextRecord } from './text-record.ts';
import type { Writer } from './writer.ts';

/** What a message says of itself before its body. */
export interface MessageHead {
  readonly id: MessageId;
  readonly bodyKind: BodyKind;
  /** 0 the first; grows with every try at another instance. */
  readonly attempt: number;
  readonly service: string;
  /** `''` any, `'*'` every, else the name of a node. */
  readonly node: string;
  readonly command: string;
  /** The service in whose name this is said; may be `''`. */
  readonly fromService: string;
  /** `''` only on a program's link, where the agent puts it in [F12]. */
  readonly fromNode: string;
  readonly params: TextRecord;
}

/** Whom a message is for: all an agent needs to send a program's message on. */
export interface MessageTarget {
  readonly service: string;
  readonly node: string;
}

export type DecodedMessageHead =
  | { readonly ok: true; readonly head: MessageHead; readonly bodyStart: number }
  | Malformed;

/** Behind message id and body kind. */
const attemptOffset = 17;

/** Bytes of message id, body kind and attempt. */
const targetOffset = 18;

/** Throws FogataError: `invalid` for a bad name, `too-large` above the bounds. `idBytes`: the id, where it is at hand as bytes. */
export function writeMessageHead(writer: Writer, head: MessageHead, idBytes?: Uint8Array): void {
  const start = writer.length;
  if (idBytes === undefined) writer.messageId(head.id);
  else writer.raw(idBytes);
  writer.u8(bodyKinds.indexOf(head.bodyKind));
  writer.u8(head.attempt);
  writer.name(head.service);
  if (head.node === '*') writer.str8('*');
  else writer.nameOrNone(head.node);
  writer.command(head.command);
  writer.nameOrNone(head.fromService);
  writer.nameOrNone(head.fromNode);
  writeParams(writer, head.params);
  if (writer.length - start > headBytesMax) {
    throw new FogataError('too-large', `the parameters of a message have more than ${headBytesMax} bytes together`);
  }
}

/** `start` is where the head begins, `end` where the frame ends. The body lies from `bodyStart` to `end`. */
export function decodeMessageHead(bytes: Uint8Array, start: number, end: number): DecodedMessageHead {
  const reader = new Reader(bytes, start, end);
  const id = reader.messageId();
  const bodyKind = readBodyKind(reader);
  const attempt = reader.u8();
  const service = reader.name();
  const node = readNodePart(reader);
  const command = reader.command();
  const fromService = reader.nameOrNone();
  const fromNode = reader.nameOrNone();
  const params = readParams(reader);
  checkHead(reader, start, bodyKind);
  if (reader.reason !== undefined) return malformed(reader.reason);
  return {
    ok: true,
    head: { id, bodyKind, attempt, service, node, command, fromService, fromNode, params },
    bodyStart: reader.position,
  };
}

/** What a node changes in place of a message it passes on. `start`: the head's first byte. */
export function setMessageAttempt(bytes: Uint8Array, start: number, attempt: number): void {
  bytes[start + attemptOffset] = attempt;
}

/** `idBytes`: the id, where it is at hand as bytes. */
export function setMessageId(bytes: Uint8Array, start: number, id: MessageId, idBytes: Uint8Array | undefined): void {
  if (idBytes === undefined) writeMessageId(bytes, start, id);
  else for (let i = 0; i < messageIdBytes; i++) bytes[start + i] = idBytes[i] as number;
}

/** Reads no more than the address. The rest may still be malformed. */
export function peekMessageTarget(bytes: Uint8Array, start: number, end: number): MessageTarget | undefined {
  const reader = new Reader(bytes, start, end);
  reader.skip(targetOffset);
  const service = reader.name();
  const node = readNodePart(reader);
  return reader.failed ? undefined : { service, node };
}

export function readBodyKind(reader: Reader): BodyKind {
  const kind = bodyKinds[reader.u8()];
  if (kind === undefined) reader.fail('range');
  return kind ?? 'none';
}

/** The reader stands at the end of the head: neither it nor the body is larger than it may be, and no body is none. */
export function checkHead(reader: Reader, start: number, bodyKind: BodyKind): void {
  const bodyBytes = reader.left;
  if (reader.position - start > headBytesMax || bodyBytes > bodyBytesMax) reader.fail('long');
  if (bodyKind === 'none' && bodyBytes > 0) reader.fail('long');
}

const star = 42;

export function readNodePart(reader: Reader): string {
  const { bytes, position } = reader;
  if (reader.left >= 2 && bytes[position] === 1 && bytes[position + 1] === star) {
    reader.skip(2);
    return '*';
  }
  return reader.nameOrNone();
}
