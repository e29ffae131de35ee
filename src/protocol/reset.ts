import type { Decoded } from './decoded.ts';
import { type ErrorCode, errorCodeNumber } from './error-code.ts';
import { reasonBytesMax } from './limits.ts';
import { Reader } from './reader.ts';
import { readErrorCode } from './reply-head.ts';
import { cutUtf8 } from './utf8.ts';
import type { Writer } from './writer.ts';

/** The end of a stream that does not end in order [F9]. */
export interface Reset {
  readonly code: ErrorCode;
  /** For people; cut to `reasonBytesMax` when it is written. */
  readonly text: string;
}

export function writeReset(writer: Writer, reset: Reset): void {
  writer.u8(errorCodeNumber(reset.code));
  writer.str16(cutUtf8(reset.text, reasonBytesMax));
}

/** A reset without a code is malformed. */
export function decodeReset(bytes: Uint8Array, start: number, end: number): Decoded<Reset> {
  const reader = new Reader(bytes, start, end);
  const code = readErrorCode(reader);
  if (code === undefined) reader.fail('range');
  const text = reader.str16();
  reader.expectEnd();
  return reader.result({ code: code ?? 'failed', text });
}
