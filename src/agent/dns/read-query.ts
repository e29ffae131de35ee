import { classInternet, RecordType, ResponseCode } from './dns-codes.ts';
import { dnsNameBytesMax } from './dns-limits.ts';

/** What the sender says of its side (RFC 6891). */
export interface Edns {
  readonly version: number;
  readonly payloadBytes: number;
  /** It understands DNSSEC: to be said back (RFC 3225). */
  readonly dnssec: boolean;
}

/** The one question of a query. */
export interface Question {
  /** From the left, in small letters, without the root. A dot within a label is written `\.`: it matches no name here. */
  readonly labels: readonly string[];
  readonly type: number;
  /** The question as it came, in the case in which it came. */
  readonly bytes: Uint8Array;
}

/** What of the header is said back. */
export interface QueryHead {
  readonly id: number;
  /** Opcode, RD and CD, in their places. */
  readonly flags: number;
}

/**
 * What came in. `ignored`: an answer, or too short for one to it. `refused`: an answer with nothing but this code;
 * `edns` where it was understood so far.
 */
export type ReadQuery =
  | { readonly kind: 'ignored' }
  | {
      readonly kind: 'refused';
      readonly head: QueryHead;
      readonly code: ResponseCode;
      readonly question: Uint8Array | undefined;
      readonly edns: Edns | undefined;
    }
  | {
      readonly kind: 'question';
      readonly head: QueryHead;
      readonly question: Question;
      readonly edns: Edns | undefined;
    };

const headerBytes = 12;
const responseBit = 0x8000;
const opcodeBits = 0x7800;
const keptBits = opcodeBits | 0x0100 | 0x0010;
const dnssecBit = 0x8000;

/** Total: whatever the bytes, it returns. Nothing is allocated but for the question. */
export function readQuery(bytes: Uint8Array): ReadQuery {
  if (bytes.length < headerBytes) return { kind: 'ignored' };
  const flags = u16(bytes, 2);
  if ((flags & responseBit) !== 0) return { kind: 'ignored' };
  const head: QueryHead = { id: u16(bytes, 0), flags: flags & keptBits };
  const refuse = (code: ResponseCode, question?: Uint8Array, edns?: Edns): ReadQuery => {
    return { kind: 'refused', head, code, question, edns };
  };
  if ((flags & opcodeBits) !== 0) return refuse(ResponseCode.notImplemented);
  if (u16(bytes, 4) !== 1) return refuse(ResponseCode.malformed);
  const asked = readQuestion(bytes);
  if (asked === undefined) return refuse(ResponseCode.malformed);
  const { question, class: classAsked } = asked;
  const rest = readRest(bytes, headerBytes + question.bytes.length);
  if (!rest.ok) return refuse(ResponseCode.malformed, question.bytes);
  const { edns } = rest;
  if (edns !== undefined && edns.version > 0) return refuse(ResponseCode.badVersion, question.bytes, edns);
  if (question.type === RecordType.opt) return refuse(ResponseCode.malformed, question.bytes, edns);
  if (classAsked !== classInternet) return refuse(ResponseCode.refused, question.bytes, edns);
  return { kind: 'question', head, question, edns };
}

/** The name stands in full: there is nothing before it to point at. */
function readQuestion(bytes: Uint8Array): { readonly question: Question; readonly class: number } | undefined {
  const labels: string[] = [];
  let at = headerBytes;
  for (;;) {
    const length = bytes[at];
    if (length === undefined || length > 63) return undefined;
    at += 1;
    if (length === 0) break;
    const end = at + length;
    // The root that is to follow counts, too.
    if (end >= bytes.length || end + 1 - headerBytes > dnsNameBytesMax) return undefined;
    labels.push(labelOf(bytes, at, end));
    at = end;
  }
  if (at + 4 > bytes.length) return undefined;
  const question = { labels, type: u16(bytes, at), bytes: bytes.subarray(headerBytes, at + 4) };
  return { question, class: u16(bytes, at + 2) };
}

function labelOf(bytes: Uint8Array, start: number, end: number): string {
  let label = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    const code = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
    label += code === 0x2e ? '\\.' : String.fromCharCode(code);
  }
  return label;
}

type Rest = { readonly ok: true; readonly edns: Edns | undefined } | { readonly ok: false };

const bad: Rest = { ok: false };

/** The records behind the question: only OPT says anything (RFC 6891, 6.1.1: at most one, of the root). */
function readRest(bytes: Uint8Array, start: number): Rest {
  const before = u16(bytes, 6) + u16(bytes, 8);
  const count = before + u16(bytes, 10);
  let edns: Edns | undefined;
  let at = start;
  // A record has 11 bytes or more, so that this ends, whatever the counts say.
  for (let i = 0; i < count; i++) {
    const nameEnd = skipName(bytes, at);
    if (nameEnd === undefined || nameEnd + 10 > bytes.length) return bad;
    const dataEnd = nameEnd + 10 + u16(bytes, nameEnd + 8);
    if (dataEnd > bytes.length) return bad;
    if (u16(bytes, nameEnd) === RecordType.opt) {
      if (edns !== undefined || i < before || nameEnd !== at + 1 || bytes[at] !== 0) return bad;
      edns = {
        payloadBytes: u16(bytes, nameEnd + 2),
        version: bytes[nameEnd + 5] as number,
        dnssec: (u16(bytes, nameEnd + 6) & dnssecBit) !== 0,
      };
    }
    at = dataEnd;
  }
  return at === bytes.length ? { ok: true, edns } : bad;
}

/** Where the name ends; where a pointer leads is of no interest. */
function skipName(bytes: Uint8Array, start: number): number | undefined {
  let at = start;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) return undefined;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2 <= bytes.length ? at + 2 : undefined;
    if (length > 63 || at + 1 + length - start >= dnsNameBytesMax) return undefined;
    at += 1 + length;
  }
}

/** Only where the bytes are there. */
function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
