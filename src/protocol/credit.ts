import type { Decoded } from './decoded.ts';
import { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** The rest of a credit frame: bytes the sender of a stream may send beyond what it was granted before [F7]. */
export function writeCredit(writer: Writer, creditBytes: number): void {
  writer.u32(creditBytes);
}

export function decodeCredit(bytes: Uint8Array, start: number, end: number): Decoded<number> {
  const reader = new Reader(bytes, start, end);
  const creditBytes = reader.u32();
  reader.expectEnd();
  return reader.result(creditBytes);
}
