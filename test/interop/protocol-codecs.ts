import type * as fc from 'fast-check';
import { writeBeacon } from '../../src/protocol/beacon.ts';
import { type Decoded, malformed } from '../../src/protocol/decoded.ts';
import { decodeGoaway, writeGoaway } from '../../src/protocol/goaway.ts';
import { decodeItem, encodeItem } from '../../src/protocol/gossip-item.ts';
import { writePacket } from '../../src/protocol/gossip-packet.ts';
import { decodeHello, writeHello } from '../../src/protocol/hello.ts';
import { decodeMessageHead, writeMessageHead } from '../../src/protocol/message-head.ts';
import { decodePayload } from '../../src/protocol/payload.ts';
import { Reader } from '../../src/protocol/reader.ts';
import { decodeReplyHead, writeReplyHead } from '../../src/protocol/reply-head.ts';
import { decodeReset, writeReset } from '../../src/protocol/reset.ts';
import { decodeSync, writeDelta, writeDigest } from '../../src/protocol/sync.ts';
import { readAddress, writeAddress } from '../../src/protocol/wire-address.ts';
import { Writer } from '../../src/protocol/writer.ts';
import * as arbitrary from './protocol-arbitraries.ts';

/** One codec as tests see it: bytes out, a value or a reason in. */
export interface Codec<Value = unknown> {
  readonly name: string;
  readonly values: fc.Arbitrary<Value>;
  encode(value: Value): Uint8Array;
  decode(bytes: Uint8Array): Decoded<unknown>;
}

const roomy = 1_000_000;

function codec<Value>(
  name: string,
  values: fc.Arbitrary<Value>,
  write: (writer: Writer, value: Value) => void,
  decode: (bytes: Uint8Array) => Decoded<unknown>,
): Codec<Value> {
  const encode = (value: Value) => {
    // One byte at first, so that every write has to grow it.
    const writer = new Writer(1);
    write(writer, value);
    return writer.copy();
  };
  return { name, values, encode, decode };
}

const head = (
  decoded: { readonly ok: true; readonly head: unknown } | { readonly ok: false; readonly reason: never },
): Decoded<unknown> => (decoded.ok ? { ok: true, value: decoded.head } : decoded);

/** One changed byte makes a beacon of a packet and the reverse: to a codec of the one the other is a stranger. */
function payloadOf(bytes: Uint8Array, isBeacon: boolean): Decoded<unknown> {
  const decoded = decodePayload(bytes);
  return decoded.ok && (decoded.value.kind === 'beacon') !== isBeacon ? malformed('kind') : decoded;
}

export const codecs = [
  codec('address', arbitrary.socketAddress, writeAddress, (bytes) => {
    const reader = new Reader(bytes);
    return reader.result(readAddress(reader));
  }),
  codec(
    'beacon',
    arbitrary.beacon.map((beacon) => ({ kind: 'beacon', beacon }) as const),
    (writer, { beacon }) => writeBeacon(writer, beacon, roomy),
    (bytes) => payloadOf(bytes, true),
  ),
  codec(
    'gossip packet',
    arbitrary.gossipPacket,
    (writer, packet) => writePacket(writer, packet, roomy),
    (bytes) => payloadOf(bytes, false),
  ),
  ...([1, 2, 3] as const).map((type) =>
    codec(
      `item ${type}`,
      arbitrary.gossipItem.filter((item) => encodeItem(item).type === type),
      (writer, item) => writer.raw(encodeItem(item).bytes),
      (bytes) => decodeItem({ type, bytes }),
    ),
  ),
  codec('hello', arbitrary.hello, writeHello, (bytes) => decodeHello(bytes, 0, bytes.length)),
  codec('goaway', arbitrary.goaway, writeGoaway, (bytes) => decodeGoaway(bytes, 0, bytes.length)),
  codec('reset', arbitrary.reset, writeReset, (bytes) => decodeReset(bytes, 0, bytes.length)),
  codec('message head', arbitrary.messageHead, writeMessageHead, (bytes) =>
    head(decodeMessageHead(bytes, 0, bytes.length) as Parameters<typeof head>[0]),
  ),
  codec('reply head', arbitrary.replyHead, writeReplyHead, (bytes) =>
    head(decodeReplyHead(bytes, 0, bytes.length) as Parameters<typeof head>[0]),
  ),
  codec(
    'sync',
    arbitrary.syncFrame,
    (writer, frame) => {
      if (frame.kind === 'digest') writeDigest(writer, frame);
      else writeDelta(writer, frame.items.map(encodeItem), frame.wanted);
    },
    (bytes) => decodeSync(bytes, 0, bytes.length),
  ),
] as readonly Codec[];
