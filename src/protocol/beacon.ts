import { FogataError } from './fogata-error.ts';
import type { NodeId } from './ids.ts';
import { loadServicesMax, payloadBytesMax } from './limits.ts';
import { readLoad, writeLoad } from './load.ts';
import { PayloadKind } from './payload-kind.ts';
import type { Reader } from './reader.ts';
import { type ServiceState, serviceStates } from './service-entry.ts';
import { readVersions } from './version.ts';
import type { Writer } from './writer.ts';

/** A service as a beacon tells it; the record has the rest. */
export interface BeaconService {
  readonly name: string;
  /** 0 idle, 1 full; `undefined` not known. */
  readonly load: number | undefined;
  readonly state: ServiceState;
}

/** The announcement a node sends to whoever is near. */
export interface Beacon {
  readonly versionOldest: number;
  readonly versionNewest: number;
  readonly node: NodeId;
  readonly incarnation: number;
  /** Grows by one with each beacon of this incarnation [D6]. */
  readonly sequence: number;
  /** A goodbye [B6]. */
  readonly leaving: boolean;
  /** The node knows no other live member and asks for answers [B3]. */
  readonly seeking: boolean;
  /** The node is reached at the datagram's source address and this port [B1]. */
  readonly nodePort: number;
  readonly nodeName: string;
  readonly clusterName: string;
  readonly recordVersion: number;
  readonly hostLoad: number | undefined;
  /** Possibly not all of them [B5]. */
  readonly services: readonly BeaconService[];
}

const leavingBit = 1;
const seekingBit = 2;
/** Bytes of a service beside its name. */
const serviceBytes = 3;

/** A payload from the writer's start. Services that do not fit are left out [B5]; returns how many are in. */
export function writeBeacon(writer: Writer, beacon: Beacon, bytesMax: number = payloadBytesMax): number {
  if (beacon.nodePort === 0) throw new FogataError('invalid', 'a beacon needs the node port');
  writer.u8(PayloadKind.beacon);
  writer.u8(beacon.versionOldest);
  writer.u8(beacon.versionNewest);
  writer.nodeId(beacon.node);
  writer.u64(beacon.incarnation);
  writer.u32(beacon.sequence);
  writer.u8((beacon.leaving ? leavingBit : 0) | (beacon.seeking ? seekingBit : 0));
  writer.u16(beacon.nodePort);
  writer.name(beacon.nodeName);
  writer.name(beacon.clusterName);
  writer.u32(beacon.recordVersion);
  writeLoad(writer, beacon.hostLoad);
  const countAt = writer.room(1);
  let count = 0;
  for (const service of beacon.services) {
    if (count === loadServicesMax || writer.length + serviceBytes + service.name.length > bytesMax) break;
    writer.name(service.name);
    writeLoad(writer, service.load);
    writer.word(serviceStates, service.state);
    count++;
  }
  writer.setU8(countAt, count);
  return count;
}

/** The reader stands behind the payload's kind. The layout is the same in all versions [B4]. */
export function readBeacon(reader: Reader): Beacon {
  const { versionOldest, versionNewest } = readVersions(reader);
  const node = reader.nodeId();
  const incarnation = reader.u64();
  const sequence = reader.u32();
  const flags = reader.u8();
  const nodePort = reader.u16();
  if (nodePort === 0) reader.fail('range');
  const nodeName = reader.name();
  const clusterName = reader.name();
  const recordVersion = reader.u32();
  const hostLoad = readLoad(reader);
  const count = reader.u8();
  const services: BeaconService[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    services.push({ name: reader.name(), load: readLoad(reader), state: reader.word(serviceStates) });
  }
  const leaving = (flags & leavingBit) !== 0;
  const seeking = (flags & seekingBit) !== 0;
  // No spread here: what comes out of one is slow to make and slow to read.
  return {
    versionOldest,
    versionNewest,
    node,
    incarnation,
    sequence,
    leaving,
    seeking,
    nodePort,
    nodeName,
    clusterName,
    recordVersion,
    hostLoad,
    services,
  };
}
