import { type Answer, decode, encode, type Packet, type Question } from 'dns-packet';
import { canonicalIp } from '../protocol/ip-address.ts';

/** What a record says. Names are in small letters, without a dot at the end. */
export type MdnsData =
  | { readonly type: 'PTR'; readonly target: string }
  | { readonly type: 'SRV'; readonly target: string; readonly port: number }
  | { readonly type: 'TXT'; readonly texts: readonly string[] }
  | { readonly type: 'A' | 'AAAA'; readonly address: string };

export type MdnsRecord = MdnsData & {
  readonly name: string;
  readonly ttlS: number;
  /** Whoever hears it forgets others of its name and type (RFC 6762, 10.2). */
  readonly flush: boolean;
};

export interface MdnsQuestion {
  readonly name: string;
  /** As DNS calls it: `PTR`, `ANY`, … */
  readonly type: string;
  /** Whoever asks would rather have the answer alone (5.4). */
  readonly unicast: boolean;
}

export interface MdnsMessage {
  readonly id: number;
  readonly isResponse: boolean;
  /** More known answers follow in another (7.2). */
  readonly isTruncated: boolean;
  readonly questions: readonly MdnsQuestion[];
  readonly answers: readonly MdnsRecord[];
  /** In a probe: what the sender wants to say of the names it asks for (8.2). */
  readonly authorities: readonly MdnsRecord[];
  readonly additionals: readonly MdnsRecord[];
}

/** More than an Ethernet frame holds. What names that point at names cost to read grows with the square of the length. */
export const mdnsBytesMax = 2_048;

/** A response is authoritative (18.4). */
const authoritative = 0x0400;
const truncated = 0x0200;

/** What dns-packet makes of class IN with the bit that asks for a unicast answer. */
const unicastClass = 'UNKNOWN_32769';

/** Records of types and classes that are not looked at are left out. `undefined` for what is no message. */
export function decodeMdns(bytes: Uint8Array): MdnsMessage | undefined {
  if (bytes.length > mdnsBytesMax) return undefined;
  try {
    const packet = decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    const flags = packet.flags ?? 0;
    // Other operations and failures are no mDNS (18.3, 18.11).
    if ((flags & 0x7800) !== 0 || (flags & 0x000f) !== 0) return undefined;
    return {
      id: packet.id ?? 0,
      isResponse: packet.type === 'response',
      isTruncated: (flags & truncated) !== 0,
      questions: (packet.questions ?? []).map(questionOf),
      answers: recordsOf(packet.answers),
      authorities: recordsOf(packet.authorities),
      additionals: recordsOf(packet.additionals),
    };
  } catch {
    // The library throws on whatever is malformed.
    return undefined;
  }
}

export function encodeMdns(message: Partial<MdnsMessage>): Uint8Array {
  const { id = 0, isResponse = false, questions = [], answers = [], authorities = [], additionals = [] } = message;
  return encode({
    id,
    type: isResponse ? 'response' : 'query',
    flags: isResponse ? authoritative : 0,
    questions: questions.map(({ name, type }) => ({ name, type: type as Question['type'], class: 'IN' })),
    answers: answers.map(answerOf),
    authorities: authorities.map(answerOf),
    additionals: additionals.map(answerOf),
  });
}

/** Equal for records that say the same, but for how long. */
export function recordKey(record: MdnsRecord): string {
  const { ttlS: _, flush: __, ...said } = record;
  return JSON.stringify(Object.entries(said).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function questionOf({ name, type, class: asked }: Question): MdnsQuestion {
  return { name: nameOf(name), type: type, unicast: (asked as string | undefined) === unicastClass };
}

function recordsOf(answers: Packet['answers']): MdnsRecord[] {
  return (answers ?? []).flatMap((answer) => recordOf(answer) ?? []);
}

function recordOf(answer: Answer): MdnsRecord | undefined {
  if (answer.type === 'OPT' || answer.class !== 'IN') return undefined;
  const data = dataOf(answer);
  if (data === undefined) return undefined;
  return {
    ...data,
    name: nameOf(answer.name),
    ttlS: answer.ttl ?? 0,
    flush: 'flush' in answer && answer.flush === true,
  };
}

function dataOf(answer: Answer): MdnsData | undefined {
  switch (answer.type) {
    case 'PTR':
      return { type: 'PTR', target: nameOf(answer.data) };
    case 'SRV':
      return { type: 'SRV', target: nameOf(answer.data.target), port: answer.data.port };
    case 'TXT': {
      const texts = Array.isArray(answer.data) ? answer.data : [answer.data];
      return { type: 'TXT', texts: texts.map(String) };
    }
    case 'A':
    case 'AAAA': {
      const address = canonicalIp(answer.data);
      return address === undefined ? undefined : { type: answer.type, address };
    }
    default:
      return undefined;
  }
}

function answerOf(record: MdnsRecord): Answer {
  const { name, ttlS: ttl, flush } = record;
  const head = { name, ttl, class: 'IN', flush } as const;
  switch (record.type) {
    case 'PTR':
      return { ...head, type: 'PTR', data: record.target };
    case 'SRV':
      return { ...head, type: 'SRV', data: { target: record.target, port: record.port, priority: 0, weight: 0 } };
    case 'TXT':
      return { ...head, type: 'TXT', data: [...record.texts] };
    default:
      return { ...head, type: record.type, data: record.address };
  }
}

/** DNS takes no notice of case in ASCII letters (RFC 6762, 16). */
function nameOf(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()).replace(/\.$/, '');
}
