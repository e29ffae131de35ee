import { type Beacon, writeBeacon } from '../protocol/beacon.ts';
import { payloadBytesMax } from '../protocol/limits.ts';
import { Writer } from '../protocol/writer.ts';

export interface BeaconFlags {
  readonly leaving: boolean;
  readonly seeking: boolean;
}

/** The largest payload of a beacon without services: a seeking one is padded to it, so that any answer may be sent [B3]. */
export const seekingPayloadBytesMin = 160;
const padding = new Uint8Array(seekingPayloadBytesMin);

/** Makes the payloads of this node's beacons, each with the next sequence. */
export interface BeaconComposer {
  /** `undefined` when not even a beacon without services fits into `bytesMax` bytes of payload. */
  compose(flags: BeaconFlags, bytesMax?: number): Uint8Array | undefined;
  /** `own`: this node said it. `own-id-elsewhere`: one with the same id did, such as the copy of a disk on another host. */
  ownership(beacon: Beacon): 'own' | 'own-id-elsewhere' | undefined;
}

/** `content` is asked for each beacon anew; its sequence and flags are not looked at. */
export function createBeaconComposer(content: (flags: BeaconFlags) => Beacon): BeaconComposer {
  const writer = new Writer();
  let sequence = 0;
  let own: Beacon | undefined;

  return {
    compose(flags, bytesMax = payloadBytesMax) {
      own = content(flags);
      sequence = (sequence + 1) >>> 0;
      writer.reset();
      writeBeacon(writer, { ...own, ...flags, sequence }, bytesMax);
      if (writer.length > bytesMax) return undefined;
      if (flags.seeking) writer.raw(padding.subarray(Math.min(writer.length, seekingPayloadBytesMin)));
      return writer.copy();
    },
    ownership(beacon) {
      if (beacon.node !== own?.node) return undefined;
      return isSaid(beacon, own, sequence) ? 'own' : 'own-id-elsewhere';
    },
  };
}

/**
 * Whether `own`'s author can have said it. Copies that are started soon after each other, or that go on where one machine was
 * copied as it ran, have the same incarnation, too.
 */
function isSaid(beacon: Beacon, own: Beacon, lastSequence: number): boolean {
  if (beacon.incarnation !== own.incarnation) return false;
  if (beacon.nodeName !== own.nodeName || beacon.nodePort !== own.nodePort) return false;
  // As 32 bits with a sign: right also where the numbers have begun again.
  return ((beacon.sequence - lastSequence) | 0) <= 0;
}
