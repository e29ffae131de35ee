import type { MalformedReason } from './decoded.ts';
import { type NodeId, noNode, readNodeId, writeNodeId } from './ids.ts';
import { dataBytesMax, deadlineMsMax, frameBytesMax, frameBytesMin, frameHeaderBytes, hopsMax } from './limits.ts';
import type { Writer } from './writer.ts';

/** What a frame is (section 6). Kinds 128 and above are ignored by this version. */
export const FrameKind = {
  hello: 1,
  goaway: 2,
  ping: 3,
  pong: 4,
  sync: 5,
  message: 6,
  reply: 7,
  cancel: 8,
  open: 9,
  accept: 10,
  data: 11,
  credit: 12,
  reset: 13,
  request: 14,
  response: 15,
  event: 16,
  key: 17,
  keyReply: 18,
  wish: 19,
  decision: 20,
  delivered: 21,
  alike: 22,
  run: 23,
  /** Of those that may be ignored. */
  clock: 128,
} as const;

export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** Flags of message and open frames (`replyWanted` to `publish`), and of the frames of a stream (`end`, `back`). Bits that are not known are ignored. */
export const FrameFlag = { replyWanted: 1, idempotent: 2, publish: 4, end: 1, back: 2 } as const;

const kindKnownMax = FrameKind.run;
const kindIgnoredMin = 128;

/** A frame of a later revision: to be skipped. */
export function isIgnoredKind(kind: number): boolean {
  return kind >= kindIgnoredMin;
}

/** Where the fields of the fixed header lie, from the frame's first byte. */
export const FrameOffset = {
  length: 0,
  kind: 4,
  flags: 5,
  hops: 6,
  reserved: 7,
  to: 8,
  from: 16,
  correlation: 24,
  deadline: 28,
  rest: frameHeaderBytes,
} as const;

/** On the wire: no deadline. In a header it is `Infinity`. */
const deadlineNone = 0xffff_ffff;

/** The fields of the fixed header that the sender chooses. */
export interface FrameFields {
  readonly kind: number;
  readonly flags: number;
  /** Hops left. */
  readonly hops: number;
  /** `noNode`: the node at the other end. */
  readonly to: NodeId;
  /** The node where the exchange began; `noNode` on a program's link. */
  readonly from: NodeId;
  readonly correlation: number;
  /** Milliseconds left, whole; `Infinity`: none. */
  readonly deadlineMs: number;
  /** Monotonic milliseconds when the deadline was reckoned; undefined: now. It does not travel. */
  readonly reckonedAt?: number | undefined;
}

const noBytes = new Uint8Array(0);

/** A frame as `readFrameHeader` found it. One object for a link, used again for every frame. */
export class FrameHeader implements FrameFields {
  bytes: Uint8Array = noBytes;
  /** Where the rest begins and ends; the frame itself begins `frameHeaderBytes` before. */
  start = 0;
  end = 0;
  kind = 0;
  flags = 0;
  hops = 0;
  to: NodeId = noNode;
  from: NodeId = noNode;
  correlation = 0;
  deadlineMs: number = Number.POSITIVE_INFINITY;
  readAt: number | undefined = undefined;
  readNumber = 0;
  readEnd = 0;
  // The ids of the frame before, as numbers: on a link they are nearly always the same again, and then no text is made.
  toHigh = 0;
  toLow = 0;
  fromHigh = 0;
  fromLow = 0;
}

/**
 * Reads the header of the frame at `offset` into `into`; the caller has checked that 32 bytes are there. Returns why the
 * frame is malformed, or `undefined`. Whether the frame's rest is there is the caller's to know.
 */
export function readFrameHeader(bytes: Uint8Array, offset: number, into: FrameHeader): MalformedReason | undefined {
  const length = readU32(bytes, offset);
  if (length < frameBytesMin) return 'short';
  if (length > frameBytesMax) return 'long';
  const kind = bytes[offset + FrameOffset.kind] as number;
  if (kind === 0 || (kind > kindKnownMax && kind < kindIgnoredMin)) return 'kind';
  const hops = bytes[offset + FrameOffset.hops] as number;
  if (hops > hopsMax || bytes[offset + FrameOffset.reserved] !== 0) return 'range';
  into.bytes = bytes;
  into.readAt = undefined;
  into.start = offset + frameHeaderBytes;
  into.end = offset + 4 + length;
  into.kind = kind;
  into.flags = bytes[offset + FrameOffset.flags] as number;
  into.hops = hops;
  readIds(bytes, offset, into);
  into.correlation = readU32(bytes, offset + FrameOffset.correlation);
  const deadline = readU32(bytes, offset + FrameOffset.deadline);
  into.deadlineMs = deadline === deadlineNone ? Number.POSITIVE_INFINITY : Math.min(deadline, deadlineMsMax);
  return undefined;
}

