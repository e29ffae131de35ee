import { FogataError } from './fogata-error.ts';
import { labelsMax } from './limits.ts';
import type { Reader } from './reader.ts';
import type { SocketAddress } from './socket-address.ts';
import { newTextRecord } from './text-record.ts';
import { readAddressOrNone, writeAddressOrNone } from './wire-address.ts';
import type { Writer } from './writer.ts';

/** What an instance says of itself, in the order of their numbers on the wire (from 1). `warning`: up, but a check is not content. */
export const serviceStates = ['up', 'down', 'draining', 'warning'] as const;

export type ServiceState = (typeof serviceStates)[number];

/** What a service can be asked by. */
export interface ServiceKinds {
  readonly messages: boolean;
  readonly http: boolean;
  /** Streams of the program's own: every open but the proxy's. */
  readonly streams: boolean;
}

/** One service of a node's record. */
export interface ServiceEntry {
  readonly name: string;
  readonly state: ServiceState;
  readonly kinds: ServiceKinds;
  /** Share of the work beside other instances; 100 is normal, 0 takes none. */
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
  /** [R6] Where the program itself listens; undefined: only its node knows how to reach it. */
  readonly endpoint: SocketAddress | undefined;
}

const messagesBit = 1;
const httpBit = 2;
const streamsBit = 4;

export function writeService(writer: Writer, entry: ServiceEntry): void {
  const labels = Object.entries(entry.labels);
  if (labels.length > labelsMax) throw new FogataError('too-large', `a service has at most ${labelsMax} labels`);
  writer.name(entry.name);
  writer.word(serviceStates, entry.state);
  const { messages, http, streams } = entry.kinds;
  writer.u8((messages ? messagesBit : 0) | (http ? httpBit : 0) | (streams ? streamsBit : 0));
  writer.u16(entry.weight);
  writer.u8(labels.length);
  for (const [name, value] of labels) {
    writer.str8(name);
    writer.str8(value);
  }
  writeAddressOrNone(writer, entry.endpoint);
}

/** Bits of kinds that are not known are ignored. */
export function readService(reader: Reader): ServiceEntry {
  const name = reader.name();
  const state = reader.word(serviceStates);
  const bits = reader.u8();
  const weight = reader.u16();
  const count = reader.count8(labelsMax);
  const labels = newTextRecord();
  for (let i = 0; i < count && !reader.failed; i++) {
    const label = reader.str8();
    if (labels[label] !== undefined) reader.fail('twice');
    labels[label] = reader.str8();
  }
  const kinds = {
    messages: (bits & messagesBit) !== 0,
    http: (bits & httpBit) !== 0,
    streams: (bits & streamsBit) !== 0,
  };
  return { name, state, kinds, weight, labels, endpoint: readAddressOrNone(reader) };
}
