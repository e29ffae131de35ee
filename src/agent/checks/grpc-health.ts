// The two messages of grpc.health.v1.Health/Check (https://github.com/grpc/grpc/blob/master/doc/health-checking.md), in the
// encoding of protocol buffers and the framing of gRPC over HTTP/2.

/** As `HealthCheckResponse.ServingStatus` numbers them. */
export const servingStatuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

export type ServingStatus = (typeof servingStatuses)[number];

/** Of an answer, what is read: a status has two bytes, and later versions may say more. */
export const healthAnswerBytesMax = 4_096;

const serviceField = 0x0a;
const statusField = 0x08;

/** `HealthCheckRequest { string service = 1; }` as one gRPC message. The name has at most 127 bytes. */
export function encodeHealthRequest(service: string): Buffer {
  const name = Buffer.from(service, 'utf8');
  const message = name.length === 0 ? name : Buffer.concat([Buffer.of(serviceField, name.length), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** `HealthCheckResponse { ServingStatus status = 1; }` from one gRPC message; undefined for what is none. */
export function decodeHealthResponse(bytes: Buffer): ServingStatus | undefined {
  if (bytes.length < 5 || bytes[0] !== 0) return undefined;
  const end = 5 + bytes.readUInt32BE(1);
  if (bytes.length < end) return undefined;
  let status = 0;
  for (let at = 5; at < end; ) {
    const tag = varint(bytes, at, end);
    if (tag === undefined) return undefined;
    const value = varint(bytes, tag.next, end);
    if (value === undefined) return undefined;
    if (tag.value === statusField) status = value.value;
    const wire = tag.value & 7;
    if (wire !== 0 && wire !== 2) return undefined;
    at = wire === 2 ? value.next + value.value : value.next;
    if (at > end) return undefined;
  }
  return servingStatuses[status] ?? 'UNKNOWN';
}

/** At most 4 bytes: no number of these messages is larger. */
function varint(bytes: Buffer, start: number, end: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 4 && start + i < end; i++) {
    const byte = bytes[start + i] as number;
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return { value, next: start + i + 1 };
  }
  return undefined;
}
