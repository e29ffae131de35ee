import { formatIp } from '../protocol/ip-address.ts';
import { Reader } from '../protocol/reader.ts';
import { isAscii, readAscii } from '../protocol/utf8.ts';
import { type MdnsData, type MdnsMessage, type MdnsQuestion, type MdnsRecord, mdnsBytesMax } from './mdns-packet.ts';
import { mdnsTypeText } from './mdns-types.ts';

const responseBit = 0x8000;
const truncatedBit = 0x0200;

/** Other operations and failures are no mDNS (RFC 6762, 18.3 and 18.11). */
const foreignBits = 0x780f;

const classInternet = 1;
/** Of a record's class that others are to be forgotten, of a question's that the answer is wanted alone. */
const topBit = 0x8000;

/** Labels with their lengths, without the root (RFC 1035, 3.1). */
const nameBytesMax = 254;
const labelBytesMax = 63;
const pointerBits = 0xc0;

/**
 * Labels and pointers of one message. Honest ones have a few hundred; where many names point at one long name, each of its
 * bytes would be read again and again, for up to 160 ms a message.
 */
export const stepsMax = 2_048;

/** A message as it is being read. */
interface Source {
  readonly reader: Reader;
  stepsLeft: number;
}

/** Records of types and classes that are not looked at are left out. `undefined` for what is no message; never throws. */
export function decodeMdns(bytes: Uint8Array): MdnsMessage | undefined {
  if (bytes.length > mdnsBytesMax) return undefined;
  const reader = new Reader(bytes);
  const source: Source = { reader, stepsLeft: stepsMax };
  const id = reader.u16();
  const flags = reader.u16();
  if ((flags & foreignBits) !== 0) return undefined;
  const counts = [reader.u16(), reader.u16(), reader.u16(), reader.u16()] as const;
  const message: MdnsMessage = {
    id,
    isResponse: (flags & responseBit) !== 0,
    isTruncated: (flags & truncatedBit) !== 0,
    questions: readAll(source, counts[0], readQuestion),
    answers: readAll(source, counts[1], readRecord),
    authorities: readAll(source, counts[2], readRecord),
    additionals: readAll(source, counts[3], readRecord),
  };
  return reader.failed ? undefined : message;
}

function readAll<Item>(source: Source, count: number, read: (source: Source) => Item | undefined): Item[] {
  const items: Item[] = [];
  for (let i = 0; i < count && !source.reader.failed; i++) {
    const item = read(source);
    if (item !== undefined) items.push(item);
  }
  return items;
}

function readQuestion(source: Source): MdnsQuestion {
  const { reader } = source;
  const name = readName(source);
  const type = mdnsTypeText(reader.u16());
  return { name, type, unicast: reader.u16() === (classInternet | topBit) };
}

function readRecord(source: Source): MdnsRecord | undefined {
  const { reader } = source;
  const name = readName(source);
  const type = mdnsTypeText(reader.u16());
  const classAndBit = reader.u16();
  const ttlS = reader.u32();
  const length = reader.u16();
  const end = reader.position + length;
  const data = (classAndBit & ~topBit) === classInternet ? readData(source, type, length) : undefined;
  if (reader.position > end) reader.fail('range');
  else reader.skip(end - reader.position);
  return data && { ...data, name, ttlS, flush: (classAndBit & topBit) !== 0 };
}

function readData(source: Source, type: string, length: number): MdnsData | undefined {
  const { reader } = source;
  switch (type) {
    case 'PTR':
      return { type, target: readName(source) };
    case 'SRV': {
      // Priority and weight: a node is at one place.
      reader.skip(4);
      const port = reader.u16();
      return { type, target: readName(source), port };
    }
    case 'TXT':
      return { type, texts: readTexts(reader, length) };
    case 'A':
    case 'AAAA': {
      if (length !== (type === 'A' ? 4 : 16)) reader.fail('address');
      return { type, address: formatIp(reader.raw(length)) };
    }
    default:
      return undefined;
  }
}

function readTexts(reader: Reader, length: number): string[] {
  const end = reader.position + length;
  const texts: string[] = [];
  while (reader.position < end && !reader.failed) texts.push(textOf(reader.raw(reader.u8())));
  return texts;
}

/**
 * In small letters, for DNS takes no notice of case in ASCII (16). A pointer leads back only, so that it ends (RFC 1035, 4.1.4).
 */
function readName(source: Source): string {
  const { reader } = source;
  const labels: string[] = [];
  let piece = reader;
  let begun = reader.position;
  let left = nameBytesMax;
  for (;;) {
    const length = piece.u8();
    if (length === 0) break;
    source.stepsLeft -= 1;
    if (source.stepsLeft < 0) return failed(reader);
    if (length >= pointerBits) {
      const to = ((length & ~pointerBits) << 8) | piece.u8();
      if (piece.failed || to >= begun) return failed(reader);
      piece = new Reader(reader.bytes, to);
      begun = to;
      continue;
    }
    left -= 1 + length;
    if (length > labelBytesMax || left < 0) return failed(reader);
    labels.push(textOf(piece.raw(length)));
  }
  if (piece.failed) return failed(reader);
  const name = labels.join('.');
  return /[A-Z]/.test(name) ? name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : name;
}

function failed(reader: Reader): string {
  reader.fail('name');
  return '';
}

/** What is no UTF-8 is shown as such, and the rest of the message is read: values may be any bytes (RFC 6763, 6.5). */
function textOf(bytes: Uint8Array): string {
  if (isAscii(bytes, 0, bytes.length)) return readAscii(bytes, 0, bytes.length);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
}
