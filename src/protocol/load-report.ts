import { FogataError } from './fogata-error.ts';
import type { NodeId } from './ids.ts';
import { loadServicesMax } from './limits.ts';
import { readLoad, writeLoad } from './load.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

const inFlightMax = 65_535;

/** Load of one service: 0 idle, 1 full; `undefined` not known. Sent in steps of 1/250. */
export interface ServiceLoad {
  readonly name: string;
  readonly load: number | undefined;
  /** Exchanges that are being worked on; 65,535 stands for that many or more. */
  readonly inFlight: number;
}

/** How busy a node and its services are; newer ones are told by (incarnation, sequence). */
export interface LoadReport {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly sequence: number;
  /** 0 idle, 1 full; `undefined` not known. */
  readonly hostLoad: number | undefined;
  readonly services: readonly ServiceLoad[];
}

/** Body of a load item. */
export function writeLoadReport(writer: Writer, report: LoadReport): void {
  const { services } = report;
  if (services.length > loadServicesMax) throw new FogataError('too-large', `more than ${loadServicesMax} services`);
  writer.nodeId(report.id);
  writer.u64(report.incarnation);
  writer.u32(report.sequence);
  writeLoad(writer, report.hostLoad);
  writer.u8(services.length);
  for (const service of services) {
    writer.name(service.name);
    writeLoad(writer, service.load);
    writer.u16(Math.min(service.inFlight, inFlightMax));
  }
}

export function readLoadReport(reader: Reader): LoadReport {
  const id = reader.nodeId();
  const incarnation = reader.u64();
  const sequence = reader.u32();
  const hostLoad = readLoad(reader);
  const count = reader.u8();
  const services: ServiceLoad[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    services.push({ name: reader.name(), load: readLoad(reader), inFlight: reader.u16() });
  }
  return { id, incarnation, sequence, hostLoad, services };
}
