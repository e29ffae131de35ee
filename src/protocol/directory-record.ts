import { FogataError } from './fogata-error.ts';
import type { NodeId } from './ids.ts';
import { recordBytesMax, servicesMax } from './limits.ts';
import type { Reader } from './reader.ts';
import { readService, type ServiceEntry, writeService } from './service-entry.ts';
import type { Writer } from './writer.ts';

/** What a node says it offers. It alone writes it; all else is copies, ordered by (incarnation, version) [R1]. */
export interface DirectoryRecord {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly version: number;
  readonly services: readonly ServiceEntry[];
}

/** Body of a record item. Throws FogataError `too-large` above the bounds. */
export function writeRecord(writer: Writer, record: DirectoryRecord): void {
  const start = writer.length;
  const { services } = record;
  if (services.length > servicesMax) throw new FogataError('too-large', `a node has at most ${servicesMax} services`);
  writer.nodeId(record.id);
  writer.u64(record.incarnation);
  writer.u32(record.version);
  writer.u16(services.length);
  for (const entry of services) writeService(writer, entry);
  if (writer.length - start > recordBytesMax) {
    throw new FogataError('too-large', `the services of a node have more than ${recordBytesMax} bytes together`);
  }
}

export function readRecord(reader: Reader): DirectoryRecord {
  if (reader.left > recordBytesMax) reader.fail('long');
  const id = reader.nodeId();
  const incarnation = reader.u64();
  const version = reader.u32();
  const count = reader.count16(servicesMax);
  const services: ServiceEntry[] = [];
  for (let i = 0; i < count && !reader.failed; i++) services.push(readService(reader));
  return { id, incarnation, version, services };
}
