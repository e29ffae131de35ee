import type { Decoded } from './decoded.ts';
import { reasonBytesMax } from './limits.ts';
import { Reader } from './reader.ts';
import { cutUtf8 } from './utf8.ts';
import type { Writer } from './writer.ts';

/** Why a link is ended, in the order of their numbers on the wire (from 1). */
export const goawayReasons = [
  'leaving',
  'duplicate-link',
  'incompatible',
  'other-cluster',
  'protocol',
  'too-many-links',
  'not-allowed',
] as const;

export type GoawayReason = (typeof goawayReasons)[number];

export interface Goaway {
  readonly reason: GoawayReason;
  /** For people; cut to `reasonBytesMax` when it is written. */
  readonly text: string;
}

export function writeGoaway(writer: Writer, goaway: Goaway): void {
  writer.word(goawayReasons, goaway.reason);
  writer.str16(cutUtf8(goaway.text, reasonBytesMax));
}

export function decodeGoaway(bytes: Uint8Array, start: number, end: number): Decoded<Goaway> {
  const reader = new Reader(bytes, start, end);
  const reason = reader.word(goawayReasons);
  return reader.result({ reason, text: reader.str16() });
}
