import { type Answer, type DecodedPacket, decode, encode, type Packet, type Question } from 'dns-packet';
import { createDnsResponder } from '../../src/agent/dns/dns-responder.ts';
import type { Zone } from '../../src/agent/dns/zone-answer.ts';
import type { InstanceView } from '../../src/api/views.ts';
import type { InstancePlace, NameTable } from '../../src/node/name-table.ts';
import type { SocketAddress } from '../../src/protocol/socket-address.ts';
import { parseSocketAddress } from '../../src/protocol/socket-address.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import type { Tier } from '../../src/selection/tier.ts';

// A zone whose names a test makes up, and another implementation of DNS to ask and read it with.

export interface PlaceFields extends Partial<InstanceView> {
  readonly isHere: boolean;
  /** Default: by state and weight. */
  readonly tier: Tier;
  readonly http: boolean;
  /** `192.0.2.5:8080` */
  readonly direct: readonly string[];
}

const socketAddressOf = (text: string) => parseSocketAddress(text) as SocketAddress;

/** `db1` by plain HTTP through the agents, unless said otherwise. */
export function placeOf(node: string, fields: Partial<PlaceFields> = {}): InstancePlace {
  const { isHere = false, http = true, direct = [], tier, ...said } = fields;
  const view: InstanceView = { node, state: 'up', load: null, weight: 100, labels: {}, ...said };
  return {
    view,
    tier: tier ?? tierOf(view),
    isHere,
    http,
    direct: direct.map(socketAddressOf),
  };
}

function tierOf({ state, weight }: InstanceView): Tier {
  if (state === 'down' || state === 'draining') return state;
  if (weight === 0) return 'unweighted';
  return state === 'degraded' ? 'slow' : state === 'suspect' ? 'unsure' : 'healthy';
}

export interface ZoneFields {
  readonly services: Readonly<Record<string, readonly InstancePlace[]>>;
  readonly nodes: Readonly<Record<string, readonly string[]>>;
  readonly agentHttp: readonly string[];
  readonly random: () => number;
}

export function zoneOf(fields: Partial<ZoneFields>): Zone {
  const { services = {}, nodes = {}, agentHttp = ['127.0.0.1:7471'], random = () => 0 } = fields;
  const names: NameTable = {
    places: (service) => (Object.hasOwn(services, service) ? (services[service] ?? []) : []),
    node: (name) => (Object.hasOwn(nodes, name) ? nodes[name] : undefined),
    services: () => Object.keys(services),
    nodes: () => Object.keys(nodes),
  };
  return { names, agentHttp: agentHttp.map(socketAddressOf), random };
}

export interface Asked {
  readonly id: number;
  readonly flags: number;
  readonly class: string;
  readonly additionals: Packet['additionals'];
}

export function queryOf(name: string, type: string, fields: Partial<Asked> = {}): Buffer {
  const { id = 7, flags = 0x0100, additionals } = fields;
  const question = { name, type, class: fields.class ?? 'IN' } as Question;
  return encode({
    type: 'query',
    id,
    flags,
    questions: [question],
    ...(additionals === undefined ? {} : { additionals }),
  });
}

/** What another implementation reads in an answer, with every record on a line of its own. */
export interface ReadAnswer {
  readonly code: string;
  readonly packet: DecodedPacket;
  readonly bytes: Uint8Array;
  readonly answers: readonly string[];
  readonly authorities: readonly string[];
  readonly additionals: readonly string[];
}

const frozen = { now: () => 0 } as Clock;

export function responderOf(fields: Partial<ZoneFields>) {
  const responder = createDnsResponder(zoneOf(fields), frozen);
  return (bytes: Uint8Array, by: 'udp' | 'tcp' = 'udp'): Uint8Array | undefined =>
    by === 'udp' ? responder.toDatagram(bytes)?.slice() : responder.toStream(bytes)?.slice(2);
}

/** Asks as `dig` would. */
export function askerOf(fields: Partial<ZoneFields>) {
  const respond = responderOf(fields);
  return (name: string, type: string, asked: Partial<Asked> = {}, by: 'udp' | 'tcp' = 'udp'): ReadAnswer =>
    readAnswer(respond(queryOf(name, type, asked), by));
}

export function readAnswer(bytes: Uint8Array | undefined): ReadAnswer {
  if (bytes === undefined) throw new Error('no answer');
  const packet = decode(Buffer.from(bytes));
  const code = (packet as unknown as { readonly rcode: string }).rcode;
  const lines = (records: Packet['answers']) => (records ?? []).flatMap((record) => lineOf(record) ?? []);
  return {
    code,
    packet,
    bytes,
    answers: lines(packet.answers),
    authorities: lines(packet.authorities),
    additionals: lines(packet.additionals),
  };
}

/** As a zone file has it; nothing for OPT. */
function lineOf(record: Answer): string | undefined {
  if (record.type === 'OPT') return undefined;
  const { name, type } = record;
  const ttl = 'ttl' in record ? (record.ttl ?? '?') : '?';
  return `${name} ${ttl} ${type} ${dataText(record)}`;
}

function dataText(record: Answer): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
    case 'NS':
      return record.data;
    case 'SRV': {
      const { priority, weight, port, target } = record.data;
      return `${priority ?? '?'} ${weight ?? '?'} ${port} ${target}`;
    }
    case 'TXT':
      return [record.data].flat().map(String).join(' ');
    case 'SOA':
      return `${record.data.mname} ${record.data.rname} minimum ${record.data.minimum ?? '?'}`;
    case 'HINFO':
      return `${record.data.cpu}/${record.data.os}`;
    default:
      return '?';
  }
}
