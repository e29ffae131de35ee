import { FogataError } from './fogata-error.ts';
import { formatIp, parseIp, withoutScope } from './ip-address.ts';
import type { Reader } from './reader.ts';
import type { SocketAddress } from './socket-address.ts';
import type { Writer } from './writer.ts';

const nowhere: SocketAddress = { address: '0.0.0.0', port: 0 };

/** [N4] */
export function readAddress(reader: Reader): SocketAddress {
  const family = reader.u8();
  if (family !== 4 && family !== 6) {
    reader.fail('address');
    return nowhere;
  }
  const bytes = reader.raw(family === 4 ? 4 : 16);
  const port = reader.u16();
  if (port === 0) reader.fail('address');
  return reader.failed ? nowhere : { address: formatIp(bytes), port };
}

/** A zero in place of the family: there is none. */
export function readAddressOrNone(reader: Reader): SocketAddress | undefined {
  if (reader.left > 0 && reader.bytes[reader.position] === 0) {
    reader.skip(1);
    return undefined;
  }
  return readAddress(reader);
}

export function writeAddressOrNone(writer: Writer, where: SocketAddress | undefined): void {
  if (where === undefined) writer.u8(0);
  else writeAddress(writer, where);
}

/** [N4] A scope is left out. */
export function writeAddress(writer: Writer, where: SocketAddress): void {
  const bytes = parseIp(withoutScope(where.address));
  if (bytes === undefined || where.port === 0) throw new FogataError('invalid', 'not an IP address and port');
  writer.u8(bytes.length === 4 ? 4 : 6);
  writer.raw(bytes);
  writer.u16(where.port);
}