function readIds(bytes: Uint8Array, offset: number, into: FrameHeader): void {
  const toHigh = readU32(bytes, offset + FrameOffset.to);
  const toLow = readU32(bytes, offset + FrameOffset.to + 4);
  if (toLow !== into.toLow || toHigh !== into.toHigh) {
    into.toHigh = toHigh;
    into.toLow = toLow;
    into.to = readNodeId(bytes, offset + FrameOffset.to);
  }
  const fromHigh = readU32(bytes, offset + FrameOffset.from);
  const fromLow = readU32(bytes, offset + FrameOffset.from + 4);
  if (fromLow !== into.fromLow || fromHigh !== into.fromHigh) {
    into.fromHigh = fromHigh;
    into.fromLow = fromLow;
    into.from = readNodeId(bytes, offset + FrameOffset.from);
  }
}

/** Writes 32 bytes at `offset`; `restBytes` is how many follow them. The caller has checked that there is room. */
export function writeFrameHeader(bytes: Uint8Array, offset: number, fields: FrameFields, restBytes: number): void {
  writeU32(bytes, offset, frameBytesMin + restBytes);
  bytes[offset + FrameOffset.kind] = fields.kind;
  bytes[offset + FrameOffset.flags] = fields.flags;
  bytes[offset + FrameOffset.hops] = fields.hops;
  bytes[offset + FrameOffset.reserved] = 0;
  setFrameTo(bytes, offset, fields.to);
  setFrameFrom(bytes, offset, fields.from);
  setFrameCorrelation(bytes, offset, fields.correlation);
  setFrameDeadline(bytes, offset, fields.deadlineMs);
}

/** Puts the header at the end of the writer; what follows is written by the caller, then `endFrame`. Returns where it begins. */
export function beginFrame(writer: Writer, fields: FrameFields): number {
  const start = writer.room(frameHeaderBytes);
  writeFrameHeader(writer.bytes, start, fields, 0);
  return start;
}

/** Fills in the length: all that was written since, and a body of so many bytes that is sent behind it by reference. */
export function endFrame(writer: Writer, start: number, bodyBytes = 0): void {
  writer.setU32(start, writer.length - start - 4 + bodyBytes);
}

// What a relay changes in place, without decoding the rest. `offset` is the frame's first byte.

export function setFrameTo(bytes: Uint8Array, offset: number, to: NodeId): void {
  writeNodeId(bytes, offset + FrameOffset.to, to);
}

export function setFrameFrom(bytes: Uint8Array, offset: number, from: NodeId): void {
  writeNodeId(bytes, offset + FrameOffset.from, from);
}

export function setFrameCorrelation(bytes: Uint8Array, offset: number, correlation: number): void {
  writeU32(bytes, offset + FrameOffset.correlation, correlation);
}

/** Whole milliseconds: what is begun counts, so that a deadline that is left never becomes 0. `Infinity`: none. */
export function setFrameDeadline(bytes: Uint8Array, offset: number, deadlineMs: number): void {
  writeU32(bytes, offset + FrameOffset.deadline, deadlineWord(deadlineMs));
}

/** As it goes over the wire. */
export function deadlineWord(deadlineMs: number): number {
  if (deadlineMs === Number.POSITIVE_INFINITY) return deadlineNone;
  return Math.min(Math.max(0, Math.ceil(deadlineMs)), deadlineMsMax);
}

export function setFrameHops(bytes: Uint8Array, offset: number, hops: number): void {
  bytes[offset + FrameOffset.hops] = hops;
}

/** Whether so many bytes may follow the header of a frame of this kind, for the kinds that need no decoder. */
export function isRestBytesValid(kind: number, flags: number, restBytes: number): boolean {
  if (kind === FrameKind.ping || kind === FrameKind.pong || kind === FrameKind.cancel) return restBytes === 0;
  if (kind !== FrameKind.data) return true;
  return restBytes === 0 ? (flags & FrameFlag.end) !== 0 : restBytes <= dataBytesMax;
}

/** A `u32`; the caller has checked that four bytes are there. */
export function readU32(bytes: Uint8Array, at: number): number {
  const low = ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
  return (bytes[at] as number) * 0x100_0000 + low;
}

/** The caller has checked that there is room for four bytes. */
export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
