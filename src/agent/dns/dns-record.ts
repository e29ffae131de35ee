import { writeDnsName } from '../../protocol/dns-name.ts';
import { parseIp } from '../../protocol/ip-address.ts';
import type { Writer } from '../../protocol/writer.ts';
import { RecordType } from './dns-codes.ts';

/** What a record says. Names are in small letters, with dots, without the root. */
export type RecordData =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | { readonly type: 'TXT'; readonly texts: readonly string[] }
  | { readonly type: 'NS'; readonly target: string }
  | { readonly type: 'SOA'; readonly zone: string }
  | { readonly type: 'HINFO'; readonly cpu: string; readonly system: string };

/** A record, and whose it is. */
export interface DnsRecord {
  /** Undefined: the name that was asked for. */
  readonly owner: string | undefined;
  readonly data: RecordData;
}

const typeNumbers: Readonly<Record<RecordData['type'], number>> = {
  A: RecordType.a,
  AAAA: RecordType.aaaa,
  SRV: RecordType.srv,
  TXT: RecordType.txt,
  NS: RecordType.ns,
  SOA: RecordType.soa,
  HINFO: RecordType.hinfo,
};

export function typeNumberOf({ type }: RecordData): number {
  return typeNumbers[type];
}

/** Whether it can be said in DNS: no label of a name may be empty. */
export function isDnsName(name: string): boolean {
  return !name.includes('..');
}

/** The data without its length. Names in it are written in full (RFC 3597, 4; RFC 2782). */
export function writeData(writer: Writer, data: RecordData): void {
  switch (data.type) {
    case 'A':
    case 'AAAA':
      writer.raw(parseIp(data.address) as Uint8Array);
      return;
    case 'SRV':
      writer.u16(data.priority);
      writer.u16(data.weight);
      writer.u16(data.port);
      writeDnsName(writer, data.target);
      return;
    case 'TXT':
      for (const text of data.texts) writer.str8(text);
      return;
    case 'NS':
      writeDnsName(writer, data.target);
      return;
    case 'SOA':
      writeStart(writer, data.zone);
      return;
    case 'HINFO':
      writer.str8(data.cpu);
      writer.str8(data.system);
  }
}

/** As an empty zone has it (RFC 6303, 3); its minimum is the time that "no such name" is good for (RFC 2308). */
function writeStart(writer: Writer, zone: string): void {
  const [serial, refresh, retry, expire, minimum] = [1, 3_600, 1_200, 604_800, 0];
  writeDnsName(writer, zone);
  writeDnsName(writer, 'nobody.invalid');
  for (const value of [serial, refresh, retry, expire, minimum]) writer.u32(value);
}
