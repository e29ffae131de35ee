import { writeDnsName } from '../../protocol/dns-name.ts';
import type { Writer } from '../../protocol/writer.ts';
import { classInternet, RecordType, type ResponseCode } from './dns-codes.ts';
import { payloadBytesMax, plainBytesMax, ttlS } from './dns-limits.ts';
import { type DnsRecord, typeNumberOf, writeData } from './dns-record.ts';
import type { Edns, QueryHead } from './read-query.ts';

/** What is answered to a question. */
export interface Answer {
  readonly code: ResponseCode;
  /** Of this zone: else it is a refusal. */
  readonly authoritative: boolean;
  /** Best first: what does not fit is left out from the end. */
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  /** Left out without a word when they do not fit (RFC 2181, 9). */
  readonly additionals: readonly DnsRecord[];
}

export interface Reply {
  readonly head: QueryHead;
  /** As it came; undefined: it was not understood. */
  readonly question: Uint8Array | undefined;
  readonly edns: Edns | undefined;
  readonly answer: Answer;
}

export const nothingMore = { answers: [], authorities: [], additionals: [] } as const;

const responseBits = 0x8000;
const authoritativeBit = 0x0400;
const truncatedBit = 0x0200;
const dnssecBit = 0x8000;
const headerBytes = 12;
const ednsBytes = 11;
/** Where the name of the question begins. */
const pointerToQuestion = 0xc000 | headerBytes;

/** How long an answer by UDP may be for whoever asks so. */
export function datagramBytesFor(edns: Edns | undefined): number {
  return Math.min(payloadBytesMax, Math.max(plainBytesMax, edns?.payloadBytes ?? plainBytesMax));
}

/** Writes the whole answer behind what `writer` has, `bytesMax` long at most, with TC where records had to be left out. */
export function writeAnswer(writer: Writer, { head, question, edns, answer }: Reply, bytesMax: number): void {
  const start = writer.length;
  const end = start + bytesMax - (edns === undefined ? 0 : ednsBytes);
  writer.room(headerBytes);
  if (question !== undefined) writer.raw(question);
  const answers = writeRecords(writer, answer.answers, end);
  const authorities = writeRecords(writer, answer.authorities, end);
  const isCut = answers < answer.answers.length || authorities < answer.authorities.length;
  const additionals = isCut ? 0 : writeRecords(writer, answer.additionals, end);
  if (edns !== undefined) writeEdns(writer, edns, answer.code);
  const flags = (answer.authoritative ? authoritativeBit : 0) | (isCut ? truncatedBit : 0) | (answer.code & 15);
  writer.setU16(start, head.id);
  writer.setU16(start + 2, responseBits | head.flags | flags);
  writer.setU16(start + 4, question === undefined ? 0 : 1);
  writer.setU16(start + 6, answers);
  writer.setU16(start + 8, authorities);
  writer.setU16(start + 10, additionals + (edns === undefined ? 0 : 1));
}

/** Returns how many of them fit. */
function writeRecords(writer: Writer, records: readonly DnsRecord[], end: number): number {
  let count = 0;
  for (const record of records) {
    const before = writer.length;
    writeRecord(writer, record);
    if (writer.length > end) {
      writer.length = before;
      break;
    }
    count += 1;
  }
  return count;
}

function writeRecord(writer: Writer, { owner, data }: DnsRecord): void {
  if (owner === undefined) writer.u16(pointerToQuestion);
  else writeDnsName(writer, owner);
  writer.u16(typeNumberOf(data));
  writer.u16(classInternet);
  writer.u32(ttlS);
  const lengthAt = writer.room(2);
  writeData(writer, data);
  writer.setU16(lengthAt, writer.length - lengthAt - 2);
}

/** No option is said back: none is known (RFC 6891, 6.1.2). */
function writeEdns(writer: Writer, { dnssec }: Edns, code: ResponseCode): void {
  writer.u8(0);
  writer.u16(RecordType.opt);
  writer.u16(payloadBytesMax);
  writer.u8(code >> 4);
  writer.u8(0);
  writer.u16(dnssec ? dnssecBit : 0);
  writer.u16(0);
}

/** Nothing but a code. */
export function refusal(code: ResponseCode): Answer {
  return { code, authoritative: false, ...nothingMore };
}
