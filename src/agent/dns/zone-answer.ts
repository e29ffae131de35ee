import type { InstancePlace, NameTable } from '../../node/name-table.ts';
import type { SocketAddress } from '../../protocol/socket-address.ts';
import { RecordType, ResponseCode } from './dns-codes.ts';
import { instancesAnsweredMax } from './dns-limits.ts';
import { type DnsRecord, isDnsName, type RecordData } from './dns-record.ts';
import { type FoundName, findName } from './find-name.ts';
import { type Door, doorsOf, drawDoor, isServable } from './instance-order.ts';
import { instanceTexts } from './instance-texts.ts';
import type { Question } from './read-query.ts';
import { type Answer, nothingMore, refusal } from './write-answer.ts';

/** The one zone that is answered for. */
const zone = 'fogata';

/** What the answers are made of. */
export interface Zone {
  /** Undefined: the agent is only starting. */
  readonly names: NameTable | undefined;
  /** Where this agent takes HTTP, at most one of each family; empty: nowhere. */
  readonly agentHttp: readonly SocketAddress[];
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

type Records = Pick<Answer, 'answers' | 'additionals'>;

const noRecords: Records = { answers: [], additionals: [] };
const start: DnsRecord = { owner: zone, data: { type: 'SOA', zone } };

/** Whoever asks for everything gets one record that says so (RFC 8482, 4.2). */
const everything: Records = only([{ type: 'HINFO', cpu: 'RFC8482', system: '' }]);

export function zoneAnswer({ labels, type }: Question, source: Zone): Answer {
  if (labels.at(-1) !== zone) return refusal(ResponseCode.refused);
  if (type === RecordType.axfr || type === RecordType.ixfr) return refusal(ResponseCode.refused);
  if (source.names === undefined) return refusal(ResponseCode.failed);
  const found = findName(labels.slice(0, -1), source.names);
  if (found === undefined) return withStart(ResponseCode.noSuchName);
  const records = type === RecordType.any ? everything : recordsOf(found, type, source);
  if (records.answers.length === 0) return withStart(ResponseCode.good);
  return { code: ResponseCode.good, authoritative: true, authorities: [], ...records };
}

/** No such name, or nothing of that type: the zone's start says for how long (RFC 2308). */
function withStart(code: ResponseCode): Answer {
  return { ...nothingMore, code, authoritative: true, authorities: [start] };
}

function recordsOf(found: FoundName, type: number, source: Zone): Records {
  switch (found.kind) {
    case 'apex':
      if (type === RecordType.soa) return only([start.data]);
      return type === RecordType.ns ? only([{ type: 'NS', target: zone }]) : noRecords;
    case 'empty':
      return noRecords;
    case 'node':
      return only(addressRecords(found.addresses, type));
    case 'pointers':
      return type === RecordType.srv ? pointers(found.service, found.places, source) : noRecords;
    case 'instance':
      return ofService(found.service, [found.place], type, source);
    case 'service':
      return ofService(found.service, found.places, type, source);
  }
}

function ofService(service: string, places: readonly InstancePlace[], type: number, source: Zone): Records {
  switch (type) {
    case RecordType.a:
    case RecordType.aaaa: {
      const doors = doorsOf(places, source.agentHttp).filter(({ addresses }) =>
        addresses.some(({ address }) => isOfType(address, type)),
      );
      const door = drawDoor(doors, source.random);
      return door === undefined ? noRecords : only(addressRecords(ipsOf(door.addresses), type));
    }
    case RecordType.srv:
      return pointers(service, places, source);
    case RecordType.txt: {
      const best = places.filter(isServable).slice(0, instancesAnsweredMax);
      return only(best.map(({ view }) => ({ type: 'TXT', texts: instanceTexts(view) })));
    }
    default:
      return noRecords;
  }
}

/** SRV records of all, best first, and the addresses of their targets. */
function pointers(service: string, places: readonly InstancePlace[], { agentHttp }: Zone): Records {
  const doors = doorsOf(places, agentHttp)
    .map((door) => ({ ...door, target: `${service}.${door.place.view.node}.node.${zone}` }))
    .filter(({ target }) => isDnsName(target))
    .slice(0, instancesAnsweredMax);
  return {
    answers: doors.map((door) => ({ owner: undefined, data: pointer(door) })),
    additionals: doors.flatMap(({ target, addresses }) =>
      ipsOf(addresses).map((address) => ({ owner: target, data: addressRecord(address) })),
    ),
  };
}

function pointer({ addresses, priority, weight, target }: Door & { readonly target: string }): RecordData {
  return { type: 'SRV', priority, weight, port: addresses[0]?.port ?? 0, target };
}

function ipsOf(addresses: readonly SocketAddress[]): string[] {
  return addresses.map(({ address }) => address);
}

function addressRecords(addresses: readonly string[], type: number): RecordData[] {
  return addresses.filter((address) => isOfType(address, type)).map(addressRecord);
}

function isOfType(address: string, type: number): boolean {
  return type === (address.includes(':') ? RecordType.aaaa : RecordType.a);
}

function addressRecord(address: string): RecordData {
  return { type: address.includes(':') ? 'AAAA' : 'A', address };
}

function only(data: readonly RecordData[]): Records {
  return { answers: data.map((each) => ({ owner: undefined, data: each })), additionals: [] };
}
