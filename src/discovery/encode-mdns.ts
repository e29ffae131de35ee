import { writeDnsName } from '../protocol/dns-name.ts';
import { parseIp } from '../protocol/ip-address.ts';
import { Writer } from '../protocol/writer.ts';
import type { MdnsMessage, MdnsQuestion, MdnsRecord } from './mdns-packet.ts';
import { mdnsTypeNumber } from './mdns-types.ts';

/** That it is a response, which is authoritative (RFC 6762, 18.2 and 18.4). */
const responseFlags = 0x8400;

const classInternet = 1;
const flushBit = 0x8000;

const noAddress = new Uint8Array(0);

/** No name is shortened by a pointer: messages are small. */
export function encodeMdns(message: Partial<MdnsMessage>): Uint8Array {
  const { id = 0, isResponse = false, questions = [], answers = [], authorities = [], additionals = [] } = message;
  const writer = new Writer(512);
  writer.u16(id);
  writer.u16(isResponse ? responseFlags : 0);
  for (const { length } of [questions, answers, authorities, additionals]) writer.u16(length);
  for (const question of questions) writeQuestion(writer, question);
  for (const record of [...answers, ...authorities, ...additionals]) writeRecord(writer, record);
  return writer.copy();
}

function writeQuestion(writer: Writer, { name, type }: MdnsQuestion): void {
  writeDnsName(writer, name);
  writer.u16(mdnsTypeNumber(type));
  writer.u16(classInternet);
}

function writeRecord(writer: Writer, record: MdnsRecord): void {
  writeDnsName(writer, record.name);
  writer.u16(mdnsTypeNumber(record.type));
  writer.u16(record.flush ? classInternet | flushBit : classInternet);
  writer.u32(record.ttlS);
  const at = writer.room(2);
  writeData(writer, record);
  writer.setU16(at, writer.length - at - 2);
}

function writeData(writer: Writer, record: MdnsRecord): void {
  switch (record.type) {
    case 'PTR':
      writeDnsName(writer, record.target);
      break;
    case 'SRV':
      // Priority and weight: there is one.
      writer.u32(0);
      writer.u16(record.port);
      writeDnsName(writer, record.target);
      break;
    case 'TXT':
      for (const text of record.texts) writer.str8(text);
      break;
    default:
      writer.raw(parseIp(record.address) ?? noAddress);
  }
}
